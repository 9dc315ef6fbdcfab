package explain

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// document puts all that is known into words.
func (s *subject) document(ctx context.Context) (*Document, error) {
	d := &Document{
		Indicator: indicatorOf(s.indicator), Region: s.regionOf(s.region), Former: s.former, Period: s.period.String(), Chosen: s.chosen,
		SignOff: slices.ContainsFunc(s.parts(s.indicator), func(i *fact.Indicator) bool { return i.SignOff }), Collected: []Collected{}, PartOf: []PartOf{}, Reconciliations: []Reconciliation{}, Discrepancies: s.discrepancies(),
	}
	if !s.asKnownAt.IsZero() {
		at := s.asKnownAt.In(s.Zone)
		d.AsKnownAt = &at
	}
	for i, e := range s.collected {
		d.Collected = append(d.Collected, s.collectedOf(e, s.role(i)))
	}
	if value, ok := s.figures.figure(s.indicator.Kind, s.period); ok {
		d.Value = &value
	}
	d.State = state(d)
	d.Standing = s.standing()
	for _, add := range []func(context.Context, *Document) error{s.addPartOf, s.addWhole, s.addReconciliations, s.addRejections} {
		if err := add(ctx, d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (s *subject) role(i int) string {
	if s.indicator.Kind != fact.RatioKind {
		return "figure"
	}
	return [...]string{"numerator", "denominator"}[i]
}

func indicatorOf(i *fact.Indicator) Indicator {
	return Indicator{ID: i.ID, Title: text(i.Title), Unit: text(i.Unit.Title), UnitID: i.Unit.ID, Kind: i.Kind.String()}
}

// regionOf names a region; one of before lies where the one of today does.
func (s *subject) regionOf(r *fact.Region) Region {
	region := Region{Code: r.Code, Name: r.Name, Level: r.Level.String(), Class: string(r.Class())}
	for level := fact.Province; level < r.Level; level++ {
		if above, ok := s.Regions.Above(s.stands(), level); ok {
			region.Within = append(region.Within, nameOf(above))
		}
	}
	return region
}

func nameOf(r *fact.Region) RegionName { return RegionName{Code: r.Code, Name: r.Name} }

func (s *subject) collectedOf(e *evidence, role string) Collected {
	c := Collected{Role: role, Indicator: indicatorOf(e.indicator), Timeliness: s.timeliness(e), Figures: []Figure{}}
	if value, ok := e.values[s.period]; ok {
		c.Value = &value
	}
	byKey := map[fact.Key]*Figure{}
	figure := func(key fact.Key) *Figure {
		if byKey[key] == nil {
			byKey[key] = &Figure{Code: key.Region, Dimensions: pairs(key.Dimensions), Revisions: []Revision{}, Held: []Held{}}
		}
		return byKey[key]
	}
	for i := range e.revisions {
		if r := &e.revisions[i]; r.Period == s.period {
			f := figure(r.Key())
			f.Revisions = append(f.Revisions, s.revision(r))
		}
	}
	for i := range e.held {
		if h := &e.held[i]; h.Period == s.period {
			f := figure(h.Key)
			f.Held = append(f.Held, s.held(e, h))
		}
	}
	keys := make([]fact.Key, 0, len(byKey))
	for key := range byKey {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b fact.Key) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), strings.Compare(string(a.Dimensions), string(b.Dimensions)))
	})
	for _, key := range keys {
		f := byKey[key]
		f.finish(e.indicator.SignOff)
		if len(f.Revisions) > 0 || len(f.Held) > 0 {
			c.Figures = append(c.Figures, *f)
		}
	}
	return c
}

// finish puts the newest first and says what follows from it.
func (f *Figure) finish(signOff bool) {
	slices.SortStableFunc(f.Revisions, func(a, b Revision) int { return cmp.Compare(b.Revision, a.Revision) })
	slices.SortStableFunc(f.Held, func(a, b Held) int { return b.Recorded.Compare(a.Recorded) })
	if len(f.Revisions) == 0 {
		if slices.ContainsFunc(f.Held, func(h Held) bool { return h.Waits }) {
			f.State = fact.Held.String()
		}
		return
	}
	newest := &f.Revisions[0]
	f.Value = &newest.Value
	confirmed := slices.ContainsFunc(newest.Decisions, func(d Decision) bool { return d.Action == string(fact.Confirm) })
	f.State = fact.StateOf(signOff && !confirmed, newest.Revision).String()
}

