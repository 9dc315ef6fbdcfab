package demo

import (
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

func TestPathReachesItsAnchorAndNeverTurns(t *testing.T) {
	for name, p := range map[string]path{
		"straight":      {start: 900_000, growth: 5_000},
		"early":         {start: 500_000, bend: -300_000, growth: 15_000},
		"late":          {start: 200_000, bend: laggingBend},
		"already there": {start: ppm},
		"falling":       {start: 1_800_000, growth: -10_000},
	} {
		t.Run(name, func(t *testing.T) {
			for _, anchor := range []int{0, 1, 37, 16_163, 5_000_000} {
				if got := p.level(anchor, 12); got != anchor {
					t.Errorf("level(%d, month 12) = %d, want the anchor", anchor, got)
				}
				direction := 1
				if p.start > ppm {
					direction = -1
				}
				for month := 2; month <= 600; month++ {
					before, after := p.level(anchor, month-1), p.level(anchor, month)
					if (after-before)*direction < 0 {
						t.Fatalf("level(%d) turns in month %d: %d, %d", anchor, month, before, after)
					}
					if after < 0 {
						t.Fatalf("level(%d, month %d) = %d is negative", anchor, month, after)
					}
				}
			}
		})
	}
}

func TestPathOfVariesByRegionOnly(t *testing.T) {
	s := shape{indicator: "grids", start: 900, growth: 5}
	first, again, elsewhere := pathOf(s, "360102", false), pathOf(s, "360102", false), pathOf(s, "360103", false)
	if first != again {
		t.Errorf("the same region got two paths: %+v, %+v", first, again)
	}
	if first == elsewhere {
		t.Errorf("two regions got the same path: %+v", first)
	}
	if lagging, other := pathOf(s, "360102", true), first; lagging.bend <= other.bend || lagging.growth >= other.growth {
		t.Errorf("a lagging region has the path %+v, another %+v: want a later and slower one", lagging, other)
	}
}

func TestMonths(t *testing.T) {
	for written, want := range map[string]struct{ after, length int }{
		"2025-01": {1, 1},
		"2025-12": {12, 1},
		"2025-Q2": {6, 3},
		"2025-H2": {12, 6},
		"2025":    {12, 12},
		"2026-03": {15, 1},
	} {
		p, err := fact.ParsePeriod(written)
		if err != nil {
			t.Fatal(err)
		}
		if after, length := monthAfter(p), monthsOf(p); after != want.after || length != want.length {
			t.Errorf("%s ends after %d months and has %d, want %d and %d", written, after, length, want.after, want.length)
		}
	}
}

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"南昌县": "南昌", "共青城市": "共青城", "东湖区": "东湖", "赣县": "赣县", "": "", "滕王阁街道": "滕王阁街道",
	} {
		if got := shortName(name); got != want {
			t.Errorf("shortName(%s) = %s, want %s", name, got, want)
		}
	}
}
