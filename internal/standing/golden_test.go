package standing_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTwoYears walks a clock through 2024 and 2025 and looks at the board at
// chosen instants. One board sees it all as it happens; another, at the end of
// the two years, is asked what was known at each instant, and must say the same.
func TestTwoYears(t *testing.T) {
	story := newStory(t)
	clock := at(t, "2024-01-01")
	options := story.world.options(t, func() time.Time { return clock }, story.indicators)
	options.Regions, options.Since = story.regions, at(t, "2023-12-20 10:00:00")
	l := newLedgers(t, story.indicators)
	options.Head, options.Tracks = l.head, l.timeline
	live := standing.New(options)

	var out bytes.Buffer
	out.WriteString(story.prologue)
	pages := map[string]*bytes.Buffer{}
	commits := story.world.commits
	for _, instant := range story.instants() {
		clock = instant
		for len(commits) > 0 && !commits[0].at.After(instant) {
			l.apply(commits[0])
			commits = commits[1:]
		}
		options.AsKnownAt = instant
		for i := range story.indicators {
			indicator := &story.indicators[i]
			if !slices.ContainsFunc(story.looks[indicator.ID], instant.Equal) {
				continue
			}
			if pages[indicator.ID] == nil {
				pages[indicator.ID] = &bytes.Buffer{}
			}
			pages[indicator.ID].Write(page(live, indicator, instant))
		}
	}
	l.apply(commits...)
	for i := range story.indicators {
		indicator := &story.indicators[i]
		fmt.Fprintf(&out, "\n%s\n%s", story.captions[indicator.ID], pages[indicator.ID])
		var past bytes.Buffer
		for _, instant := range story.looks[indicator.ID] {
			o := options
			o.AsKnownAt, o.Now, o.Head = instant, nil, nil
			past.Write(page(standing.New(o), indicator, instant))
		}
		if diff := cmp.Diff(pages[indicator.ID].String(), past.String()); diff != "" {
			t.Errorf("%s: what was known then (-as it happened +asked later):\n%s", indicator.ID, diff)
		}
	}
	golden(t, filepath.Join("testdata", "two-years.golden.txt"), out.Bytes())
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// page is how an indicator stands at an instant.
func page(b *standing.Board, i *fact.Indicator, now time.Time) []byte {
	var out bytes.Buffer
	reports := b.Reports(i)
	fmt.Fprintf(&out, "\nat %s %s", now.Format("2006-01-02 15:04:05"), now.Weekday().String()[:3])
	if len(reports) > 0 {
		fmt.Fprintf(&out, ", now due: %s by %s", reports[0].Period, reports[0].Due.Format("2006-01-02 15:04"))
	}
	out.WriteString("\n")
	rows := [][]string{{"region", "reported", "owed", "overdue", "held", "period", "figure", "state", "previous", "year ago", "same", "target", "reached", "rank: all", "city", "class"}}
	codes := map[string]bool{}
	figures, ranks, due := map[string]fact.Figure{}, map[string][]fact.Ranking{}, map[string]*fact.Report{}
	for f := range b.Newest(i) {
		figures[f.Region], codes[f.Region] = f, true
	}
	for _, r := range b.Rankings(i) {
		ranks[r.Region], codes[r.Region] = append(ranks[r.Region], r), true
	}
	for n := range reports {
		due[reports[n].Region], codes[reports[n].Region] = &reports[n], true
	}
	for _, code := range sortedKeys(codes) {
		row := append([]string{code}, reportCells(due[code], now)...)
		row = append(row, figureCells(figures[code])...)
		rows = append(rows, append(row, rankCells(ranks[code])...))
	}
	align(&out, rows)
	rollups := b.Rollups(i)
	if len(rollups) > 0 {
		fmt.Fprintf(&out, "  rolled up at %s, %s\n", rollups[0].Period, rollups[0].Policy)
	}
	rows = nil
	for _, r := range rollups {
		row := []string{r.Region, number(r.Value), fmt.Sprintf("of %d of %d", r.Reported, r.Expected), "before " + number(r.Previous)}
		if r.Carried > 0 {
			row = append(row, fmt.Sprintf("carried %d", r.Carried))
		}
		if r.Policy == fact.LikeForLike {
			row = append(row, fmt.Sprintf("compared %d", r.Compared))
		}
		rows = append(rows, row)
	}
	align(&out, rows)
	return out.Bytes()
}

func sortedKeys(m map[string]bool) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func reportCells(r *fact.Report, now time.Time) []string {
	if r == nil {
		return []string{"-", "-", "-", "-"}
	}
	cells := []string{"no", "-", "-", "-"}
	if r.Reported {
		cells[0] = "yes"
	}
	if !r.Owed.IsZero() {
		cells[1] = r.Owed.String()
	}
	if overdue := r.Overdue(now); overdue > 0 {
		cells[2] = fmt.Sprintf("%dd %dh", overdue/(24*time.Hour), overdue%(24*time.Hour)/time.Hour)
	}
	if r.Held > 0 {
		cells[3] = fmt.Sprint(r.Held)
	}
	return cells
}

func figureCells(f fact.Figure) []string {
	if f.Region == "" {
		return slices.Repeat([]string{"-"}, 8)
	}
	return []string{
		f.Period.String(), number(fact.Some(f.Value)), f.State.String(), number(f.Previous), number(f.YearAgo), number(f.Unchanged),
		number(f.Target), number(f.Attainment), // and ranks
	}
}

func rankCells(ranks []fact.Ranking) []string {
	cells := []string{"-", "-", "-"}
	for _, r := range ranks {
		cells[r.Scope-1] = fmt.Sprintf("%d/%d", r.Rank, r.Peers)
		if r.Quartile > 0 {
			cells[r.Scope-1] += fmt.Sprintf(" q%d", r.Quartile)
		}
	}
	return cells
}

func number(o fact.Optional) string {
	if !o.OK {
		return "-"
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.4f", o.Value), "0"), ".")
}

// align writes rows in columns, two blanks apart.
func align(out *bytes.Buffer, rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += "  " + cell + strings.Repeat(" ", widths[i]-len(cell))
		}
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
