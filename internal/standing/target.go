package standing

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// targetIndex finds the target that holds for a region: its own, or else the
// one that all regions of its level share.
type targetIndex struct {
	byRegion map[string][]fact.Target
	byLevel  map[fact.Level][]fact.Target
}

func indexTargets(targets []fact.Target) targetIndex {
	index := targetIndex{byRegion: map[string][]fact.Target{}, byLevel: map[fact.Level][]fact.Target{}}
	for _, t := range targets {
		if t.Region != "" {
			index.byRegion[t.Region] = append(index.byRegion[t.Region], t)
		} else {
			index.byLevel[t.Level] = append(index.byLevel[t.Level], t)
		}
	}
	return index
}

// of returns the target of a region for a period. Where several hold, that of
// the region comes before that of its level, and that of the year before one for
// every year.
func (t targetIndex) of(region *fact.Region, p fact.Period) (target *fact.Target, value float64, ok bool) {
	for _, shared := range [][]fact.Target{t.byRegion[region.Code], t.byLevel[region.Level]} {
		for i := range shared {
			if target != nil && shared[i].Year == 0 {
				continue
			}
			if v, holds := targetAt(&shared[i], region, p); holds {
				target, value = &shared[i], v
			}
		}
		if target != nil {
			return target, value, true
		}
	}
	return nil, 0, false
}

// targetAt returns what a target asks of a region for a period; false where it
// asks nothing: in another year, before its path begins, or where the size of
// the region is not known that it is relative to.
func targetAt(t *fact.Target, region *fact.Region, p fact.Period) (float64, bool) {
	if t.Year != 0 {
		year, ok := p.Year()
		if !ok || year.Start(time.UTC).Year() != t.Year {
			return 0, false
		}
	}
	size, ok := t.Per.Size(region)
	if !ok {
		return 0, false
	}
	value := t.Value
	if t.From != nil && t.To != nil {
		if value, ok = onPath(t.From, t.To, p); !ok {
			return 0, false
		}
	}
	return value * size, true
}

// onPath returns where a straight path stands at the end of a period. It climbs
// by the same step each month, whatever its days; where days or weeks are in it,
// each day.
func onPath(from, to *fact.Waypoint, p fact.Period) (float64, bool) {
	measure := months
	for _, q := range []fact.Period{from.Period, to.Period, p} {
		if q.Cadence() < fact.Monthly {
			measure = days
		}
	}
	first, last, at := measure(from.Period), measure(to.Period), measure(p)
	switch {
	case at < first:
		return 0, false
	case at >= last:
		return to.Value, true
	}
	return from.Value + (to.Value-from.Value)*float64(at-first)/float64(last-first), true
}

// months and days count up to a period's end.
func months(p fact.Period) int {
	end := p.End(time.UTC)
	return end.Year()*12 + int(end.Month())
}

func days(p fact.Period) int { return int(p.End(time.UTC).Unix() / (24 * 60 * 60)) }

// reached returns the target of a region for a period, how much of it a line has
// reached by then, and whether the target is of that year alone. The target that a
// flow has for a year is held against the year's sum so far.
func (t targetIndex) reached(i *fact.Indicator, region *fact.Region, l *line, p fact.Period) (target, attainment fact.Optional, ofYear bool) {
	holds, value, ok := t.of(region, p)
	if !ok {
		return fact.Optional{}, fact.Optional{}, false
	}
	have := l.figure(p, i.Kind)
	if holds.Year != 0 && i.Kind == fact.Flow {
		have = fact.Some(l.yearToDate(p))
	}
	if have.OK {
		attainment = Attainment(i.Direction, have.Value, value)
	}
	return fact.Some(value), attainment, holds.Year != 0
}

// Target returns the target of a region's figure without dimensions for a
// period, and how much of it is reached; both are missing where there is none.
// They speak of that period, also when its year is over, see Newest. Of an
// indicator that is not followed the figure is taken as given; what a flow has
// reached of a year's target is not known of it.
func (b *Board) Target(indicator *fact.Indicator, region string, period fact.Period, value float64) (target, attainment fact.Optional) {
	d := b.desks[indicator.ID]
	if !d.followed {
		f := fact.Figure{Region: region, Period: period, Value: value}
		if len(d.sources[0].Dimensions) == 0 {
			b.aim(d, nil, &f)
		}
		return f.Target, f.Attainment
	}
	m, ok := memberOf(b.snapshot(d).members, region)
	if !ok {
		return fact.Optional{}, fact.Optional{}
	}
	l, ok := m.plain()
	if !ok {
		return fact.Optional{}, fact.Optional{}
	}
	target, attainment, _ = d.targets.reached(d.indicator, m.region, l, period)
	return target, attainment
}

// yearToDate adds up what a line has of the periods of a year up to p.
func (l *line) yearToDate(p fact.Period) float64 {
	var sum float64
	end, ok := l.find(p)
	if ok {
		end++
	}
	for i := end - 1; i >= 0 && p.SameYear(l.points[i].period); i-- {
		sum += l.points[i].value
	}
	return sum
}

// Attainment is how much of a target a figure reaches; 1 is all of it.
//
// Where more is better it is value / target, and can exceed 1; a target of zero
// or less has none. Where less is better it is 1 for a figure at or under the
// target, else target / value: being far under a ceiling is not worth more than
// keeping it.
func Attainment(direction fact.Direction, value, target float64) fact.Optional {
	if direction == fact.LessIsBetter {
		if value <= target {
			return fact.Some(1)
		}
		return fact.Some(max(0, target/value))
	}
	if target <= 0 {
		return fact.Optional{}
	}
	return fact.Some(value / target)
}
