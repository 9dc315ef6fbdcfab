package interchange_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/interchange"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

func period(tb testing.TB, s string) fact.Period {
	tb.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func way(name string) fact.Dimensions {
	return fact.MakeDimensions(fact.Pair{Name: "way", Value: name})
}

// figures are as a ledger yields them: by indicator, period, region, dimensions
// and revision.
func figures(tb testing.TB) []fact.Fact {
	tb.Helper()
	recorded := time.Date(2026, 1, 5, 9, 0, 0, 0, beijing()).UnixMilli()
	return []fact.Fact{
		{Indicator: "forms", Region: "360603", Period: period(tb, "2025-12"), Dimensions: way("paper"), Value: 5, Revision: 1, Recorded: recorded, Run: 1},
		{Indicator: "forms", Region: "360603", Period: period(tb, "2025-12"), Dimensions: way(`on "screen"`), Value: 6, Revision: 1, Recorded: recorded, Run: 1},
		{Indicator: "grids", Region: "360602", Period: period(tb, "2025-10"), Value: 800, Revision: 1, Recorded: recorded, Run: 2, Origin: fact.History},
		{Indicator: "grids", Region: "360603", Period: period(tb, "2025-10"), Value: 1200, Revision: 1, Recorded: recorded, Run: 2, Origin: fact.History},
		{Indicator: "grids", Region: "360603", Period: period(tb, "2025-11"), Value: 1230, Revision: 1, Recorded: recorded, Run: 1},
		{Indicator: "grids", Region: "360603", Period: period(tb, "2025-11"), Value: 1234.5, Revision: 2, Recorded: recorded + 60_000, Run: 3, Origin: fact.Decided},
		{Indicator: "share", Region: "360603", Period: period(tb, "2025"), Value: 1.0 / 3, Revision: 1, Recorded: recorded, Run: 1},
	}
}

func runs(id int64) (fact.Run, bool) {
	if id == 3 {
		return fact.Run{ID: id, Collector: "correct", By: "李强"}, true
	}
	return fact.Run{ID: id, Collector: "books"}, true
}

func writeCSV(tb testing.TB, o interchange.CSVOptions, facts []fact.Fact) (file string, skipped int) {
	tb.Helper()
	var out bytes.Buffer
	w, err := interchange.NewCSVWriter(&out, o)
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range facts {
		if err := w.Add(f); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.String(), w.Skipped()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); difference != "" {
		t.Errorf("%s (-want +got):\n%s", name, difference)
	}
}

func TestCSV(t *testing.T) {
	newest := slices.DeleteFunc(figures(t), func(f fact.Fact) bool { return f.Value == 1230 })
	file, skipped := writeCSV(t, interchange.CSVOptions{Dimensions: []string{"way", "sex", "way"}}, newest)
	golden(t, "newest.csv", file)
	if skipped != 0 {
		t.Errorf("%d were left out", skipped)
	}
	file, _ = writeCSV(t, interchange.CSVOptions{Dimensions: []string{"way"}, Revisions: true, Run: runs, Zone: beijing()}, figures(t))
	golden(t, "revisions.csv", file)
	if file, skipped = writeCSV(t, interchange.CSVOptions{}, figures(t)); skipped != 2 || strings.Contains(file, "forms") {
		t.Errorf("%d with a dimension that has no column were left out, want 2 of\n%s", skipped, file)
	}
}

func TestCSVIsRefused(t *testing.T) {
	for name, o := range map[string]interchange.CSVOptions{
		"a dimension like a column":              {Dimensions: []string{"value"}},
		"a dimension like a column of revisions": {Dimensions: []string{"origin"}, Revisions: true, Run: runs, Zone: beijing()},
		"revisions without runs":                 {Revisions: true, Zone: beijing()},
		"revisions without a zone":               {Revisions: true, Run: runs},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := interchange.NewCSVWriter(&bytes.Buffer{}, o); err == nil {
				t.Error("it is taken")
			}
		})
	}
}

