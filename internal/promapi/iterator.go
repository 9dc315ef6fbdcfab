package promapi

import (
	"math"
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/annotations"
)

// view is how a selector looks at step functions.
type view struct {
	from, to int64 // in milliseconds, inclusive
	// spacing is the distance of the virtual scrapes that a range selector sees, in
	// milliseconds; 0 is an instant selector, which sees every instant.
	spacing int64
	reach   int64 // the lookback, in milliseconds
}

// A range selector sees a scrape at every full hour of UTC or, where it reaches
// back less than fullRange, at every quarter of its range, counted from the Unix
// epoch. So what it sees does not depend on when it is asked.
const (
	fullSpacing = int64(3_600_000)
	fullRange   = 4 * fullSpacing
)

func spacingOf(rangeMillis int64) int64 {
	switch {
	case rangeMillis <= 0:
		return 0
	case rangeMillis >= fullRange:
		return fullSpacing
	}
	return max(1, rangeMillis/4)
}

// seriesSet hands series to the engine.
type seriesSet struct {
	all []selected
	at  int
}

// selected is a storage.Series.
type selected struct {
	*Series
	view *view
}

func newSeriesSet(all []Series, v view) *seriesSet {
	s := &seriesSet{all: make([]selected, len(all)), at: -1}
	for i := range all {
		s.all[i] = selected{&all[i], &v}
	}
	return s
}

// Next implements storage.SeriesSet.
func (s *seriesSet) Next() bool {
	s.at++
	return s.at < len(s.all)
}

// At implements storage.SeriesSet.
func (s *seriesSet) At() storage.Series { return &s.all[s.at] }

// Err implements storage.SeriesSet.
func (*seriesSet) Err() error { return nil }

// Warnings implements storage.SeriesSet.
func (*seriesSet) Warnings() annotations.Annotations { return nil }

// Labels implements storage.Series.
func (s *selected) Labels() labels.Labels { return s.Series.Labels }

// Iterator implements storage.Series.
func (s *selected) Iterator(reuse chunkenc.Iterator) chunkenc.Iterator {
	it, ok := reuse.(*iterator)
	if !ok {
		it = &iterator{}
	}
	*it = iterator{view: *s.view, steps: s.Steps, counts: s.Counts, step: -1, at: math.MinInt64}
	return it
}

// iterator walks along a step function. An instant selector seeks the instant one
// lookback before the one it wants, or at first a millisecond less, and then asks
// for what follows: so a sample at the instant sought is answered, and then those at
// the end of either lookback or at the next step, whichever is first. A grid laid by
// the query's step would miss most of what the engine asks for.
type iterator struct {
	view
	steps  []Step
	counts bool

	step int // the one in force; -1 before the first
	at   int64
	leap leap // what the next move is
	done bool
}

// leap is how far Next goes where no step is in between.
type leap uint8

const (
	whole leap = iota // a lookback less a millisecond
	rest              // and that millisecond
	small             // to where a moving value is another; else as whole
)

// Next implements chunkenc.Iterator.
func (i *iterator) Next() chunkenc.ValueType {
	switch {
	case i.done:
		return chunkenc.ValNone
	case i.at == math.MinInt64:
		return i.jump(i.from)
	case i.spacing > 0:
		return i.jump(i.at + i.spacing)
	}
	next, then := i.at+max(1, i.reach-1), rest
	switch {
	case i.leap == rest:
		next, then = i.at+1, small
	case i.leap == small && i.moves():
		next, then = i.at+1000-(i.at-i.since())%1000, small // when it counts one more
	}
	if following := i.step + 1; following < len(i.steps) {
		next = min(next, i.steps[following].From)
	}
	if i.at < i.to {
		next = min(next, i.to) // the newest there is, for whoever asks about the next moment
	}
	t := i.jump(next)
	i.leap = then
	return t
}

// Seek implements chunkenc.Iterator.
//
//nolint:govet // it is no io.Seeker's
func (i *iterator) Seek(t int64) chunkenc.ValueType {
	switch {
	case i.done:
		return chunkenc.ValNone
	case i.at != math.MinInt64 && i.at >= t:
		return chunkenc.ValFloat
	}
	return i.jump(max(t, i.from))
}

// jump goes to the first sample at t or later.
func (i *iterator) jump(t int64) chunkenc.ValueType {
	i.leap = whole
	for sought := t; ; {
		if i.spacing > 0 {
			t = ceil(t, i.spacing)
		}
		i.advance(t)
		following := i.step + 1
		switch {
		case i.step >= 0 && (i.spacing == 0 || !value.IsStaleNaN(i.steps[i.step].Value)):
			if t != sought {
				i.leap = small // a leap from here would pass over what was meant
			}
			return i.land(t)
		case following == len(i.steps):
			i.done = true
			return chunkenc.ValNone
		}
		t = i.steps[following].From // nothing is there before
	}
}

func (i *iterator) land(t int64) chunkenc.ValueType {
	if t > i.to {
		i.done = true
		return chunkenc.ValNone
	}
	i.at = t
	return chunkenc.ValFloat
}

// advance finds the step in force at t, which never lies before the one found
// last.
func (i *iterator) advance(t int64) {
	rest := i.steps[i.step+1:]
	if len(rest) == 0 || rest[0].From > t {
		return
	}
	i.step += sort.Search(len(rest), func(n int) bool { return rest[n].From > t })
}

// ceil returns the first multiple of spacing that is not before t.
func ceil(t, spacing int64) int64 {
	if rest := t % spacing; rest > 0 {
		return t + spacing - rest
	} else if rest < 0 {
		return t - rest
	}
	return t
}

// moves reports whether the value is another every second.
func (i *iterator) moves() bool {
	v := i.steps[i.step].Value
	return i.counts && v != 0 && !value.IsStaleNaN(v)
}

// since is the instant that a moving value counts from, in milliseconds.
func (i *iterator) since() int64 { return int64(i.steps[i.step].Value) * 1000 }

// At implements chunkenc.Iterator.
func (i *iterator) At() (int64, float64) {
	if i.moves() {
		return i.at, float64(max(0, i.at-i.since()) / 1000)
	}
	return i.at, i.steps[i.step].Value
}

// AtT implements chunkenc.Iterator.
func (i *iterator) AtT() int64 { return i.at }

// AtST implements chunkenc.Iterator: figures have no start.
func (*iterator) AtST() int64 { return 0 }

// AtHistogram implements chunkenc.Iterator; there is none.
func (*iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) { return 0, nil }

// AtFloatHistogram implements chunkenc.Iterator; there is none.
func (*iterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return 0, nil
}

// Err implements chunkenc.Iterator.
func (*iterator) Err() error { return nil }
