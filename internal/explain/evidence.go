package explain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// evidence is all that the ledger has of one collected indicator and region, of
// every period.
type evidence struct {
	indicator *fact.Indicator
	revisions []fact.Provenance
	held      []fact.HeldFact
	decisions []fact.Decision
	// values are the newest revisions, recast to today's region and summed over
	// dimensions.
	values map[fact.Period]float64
}

// gather reads the evidence, and leaves out what was recorded later than the
// question allows: whoever gave the view of the ledger may have done so already.
func (s *subject) gather(ctx context.Context) error {
	if !s.indicator.HasLevel(s.region.Level) {
		return nil
	}
	var values []map[fact.Period]float64
	for _, indicator := range s.parts(s.indicator) {
		e := &evidence{indicator: indicator}
		for _, code := range s.codes {
			if err := s.read(ctx, e, code); err != nil {
				return fmt.Errorf("read what the ledger has under code %s: %w", code, err)
			}
		}
		s.sum(e)
		s.collected = append(s.collected, e)
		values = append(values, e.values)
	}
	s.figures = cellsOf(values...)
	return nil
}

func (s *subject) read(ctx context.Context, e *evidence, code string) error {
	revisions, err := s.Ledger.Provenances(ctx, e.indicator.ID, code, fact.Period{})
	if err != nil {
		return err //nolint:wrapcheck // gather says of which region
	}
	held, err := s.Ledger.Held(ctx, e.indicator.ID, code, fact.Period{})
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	decisions, err := s.Ledger.Decisions(ctx, e.indicator.ID, code, fact.Period{})
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	for _, r := range revisions {
		if s.known(r.Recorded) && belongs(e.indicator, r.Period, r.Dimensions) {
			r.Decisions = s.knownDecisions(r.Decisions)
			e.revisions = append(e.revisions, r)
		}
	}
	for _, h := range held {
		if !s.known(h.Recorded) || !belongs(e.indicator, h.Period, h.Dimensions) {
			continue
		}
		if h.Closed != 0 && !s.known(h.Closed) {
			h.Closed, h.Closing = 0, ""
		}
		e.held = append(e.held, h)
	}
	e.decisions = append(e.decisions, s.knownDecisions(decisions)...)
	return nil
}

// known reports whether something had been recorded by the question's time.
func (s *subject) known(recorded int64) bool {
	return s.asKnownAt.IsZero() || recorded <= s.asKnownAt.UnixMilli()
}

// knownDecisions copies: what it is given may be the ledger's.
func (s *subject) knownDecisions(all []fact.Decision) []fact.Decision {
	var known []fact.Decision
	for _, d := range all {
		if s.known(d.Recorded) {
			known = append(known, d)
		}
	}
	return known
}

// belongs reports whether a figure has a place in the catalogue as it is now.
func belongs(indicator *fact.Indicator, period fact.Period, dimensions fact.Dimensions) bool {
	return period.Cadence() == indicator.Cadence && indicator.HasDimensions(dimensions)
}

// sum fills values from the newest revision of each figure.
func (s *subject) sum(e *evidence) {
	newest := map[fact.Key]int32{}
	for i := range e.revisions {
		key := e.revisions[i].Key()
		newest[key] = max(newest[key], e.revisions[i].Revision)
	}
	sums := recast{}
	for i := range e.revisions {
		if r := &e.revisions[i]; r.Revision == newest[r.Key()] {
			_, part, _ := s.today(r.Region)
			sums.add(part, &r.Fact)
		}
	}
	e.values = sums.values()
}

// waiting counts the held figures of a period that nobody has decided on.
func (e *evidence) waiting(period fact.Period) int {
	n := 0
	for i := range e.held {
		if e.held[i].Waits() && e.held[i].Period == period {
			n++
		}
	}
	return n
}

// has reports whether there is a figure or a waiting held one.
func (e *evidence) has(period fact.Period) bool {
	_, ok := e.values[period]
	return ok || e.waiting(period) > 0
}

// first returns the earliest record of a period's figure.
func (e *evidence) first(period fact.Period) (fact.Provenance, bool) {
	var first fact.Provenance
	for _, r := range e.revisions {
		if r.Period == period && r.Revision == 1 && (first.Recorded == 0 || r.Recorded < first.Recorded) {
			first = r
		}
	}
	return first, first.Recorded != 0
}

// newest returns the newest period that has a figure or a waiting held one; of a
// ratio, one in which both parts have, if there is any.
func (s *subject) newest() fact.Period {
	var whole, partial fact.Period
	for _, e := range s.collected {
		for period := range e.periods() {
			if period.Compare(partial) > 0 {
				partial = period
			}
			if period.Compare(whole) > 0 && !slices.ContainsFunc(s.collected, func(other *evidence) bool { return !other.has(period) }) {
				whole = period
			}
		}
	}
	if whole.IsZero() {
		return partial
	}
	return whole
}

func (e *evidence) periods() map[fact.Period]bool {
	periods := map[fact.Period]bool{}
	for period := range e.values {
		periods[period] = true
	}
	for i := range e.held {
		if e.held[i].Waits() {
			periods[e.held[i].Period] = true
		}
	}
	return periods
}

// cell is a figure; of a ratio, the two that it is made of.
type cell struct {
	value       float64 // of a ratio, the numerator
	denominator float64
}

// figure returns the number itself; ok is false where a ratio has none.
func (c cell) figure(kind fact.Kind) (float64, bool) {
	if kind != fact.RatioKind {
		return c.value, true
	}
	return c.value / c.denominator, c.denominator != 0
}

// weight is what the cell's share in a sum goes by.
func (c cell) weight(kind fact.Kind) float64 {
	if kind == fact.RatioKind {
		return c.denominator
	}
	return c.value
}

// cells are the figures of one region by period.
type cells map[fact.Period]cell

// cellsOf makes cells of the values of an indicator, or of both parts of a ratio;
// a period that only one of them has is left out.
func cellsOf(values ...map[fact.Period]float64) cells {
	all := cells{}
	for period, value := range values[0] {
		if len(values) == 1 {
			all[period] = cell{value: value}
		} else if denominator, ok := values[1][period]; ok {
			all[period] = cell{value, denominator}
		}
	}
	return all
}

func (c cells) figure(kind fact.Kind, period fact.Period) (float64, bool) {
	found, ok := c[period]
	if !ok {
		return 0, false
	}
	return found.figure(kind)
}

// in places a recorded time in the site's zone.
func (s *subject) in(recorded int64) time.Time { return time.UnixMilli(recorded).In(s.Zone) }
