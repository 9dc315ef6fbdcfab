package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/web"
)

// Checked is a configuration that has been built without a ledger.
type Checked struct {
	site       *site
	foundation foundation
}

// Check builds everything of a configuration that can be refused, and opens
// neither ledger nor source.
func Check(ctx context.Context, cfg *config.Config, now func() time.Time) (*Checked, error) {
	f := foundation{head: &ledger.Head{}, store: nothing{}, now: now, log: slog.New(slog.DiscardHandler)}
	s, err := buildSite(ctx, cfg, f)
	if err != nil {
		return nil, err
	}
	return &Checked{site: s, foundation: f}, nil
}

// nothing is an empty ledger.
type nothing struct{}

// Facts implements factReader.
func (nothing) Facts(context.Context, ledger.FactQuery, func(fact.Fact) error) error { return nil }

// Regions implements regionReader.
func (nothing) Regions(context.Context, func(fact.RegionFact) error) error { return nil }

// Deliveries implements previewStore.
func (nothing) Deliveries(context.Context, string, fact.DeliveryQuery) ([]fact.Delivered, error) {
	return nil, nil
}

// Connection says whether a collector reaches its source.
type Connection struct {
	Collector string
	Target    string // name and code; empty without for_each
	Err       error  // nil where it does
}

// Connect tries every collector's source, with for_each that of every target,
// one after the other, each within its collector's deadline, in the
// configuration's order.
func (c *Checked) Connect(ctx context.Context) []Connection {
	var connections []Connection
	for _, configured := range c.site.config.Collectors {
		built := c.site.collectors[configured.Name]
		targets := built.targets
		if configured.ForEach.IsZero() {
			targets = []collectors.Target{{}}
		}
		for _, target := range targets {
			within, cancel := context.WithTimeout(ctx, configured.Deadline)
			err := built.puller.Ping(within, target)
			cancel()
			connection := Connection{Collector: configured.Name, Err: err}
			if !target.IsZero() {
				connection.Target = target.String()
			}
			connections = append(connections, connection)
		}
	}
	return connections
}

// Preview reads a collector's source and passes it through the gate, as if the
// ledger were empty, and stores nothing.
func (c *Checked) Preview(ctx context.Context, name string) (Preview, error) {
	if err := c.site.mustHave(name); err != nil {
		return Preview{}, err
	}
	return c.site.preview(ctx, name, fact.Period{}, c.foundation, nothing{})
}

// mustHave refuses the name of a collector that is not configured.
func (s *site) mustHave(name string) error {
	if _, ok := s.collectors[name]; ok {
		return nil
	}
	names := make([]string, 0, len(s.collectors))
	for known := range s.collectors {
		names = append(names, known)
	}
	slices.Sort(names)
	return fmt.Errorf("%w %q; there are %s", web.ErrUnknownCollector, name, strings.Join(names, ", "))
}

// DryRun reads a collector's source, compares it with the ledger and writes for
// a person what a run would bring; at most so many figures and rejections of
// each delivery. Nothing is stored. The error is that of the run.
func (a *App) DryRun(ctx context.Context, name string, since fact.Period, w io.Writer, most int) error {
	s := a.site.Load()
	if err := s.mustHave(name); err != nil {
		return err
	}
	unlock, err := a.busy.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	preview, runErr := s.preview(ctx, name, since, a.foundation(), a.store)
	var text strings.Builder
	if err := preview.WriteText(&text, most); err != nil {
		return fmt.Errorf("write the preview: %w", err)
	}
	if _, err := io.WriteString(w, s.config.Secrets.Redact(text.String())); err != nil {
		return fmt.Errorf("write the preview: %w", err)
	}
	return runErr
}
