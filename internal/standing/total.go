package standing

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	// the sum.
	Reported int
	Expected int
}

// Totals puts the figures of an indicator together for a period: one for each
// region of the level, or for each reporting region where level is 0, sorted by
// code. Regions without any figure are left out.
//
// Over periods, a stock and a flow_ytd give their value at one common period,
// the newest that anybody has reported within; a flow gives its sum. Over
// regions and dimensions both are summed. A ratio is summed numerators over
// summed denominators, of the regions that have both. A period shorter than the
// indicator's cadence is an error.
func (b *Board) Totals(ctx context.Context, indicator *fact.Indicator, period fact.Period, level fact.Level) ([]Total, error) {
	within := periodsWithin(period, indicator.Cadence)
	if len(within) == 0 {
		return nil, fmt.Errorf("%s has a figure a %s, so none for %s: ask for a period of that length or longer", indicator.ID, indicator.Cadence, period)
	}
	if lowest := slices.Max(indicator.Levels); level > lowest {
		return nil, fmt.Errorf("%s is reported by %s: add up by that level or one above", indicator.ID, lowest)
	}
	cells, of, err := b.cells(ctx, indicator, within)
	if err != nil {
		return nil, fmt.Errorf("add up %s for %s: %w", indicator.ID, period, err)
	}
	groups := map[string]cell{}
	for code, c := range cells {
		if level != 0 {
			above, ok := b.Regions.Above(code, level)
			if !ok {
				continue // it is above the level asked for
			}
			code = above.Code
		}
		groups[code] = groups[code].plus(c)
	}
	var totals []Total
	for code, g := range groups {
		value, ok := g.figure(indicator.Kind)
		region, known := b.Regions.ByCode(code)
		if !ok || !known {
			continue
		}
		totals = append(totals, Total{Region: *region, Of: of, Value: value, Reported: g.reported, Expected: b.expected(indicator, code, level)})
	}
	slices.SortFunc(totals, func(a, b Total) int { return strings.Compare(a.Region.Code, b.Region.Code) })
	return totals, nil
}

// cell is what one region, or a group of them, adds up to.
type cell struct {
	value       float64 // of a ratio, the numerator
	denominator float64
	reported    int         // regions that are complete
	periods     int         // periods summed, while one region is read
	last        fact.Period // the newest of them
}

func (c cell) plus(other cell) cell {
	c.value += other.value
	c.denominator += other.denominator
	c.reported += other.reported
	return c
}

func (c cell) figure(kind fact.Kind) (float64, bool) {
	if kind != fact.RatioKind {
		return c.value, true
	}
	return c.value / c.denominator, c.denominator != 0
}

// cells returns what each reporting region adds up to over the periods, and the
// newest that was collected of them.
func (b *Board) cells(ctx context.Context, indicator *fact.Indicator, within []fact.Period) (map[string]cell, fact.Period, error) {
	figures, err := b.collectedBetween(ctx, indicator, within)
	if err != nil {
		return nil, fact.Period{}, err
	}
	var of fact.Period
	for _, c := range figures {
		if c.period.Compare(of) > 0 {
			of = c.period
		}
	}
	needed := 1
	flows := b.flows(indicator)
	if flows {
		needed = max(1, b.ended(within))
	}
	cells := map[string]cell{}
	for _, c := range figures {
		if !flows && c.period != of {
			continue
		}
		sum := cells[c.region].plus(cell{value: c.value, denominator: c.denominator})
		if c.period != sum.last { // they come in order of their periods
			sum.last = c.period
			sum.periods++
		}
		if sum.periods >= needed {
			sum.reported = 1
		}
		cells[c.region] = sum
	}
	return cells, of, nil
}

// flows reports whether an indicator's figures of several periods add up.
func (b *Board) flows(indicator *fact.Indicator) bool {
	if indicator.Kind == fact.RatioKind {
		return b.byID[indicator.Numerator].Kind == fact.Flow
	}
	return indicator.Kind == fact.Flow
}

// collected is one figure of the ledger; of a ratio, the two that it is made of.
type collected struct {
	collectedKey
	value       float64 // of a ratio, the numerator
	denominator float64
	revision    int32 // of a ratio, the higher of the two
}

type collectedKey struct {
	region     string
	dimensions fact.Dimensions
	period     fact.Period
}

// collectedBetween reads the newest revisions of the periods, ordered by period.
// A ratio has a figure only where both parts have one.
func (b *Board) collectedBetween(ctx context.Context, indicator *fact.Indicator, periods []fact.Period) ([]collected, error) {
	if indicator.Kind != fact.RatioKind {
		return b.read(ctx, indicator, periods)
	}
	numerators, err := b.read(ctx, b.byID[indicator.Numerator], periods)
	if err != nil {
		return nil, err
	}
	denominators, err := b.read(ctx, b.byID[indicator.Denominator], periods)
	if err != nil {
		return nil, err
	}
	byKey := make(map[collectedKey]collected, len(denominators))
	for _, d := range denominators {
		byKey[d.collectedKey] = d
	}
	var pairs []collected
	for _, n := range numerators {
		if d, ok := byKey[n.collectedKey]; ok {
			n.denominator, n.revision = d.value, max(n.revision, d.revision)
			pairs = append(pairs, n)
		}
	}
	return pairs, nil
}

func (b *Board) read(ctx context.Context, indicator *fact.Indicator, periods []fact.Period) ([]collected, error) {
	var all []collected
	belongs := b.belongs(indicator)
	err := b.Facts.Between(ctx, indicator.ID, periods[0], periods[len(periods)-1], func(f fact.Fact) error {
		if f.Period.Cadence() == indicator.Cadence && belongs(f.Region, f.Dimensions) {
			all = append(all, collected{collectedKey: collectedKey{f.Region, f.Dimensions, f.Period}, value: f.Value, revision: f.Revision})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s from the ledger: %w", indicator.ID, err)
	}
	return all, nil
}

func (b *Board) ended(periods []fact.Period) int {
	now, n := b.Now(), 0
	for _, p := range periods {
		if !p.End(b.Zone).After(now) {
			n++
		}
	}
	return n
}

// expected counts the regions that should report the indicator in or under the
// region; level 0 asks about the region alone.
func (b *Board) expected(indicator *fact.Indicator, code string, level fact.Level) int {
	if level == 0 {
		return 1
	}
	n := 0
	for _, l := range indicator.Levels {
		for region := range b.Regions.Under(code, l) {
			if b.concerns(indicator, region.Code) {
				n++
			}
		}
	}
	return n
}

// concerns reports whether the indicator is meant for the region.
func (b *Board) concerns(indicator *fact.Indicator, code string) bool {
	if len(indicator.Within) == 0 {
		return true
	}
	return slices.ContainsFunc(indicator.Within, func(within string) bool {
		limit, ok := b.Regions.ByCode(within)
		if !ok {
			return false
		}
		above, ok := b.Regions.Above(code, limit.Level)
		return ok && above.Code == within
	})
}
