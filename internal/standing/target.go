package standing

import "github.com/govkpi/govkpi/internal/fact"

// targetIndex finds the target that holds for a region: its own, or else the
// one that all regions of its level share.
type targetIndex struct {
	byRegion map[string]float64
	byLevel  map[fact.Level]float64
}

func indexTargets(targets []fact.Target) targetIndex {
	index := targetIndex{byRegion: map[string]float64{}, byLevel: map[fact.Level]float64{}}
	for _, t := range targets {
		if t.Region != "" {
			index.byRegion[t.Region] = t.Value
		} else {
			index.byLevel[t.Level] = t.Value
		}
	}
	return index
}

func (t targetIndex) of(code string, regions Regions) fact.Optional {
	if len(t.byRegion) == 0 && len(t.byLevel) == 0 {
		return fact.Optional{}
	}
	if v, ok := t.byRegion[code]; ok {
		return fact.Some(v)
	}
	region, ok := regions.ByCode(code)
	if !ok {
		return fact.Optional{}
	}
	if v, ok := t.byLevel[region.Level]; ok {
		return fact.Some(v)
	}
	return fact.Optional{}
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