// What was written is read again as the same figures, to the last bit.
func TestCSVComesBack(t *testing.T) {
	december := period(t, "2025-12")
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(1, 20).Draw(rt, "figures")
		facts := make([]fact.Fact, count)
		for i := range facts {
			facts[i] = fact.Fact{
				Indicator: rapid.SampledFrom([]string{"grids", "forms"}).Draw(rt, "indicator"), Region: rapid.StringMatching(`[1-9][0-9]{5}`).Draw(rt, "region"),
				Period: december.Add(-rapid.IntRange(0, 500).Draw(rt, "ago")),
				Value:  rapid.Float64().Draw(rt, "value"),
			}
			// encoding/csv makes \n of \r\n within a value.
			if value := rapid.StringMatching(`[^\r\x00]*`).Draw(rt, "dimension"); value != "" {
				facts[i].Dimensions = way(value)
			}
		}
		file, _ := writeCSV(t, interchange.CSVOptions{Dimensions: []string{"sex", "way"}}, facts)
		readings, _, err := read(t.Context(), file, interchange.ReadOptions{Dimensions: []string{"way", "sex"}, MaxBytes: 1 << 20, MaxRows: 20})
		if err != nil {
			rt.Fatalf("%v in\n%s", err, file)
		}
		for i, r := range readings {
			value, err := strconv.ParseFloat(r.Value.String(), 64)
			back := fact.Fact{Indicator: r.Indicator, Region: r.Region, Period: period(t, r.Period), Value: value, Dimensions: r.Dimensions}
			if err != nil || back != facts[i] {
				rt.Fatalf("%+v came back as %+v, %v", facts[i], back, err)
			}
		}
		if len(readings) != count {
			rt.Fatalf("%d of %d came back", len(readings), count)
		}
	})
}

func TestWritersThatFail(t *testing.T) {
	csvWriter, err := interchange.NewCSVWriter(full{}, interchange.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := interchange.NewOpenMetricsWriter(full{}, openMetrics(0))
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]interface {
		Add(fact.Fact) error
		Close() error
	}{"CSV": csvWriter, "OpenMetrics": metrics} {
		t.Run(name, func(t *testing.T) {
			var failed error
			for range 5000 { // more than any buffer takes
				failed = errors.Join(failed, w.Add(figures(t)[2]))
			}
			if failed = errors.Join(failed, w.Close()); !errors.Is(failed, errFull) || !strings.Contains(failed.Error(), name) {
				t.Errorf("error %v, want %v of writing %s", failed, errFull, name)
			}
		})
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func openMetrics(step time.Duration) interchange.OpenMetricsOptions {
	return interchange.OpenMetricsOptions{
		Family: func(indicator string) (interchange.Family, bool) {
			return interchange.Family{Help: indicator + " of a region\n(\"合成\" \\ synthetic)", ExpiresAfter: 2}, indicator != "share"
		},
		Labels: func(region string, dimensions fact.Dimensions) ([]interchange.Label, bool) {
			labels := []interchange.Label{{Name: "level", Value: "county"}, {Name: "code", Value: region}, {Name: "grid"}}
			for _, pair := range dimensions.Pairs() {
				labels = append(labels, interchange.Label(pair))
			}
			return labels, region != "360602"
		},
		Zone: beijing(), Step: step, Now: time.Date(2026, 1, 20, 8, 0, 0, 0, beijing()),
	}
}

func writeOpenMetrics(tb testing.TB, step time.Duration, facts []fact.Fact) (file string, skipped int) {
	tb.Helper()
	var out bytes.Buffer
	w, err := interchange.NewOpenMetricsWriter(&out, openMetrics(step))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range facts {
		if err := w.Add(f); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.String(), w.Skipped()
}

func TestOpenMetrics(t *testing.T) {
	file, skipped := writeOpenMetrics(t, 0, figures(t))
	golden(t, "once.om", file)
	if skipped != 2 {
		t.Errorf("%d without a family or labels were left out, want 2", skipped)
	}
	file, _ = writeOpenMetrics(t, 10*24*time.Hour, figures(t))
	golden(t, "repeated.om", file)
	if file, _ := writeOpenMetrics(t, 0, nil); file != "# EOF\n" {
		t.Errorf("nothing is written as %q", file)
	}
}

// A figure is repeated until the next, until it expires and until now, and never
// at those instants themselves.
func TestRepeating(t *testing.T) {
	for name, c := range map[string]struct {
		periods []string
		want    []int // samples of each
	}{
		"until the next begins": {[]string{"2025-09", "2025-10"}, []int{31, 61 /* expired with 2025 */}},
		"until it expires":      {[]string{"2025-06"}, []int{62}},
		"until now":             {[]string{"2025-12"}, []int{20}},
		"of the future":         {[]string{"2026-01"}, []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			var facts []fact.Fact
			for i, p := range c.periods {
				facts = append(facts, fact.Fact{Indicator: "grids", Region: "360603", Period: period(t, p), Value: float64(i), Revision: 1})
			}
			file, _ := writeOpenMetrics(t, 24*time.Hour, facts)
			for i, want := range c.want {
				if got := strings.Count(file, fmt.Sprintf("} %d ", i)); got != want {
					t.Errorf("%s is written %d times, want %d", c.periods[i], got, want)
				}
			}
		})
	}
}

func TestOpenMetricsIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*interchange.OpenMetricsOptions){
		"no families":        func(o *interchange.OpenMetricsOptions) { o.Family = nil },
		"no labels":          func(o *interchange.OpenMetricsOptions) { o.Labels = nil },
		"no zone":            func(o *interchange.OpenMetricsOptions) { o.Zone = nil },
		"no now":             func(o *interchange.OpenMetricsOptions) { o.Now = time.Time{} },
		"a step backwards":   func(o *interchange.OpenMetricsOptions) { o.Step = -time.Minute },
		"parts of a second":  func(o *interchange.OpenMetricsOptions) { o.Step = 1500 * time.Millisecond },
		"less than a second": func(o *interchange.OpenMetricsOptions) { o.Step = time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			o := openMetrics(0)
			spoil(&o)
			if _, err := interchange.NewOpenMetricsWriter(&bytes.Buffer{}, o); err == nil {
				t.Error("it is taken")
			}
		})
	}
	t.Run("indicators that do not come together", func(t *testing.T) {
		w, err := interchange.NewOpenMetricsWriter(&bytes.Buffer{}, openMetrics(0))
		if err != nil {
			t.Fatal(err)
		}
		all := figures(t)
		if err := errors.Join(w.Add(all[0]), w.Add(all[2])); err != nil {
			t.Fatal(err)
		}
		if err := w.Add(all[1]); err == nil || !strings.Contains(err.Error(), "forms do not come together") {
			t.Errorf("error %v", err)
		}
	})
}

