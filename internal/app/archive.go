package app

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
	"github.com/govkpi/govkpi/internal/promapi/chronicle"
	"github.com/govkpi/govkpi/internal/standing"
)

// archive is a ledger with the configurations of its time, for PromQL. It is safe
// for concurrent use.
type archive struct {
	store  *Store
	memory *memory
	now    func() time.Time
	log    *slog.Logger
	// present is the configuration in force with its register.
	present func() *present

	mu       sync.Mutex
	chapters []*chapter // the one used last comes last
	loaded   loadedPast
	loading  sync.Mutex // held while a past is read, which others need not wait for
}

// present is what a configuration in force makes of the ledger.
type present struct {
	config   *config.Config
	register *register
	walker   *exposition.Walker
	// board has the head; nil where only the past is at hand, as in a command that
	// reads.
	board *standing.Board
}

// mostChapters is how many configurations of the past are kept in memory: a
// dashboard of a year seldom sees more.
const mostChapters = 8

// Now implements chronicle.Archive.
func (a *archive) Now() time.Time { return a.now() }

// Families implements chronicle.Archive.
func (a *archive) Families() []chronicle.Family {
	described := a.present().walker.Families()
	families := make([]chronicle.Family, len(described))
	for i, d := range described {
		families[i] = chronicle.Family{Family: promapi.Family{Name: d.Name, Help: d.Help, Type: "gauge"}, Part: chronicle.Part(d.Part), Then: chronicle.Part(exposition.PartFigures)}
	}
	return families
}

// Eras implements chronicle.Archive.
func (a *archive) Eras(ctx context.Context) ([]chronicle.Era, error) {
	accepted, err := a.store.Configurations(ctx)
	if err != nil {
		return nil, err
	}
	eras := make([]chronicle.Era, len(accepted))
	for i, c := range accepted { // the newest first
		eras[len(accepted)-1-i] = chronicle.Era{Begin: c.Accepted, Digest: c.Digest}
	}
	return eras, nil
}

// Open implements chronicle.Archive.
func (a *archive) Open(ctx context.Context, era chronicle.Era) (chronicle.Chapter, error) {
	return a.open(ctx, era)
}

func (a *archive) open(ctx context.Context, era chronicle.Era) (*chapter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.present()
	for i, c := range a.chapters {
		if c.digest == era.Digest && (c.present == now || era.Digest != now.config.Digest) {
			a.chapters = append(slices.Delete(a.chapters, i, i+1), c)
			return c, nil
		}
	}
	c, err := a.newChapter(ctx, era, now)
	if err != nil {
		return nil, err
	}
	a.chapters = slices.DeleteFunc(a.chapters, func(have *chapter) bool { return have.digest == c.digest })
	if a.chapters = append(a.chapters, c); len(a.chapters) > mostChapters {
		a.chapters = slices.Delete(a.chapters, 0, 1)
	}
	return c, nil
}

// newChapter loads a configuration of the past, unless it is the one in force.
// Collected regions are those of today: they lie below the county, and what stands
// above follows from configured ones.
func (a *archive) newChapter(ctx context.Context, era chronicle.Era, now *present) (c *chapter, err error) {
	c = &chapter{archive: a, digest: era.Digest, present: now, walker: now.walker}
	cfg, register := now.config, now.register
	if era.Digest != cfg.Digest {
		if cfg, err = configurationAt(ctx, a.store, era.Begin, noSecrets()); err != nil {
			return nil, fmt.Errorf("the configuration that was in force then can't be read any more: %w", err)
		}
		if register, err = newRegister(ctx, cfg, cfg.Regions, a.store, a.log); err != nil {
			return nil, err
		}
		if c.walker, err = exposition.NewWalker(walked(cfg, register)); err != nil {
			return nil, err
		}
	}
	c.config, c.register = cfg, register
	c.board = a.boardOf(c, era.Begin, time.Time{})
	return c, nil
}

// walked is what a configuration exposes, without figures.
func walked(cfg *config.Config, register *register) exposition.Site {
	return exposition.Site{
		Indicators: cfg.Indicators, Themes: cfg.Themes, Zone: cfg.Site.Zone, Regions: register.Register, Notice: cfg.Site.Notice,
	}
}

// boardOf returns a board of the past of a chapter; knownBy bounds what it reads of
// the ledger, and is the instant itself where it is not set.
func (a *archive) boardOf(c *chapter, at, knownBy time.Time) *standing.Board {
	if knownBy.IsZero() {
		knownBy = at
	}
	k := knowledge{Store: a.store, by: knownBy}
	return standing.New(standing.Options{
		Indicators: c.config.Indicators, Regions: c.register.Register, Head: a.memory.head, Facts: periods{k}, Tracks: a.tracks(),
		Calendar: c.config.Calendar, Zone: c.config.Site.Zone, Site: c.config.Site.Region, Now: a.now, Since: a.memory.since, AsKnownAt: at,
	})
}

// Figures implements chronicle.Archive.
func (a *archive) Figures(ctx context.Context, knownBy time.Time) (chronicle.Figures, error) {
	now := a.present()
	if knownBy.IsZero() && now.board != nil {
		return &figures{now.config, now.register, now.walker, now.board}, nil
	}
	at := knownBy
	if at.IsZero() {
		at = a.now()
	}
	eras, err := a.Eras(ctx)
	if err != nil {
		return nil, err
	}
	i := len(eras) - 1
	for i >= 0 && eras[i].Begin.After(at) {
		i--
	}
	if i < 0 {
		return nil, nothingKnown(at, a.memory.since, now.config.Site.Zone)
	}
	c, err := a.open(ctx, eras[i])
	if err != nil {
		return nil, err
	}
	return &figures{c.config, c.register, c.walker, a.boardOf(c, at, at)}, nil
}

// figures implements chronicle.Figures.
type figures struct {
	config   *config.Config
	register *register
	walker   *exposition.Walker
	board    *standing.Board
}

// Indicators implements chronicle.Figures.
func (f *figures) Indicators() []fact.Indicator { return f.config.Indicators }

// Courses implements chronicle.Figures.
func (f *figures) Courses(ctx context.Context, i *fact.Indicator, from, to time.Time) (iter.Seq[fact.Course], error) {
	return f.board.Courses(ctx, i, from, to)
}

// Labels implements chronicle.Figures.
func (f *figures) Labels(i *fact.Indicator) func(string, fact.Dimensions) ([]byte, bool) {
	return f.walker.Series(i)
}

// Regions implements chronicle.Figures.
func (f *figures) Regions() func(code string) (*fact.Region, bool) { return f.register.InOrder() }
