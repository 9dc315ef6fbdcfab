package quality

import (
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

// sums adds up what a delivery's totals are over, in one pass over the delivery,
// however many totals there are.
type sums struct {
	regions Regions
	sums    map[sumKey]*sum
	// levels are, by indicator, those of the regions that totals are over; the
	// zero level stands for a total over all.
	levels map[string][]fact.Level
	lost   map[lostKey]int
	keys   []sumKey // of the last call of over
}

type sumKey struct {
	indicator  string
	period     fact.Period
	dimensions fact.Dimensions
	region     string // empty is all
}

type sum struct {
	value    float64
	size     float64 // the sum without signs
	readings int
}

// lostKey is as much as is known of a reading that was refused before it had a
// value. An empty indicator is one that can't be told, nor can a zero period or
// the region unknown.
type lostKey struct {
	indicator string
	period    fact.Period
	region    string
}

const unknown = "?"

func keyOf(t *total) sumKey {
	key := sumKey{indicator: t.indicator.ID, period: t.period, dimensions: t.dimensions}
	if t.region != nil {
		key.region = t.region.Code
	}
	return key
}

func newSums(regions Regions, d *delivery) *sums {
	s := &sums{regions: regions, sums: map[sumKey]*sum{}, levels: map[string][]fact.Level{}, lost: map[lostKey]int{}}
	seen := map[string]uint{} // levels by indicator, as bits
	for _, t := range d.totals {
		s.sums[keyOf(t)] = &sum{}
		var level fact.Level
		if t.region != nil {
			level = t.region.Level
		}
		if seen[t.indicator.ID]&(1<<level) == 0 {
			seen[t.indicator.ID] |= 1 << level
			s.levels[t.indicator.ID] = append(s.levels[t.indicator.ID], level)
		}
	}
	for i := range d.facts {
		f := &d.facts[i]
		for _, key := range s.over(f) {
			if !d.out[i] {
				s.sums[key].add(f.Value)
			} else if _, stands := d.find(f.Indicator, f); !stands {
				// Where one stands, this one repeats it and takes nothing away.
				s.lost[lostKey{key.indicator, key.period, key.region}]++
			}
		}
	}
	for i := range d.lost {
		if r := &d.lost[i]; r.early() {
			s.lose(r)
		}
	}
	return s
}

func (s *sum) add(v float64) {
	s.value += v
	s.size += math.Abs(v)
	s.readings++
}

// over returns the keys of the sums that a fact enters; they are valid until the
// next call.
func (s *sums) over(f *fact.Fact) []sumKey {
	s.keys = s.keys[:0]
	for _, level := range s.levels[f.Indicator] {
		key := sumKey{indicator: f.Indicator, period: f.Period, dimensions: f.Dimensions}
		if level != 0 {
			above, ok := s.regions.Above(f.Region, level)
			if !ok {
				continue
			}
			key.region = above.Code
		}
		if s.sums[key] != nil {
			s.keys = append(s.keys, key)
		}
	}
	return s.keys
}

// lose notes a reading that may have been a part of totals.
func (s *sums) lose(r *rejected) {
	switch {
	case r.indicator == nil:
		s.lost[lostKey{}]++
	case r.region == nil:
		s.lost[lostKey{r.indicator.ID, r.period, unknown}]++
	default:
		for _, level := range s.levels[r.indicator.ID] {
			var region string
			if level != 0 {
				above, ok := s.regions.Above(r.region.Code, level)
				if !ok {
					continue
				}
				region = above.Code
			}
			s.lost[lostKey{r.indicator.ID, r.period, region}]++
		}
	}
}

// lostOf counts the readings that were refused and may be among those that a
// total is over.
func (s *sums) lostOf(key sumKey) int {
	var never fact.Period
	return s.lost[lostKey{}] +
		s.lost[lostKey{key.indicator, never, unknown}] +
		s.lost[lostKey{key.indicator, never, key.region}] +
		s.lost[lostKey{key.indicator, key.period, key.region}]
}
