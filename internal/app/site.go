package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
	"github.com/govkpi/govkpi/internal/region"
	"github.com/govkpi/govkpi/internal/schedule"
	"github.com/govkpi/govkpi/internal/standing"
)

// site is what one configuration builds. A reload makes a new one, and so does a
// run that brought regions; a run keeps the one it began with.
type site struct {
	config     *config.Config
	register   *register
	gate       *quality.Gate
	board      *standing.Board
	collectors map[string]builtCollector
}

type builtCollector struct {
	config.Collector
	source   fact.Text
	spec     schedule.Spec
	puller   collectors.Collector
	targets  []collectors.Target // none without for_each
	expected expectation
	hanging  *collectors.Hanging
}

// foundation is what a site is built on.
type foundation struct {
	*memory
	store siteStore
	now   func() time.Time
	log   *slog.Logger
}

// siteStore is the ledger as a site reads it.
type siteStore interface {
	factReader
	regionReader
	Deliveries(ctx context.Context, collector string, query fact.DeliveryQuery) ([]fact.Delivered, error)
}

// buildSite builds everything of a configuration that can be refused, and
// reports all that is wrong with its collectors at once.
func buildSite(ctx context.Context, cfg *config.Config, f foundation) (*site, error) {
	register, err := newRegister(ctx, cfg, cfg.Regions, f.store, f.log)
	if err != nil {
		return nil, err
	}
	s := newSite(cfg, register, f)
	_, unscheduled := grafanaSpec(cfg)
	refused := []error{exposition.CheckIndicators(cfg.Indicators), unscheduled}
	for _, c := range cfg.Collectors {
		built, err := buildCollector(cfg, c)
		// What is wrong with a source is found again with each of its collectors.
		if err != nil && !slices.ContainsFunc(refused, func(other error) bool { return other != nil && other.Error() == err.Error() }) {
			refused = append(refused, err)
		}
		refused = append(refused, built.aim(register, cfg.Site.Region))
		s.collectors[c.Name] = built
	}
	return s, errors.Join(refused...)
}

// newSite makes a site without collectors.
func newSite(cfg *config.Config, register *register, f foundation) *site {
	return &site{
		config: cfg, register: register, collectors: map[string]builtCollector{},
		gate: quality.New(quality.Options{
			Indicators: cfg.Indicators, Regions: register, Configured: register.Configured, Retired: register.Retired,
			History:   &history{head: f.head, facts: f.store, formers: register.formers},
			Overruled: overruled{f.overruled, register.formers}, Zone: cfg.Site.Zone, Now: f.now,
		}),
		board: newBoard(cfg, register.Register, f),
	}
}

// withRegions returns the site as it is with the regions that the ledger has by
// now. The collectors are the same, with what they remember of their sources.
func (s *site) withRegions(ctx context.Context, f foundation) (*site, error) {
	register, err := newRegister(ctx, s.config, s.register.configured(), f.store, f.log)
	if err != nil {
		return nil, err
	}
	next := newSite(s.config, register, f)
	for name, built := range s.collectors {
		if err := built.aim(register, s.config.Site.Region); err != nil {
			return nil, err
		}
		next.collectors[name] = built
	}
	return next, nil
}

// aim finds the regions that the collector is about.
func (c *builtCollector) aim(r *register, siteCode string) (err error) {
	site, ok := r.ByCode(siteCode)
	if !ok {
		return fmt.Errorf("site.region %s is not in the register", siteCode) // not reached: the configuration has checked it
	}
	var unexpected error
	c.targets, err = targetsOf(r, site, c.Collector)
	c.expected, unexpected = expectationOf(r, site, c.Collector)
	return errors.Join(err, unexpected)
}

func newBoard(cfg *config.Config, register *region.Register, f foundation) *standing.Board {
	return standing.New(standing.Options{
		Indicators: cfg.Indicators, Regions: register, Head: f.head, Facts: periods{f.store}, Tracks: f.timeline,
		Calendar: cfg.Calendar, Zone: cfg.Site.Zone, Site: cfg.Site.Region, Now: f.now, Since: f.since,
	})
}

// calendarEnd is until when the calendar knows holidays without a gap; zero where
// it knows none of this year.
func calendarEnd(c *calendar.Calendar, zone *time.Location, now time.Time) time.Time {
	year := now.In(zone).Year()
	if !c.Known(year) {
		return time.Time{}
	}
	for c.Known(year) {
		year++
	}
	return time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
}

func buildCollector(cfg *config.Config, c config.Collector) (builtCollector, error) {
	built := builtCollector{Collector: c, hanging: &collectors.Hanging{}}
	for _, source := range cfg.Sources {
		if source.Name != c.Source {
			continue
		}
		built.source = source.Title
		kind, ok := kinds().Lookup(source.Kind)
		if !ok {
			return built, source.Block.Errorf("kind", "there is no kind of source %q; there are %s", source.Kind, kinds().Names())
		}
		spec, err := schedule.Parse(c.Schedule, cfg.Site.Zone)
		if err != nil {
			err = c.Block.Errorf("schedule", "%w", err)
		}
		built.spec = spec
		indicators := cfg.Indicators // and not the whole configuration, which the kinds would keep with all its regions
		puller, refused := kind.New(collectors.Blocks{
			Source: source.Options, Collector: c.Options, FanOut: !c.ForEach.IsZero(),
			Indicator: func(id string) error { return collectable(indicators, id) },
		})
		built.puller = puller
		return built, errors.Join(err, refused)
	}
	return built, c.Block.Errorf("source", "there is no source %q", c.Source)
}

// collectable says why an indicator can't be collected; nil where it can.
func collectable(indicators []fact.Indicator, id string) error {
	i := slices.IndexFunc(indicators, func(i fact.Indicator) bool { return i.ID == id })
	switch {
	case i < 0:
		return fmt.Errorf("the catalogue has no indicator %q: correct the id, or add the indicator", id)
	case indicators[i].Kind == fact.RatioKind:
		return fmt.Errorf("%s is a ratio, which is never collected: name its numerator and denominator", id)
	}
	return nil
}

func (s *site) exposed() exposition.Site {
	return exposition.Site{
		Indicators: s.config.Indicators, Themes: s.config.Themes,
		Zone: s.config.Site.Zone, Regions: s.register.Register, Figures: s.board, Notice: s.config.Site.Notice,
	}
}
