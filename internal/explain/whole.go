package explain

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// addWhole adds the roll-up of the region itself and what it is made of.
func (s *subject) addWhole(ctx context.Context, d *Document) error {
	if s.indicator.LowestLevel() <= s.region.Level {
		return nil
	}
	rollup, common, ok, err := s.rollupAt(ctx, s.region.Code)
	if err != nil || !ok {
		return err
	}
	d.Whole = &Whole{
		Rollup: s.rollup(&rollup, s.region, common), Missing: regional(nil), CarriedOver: regional(nil), NotComparable: regional(nil), Largest: []Contribution{},
	}
	if len(s.collected) == 0 {
		d.Value = d.Whole.Value
	}
	switch {
	case s.indicator.Followed():
		return s.compose(ctx, d.Whole, &rollup)
	case common:
		s.divide(d.Whole, &rollup)
	}
	return nil
}

// compose makes the parts of a roll-up from the figures of its regions.
func (s *subject) compose(ctx context.Context, part *Whole, rollup *fact.Rollup) error {
	all, err := s.contributions(ctx, rollup)
	if err != nil {
		return err
	}
	part.Missing, part.CarriedOver, part.NotComparable = regional(all.out[Absent]), regional(all.out[Carried]), regional(all.out[NotComparable])
	whole := all.weight
	if s.indicator.Kind != fact.RatioKind {
		whole = rollup.Value.Value
	}
	for _, c := range all.in[:min(mostLargest, len(all.in))] {
		value, ok := c.cell.figure(s.indicator.Kind)
		if !ok {
			continue
		}
		largest := Contribution{Region: nameOf(c.region), Period: c.period.String(), Value: value}
		if whole != 0 {
			largest.Share = new(c.cell.weight(s.indicator.Kind) / whole)
		}
		part.Largest = append(part.Largest, largest)
	}
	return nil
}

// divide makes the parts of a roll-up over very many regions from the roll-ups
// one level below. Missing are then those of which anything is.
func (s *subject) divide(whole *Whole, of *fact.Rollup) {
	var missing []*fact.Region
	for region := range s.Regions.Under(s.region.Code, s.below()) {
		rollup, ok := s.rollupOf(region.Code)
		if !ok {
			continue
		}
		if rollup.Reported < rollup.Expected {
			missing = append(missing, region)
		}
		if !rollup.Value.OK {
			continue
		}
		part := Contribution{Region: nameOf(region), Period: rollup.Period.String(), Value: rollup.Value.Value}
		if s.indicator.Kind != fact.RatioKind && of.Value.Value != 0 {
			part.Share = new(part.Value / of.Value.Value)
		}
		whole.Largest = append(whole.Largest, part)
	}
	slices.SortFunc(whole.Largest, func(a, b Contribution) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(a.Region.Code, b.Region.Code))
	})
	whole.Largest = whole.Largest[:min(mostLargest, len(whole.Largest))]
	whole.Missing = regional(missing)
}

// below is the next level that has regions in the region.
func (s *subject) below() fact.Level {
	for level := s.region.Level + 1; level < s.indicator.LowestLevel(); level++ {
		for range s.Regions.Under(s.region.Code, level) {
			return level
		}
	}
	return s.indicator.LowestLevel()
}

// regional names regions, by code, the first mostRegions of them.
func regional(regions []*fact.Region) Regional {
	sortRegions(regions)
	list := Regional{Regions: []RegionName{}, More: max(0, len(regions)-mostRegions)}
	for _, region := range regions[:min(mostRegions, len(regions))] {
		list.Regions = append(list.Regions, nameOf(region))
	}
	return list
}
