package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/interchange"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/quality"
)

// Imported is what became of a file of past figures.
type Imported struct {
	Run        int64         `json:"run"` // its record
	Rows       int           `json:"rows"`
	Accepted   int           `json:"accepted"`
	Changed    int           `json:"changed"` // of those, new or revised
	Held       int           `json:"held"`
	Rejected   int           `json:"rejected"`
	Rejections []rejectedRow `json:"rejections"` // at most 50
}

// rejectedRow is a refused row of a file.
type rejectedRow struct {
	Place  string  `json:"place"`
	Stage  string  `json:"stage"`
	Reason textRow `json:"reason"`
}

const (
	// importRun is what runs of imported files are called.
	importRun = "import"
	// importDeadline is how long one may take, the gate included.
	importDeadline = 10 * time.Minute
	// The largest file that is imported at once.
	mostImportBytes = 64 << 20
	mostImportRows  = 1_000_000
	// mostRejectedRows is how many refused rows are told; the ledger has all.
	mostRejectedRows = 50
)

// Import implements web.Figures.
func (a *App) Import(ctx context.Context, file io.Reader, by, reason string) (any, error) {
	return a.ImportFigures(ctx, file, by, reason)
}

// ImportFigures takes past figures from a CSV file through the gate, in the name
// of by. What the gate refuses is told and kept as rejections; what it accepts is
// taken all the same. A file that can't be read brings nothing.
func (a *App) ImportFigures(ctx context.Context, file io.Reader, by, reason string) (imported Imported, err error) {
	if err := signed(by, reason); err != nil {
		return imported, err
	}
	// A sender that is slow holds up nobody else.
	content, err := io.ReadAll(io.LimitReader(file, mostImportBytes+1))
	if err != nil {
		return imported, unreadFile(err)
	}
	err = a.askedFor(ctx, func(ctx context.Context, s *site) error {
		source := &figuresFile{file: bytes.NewReader(content), dimensions: s.dimensions()}
		runner := collectors.Runner{
			Ledger: a.ledger(),
			Open:   func(collectors.Target) collectors.Intake { return s.gate.Open(quality.Terms{}) },
			Zone:   s.config.Site.Zone, Now: a.Now, Log: a.Log, Redact: s.config.Secrets.Redact,
			Observe: func(collectors.Ended) {}, Deciding: a.deciding.RLocker(),
		}
		run, err := runner.Run(ctx, collectors.Job{Name: importRun, Collector: source, Deadline: importDeadline},
			collectors.Trigger{Attempt: 1, Import: true, By: by, Reason: reason})
		if err != nil {
			return source.explained(err)
		}
		imported = Imported{
			Run: run.ID, Rows: run.Rows, Accepted: run.Accepted, Changed: run.Changed, Held: run.Held, Rejected: run.Rejected, Rejections: []rejectedRow{},
		}
		rejections, err := a.store.Rejections(ctx, ledger.RejectionQuery{Run: run.ID, Limit: mostRejectedRows})
		for i := range rejections {
			r := &rejections[i]
			imported.Rejections = append(imported.Rejections, rejectedRow{Place: r.Reading.Place.String(), Stage: r.Stage, Reason: textRow(r.Reason)})
		}
		return err
	})
	return imported, err
}

// unreadFile is why a file did not arrive.
func unreadFile(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse("文件超过 %d 字节的上限：请按年份或指标拆成几个文件。", "The file is larger than %d bytes; split it by year or by indicator.", tooLarge.Limit)
	}
	return fmt.Errorf("read the file to import: %w", err)
}

// figuresFile is a collector that reads one file of past figures once.
type figuresFile struct {
	file       io.Reader
	dimensions []string

	mu      sync.Mutex
	refused error // why the file can't be read
}

// Collect implements collectors.Collector.
func (f *figuresFile) Collect(ctx context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
	o := interchange.ReadOptions{Dimensions: f.dimensions, MaxBytes: mostImportBytes, MaxRows: mostImportRows}
	summary, err := interchange.ReadFigures(ctx, f.file, o, sink.Add)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = err
	return collectors.Summary{Rows: summary.Rows, InputDigest: summary.Digest}, err
}

// Ping implements collectors.Collector.
func (*figuresFile) Ping(context.Context, collectors.Target) error { return nil }

