package explain

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

const (
	mostRegions = 100 // in a list of missing ones
	mostLargest = 5
)

// rollupAt is the roll-up of a region that the question is about: that of the
// period asked for, or that of the common one.
func (s *subject) rollupAt(ctx context.Context, code string) (rollup fact.Rollup, common, ok bool, err error) {
	rollup, ok = s.rollupOf(code)
	if s.chosen != ChosenAsked || ok && rollup.Period == s.period {
		return rollup, true, ok, nil
	}
	rollup, ok, err = s.Board.Total(ctx, s.indicator, code, s.period)
	return rollup, false, ok, err //nolint:wrapcheck // Explain says of what
}

func (s *subject) rollup(r *fact.Rollup, region *fact.Region, common bool) Rollup {
	rollup := Rollup{
		Region: nameOf(region), Level: region.Level.String(), Period: r.Period.String(), Common: common, Policy: r.Policy.String(),
		Reported: r.Reported, Carried: r.Carried, Compared: r.Compared, Expected: r.Expected,
	}
	if r.Policy == fact.CarryForward {
		rollup.CarryPeriods = s.indicator.CarryPeriods
	}
	if r.Value.OK {
		rollup.Value = &r.Value.Value
	}
	if r.Previous.OK {
		rollup.Previous = &r.Previous.Value
	}
	return rollup
}

// part says what a region with these figures contributes to a roll-up, and of
// which period.
func (s *subject) part(figures cells, r *fact.Rollup) (Part, fact.Period) {
	if _, ok := figures[r.Period]; ok {
		earlier, compares := s.before(r.Period)
		if _, before := figures[earlier]; r.Policy == fact.LikeForLike && compares && !before {
			return NotComparable, fact.Period{}
		}
		return In, r.Period
	}
	if r.Policy == fact.CarryForward {
		for age := 1; age <= s.indicator.CarryPeriods; age++ {
			older := r.Period.Add(-age)
			if s.withinYear() && !r.Period.SameYear(older) {
				break
			}
			if _, ok := figures[older]; ok {
				return Carried, older
			}
		}
	}
	return Absent, fact.Period{}
}

// addPartOf adds the region's part in the roll-ups of those above.
func (s *subject) addPartOf(ctx context.Context, d *Document) error {
	if len(s.collected) == 0 {
		return nil
	}
	for level := s.region.Level - 1; level >= fact.Province; level-- {
		above, ok := s.Regions.Above(s.region.Code, level)
		if !ok {
			continue
		}
		rollup, common, ok, err := s.rollupAt(ctx, above.Code)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		part := PartOf{Rollup: s.rollup(&rollup, above, common)}
		var of fact.Period
		part.Part, of = s.part(s.figures, &rollup)
		if part.Part == Absent {
			part.Part = s.absent(rollup.Period)
		} else if own, ok := s.figures[of]; ok {
			if err := s.share(ctx, &part, &rollup, own, of); err != nil {
				return err
			}
		}
		d.PartOf = append(d.PartOf, part)
	}
	return nil
}

// absent says why the region has no figure in a roll-up.
func (s *subject) absent(period fact.Period) Part {
	if slices.ContainsFunc(s.collected, func(e *evidence) bool { return e.waiting(period) > 0 }) {
		return AbsentHeld
	}
	if _, expected := s.report(); !expected && len(s.reports) > 0 {
		return Uncounted
	}
	return Absent
}

// share adds the region's own figure and its share. Of a ratio all denominators
// must be summed, which is done where there are not too many.
func (s *subject) share(ctx context.Context, part *PartOf, rollup *fact.Rollup, own cell, of fact.Period) error {
	part.FigurePeriod = of.String()
	if value, ok := own.figure(s.indicator.Kind); ok {
		part.Figure = &value
	}
	whole := rollup.Value.Value
	if s.indicator.Kind == fact.RatioKind {
		if !s.indicator.Followed() {
			return nil
		}
		all, err := s.contributions(ctx, rollup)
		if err != nil {
			return err
		}
		whole = all.weight
	}
	if whole != 0 && rollup.Value.OK {
		part.Share = new(own.weight(s.indicator.Kind) / whole)
	}
	return nil
}

