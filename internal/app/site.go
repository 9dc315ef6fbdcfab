package app

import (
	"errors"
	"slices"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/quality"
	"github.com/govkpi/govkpi/internal/region"
	"github.com/govkpi/govkpi/internal/schedule"
	"github.com/govkpi/govkpi/internal/standing"
)

// site is what one configuration builds. A reload makes a new one; a run keeps
// the one it began with.
type site struct {
	config     *config.Config
	register   *region.Register
	gate       *quality.Gate
	board      *standing.Board
	collectors map[string]builtCollector
}

type builtCollector struct {
	config.Collector
	source fact.Text
	spec   schedule.Spec
	puller collectors.Collector
}

// buildSite builds everything of a configuration that can be refused, and
// reports all that is wrong with its collectors at once.
func buildSite(cfg *config.Config, head *ledger.Head, facts factReader, now func() time.Time) (*site, error) {
	register, err := newRegister(cfg)
	if err != nil {
		return nil, err
	}
	s := &site{config: cfg, register: register, collectors: map[string]builtCollector{}}
	s.gate = quality.New(quality.Options{
		Indicators: cfg.Indicators, Regions: register, History: &history{head: head, facts: facts},
		Zone: cfg.Site.Zone, Now: now,
	})
	s.board = newBoard(cfg, register, head, facts, now)
	refused := []error{exposition.CheckIndicators(cfg.Indicators)}
	for _, c := range cfg.Collectors {
		built, err := buildCollector(cfg, c)
		// What is wrong with a source is found again with each of its collectors.
		if err != nil && !slices.ContainsFunc(refused, func(other error) bool { return other != nil && other.Error() == err.Error() }) {
			refused = append(refused, err)
		}
		s.collectors[c.Name] = built
	}
	return s, errors.Join(refused...)
}

func newRegister(cfg *config.Config) (*region.Register, error) {
	return region.New(cfg.Regions, cfg.Changes, cfg.Aliases)
}

func newBoard(cfg *config.Config, register *region.Register, head *ledger.Head, facts factReader, now func() time.Time) *standing.Board {
	return standing.New(standing.Options{
		Indicators: cfg.Indicators, Regions: register, Head: head, Facts: periods{facts}, Zone: cfg.Site.Zone, Now: now,
	})
}

func buildCollector(cfg *config.Config, c config.Collector) (builtCollector, error) {
	built := builtCollector{Collector: c}
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
		puller, refused := kind.New(source.Options, c.Options)
		built.puller = puller
		return built, errors.Join(err, refused)
	}
	return built, c.Block.Errorf("source", "there is no source %q", c.Source)
}

func (s *site) exposed() exposition.Site {
	return exposition.Site{
		Indicators: s.config.Indicators, Themes: s.config.Themes,
		Zone: s.config.Site.Zone, Regions: s.register, Figures: s.board, Notice: s.config.Site.Notice,
	}
}
