package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi/chronicle"
	"github.com/govkpi/govkpi/internal/standing"
)

// chapter implements chronicle.Chapter.
type chapter struct {
	archive  *archive
	digest   string
	present  *present // at the time that it was opened
	config   *config.Config
	register *register
	walker   *exposition.Walker
	board    *standing.Board
}

// Indicators implements chronicle.Chapter.
func (c *chapter) Indicators() []string {
	ids := make([]string, len(c.config.Indicators))
	for i := range c.config.Indicators {
		ids[i] = c.config.Indicators[i].ID
	}
	return ids
}

func (c *chapter) indicator(id string) *fact.Indicator {
	i := slices.IndexFunc(c.config.Indicators, func(i fact.Indicator) bool { return i.ID == id })
	if i < 0 {
		return nil
	}
	return &c.config.Indicators[i]
}

// moves reports whether anything but another configuration changes a part.
func moves(part exposition.Part) bool {
	return part != exposition.PartPublished && part != exposition.PartInfo
}

// Instants implements chronicle.Chapter.
func (c *chapter) Instants(ctx context.Context, id string, part chronicle.Part, after, to time.Time) ([]fact.Instant, error) {
	i := c.indicator(id)
	if i == nil || !moves(exposition.Part(part)) {
		return nil, nil
	}
	if err := c.load(ctx, i); err != nil {
		return nil, err
	}
	return c.board.Instants(i, after, to), nil
}

// Walk implements chronicle.Chapter.
func (c *chapter) Walk(ctx context.Context, id string, part chronicle.Part, at, knownBy time.Time, each func(family string, labels []byte, value float64, since int64)) error {
	i := c.indicator(id)
	if i == nil && id != "" {
		return nil
	}
	if i != nil && moves(exposition.Part(part)) {
		if err := c.load(ctx, i); err != nil {
			return err
		}
	}
	return walk(ctx, c.walker, c.board.AsOf(at, knownBy), i, part, each)
}

func walk(ctx context.Context, w *exposition.Walker, b *standing.Board, i *fact.Indicator, part chronicle.Part, each func(family string, labels []byte, value float64, since int64)) error {
	if i == nil && exposition.Part(part) != exposition.PartInfo || i != nil && exposition.Part(part) == exposition.PartFigures && !standsOut(i) {
		return nil
	}
	return w.Walk(ctx, b, i, exposition.Part(part), func(s exposition.Sample) {
		since := int64(0)
		if !s.Since.IsZero() {
			since = s.Since.Unix()
		}
		each(s.Family, s.Labels, s.Value, since)
	})
}

// standsOut reports whether anything is shown that follows from single figures: a
// million of grids would be walked through for nothing.
func standsOut(i *fact.Indicator) bool { return slices.ContainsFunc(i.Levels, i.StandsOut) }

// OnlyPresent implements chronicle.Chapter.
func (c *chapter) OnlyPresent(id string) bool {
	i := c.indicator(id)
	return i != nil && c.present.board != nil && c.digest == c.present.config.Digest && !c.followed(i)
}

// WalkPresent implements chronicle.Chapter.
func (c *chapter) WalkPresent(ctx context.Context, id string, part chronicle.Part, each func(family string, labels []byte, value float64, since int64)) error {
	return walk(ctx, c.walker, c.present.board, c.indicator(id), part, each)
}

// followed reports whether all that was recorded of an indicator is in memory.
func (c *chapter) followed(i *fact.Indicator) bool {
	for _, source := range i.Sources() {
		if s := c.indicator(source); s == nil || !s.Followed() {
			return false
		}
	}
	return true
}

// load makes all that was recorded of an indicator, and of what it is compared
// with, available to the board.
func (c *chapter) load(ctx context.Context, i *fact.Indicator) error {
	for _, id := range related(c.config.Indicators, i.ID) {
		if in := c.indicator(id); in == nil || in.Kind == fact.RatioKind {
			continue
		}
		if err := c.archive.load(ctx, id); err != nil {
			return fmt.Errorf("read all that was recorded of %s: %w", id, err)
		}
	}
	return nil
}