// contributions are what the regions in a roll-up bring to it.
type contributions struct {
	weight float64
	in     []contribution // the heaviest first
	// by part: the regions that are expected and are not in it with a figure of
	// its period
	out map[Part][]*fact.Region
}

type contribution struct {
	region *fact.Region
	period fact.Period
	cell   cell
}

// contributions reads the figures of all regions in a roll-up.
func (s *subject) contributions(ctx context.Context, rollup *fact.Rollup) (*contributions, error) {
	from := rollup.Period
	switch rollup.Policy {
	case fact.CarryForward:
		from = from.Add(-s.indicator.CarryPeriods)
	case fact.LikeForLike:
		from = from.Previous()
	}
	figures, err := s.figuresIn(ctx, rollup.Region, from, rollup.Period)
	if err != nil {
		return nil, err
	}
	all := &contributions{out: map[Part][]*fact.Region{}}
	for region, cells := range figures {
		if _, of := s.part(cells, rollup); !of.IsZero() {
			all.in = append(all.in, contribution{region, of, cells[of]})
		}
	}
	slices.SortFunc(all.in, func(a, b contribution) int {
		kind := s.indicator.Kind
		return cmp.Or(cmp.Compare(b.cell.weight(kind), a.cell.weight(kind)), strings.Compare(a.region.Code, b.region.Code))
	})
	for _, c := range all.in { // in that order: sums of fractions depend on it
		all.weight += c.cell.weight(s.indicator.Kind)
	}
	for _, region := range s.expectedIn(rollup.Region) {
		if part, _ := s.part(figures[region], rollup); part != In {
			all.out[part] = append(all.out[part], region)
		}
	}
	return all, nil
}

// figuresIn reads the figures of the regions in one region, by today's regions.
func (s *subject) figuresIn(ctx context.Context, code string, from, to fact.Period) (map[*fact.Region]cells, error) {
	var sums []map[*fact.Region]*recast
	for _, indicator := range s.parts(s.indicator) {
		found := map[*fact.Region]*recast{}
		err := s.Facts.Between(ctx, indicator.ID, from, to, func(f fact.Fact) error {
			region, part, ok := s.today(f.Region)
			if !ok || !s.known(f.Recorded) || !belongs(indicator, f.Period, f.Dimensions) || !indicator.HasLevel(region.Level) || !s.lies(region.Code, code) {
				return nil
			}
			if found[region] == nil {
				found[region] = &recast{}
			}
			found[region].add(part, &f)
			return nil
		})
		if err != nil {
			return nil, err //nolint:wrapcheck // Explain says of what
		}
		sums = append(sums, found)
	}
	all := map[*fact.Region]cells{}
	for region := range sums[0] {
		var values []map[fact.Period]float64
		for _, found := range sums {
			values = append(values, found[region].values())
		}
		all[region] = cellsOf(values...)
	}
	return all, nil
}

// lies reports whether a region is another, or lies in it.
func (s *subject) lies(code, in string) bool {
	whole, ok := s.Regions.ByCode(in)
	if !ok {
		return false
	}
	above, ok := s.Regions.Above(code, whole.Level)
	return ok && above.Code == in
}

// expectedIn returns the regions in or under a region that must report, by code.
func (s *subject) expectedIn(code string) []*fact.Region {
	var expected []*fact.Region
	for i := range s.reports {
		if region, ok := s.Regions.ByCode(s.reports[i].Region); ok && s.lies(region.Code, code) {
			expected = append(expected, region)
		}
	}
	sortRegions(expected)
	return expected
}

func sortRegions(regions []*fact.Region) {
	slices.SortFunc(regions, func(a, b *fact.Region) int { return strings.Compare(a.Code, b.Code) })
}

// withinYear reports whether figures count up from January, so that none of the
// year before can stand for a later one.
func (s *subject) withinYear() bool {
	return slices.ContainsFunc(s.parts(s.indicator), func(i *fact.Indicator) bool { return i.Kind == fact.FlowYTD })
}
