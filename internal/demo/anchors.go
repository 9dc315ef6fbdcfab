package demo

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// anchors gives each of an indicator's regions the figure that its path goes
// through: the level at the end of 2025, or the amount of 2025.
type anchors func(*Sample, *fact.Indicator, []*fact.Region) ([]int, error)

// published splits the indicator's published figure of 2025 by number of
// villages. A rounded or "at least" figure is taken as it stands.
func published(_ *Sample, i *fact.Indicator, regions []*fact.Region) ([]int, error) {
	total, err := publishedTotal(i)
	if err != nil {
		return nil, err
	}
	return split(int(total), villagesOf(regions)), nil
}

// invented splits a total that nobody has published.
func invented(total int) anchors {
	return func(_ *Sample, _ *fact.Indicator, regions []*fact.Region) ([]int, error) {
		return split(total, villagesOf(regions)), nil
	}
}

// each gives every region the same. The published figure is their sum.
func each(n int) anchors {
	return func(_ *Sample, i *fact.Indicator, regions []*fact.Region) ([]int, error) {
		total, err := publishedTotal(i)
		if err != nil {
			return nil, err
		}
		if n*len(regions) != int(total) {
			return nil, fmt.Errorf("%d for each of %d regions is not the published %g: the demo needs the register of Jiangxi as it is shipped", n, len(regions), total)
		}
		return slices.Repeat([]int{n}, len(regions)), nil
	}
}

// townships counts what the register has in each county.
func townships(s *Sample, _ *fact.Indicator, regions []*fact.Region) ([]int, error) {
	counts := make([]int, len(regions))
	for k, region := range regions {
		counts[k] = len(s.register.townships(region.Code))
	}
	return counts, nil
}

// partOf is the numerator of a published ratio: so large that it comes out
// exactly, split as the denominator is. The denominator's shape comes first.
func partOf(denominator, ratio string) anchors {
	return func(s *Sample, _ *fact.Indicator, regions []*fact.Region) ([]int, error) {
		whole, of := s.figures[denominator], s.indicators[ratio]
		if whole == nil || of == nil || len(whole.anchors) != len(regions) {
			return nil, fmt.Errorf("the catalogue needs the ratio %s and its denominator %s at the same levels", ratio, denominator)
		}
		published, err := publishedTotal(of)
		if err != nil {
			return nil, err
		}
		sum := sumOf(whole.anchors)
		total := math.Round(published * float64(sum))
		if total/float64(sum) != published {
			return nil, fmt.Errorf("no whole number over %d makes the published %g: choose another total of %s", sum, published, denominator)
		}
		return split(int(total), whole.anchors), nil
	}
}

// perVillage is a base, and so much more for every thousand villages.
func perVillage(base, perThousand int) anchors {
	return func(_ *Sample, _ *fact.Indicator, regions []*fact.Region) ([]int, error) {
		figures := make([]int, len(regions))
		for k, region := range regions {
			figures[k] = base + (int(region.Villages)*perThousand+500)/1000
		}
		return figures, nil
	}
}

func villagesOf(regions []*fact.Region) []int {
	weights := make([]int, len(regions))
	for k, region := range regions {
		weights[k] = int(region.Villages)
	}
	return weights
}

func publishedTotal(i *fact.Indicator) (float64, error) {
	for _, p := range i.Published {
		if p.Period.String() == "2025" {
			return p.Value, nil
		}
	}
	return 0, errors.New("the catalogue has no published figure for 2025 to add up to")
}