// state is the one of all figures that is trusted least. Where the figure
// stands, a held one beside it changes nothing.
func state(d *Document) string {
	order := []fact.State{fact.Provisional, fact.Corrected, fact.Confirmed}
	if d.Value == nil {
		order = []fact.State{fact.Held}
	}
	for _, s := range order {
		for _, c := range d.Collected {
			if slices.ContainsFunc(c.Figures, func(f Figure) bool { return f.State == s.String() }) {
				return s.String()
			}
		}
	}
	return ""
}

func pairs(d fact.Dimensions) []Pair {
	var all []Pair
	for _, p := range d.Pairs() {
		all = append(all, Pair{Name: p.Name, Value: p.Value})
	}
	return all
}

func (s *subject) revision(p *fact.Provenance) Revision {
	r := Revision{
		Revision: p.Revision, Value: p.Value, Recorded: s.in(p.Recorded), Origin: p.Origin.String(),
		Run: p.Run, Collector: p.Source.Collector, Target: p.Delivery.Target, Place: placeOf(p.Place),
		By: p.Source.By, Reason: p.Source.Reason, QueryDigest: p.Delivery.QueryDigest, InputDigest: p.Delivery.InputDigest,
	}
	for _, d := range p.Decisions {
		r.Decisions = append(r.Decisions, s.decision(&d))
	}
	return r
}

func (s *subject) decision(d *fact.Decision) Decision {
	decision := Decision{Action: string(d.Action), Recorded: s.in(d.Recorded), By: d.By, Reason: d.Reason, Run: d.Run}
	if d.Overruled.OK {
		decision.Overruled = &d.Overruled.Value
	}
	return decision
}

func (s *subject) held(e *evidence, h *fact.HeldFact) Held {
	held := Held{
		ID: h.ID, Value: h.Value, Recorded: s.in(h.Recorded), Stage: h.Stage, Why: text(h.Reason), Run: h.Run,
		Place: placeOf(h.Place), Waits: h.Waits(), Closing: string(h.Closing),
	}
	if h.Waits() {
		return held
	}
	closed := s.in(h.Closed)
	held.Closed = &closed
	for i := range e.decisions {
		d := &e.decisions[i]
		// A correction does not name what waited; it closed it when it was taken.
		correction := h.Closing == fact.ByCorrection && d.Action == fact.Correct && d.Key == h.Key && d.Recorded == h.Closed
		if d.Held == h.ID || correction {
			decision := s.decision(d)
			held.Decision = &decision
		}
	}
	return held
}

func placeOf(p fact.Place) *Place {
	if p == (fact.Place{}) {
		return nil
	}
	return &Place{Part: p.Part, Field: p.Field, Row: p.Row, Text: p.String()}
}

// timeliness judges the first record of a period's figure.
func (s *subject) timeliness(e *evidence) Timeliness {
	due, weekendsOnly := s.Calendar.Due(s.period, e.indicator.Grace)
	t := Timeliness{Due: due, WeekendsOnly: weekendsOnly}
	first, reported := e.first(s.period)
	came := s.in(first.Recorded)
	judged := first.Origin == fact.Pulled || first.Origin == fact.Decided
	if !reported {
		came, reported = s.firstWaiting(e)
		judged = true
	}
	if reported {
		t.FirstRecorded = &came
	}
	late := func(until time.Time) *int { return new(s.Calendar.WorkingDaysBetween(due, until)) }
	switch {
	case !judged:
		t.Verdict = NeverLate
	case !s.expected(e.indicator):
		t.Verdict = NotExpected
	case reported && came.Before(due):
		t.Verdict = InTime
	case reported && !due.After(s.Since):
		t.Verdict = NotKnown // it may have been in time where it was reported before
	case reported:
		t.Verdict, t.WorkingDaysLate = Late, late(came)
	case s.now.Before(due):
		t.Verdict = NotDue
	default:
		t.Verdict, t.WorkingDaysLate = Missing, late(s.now)
	}
	return t
}

// firstWaiting returns when the earliest held figure came that still waits.
func (s *subject) firstWaiting(e *evidence) (came time.Time, ok bool) {
	for i := range e.held {
		h := &e.held[i]
		if at := s.in(h.Recorded); h.Waits() && h.Period == s.period && (!ok || at.Before(came)) {
			came, ok = at, true
		}
	}
	return came, ok
}

// expected reports whether the region must report the indicator for the period.
func (s *subject) expected(indicator *fact.Indicator) bool {
	if first := indicator.FirstExpected(s.Since.In(s.Zone)); first.IsZero() || s.period.Compare(first) < 0 {
		return false
	}
	reports := s.Board.Reports(indicator)
	// Of indicators that are not followed, the board has none at all.
	return len(reports) == 0 || slices.ContainsFunc(reports, func(r fact.Report) bool { return r.Region == s.stands() })
}