// explained gives an error of the run the words for whoever sent the file.
func (f *figuresFile) explained(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault, ok := errors.AsType[*interchange.Fault](f.refused); ok {
		return fault // it explains itself
	}
	return err
}

// dimensions are the names of all that the catalogue declares.
func (s *site) dimensions() []string { return dimensionsOf(s.config.Indicators) }

func dimensionsOf(indicators []fact.Indicator) []string {
	var names []string
	for i := range indicators {
		for _, d := range indicators[i].Dimensions {
			names = append(names, d.Name)
		}
	}
	return names
}

// Selection says which figures to export, and how.
type Selection struct {
	Indicators []string // ids; none is all
	From, To   fact.Period
	KnownBy    time.Time // zero is now
	// AllRevisions adds superseded ones, for people.
	AllRevisions bool
	// OpenMetrics writes that in the place of CSV.
	OpenMetrics bool
}

// Export writes figures and returns how many.
func (r *Reader) Export(ctx context.Context, w io.Writer, s Selection) (int, error) {
	for _, id := range s.Indicators {
		indicator, err := r.board.Indicator(id)
		if err != nil {
			return 0, err
		}
		if indicator.Kind == fact.RatioKind {
			return 0, fmt.Errorf("%s is a ratio, which is never collected: export its parts %s and %s", id, indicator.Numerator, indicator.Denominator)
		}
	}
	out, err := r.exporter(ctx, w, s)
	if err != nil {
		return 0, err
	}
	n := 0
	err = r.Store.Facts(ctx, ledger.FactQuery{
		Indicators: s.Indicators, From: s.From, To: s.To, KnownBy: s.KnownBy, AllRevisions: s.AllRevisions,
	}, func(f fact.Fact) error {
		n++
		return out.Add(f)
	})
	if err != nil {
		return n, err
	}
	return n - out.Skipped(), out.Close()
}

// exporter writes facts as they come.
type exporter interface {
	Add(f fact.Fact) error
	Skipped() int
	Close() error
}

func (r *Reader) exporter(ctx context.Context, w io.Writer, s Selection) (exporter, error) {
	if !s.OpenMetrics {
		runs, err := r.runs(ctx, s.AllRevisions)
		if err != nil {
			return nil, err
		}
		return interchange.NewCSVWriter(w, interchange.CSVOptions{
			Dimensions: dimensionsOf(r.Config.Indicators), Revisions: s.AllRevisions, Run: runs, Zone: r.Config.Site.Zone,
		})
	}
	return interchange.NewOpenMetricsWriter(w, interchange.OpenMetricsOptions{
		Family: func(id string) (interchange.Family, bool) {
			indicator, err := r.board.Indicator(id)
			if err != nil {
				return interchange.Family{}, false
			}
			return interchange.Family{Help: exposition.Help(indicator), ExpiresAfter: indicator.ExpiresAfter}, true
		},
		Labels: r.labels, Zone: r.Config.Site.Zone, Now: r.now(),
	})
}

// runs returns what looks a run up; all of them are read once.
func (r *Reader) runs(ctx context.Context, needed bool) (func(int64) (fact.Run, bool), error) {
	if !needed {
		return nil, nil //nolint:nilnil // nothing is looked up
	}
	all, err := r.Store.Runs(ctx, ledger.RunQuery{})
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]fact.Run, len(all))
	for _, run := range all {
		byID[run.ID] = run
	}
	return func(id int64) (fact.Run, bool) {
		run, ok := byID[id]
		return run, ok
	}, nil
}

// labels are those of the metrics contract.
func (r *Reader) labels(code string, dimensions fact.Dimensions) ([]interchange.Label, bool) {
	region, ok := r.register.ByCode(code)
	if !ok {
		return nil, false
	}
	labels := []interchange.Label{{Name: "level", Value: region.Level.String()}, {Name: "code", Value: code}}
	for level := fact.City; level <= region.Level; level++ {
		if above, ok := r.register.Above(code, level); ok {
			labels = append(labels, interchange.Label{Name: level.String(), Value: above.Name})
		}
	}
	for _, pair := range dimensions.Pairs() {
		labels = append(labels, interchange.Label{Name: pair.Name, Value: pair.Value})
	}
	return labels, true
}
