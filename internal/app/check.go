package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/web"
)

// Checked is a configuration that has been built without writing to its ledger.
type Checked struct {
	site       *site
	foundation foundation
	close      func() error
}

// Check builds everything of a configuration that can be refused, and opens
// neither ledger nor source.
func Check(ctx context.Context, cfg *config.Config, now func() time.Time) (*Checked, error) {
	return newChecked(ctx, cfg, foundation{memory: emptyMemory(now), store: nothing{}, now: now}, func() error { return nil })
}

// CheckWithLedger is Check with what the configuration's ledger holds, if there is
// one: the regions that were collected, and the figures to compare with. A running
// program may be writing it. Close it after use.
func CheckWithLedger(ctx context.Context, cfg *config.Config, now func() time.Time) (*Checked, error) {
	file := filepath.Join(cfg.Ledger.Path, LedgerFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return Check(ctx, cfg, now)
	}
	store, err := OpenStore(ctx, file, now)
	if err != nil {
		return nil, err
	}
	remembered, err := openMemory(ctx, store, now)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	c, err := newChecked(ctx, cfg, foundation{memory: remembered, store: store, now: now}, store.Close)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return c, nil
}

func newChecked(ctx context.Context, cfg *config.Config, f foundation, closing func() error) (*Checked, error) {
	f.log = slog.New(slog.DiscardHandler)
	s, err := buildSite(ctx, cfg, f)
	if err != nil {
		return nil, err
	}
	return &Checked{site: s, foundation: f, close: closing}, nil
}

// Close closes the ledger, where one was opened.
func (c *Checked) Close() error { return c.close() }

// nothing is an empty ledger.
type nothing struct{}

// Facts implements siteStore.
func (nothing) Facts(context.Context, ledger.FactQuery, func(fact.Fact) error) error { return nil }

// Regions implements siteStore.
func (nothing) Regions(context.Context, time.Time, func(fact.RegionFact) error) error { return nil }

// Deliveries implements siteStore.
func (nothing) Deliveries(context.Context, string, fact.DeliveryQuery) ([]fact.Delivered, error) {
	return nil, nil
}

// Connection says whether a collector reaches its source.
type Connection struct {
	Collector string
	Target    string // name and code; empty without for_each
	Err       error  // nil where it does
}

// Connect tries every collector's source, with for_each that of every target, each
// within its collector's deadline and as many at once as its runs have. They come
// in the configuration's order.
func (c *Checked) Connect(ctx context.Context) []Connection {
	var connections []Connection
	for _, configured := range c.site.config.Collectors {
		built := c.site.collectors[configured.Name]
		targets := built.targets
		if configured.ForEach.IsZero() {
			targets = []collectors.Target{{}}
		}
		connections = append(connections, built.connect(ctx, targets)...)
	}
	return connections
}

func (c *builtCollector) connect(ctx context.Context, targets []collectors.Target) []Connection {
	connections := make([]Connection, len(targets))
	places := make(chan struct{}, max(1, c.Parallel))
	var all sync.WaitGroup
	for i, target := range targets {
		connections[i] = Connection{Collector: c.Name}
		if !target.IsZero() {
			connections[i].Target = target.String()
		}
		if target.Unknown != "" {
			connections[i].Err = errors.New(target.Unknown)
			continue
		}
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			within, cancel := context.WithTimeout(ctx, c.Deadline)
			defer cancel()
			connections[i].Err = c.puller.Ping(within, target)
		})
	}
	all.Wait()
	return connections
}

// Preview reads a collector's source and passes it through the gate, and stores
// nothing. The error is that of the run.
func (c *Checked) Preview(ctx context.Context, name string, since fact.Period) (Preview, error) {
	if err := c.site.mustHave(name); err != nil {
		return Preview{}, err
	}
	return c.site.preview(ctx, c.site.collectors[name], since, c.foundation)
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
