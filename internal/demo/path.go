package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// ppm is the whole in parts per million. Paths are computed in integers, so that
// every processor comes to the same figures.
const ppm = 1_000_000

// path is how one region's figure moves in time around its anchor, which is the
// level at the end of 2025, or the amount of 2025. All in ppm.
type path struct {
	start  int // the level at the beginning of 2025, as a share of the anchor
	bend   int // 0 is a straight line to the anchor; up to ppm comes late, down to -ppm early
	growth int // monthly after 2025, slowing down as time goes on
}

// What a region that lags does: it comes late to the level of 2025, hardly grows
// after it, and of a flow it has this share.
const (
	laggingBend   = 900_000
	laggingGrowth = 30_000
	laggingFlow   = 500_000
)

// pathOf varies an indicator's path for a region, always in the same way.
func pathOf(s shape, region string, lags bool) path {
	chance := chanceOf(s.indicator, region)
	p := path{
		start:  ppm - vary(chance, (1000-s.start)*1000, 200_000),
		growth: vary(chance, s.growth*1000, 200_000),
		bend:   chance.IntN(600_001) - 300_000,
	}
	if lags {
		p.bend = laggingBend
		p.growth = p.growth * laggingGrowth / ppm
	}
	return p
}

// vary moves v by up to the share, in ppm, to either side.
func vary(chance *rand.Rand, v, share int) int {
	return v + v*(chance.IntN(2*share+1)-share)/ppm
}

const seed = 20250101

// chanceOf is the generator of one indicator in one region: what it gives does
// not depend on which others there are.
func chanceOf(indicator, region string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(indicator + "/" + region)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// level is a stock at the end of a month, counted from 1 for 2025-01. It goes to
// the anchor, which it is in month 12, without ever turning, and on from there.
func (p path) level(anchor, month int) int {
	if month > 12 {
		return share(anchor, ppm+p.grown(month-12))
	}
	x := month * ppm / 12
	done := x + p.bend*(x*x/ppm-x)/ppm
	return share(anchor, p.start+(ppm-p.start)*done/ppm)
}

// grown is the growth so many months after 2025, never more than 48 times the
// monthly one.
func (p path) grown(months int) int { return p.growth * 48 * months / (48 + months) }

// amount is a flow's total of a year from 2025 on.
func (p path) amount(anchor, year int) int {
	return share(anchor, ppm+p.grown(12*(year-anchorYear)))
}

func share(v, parts int) int { return (v*parts + ppm/2) / ppm }

// season is how a year's amount falls on its months: little around Spring
// Festival, most at the year's end.
var season = [12]int{90, 76, 96, 99, 101, 102, 98, 97, 104, 103, 108, 114}

// seasonOf returns the weights of a year's periods for a region.
func seasonOf(s shape, region string, year []fact.Period) []int {
	chance := chanceOf("season of "+s.indicator, region)
	weights := make([]int, len(year))
	for i, p := range year {
		for month := monthAfter(p) - monthsOf(p); month < monthAfter(p); month++ {
			weights[i] += vary(chance, season[month%12]*1000, 60_000)
		}
	}
	return weights
}

// anchorYear is the year that the published figures speak for.
const anchorYear = 2025

// monthAfter counts the months from 2025-01-01 to a period's end.
func monthAfter(p fact.Period) int {
	end := p.End(time.UTC)
	return (end.Year()-anchorYear)*12 + int(end.Month()) - 1
}

func monthsOf(p fact.Period) int { return monthAfter(p) - monthAfter(p.Previous()) }
