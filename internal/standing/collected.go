package standing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// collected is one figure of the ledger; of a ratio, the two that it is made of.
type collected struct {
	collectedKey
	amount
	revision int32 // of a ratio, the higher of the two
	recorded int64
	part     string // of the region of today, see home
}

type collectedKey struct {
	region     string // of today, or as it was
	dimensions fact.Dimensions
	period     fact.Period
}

func (k *collectedKey) compare(other *collectedKey) int {
	return cmp.Or(k.period.Compare(other.period), strings.Compare(k.region, other.region), cmp.Compare(k.dimensions, other.dimensions))
}

// between reads the newest revisions of the periods from one to another, ordered
// by period and region. A ratio has a figure only where both parts have one. Its
// regions are those of today, or as they were.
func (b *Board) between(ctx context.Context, indicator *fact.Indicator, from, to fact.Period, asItWas bool) ([]collected, error) {
	sources := b.sources(indicator)
	figures, err := b.read(ctx, sources[0], from, to, asItWas)
	if err != nil || len(sources) == 1 {
		return figures, err
	}
	denominators, err := b.read(ctx, sources[1], from, to, asItWas)
	if err != nil {
		return nil, err
	}
	var pairs []collected
	for _, n := range figures {
		for len(denominators) > 0 && denominators[0].compare(&n.collectedKey) < 0 {
			denominators = denominators[1:]
		}
		if len(denominators) > 0 && denominators[0].collectedKey == n.collectedKey {
			d := &denominators[0]
			n.over, n.revision = d.value, max(n.revision, d.revision)
			pairs = append(pairs, n)
		}
	}
	return pairs, nil
}

func (b *Board) read(ctx context.Context, indicator *fact.Indicator, from, to fact.Period, asItWas bool) ([]collected, error) {
	var all []collected
	declared := declaredDimensions(indicator)
	err := b.Facts.Between(ctx, indicator.ID, from, to, func(f fact.Fact) error {
		home, ok := b.homeOf(f.Region)
		if !ok || !indicator.HasLevel(home.region.Level) || f.Period.Cadence() != indicator.Cadence || !declared(f.Dimensions) {
			return nil // it has no place in the catalogue or the register as they are now
		}
		c := collected{
			collectedKey: collectedKey{home.region.Code, f.Dimensions, f.Period},
			amount:       amount{value: f.Value}, revision: f.Revision, recorded: f.Recorded, part: home.part,
		}
		if asItWas {
			if c.region, c.part = b.Regions.AsOf(f.Region, f.Period).Code, ""; c.region == "" {
				return nil
			}
		}
		all = append(all, c)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %s from the ledger: %w", indicator.ID, err)
	}
	if !asItWas {
		all = b.dropPartialOf(indicator, all)
	}
	return onePerKey(all), nil
}

// onePerKey orders figures by key, and leaves one of each: of those of one
// region the one that was recorded last, for they came under two codes; those of
// regions that are one today are added up.
func onePerKey(all []collected) []collected {
	inOrder := func(a, b collected) int { return a.compare(&b.collectedKey) }
	single := true
	for i := 1; i < len(all) && single; i++ {
		single = inOrder(all[i-1], all[i]) < 0
	}
	if single {
		return all
	}
	slices.SortStableFunc(all, func(a, b collected) int {
		return cmp.Or(inOrder(a, b), strings.Compare(a.part, b.part), cmp.Compare(b.recorded, a.recorded))
	})
	all = slices.CompactFunc(all, func(a, b collected) bool { return a.collectedKey == b.collectedKey && a.part == b.part })
	one := all[:0]
	for _, c := range all {
		if n := len(one) - 1; n >= 0 && one[n].collectedKey == c.collectedKey {
			one[n].amount, one[n].revision = one[n].plus(c.amount), max(one[n].revision, c.revision)
			continue
		}
		one = append(one, c)
	}
	return one
}
