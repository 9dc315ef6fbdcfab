package standing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Total is an indicator's figure for one region and a period, put together from
// the regions below it and the periods within.
type Total struct {
	Region fact.Region
	// Of is the newest collected period in Value. For a stock asked for a longer
	// period it is the one Value is of, the same for every row: for 2025 and a
	// monthly cadence it is 2025-12, or the newest that anybody has reported.
	Of    fact.Period
	Value float64
	// Reported of Expected regions are in Value. A region with only some of a
	// flow's ended periods does not count as reported, though what it has is in
	// the sum. A region that reports without being asked is in Value and in no
	// count.
	Reported int
	Expected int
	// Policy says what was done about the others. Carried are in Value with an
	// older figure; under LikeForLike only Compared are in it.
	Policy   fact.MissingPolicy
	Carried  int
	Compared int
}

// Totals puts the figures of an indicator together for a period: one for each
// region of the level, or for each reporting region where level is 0, sorted by
// code. Regions without any figure are left out. Figures under retired codes
// count for the regions of today.
//
// Over periods, a stock and a flow_ytd give their value at one common period,
// the newest that anybody has reported within; a flow gives its sum. Over
// regions and dimensions both are summed. A ratio is summed numerators over
// summed denominators, of the regions that have both. A period shorter than the
// indicator's cadence is an error.
//
// With a level, the indicator's policy for missing regions holds: a figure is
// carried to the common period; like for like are the regions that have the
// common period and the one before, or, of a flow, all of the period asked for
// and of the one before it.
func (b *Board) Totals(ctx context.Context, indicator *fact.Indicator, period fact.Period, level fact.Level) ([]Total, error) {
	r := request{indicator: indicator, period: period, level: level}
	if level != 0 {
		r.policy = b.desks[indicator.ID].roster().policy
	}
	return b.totals(ctx, r)
}

// TotalsAsItWas is Totals of the reporting regions, under the codes and names
// that they had in the periods they reported. Nothing is expected of those that
// are gone.
func (b *Board) TotalsAsItWas(ctx context.Context, indicator *fact.Indicator, period fact.Period) ([]Total, error) {
	return b.totals(ctx, request{indicator: indicator, period: period, asItWas: true})
}

// request is what is asked for.
type request struct {
	indicator *fact.Indicator
	period    fact.Period
	level     fact.Level
	policy    policy
	asItWas   bool
}

func (b *Board) totals(ctx context.Context, r request) ([]Total, error) {
	within := r.period.Split(r.indicator.Cadence)
	if len(within) == 0 {
		return nil, fmt.Errorf("%s has a figure a %s, so none for %s: ask for a period of that length or longer", r.indicator.ID, r.indicator.Cadence, r.period)
	}
	if lowest := r.indicator.LowestLevel(); r.level > lowest {
		return nil, fmt.Errorf("%s is reported by %s: add up by that level or one above", r.indicator.ID, lowest)
	}
	addUp := b.adderOf(r, within)
	figures, err := b.between(ctx, r.indicator, addUp.reach(), within[len(within)-1], r.asItWas)
	if err != nil {
		return nil, fmt.Errorf("add up %s for %s: %w", r.indicator.ID, r.period, err)
	}
	addUp.newest(figures)
	tallies := map[string]*tally{}
	byRegion := histories(figures)
	for _, code := range slices.Sorted(maps.Keys(byRegion)) { // so that sums are the same to the last bit
		h := byRegion[code]
		group, expected, ok := b.placeOf(r, code)
		if !ok {
			continue // it is above the level asked for
		}
		if tallies[group] == nil {
			tallies[group] = &tally{}
		}
		tallies[group].add(addUp.share(h), expected)
		tallies[group].last = h[len(h)-1].period
	}
	var totals []Total
	for _, code := range slices.Sorted(maps.Keys(tallies)) {
		if t, ok := b.total(r, code, tallies[code]); ok {
			t.Of = addUp.of
			totals = append(totals, t)
		}
	}
	return totals, nil
}

func (b *Board) total(r request, code string, t *tally) (Total, bool) {
	value := t.now.figure(r.indicator.Kind)
	region, known := b.Regions.ByCode(code)
	if r.asItWas {
		was := b.Regions.AsOf(code, t.last)
		region, known = &was, was.Code != ""
	}
	if !t.has || !value.OK || !known {
		return Total{}, false
	}
	return Total{
		Region: *region, Value: value.Value, Reported: t.reported, Expected: b.expected(r, code),
		Policy: r.policy.MissingPolicy, Carried: t.carried, Compared: t.compared,
	}, true
}

// placeOf returns the region whose row a region's figures belong to, and whether
// the region is expected to report.
func (b *Board) placeOf(r request, code string) (group string, expected, ok bool) {
	region, ok := b.Regions.ByCode(code)
	if !ok {
		return code, false, r.asItWas
	}
	expected = b.desks[r.indicator.ID].roster().expects(region)
	if r.level == 0 {
		return code, expected, true
	}
	above, ok := b.Regions.Above(code, r.level)
	if !ok {
		return "", false, false
	}
	return above.Code, expected, true
}

// expected counts the regions that should report the indicator in or under the
// region; level 0 asks about the region alone.
func (b *Board) expected(r request, code string) int {
	roster := b.desks[r.indicator.ID].roster()
	if r.level == 0 {
		region, ok := b.Regions.ByCode(code)
		return one(ok && roster.expects(region))
	}
	if at, ok := roster.place[code]; ok {
		return roster.rows[at].expected
	}
	n := 0
	for _, l := range r.indicator.Levels {
		for region := range b.Regions.Under(code, l) {
			n += one(roster.expects(region))
		}
	}
	return n
}

// history is what one region has, over all dimensions, ordered by period.
type history []point

func (h history) at(p fact.Period) (amount, bool) {
	l := line{points: h}
	return l.at(p)
}

// count counts the periods that it has of those given.
func (h history) count(periods []fact.Period) (n int, sum amount) {
	for _, p := range periods {
		if a, ok := h.at(p); ok {
			sum = sum.plus(a)
			n++
		}
	}
	return n, sum
}

// histories sorts figures, which are ordered by period, by region.
func histories(figures []collected) map[string]history {
	all := map[string]history{}
	for _, f := range figures {
		h := all[f.region]
		if n := len(h) - 1; n >= 0 && h[n].period == f.period {
			h[n].amount = h[n].plus(f.amount)
			continue
		}
		all[f.region] = append(h, point{period: f.period, amount: f.amount})
	}
	return all
}