// promtool makes blocks of what was written, and finds the same in them.
func TestPrometheusTakesIt(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatalf("%v; install it with: apt-get install -y prometheus", err)
	}
	for name, step := range map[string]time.Duration{"once": 0, "repeated": 6 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			file, _ := writeOpenMetrics(t, step, figures(t))
			folder := t.TempDir()
			input, blocks := filepath.Join(folder, "figures.om"), filepath.Join(folder, "blocks")
			if err := os.WriteFile(input, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
			if said, err := exec.CommandContext(t.Context(), promtool, "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=768h", input, blocks).CombinedOutput(); err != nil {
				t.Fatalf("create-blocks-from: %v\n%s", err, said)
			}
			if err := os.Mkdir(filepath.Join(blocks, "wal"), 0o700); err != nil { // dump asks for one
				t.Fatal(err)
			}
			dump := exec.CommandContext(t.Context(), promtool, "tsdb", "dump", blocks)
			said, err := dump.Output()
			if err != nil {
				t.Fatalf("dump: %v", err)
			}
			if difference := cmp.Diff(dumped(t, file), sorted(string(said))); difference != "" {
				t.Errorf("(-written +dumped):\n%s", difference)
			}
		})
	}
}

// dumped writes the samples of a file as promtool dumps them: labels sorted,
// milliseconds.
func dumped(t *testing.T, file string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(file) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, "{")
		labels, sample, _ := strings.Cut(rest, "} ")
		pairs := strings.Split(labels, ",")
		slices.Sort(pairs)
		value, seconds, ok := strings.Cut(strings.TrimSpace(sample), " ")
		if !ok {
			t.Fatalf("line %q", line)
		}
		lines = append(lines, fmt.Sprintf("{__name__=%q, %s} %s %s000", name, strings.Join(pairs, ", "), value, seconds))
	}
	return sorted(strings.Join(lines, "\n"))
}

func sorted(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return lines
}

// BenchmarkWrite writes 30 indicators of 100 counties and 24 months; x-of-bare
// holds it against formatting the same numbers.
func BenchmarkWrite(b *testing.B) {
	var facts []fact.Fact
	december := period(b, "2025-12")
	for i := range 30 {
		for month := range 24 {
			for county := range 100 {
				facts = append(facts, fact.Fact{
					Indicator: fmt.Sprintf("indicator_%02d", i), Region: fmt.Sprintf("3601%02d", county), Period: december.Add(month - 23), Value: float64(county * month), Revision: 1,
				})
			}
		}
	}
	for name, write := range map[string]func(){
		"CSV":         func() { writeCSV(b, interchange.CSVOptions{}, facts) },
		"OpenMetrics": func() { writeOpenMetrics(b, 0, facts) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				write()
			}
			took := b.Elapsed()
			begin := time.Now()
			for range b.N {
				var bare bytes.Buffer
				for _, f := range facts {
					fmt.Fprintf(&bare, "%s,%s,%s,%v\n", f.Indicator, f.Region, f.Period, f.Value)
				}
			}
			b.ReportMetric(float64(took)/float64(time.Since(begin)), "x-of-bare")
		})
	}
}
