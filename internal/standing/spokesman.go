package standing

import (
	"iter"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// spokesman is one region of an indicator that is not followed, with what the
// head has of it.
type spokesman struct {
	region   *fact.Region
	expected bool
	retired  bool        // what it says is under a retired code
	merger   fact.Period // see home
	rows     []int       // that its figures are rolled up to
	series   []fact.Series
	over     []fact.Series // of a ratio, the denominators, in the same order
	told     []fact.Period // see periods
	// forgot says that it was asked about what the head no longer holds.
	forgot bool
}

// at adds up what the region has for a period, over dimensions.
func (s *spokesman) at(p fact.Period) (sum amount, ok bool) {
	for i := range s.series {
		n, has := s.recall(&s.series[i], p)
		a := amount{value: n}
		if has && len(s.over) > 0 {
			a.over, has = s.recall(&s.over[i], p)
		}
		if has {
			sum, ok = sum.plus(a), true
		}
	}
	return sum, ok
}

func (s *spokesman) recall(series *fact.Series, p fact.Period) (float64, bool) {
	point, ok := pointAt(series, p)
	s.forgot = s.forgot || !ok && beyond(series, p)
	return point.Value, ok
}

// spoke reports whether the region has, or may have, a figure of a period from
// one to another.
func (s *spokesman) spoke(from, to fact.Period) bool {
	within := func(p fact.Period) bool {
		return p.Cadence() == to.Cadence() && p.Compare(from) >= 0 && p.Compare(to) <= 0
	}
	return isBefore(from, s.edge()) || slices.ContainsFunc(s.periods(), within)
}

func pointAt(s *fact.Series, p fact.Period) (fact.Point, bool) {
	switch {
	case p.IsZero():
		return fact.Point{}, false
	case s.Newest.Period == p:
		return s.Newest, true
	case s.Previous.Period == p:
		return s.Previous, true
	case s.Before.Period == p:
		return s.Before, true
	}
	return fact.Point{}, false
}

// beyond reports whether a period lies so far back that a series could have a
// figure of it in the ledger, and none in the head.
func beyond(s *fact.Series, p fact.Period) bool { return isBefore(p, s.Before.Period) }

// isBefore reports whether p comes before q in the head. Where the catalogue
// changed the cadence, a longer period that ends with p comes after it.
func isBefore(p, q fact.Period) bool {
	switch {
	case q.IsZero():
		return false
	case p.Cadence() == q.Cadence():
		return p.Compare(q) < 0
	}
	return !p.End(time.UTC).After(q.End(time.UTC))
}

// periods returns those that the head has a figure of the region for, in no
// order. The next call writes over them.
func (s *spokesman) periods() []fact.Period {
	s.told = s.told[:0]
	for i := range s.series {
		series := &s.series[i]
		for _, p := range [...]fact.Period{series.Newest.Period, series.Previous.Period, series.Before.Period} {
			if p.IsZero() || slices.Contains(s.told, p) {
				continue
			}
			if len(s.over) > 0 {
				if _, both := pointAt(&s.over[i], p); !both {
					continue
				}
			}
			s.told = append(s.told, p)
		}
	}
	return s.told
}

// edge returns the period before which the region may have said more than the
// head has; zero where the head has all.
func (s *spokesman) edge() fact.Period {
	var edge fact.Period
	for _, all := range [...][]fact.Series{s.series, s.over} {
		for i := range all {
			if p := all[i].Before.Period; edge.IsZero() || isBefore(edge, p) {
				edge = p
			}
		}
	}
	return edge
}

// spokesmen yields every region of the site that the head has the indicator of,
// and that has a place in the catalogue and the register. What is yielded is
// written over.
func (b *Board) spokesmen(d *desk, r *roster) iter.Seq[*spokesman] {
	return func(yield func(*spokesman) bool) {
		var current spokesman
		var above finder
		code := ""
		for s, over := range declaredOfHead(b.Head, d.sources) {
			if s.Region == code {
				if current.region != nil {
					current.take(s, over)
				}
				continue
			}
			if current.region != nil && !yield(&current) {
				return
			}
			code = s.Region
			current = spokesman{series: current.series[:0], over: current.over[:0], told: current.told}
			home, ok := b.homeOf(code)
			if !ok || !d.indicator.HasLevel(home.region.Level) {
				continue
			}
			if current.rows = above.rows(r, home.region); len(current.rows) == 0 {
				continue
			}
			current.region, current.retired = home.region, home.region.Code != code
			current.merger = home.merger
			current.expected = r.asks(home.region)
			current.take(s, over)
		}
		if current.region != nil {
			yield(&current)
		}
	}
}

func (s *spokesman) take(series, over fact.Series) {
	s.series = append(s.series, series)
	if !over.Newest.Period.IsZero() {
		s.over = append(s.over, over)
	}
}

// declaredOfHead yields the head's series of an indicator whose dimensions are
// declared; of a ratio, those of the numerator with the denominator's.
func declaredOfHead(head Head, sources []*fact.Indicator) iter.Seq2[fact.Series, fact.Series] {
	return func(yield func(series, over fact.Series) bool) {
		declared := declaredDimensions(sources[0])
		for s := range head.Series(sources[0].ID) {
			if !declared(s.Dimensions) {
				continue
			}
			var over fact.Series
			if len(sources) > 1 {
				var ok bool
				if over, ok = head.Lookup(sources[1].ID, s.Region, s.Dimensions); !ok {
					continue
				}
			}
			if !yield(s, over) {
				return
			}
		}
	}
}
