package app

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// Preview is what a run would bring, of which nothing was stored.
type Preview struct {
	Run        fact.Run // with counts and error as a real run would have them
	Deliveries []PreviewedDelivery
	Targets    []fact.TargetRun
	// Names say what regions are called, by code.
	Names map[string]string

	redact func(string) string
}

// PreviewedDelivery is what one target or part would deliver.
type PreviewedDelivery struct {
	fact.Delivery
	// Verdict is the gate's, also where the delivery would be refused as a
	// whole for its rejections.
	Verdict fact.Verdict
	Changed int // how many of its figures and entries would be new or revised
}

// previewer stands for the ledger in a dry run: it keeps what would be delivered
// and tells it apart from what the ledger has.
type previewer struct {
	history quality.History
	store   siteStore
	fanOut  bool

	mu         sync.Mutex
	verdicts   map[string]fact.Verdict // of the delivery under way, by target
	deliveries []PreviewedDelivery
	targets    []fact.TargetRun
}

// Begin implements collectors.Ledger.
func (p *previewer) Begin(context.Context, fact.Run) (int64, error) { return 1, nil }

// Deliveries implements collectors.Ledger.
func (p *previewer) Deliveries(ctx context.Context, collector string, query fact.DeliveryQuery) ([]fact.Delivered, error) {
	return p.store.Deliveries(ctx, collector, query)
}

// End implements collectors.Ledger.
func (p *previewer) End(_ context.Context, _ fact.Run, targets ...fact.TargetRun) error {
	p.targets = targets
	return nil
}

// Commit implements collectors.Ledger.
func (p *previewer) Commit(ctx context.Context, d fact.Delivery) (fact.Committed, error) {
	target := ""
	if p.fanOut {
		target, _, _ = strings.Cut(d.Target, "/")
	}
	committed, err := p.compare(ctx, d)
	if err != nil {
		return fact.Committed{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deliveries = append(p.deliveries, PreviewedDelivery{
		Delivery: d, Verdict: p.verdicts[target], Changed: len(committed.Facts) + len(committed.Regions),
	})
	delete(p.verdicts, target) // the next part may have none
	return committed, nil
}

// compare returns what of a delivery the ledger does not have already.
func (p *previewer) compare(ctx context.Context, d fact.Delivery) (fact.Committed, error) {
	var c fact.Committed
	for _, f := range d.Facts {
		value, known, err := p.history.At(ctx, f.Indicator, f.Region, f.Dimensions, f.Period)
		if err != nil {
			return c, err
		}
		if !known || value != f.Value {
			c.Facts = append(c.Facts, f)
		}
	}
	if len(d.Regions) == 0 {
		return c, nil
	}
	known := map[string]fact.Region{}
	if err := p.store.Regions(ctx, time.Time{}, func(f fact.RegionFact) error {
		known[f.Code] = f.Region
		return nil
	}); err != nil {
		return c, err
	}
	for _, r := range d.Regions {
		if known[r.Code] != r.Region {
			c.Regions = append(c.Regions, r)
		}
	}
	return c, nil
}

// open returns an intake whose verdict the previewer keeps.
func (p *previewer) open(target string, intake collectors.Intake) collectors.Intake {
	return &previewIntake{Intake: intake, keep: func(v fact.Verdict) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.verdicts[target] = v
	}}
}

type previewIntake struct {
	collectors.Intake
	keep func(fact.Verdict)
}

// Close implements collectors.Intake.
func (i *previewIntake) Close(ctx context.Context) (fact.Verdict, error) {
	v, err := i.Intake.Close(ctx)
	i.keep(v)
	return v, err
}

// preview runs a collector of a site and stores nothing. The error is that of
// the run.
func (s *site) preview(ctx context.Context, c builtCollector, since fact.Period, f foundation) (Preview, error) {
	p := &previewer{
		history: &history{head: f.head, facts: f.store, formers: s.register.formers}, store: f.store, fanOut: !c.ForEach.IsZero(), verdicts: map[string]fact.Verdict{},
	}
	runner := collectors.Runner{
		Ledger: p,
		Open: func(target collectors.Target) collectors.Intake {
			return p.open(target.Code, s.gate.Open(c.terms(s.register, target)))
		},
		Zone: s.config.Site.Zone, Now: f.now, Log: slog.New(slog.DiscardHandler), Redact: s.config.Secrets.Redact,
		Observe: func(collectors.Ended) {},
	}
	run, err := runner.Run(ctx, c.job(), collectors.Trigger{Attempt: 1, Since: since, DryRun: true})
	return Preview{Run: run, Deliveries: p.deliveries, Targets: p.targets, Names: s.namesIn(p.deliveries), redact: s.config.Secrets.Redact}, err
}

// namesIn returns what the regions of deliveries are called.
func (s *site) namesIn(deliveries []PreviewedDelivery) map[string]string {
	names := map[string]string{}
	name := func(code string) {
		if _, known := names[code]; known {
			return
		}
		if r, ok := s.register.ByCode(code); ok {
			names[code] = r.Name
		}
	}
	for _, d := range deliveries {
		target, _, _ := strings.Cut(d.Target, "/")
		name(target)
		for _, f := range d.Verdict.Facts {
			name(f.Region)
		}
		for i := range d.Held {
			name(d.Held[i].Region)
		}
	}
	return names
}
