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
	Region fact.Region // only Code is set where the register doesn't know it
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

// Totals is what Board.Totals returns.
type Totals struct {
	Rows []Total // sorted by code; regions without any figure are left out
	// Unplaced counts reporting regions that the register no longer knows, and
	// that are therefore in no row.
	Unplaced int
}

// Totals puts the figures of an indicator together for a period: a row for each
// region of the level, or for each reporting region where level is 0.
//
// Over periods, a stock and a flow_ytd give their value at one common period,
// the newest that anybody has reported within; a flow gives its sum. Over
// regions and dimensions both are summed. A ratio is summed numerators over
// summed denominators, of the regions that have both. A period shorter than the
// indicator's cadence is an error.
func (b *Board) Totals(ctx context.Context, indicator *fact.Indicator, period fact.Period, level fact.Level) (Totals, error) {
	if len(periodsWithin(period, indicator.Cadence)) == 0 {
		return Totals{}, fmt.Errorf("%s has a figure a %s, so none for %s: ask for a period of that length or longer", indicator.ID, indicator.Cadence, period)
	}
	cells, of, err := b.cells(ctx, indicator, period)
	if err != nil {
		return Totals{}, err
	}
	groups := map[string]cell{}
	var totals Totals
	for code, c := range cells {
		if level != 0 {
			above, ok := b.Regions.Above(code, level)
			if !ok {
				if _, known := b.Regions.ByCode(code); !known {
					totals.Unplaced++
				}
				continue // of a level above the one asked for
			}
			code = above.Code
		}
		groups[code] = groups[code].plus(c)
	}
	for code, g := range groups {
		value, ok := g.figure(indicator.Kind)
		if !ok {
			continue
		}
		row := Total{Region: fact.Region{Code: code}, Of: of, Value: value, Reported: g.reported, Expected: b.expected(indicator, code, level)}
		if region, ok := b.Regions.ByCode(code); ok {
			row.Region = *region
		}
		totals.Rows = append(totals.Rows, row)
	}
	slices.SortFunc(totals.Rows, func(a, b Total) int { return strings.Compare(a.Region.Code, b.Region.Code) })
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

// cells returns what each reporting region adds up to over the period, and the
// newest collected period among them.
func (b *Board) cells(ctx context.Context, indicator *fact.Indicator, period fact.Period) (map[string]cell, fact.Period, error) {
	if indicator.Kind != fact.RatioKind {
		return b.collectedCells(ctx, indicator, period, fact.Period{})
	}
	numerator, denominator := b.byID[indicator.Numerator], b.byID[indicator.Denominator]
	top, of, err := b.collectedCells(ctx, numerator, period, fact.Period{})
	if err != nil {
		return nil, of, err
	}
	bottom, ofBottom, err := b.collectedCells(ctx, denominator, period, of)
	if err != nil {
		return nil, of, err
	}
	if ofBottom != of { // the denominator lags: both must be of one period
		if top, of, err = b.collectedCells(ctx, numerator, period, ofBottom); err != nil {
			return nil, of, err
		}
	}
	both := make(map[string]cell, len(top))
	for code, n := range top {
		if d, ok := bottom[code]; ok {
			both[code] = cell{value: n.value, denominator: d.value, reported: min(n.reported, d.reported)}
		}
	}
	return both, of, nil
}

// collectedCells reads the ledger's newest revisions within the period, up to
// the period until where that is one.
func (b *Board) collectedCells(ctx context.Context, indicator *fact.Indicator, period, until fact.Period) (map[string]cell, fact.Period, error) {
	within := periodsWithin(period, indicator.Cadence)
	if !until.IsZero() {
		within = slices.DeleteFunc(within, func(p fact.Period) bool { return p.Compare(until) > 0 })
	}
	if len(within) == 0 {
		return nil, fact.Period{}, nil
	}
	cells := map[string]cell{}
	var of fact.Period
	err := b.Facts.Between(ctx, indicator.ID, within[0], within[len(within)-1], func(f fact.Fact) error {
		if f.Period.Cadence() != indicator.Cadence {
			return nil // reported before the catalogue changed the cadence
		}
		if f.Period != of {
			of = f.Period // facts come in order of their periods
			if indicator.Kind != fact.Flow {
				clear(cells)
			}
		}
		c := cells[f.Region]
		c.value += f.Value
		if c.last != f.Period {
			c.last = f.Period
			c.periods++
		}
		cells[f.Region] = c
		return nil
	})
	if err != nil {
		return nil, of, fmt.Errorf("add up %s for %s: %w", indicator.ID, period, err)
	}
	needed := 1
	if indicator.Kind == fact.Flow {
		needed = b.ended(within)
	}
	for code, c := range cells {
		if c.periods >= needed {
			c.reported = 1
			cells[code] = c
		}
	}
	return cells, of, nil
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
