package chronicle

import (
	"context"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
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
	builder  labels.ScratchBuilder
	taken    picture // of the rows; nil where they have changed since
}

// picture is what readers see of a column, by family, while it is worked on.
type picture map[string][]row

// row is one series.
type row struct {
	labels labels.Labels
	// Steps are only ever appended to, or cut and copied: readers hold on to them.
	steps  []promapi.Step
	counts bool
	walked int // the last walk that met it
}

// upTo returns a picture of the column, worked out over the time of a book, which
// reaches back to where the column ends, or before. What is there already stays, as
// far as nothing was recorded before its end since. The caller holds mu.
func (c *column) upTo(ctx context.Context, b *book) (picture, error) {
	if c.to == 0 || b.from < c.from {
		// Whoever goes back in time has it worked out anew from there.
		c.from, c.to, c.instants, c.rows, c.index, c.taken = b.from, 0, nil, nil, map[string]int{}, nil
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
	return c.picture(), nil
}

// cut forgets what was worked out from an instant on.
func (c *column) cut(at int64) {
	for _, r := range c.rows {
		n := sort.Search(len(r.steps), func(i int) bool { return r.steps[i].From >= at })
		r.steps = slices.Clip(r.steps[:n])
	}
	c.to, c.taken = min(c.to, at-1), nil
}

// walk adds what stood from an instant on.
func (c *column) walk(ctx context.Context, b *book, at int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.walks++
	c.taken = nil
	var key []byte
	err := b.at(min(at, b.knownBy)).Walk(ctx, c.key.indicator, c.key.part, moment(at), moment(min(at, b.knownBy)), func(family string, encoded []byte, v float64, since int64) {
		key = append(append(append(key[:0], family...), 0xFF), encoded...)
		n, known := c.index[string(key)]
		if !known {
			n = len(c.rows)
			l := labelled{family: family, encoded: encoded}
			c.rows = append(c.rows, &row{labels: l.build(&c.builder)})
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

// picture returns what can be read while the column is worked on.
func (c *column) picture() picture {
	if c.taken == nil {
		c.taken = picture{}
		for _, r := range c.rows {
			family := r.labels.Get(nameLabel)
			c.taken[family] = append(c.taken[family], *r)
		}
	}
	return c.taken
}

// fresh is a column worked out for one asker.
func fresh(ctx context.Context, b *book, key columnKey) (picture, error) {
	return (&column{key: key}).upTo(ctx, b)
}

// now is what stands now, as if it had for all of a selection's time.
func now(ctx context.Context, present Chapter, key columnKey, s promapi.Selection) (picture, error) {
	p, builder := picture{}, labels.ScratchBuilder{}
	err := present.WalkPresent(ctx, key.indicator, key.part, func(family string, encoded []byte, v float64, since int64) {
		l := labelled{family: family, encoded: encoded}
		r := row{labels: l.build(&builder)}
		r.add(s.From, v, since, 1)
		p[family] = append(p[family], r)
	})
	return p, err //nolint:wrapcheck // the archive says what failed
}

// hand gives a taker the series that have a value in a selection's time.
func (p picture) hand(s promapi.Selection, families map[string]bool, t taker) error {
	for family := range families {
		for i := range p[family] {
			r := &p[family][i]
			steps := within(r.steps, s.From, s.To)
			if len(steps) == 0 || len(steps) == 1 && value.IsStaleNaN(steps[0].Value) {
				continue
			}
			if err := t.take(labelled{family: family, built: r.labels}, steps, r.counts); err != nil {
				return err
			}
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
