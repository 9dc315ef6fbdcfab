package workbook_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/workbook"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
	"github.com/govkpi/govkpi/internal/region"
)

// now is a Monday morning; the last ended month is 2025-12.
func now() time.Time {
	return time.Date(2026, 1, 5, 8, 30, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
}

// source is the block of a source whose files are read at once.
const source = `
folder: %q
receipts: beside
settle: 1s
limits: {file: 2MB, unpacked: 8MB, rows: 5000, columns: 100}`

// everything are globs of all that people send.
const everything = `["**/*.xls*", "**/*.et", "**/*.csv", "**/*.txt"]`

// newCollector makes a collector of a folder; options go without files.
func newCollector(t testing.TB, folder, options string) collectors.Collector {
	t.Helper()
	c, err := workbook.Kind().New(collectors.Blocks{
		Source:    collectorstest.NewBlock(t, fmt.Sprintf(source, folder), nil),
		Collector: collectorstest.NewBlock(t, withFiles(options), nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withFiles(options string) string {
	if strings.HasPrefix(options, "{") {
		return "{files: " + everything + ", " + options[1:]
	}
	return "files: " + everything + "\n" + options
}

func collect(t testing.TB, c collectors.Collector, sink collectors.Sink) (collectors.Summary, error) {
	t.Helper()
	return c.Collect(t.Context(), collectors.Request{Now: now()}, sink)
}

// put writes a file that was last changed an hour ago.
func put(t testing.TB, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
	age(t, file, time.Hour)
}

func age(t testing.TB, file string, by time.Duration) {
	t.Helper()
	if err := os.Chtimes(file, now(), now().Add(-by)); err != nil {
		t.Fatal(err)
	}
}

// readReceipt returns the receipt beside a file as people see it; "no receipt"
// where there is none.
func readReceipt(t testing.TB, file string) string {
	t.Helper()
	content, err := os.ReadFile(file + ".receipt.txt")
	if os.IsNotExist(err) {
		return "no receipt\n"
	}
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(content), "\ufeff")
	if !marked || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Errorf("the receipt %q can't be read in an old Windows", text)
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// site is the shipped catalogue and register, with a few indicators more.
type site struct {
	indicators []fact.Indicator
	regions    *region.Register
}

var shipped = sync.OnceValues(func() (site, error) {
	files := fstest.MapFS{"root.yaml": &fstest.MapFile{Data: []byte(`
site: {name: {zh: 江西省, en: Jiangxi}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: ledger, keep_rejections: 400d}
include: [settings.yaml, catalogue/*.yaml]
`)}}
	err := fs.WalkDir(jiangxi.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(jiangxi.Files, name)
		files[name] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		return site{}, err
	}
	c, err := config.Load(files, "root.yaml", config.Options{Env: func(string) (string, bool) { return "", true }})
	if err != nil {
		return site{}, err
	}
	regions, err := region.New(c.Regions, c.Changes, c.Aliases)
	return site{append(c.Indicators, furtherIndicators()...), regions}, err
})

func furtherIndicators() []fact.Indicator {
	county, zero := []fact.Level{fact.County}, float64(0)
	share := fact.Unit{ID: "ratio", Title: fact.Text{ZH: "比例", EN: "ratio"}}
	yuan := fact.Unit{ID: "yuan", Title: fact.Text{ZH: "元", EN: "yuan"}}
	return []fact.Indicator{
		{ID: "coverage", Unit: share, Title: fact.Text{ZH: "覆盖率", EN: "Coverage"}, Kind: fact.Stock, Levels: county, Cadence: fact.Monthly, Min: &zero, Max: new(float64(1))},
		{ID: "spending", Unit: yuan, Title: fact.Text{ZH: "投入资金", EN: "Money spent"}, Kind: fact.Flow, Levels: county, Cadence: fact.Monthly, Min: &zero},
		{
			ID: "volunteers", Title: fact.Text{ZH: "志愿者", EN: "Volunteers"}, Kind: fact.Stock, Levels: county, Cadence: fact.Monthly,
			Unit:       fact.Unit{ID: "people", Title: fact.Text{ZH: "人", EN: "people"}, Counts: true},
			Dimensions: []fact.Dimension{{Name: "sex", Values: []string{"男", "女"}}},
		},
	}
}

// noHistory is an empty ledger.
type noHistory struct{}

func (noHistory) Before(context.Context, string, string, fact.Dimensions, fact.Period) (float64, bool, error) {
	return 0, false, nil
}

func (noHistory) At(context.Context, string, string, fact.Dimensions, fact.Period) (float64, bool, error) {
	return 0, false, nil
}

// gatedSink is a sink with the real gate: what is accepted is what the gate made
// facts and regions of.
type gatedSink struct {
	*collectorstest.Sink
	open   func() *quality.Intake
	intake *quality.Intake
}

func (s *gatedSink) Add(r fact.Reading) error {
	return errors.Join(s.Sink.Add(r), s.intake.Add(r))
}

func (s *gatedSink) AddRegion(e fact.RegionEntry) error {
	return errors.Join(s.Sink.AddRegion(e), s.intake.AddRegion(e))
}

func (s *gatedSink) Deliver(ctx context.Context, part collectors.Part) (collectors.Receipt, error) {
	verdict, err := s.intake.Close(ctx)
	if err != nil {
		return collectors.Receipt{}, err
	}
	s.intake = s.open()
	s.Judge = func([]fact.Reading) []fact.Rejection { return verdict.Rejections }
	receipt, err := s.Sink.Deliver(ctx, part)
	if receipt.Taken {
		receipt.Accepted = len(verdict.Facts) + len(verdict.Regions)
		receipt.Changed = receipt.Accepted
	}
	return receipt, err
}

func gated(t testing.TB) *gatedSink {
	t.Helper()
	s, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	gate := quality.New(quality.Options{
		Indicators: s.indicators, Regions: s.regions, History: noHistory{}, Zone: now().Location(), Now: now,
	})
	open := func() *quality.Intake { return gate.Open(quality.Terms{}) }
	return &gatedSink{Sink: &collectorstest.Sink{}, open: open, intake: open()}
}
