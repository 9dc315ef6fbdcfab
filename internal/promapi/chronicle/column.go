package chronicle

import (
	"context"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/prometheus/prometheus/model/value"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
)

type columnKey struct {
	indicator string // "" is the register
	part      Part
}

// column is one part of what stood of one indicator, worked out over a stretch of
// time.
type column struct {
	key columnKey

	mu       sync.Mutex
	from, to int64 // what it is worked out for; to is 0 while that is nothing
	instants []fact.Instant
	rows     []*row
	index    map[string]int // in rows, by family and labels
	walks    int
}

// row is one series.
type row struct {
	family  string
	encoded string // labels, as in Chapter.Walk
	// Steps are only ever appended to, or cut and copied: readers hold on to them.
	steps  []promapi.Step
	counts bool
	walked int // the last walk that met it
}

// upTo returns the column, worked out over the time of a book, which reaches back
// to where the column ends, or before. What is there already stays, as far as
// nothing was recorded before its end since. The caller holds mu.
func (c *column) upTo(ctx context.Context, b *book) (*column, error) {
	if c.to == 0 || b.from < c.from {
		// Whoever goes back in time goes back further soon: what follows is kept.
		c.from, c.to, c.instants, c.rows, c.index = b.from, 0, nil, nil, map[string]int{}
		if err := c.walk(ctx, b, c.from); err != nil {
			return nil, err
		}
		c.to = c.from
	}
	instants, err := b.instants(ctx, c.key, b.from, max(c.to, b.to))
	if err != nil {
		return nil, err
	}
	known := sort.Search(len(c.instants), func(i int) bool { return c.instants[i].At > b.from })
	for len(instants) > 0 && known < len(c.instants) && instants[0] == c.instants[known] {
		known, instants = known+1, instants[1:]
	}
	if known < len(c.instants) { // something came to be known of a time that was worked out already
		c.cut(c.instants[known].At)
	}
	if len(instants) > 0 && instants[0].At <= c.to {
		c.cut(instants[0].At)
	}
	c.instants = slices.Clip(c.instants[:known])
	for _, instant := range instants {
		if err := c.walk(ctx, b, instant.At); err != nil {
			return nil, err // what was done stays done
		}
		c.instants = append(c.instants, instant)
		c.to = instant.At
	}
	c.to = max(c.to, b.to)
	return c.copy(), nil
}

// cut forgets what was worked out from an instant on.
func (c *column) cut(at int64) {
	for _, r := range c.rows {
		n := sort.Search(len(r.steps), func(i int) bool { return r.steps[i].From >= at })
		r.steps = slices.Clip(r.steps[:n])
	}
	c.to = min(c.to, at-1)
}

// walk adds what stood from an instant on.
func (c *column) walk(ctx context.Context, b *book, at int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.walks++
	var key []byte
	err := b.at(min(at, b.knownBy)).Walk(ctx, c.key.indicator, c.key.part, moment(at), moment(min(at, b.knownBy)), func(family string, encoded []byte, v float64, since int64) {
		key = append(append(append(key[:0], family...), 0xFF), encoded...)
		n, known := c.index[string(key)]
		if !known {
			n = len(c.rows)
			c.rows = append(c.rows, &row{family: family, encoded: string(encoded)})
			c.index[string(key)] = n
		}
		c.rows[n].add(at, v, since, c.walks)
	})
	if err != nil {
		return err //nolint:wrapcheck // the archive says what failed
	}
	for _, r := range c.rows {
		if r.walked != c.walks {
			r.put(at, math.Float64frombits(value.StaleNaN))
		}
	}
	return nil
}

func (r *row) add(at int64, v float64, since int64, number int) {
	r.walked = number
	if since != 0 {
		r.counts, v = true, float64(since)
	}
	r.put(at, v)
}

// put appends a step, unless nothing changes with it.
func (r *row) put(at int64, v float64) {
	if n := len(r.steps); n > 0 {
		if math.Float64bits(r.steps[n-1].Value) == math.Float64bits(v) {
			return
		}
	} else if value.IsStaleNaN(v) {
		return
	}
	r.steps = append(r.steps, promapi.Step{From: at, Value: v})
}

// copy returns what can be read while the column is worked on.
func (c *column) copy() *column {
	rows := make([]*row, len(c.rows))
	held := make([]row, len(c.rows))
	for i, r := range c.rows {
		held[i] = *r
		rows[i] = &held[i]
	}
	return &column{key: c.key, rows: rows}
}

// freshColumn is worked out for one asker.
func freshColumn(ctx context.Context, b *book, key columnKey) (*column, error) {
	return (&column{key: key}).upTo(ctx, b)
}

// presentColumn is what stands now, as if it had for all of a selection's time.
func presentColumn(ctx context.Context, present Chapter, key columnKey, s promapi.Selection) (*column, error) {
	c := &column{key: key}
	err := present.WalkPresent(ctx, key.indicator, key.part, func(family string, encoded []byte, v float64, since int64) {
		r := &row{family: family, encoded: string(encoded)}
		r.add(s.From, v, since, 1)
		c.rows = append(c.rows, r)
	})
	return c, err //nolint:wrapcheck // the archive says what failed
}

// hand gives a taker the series that have a value in a selection's time.
func (c *column) hand(s promapi.Selection, families map[string]bool, t taker) error {
	for _, r := range c.rows {
		if !families[r.family] {
			continue
		}
		steps := within(r.steps, s.From, s.To)
		if len(steps) == 0 || len(steps) == 1 && value.IsStaleNaN(steps[0].Value) {
			continue
		}
		if err := t.take(r.family, []byte(r.encoded), steps, r.counts); err != nil {
			return err
		}
	}
	return nil
}

// within returns the steps in force between two instants.
func within(steps []promapi.Step, from, to int64) []promapi.Step {
	first := sort.Search(len(steps), func(i int) bool { return steps[i].From > from })
	last := sort.Search(len(steps), func(i int) bool { return steps[i].From > to })
	return steps[max(0, first-1):last:last]
}
