package quality_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// A delivery of every grid of a province.
const grids = 176_000

// flat is a register of grids by code, each of which lies in a county.
type flat struct{ byCode, counties map[string]*fact.Region }

func (r flat) Resolve(written string, _ []fact.Level, _ []string) (*fact.Region, error) {
	if region, ok := r.byCode[written]; ok {
		return region, nil
	}
	if region, ok := r.counties[written]; ok {
		return region, nil
	}
	return nil, fmt.Errorf("resolve: %w", unresolved{written})
}

func (r flat) ResolveAt(written string, levels []fact.Level, within []string, _ fact.Period) (*fact.Region, error) {
	return r.Resolve(written, levels, within)
}

func (r flat) Above(code string, level fact.Level) (*fact.Region, bool) {
	if level != fact.County || len(code) < 6 {
		return nil, false
	}
	region, ok := r.counties[code[:6]]
	return region, ok
}

// steady is a history in which nothing ever changes.
type steady struct{}

func (steady) Before(context.Context, string, string, fact.Dimensions, fact.Period) (value float64, found bool, err error) {
	return 7, true, nil
}

func (steady) At(context.Context, string, string, fact.Dimensions, fact.Period) (value float64, found bool, err error) {
	return 7, true, nil
}

// province is the register of the benchmarks and a reading of each grid, in the
// order of their codes.
func province() (flat, []fact.Reading) {
	register := flat{make(map[string]*fact.Region, grids), map[string]*fact.Region{}}
	readings := make([]fact.Reading, grids)
	for i := range readings {
		code := fmt.Sprintf("%06d%09d", 360100+i/1760, i)
		register.byCode[code] = &fact.Region{Code: code, Level: fact.Grid}
		register.counties[code[:6]] = &fact.Region{Code: code[:6], Name: "县" + code[:6], Level: fact.County}
		readings[i] = fact.Reading{
			Indicator: "patrols", Region: code, Within: []string{"丰安街道", "余江区", "鹰潭市"}, Period: "2025-12",
			Value: fact.NumberValue(float64(7 + i%3)), Place: fact.Place{Row: int32(i + 1), Field: "value"},
		}
	}
	return register, readings
}

// overruledByKey are what persons found wrong, as a ledger keeps it in memory.
type overruledByKey map[fact.Key][]fact.Decision

func (o overruledByKey) Find(key fact.Key, value float64) (fact.Decision, bool) {
	for _, d := range o[key] {
		if d.Overruled.Value == value {
			return d, true
		}
	}
	return fact.Decision{}, false
}

func provinceGate(register flat, overruled quality.Overrulings) *quality.Gate {
	return quality.New(quality.Options{
		Indicators: []fact.Indicator{{
			ID: "patrols", Unit: fact.Unit{Counts: true}, Kind: fact.Flow, Levels: []fact.Level{fact.Grid},
			Cadence: fact.Monthly, Min: new(float64(0)), Max: new(float64(1000)), MaxStep: new(0.5),
		}},
		Regions: register, History: steady{}, Overruled: overruled, Zone: shanghai(), Now: now,
	})
}

// BenchmarkDelivery puts the grids of a province through Add and Close. x-of-bare
// holds each against plain numbers and canonical periods in the order of codes,
// as most queries return them.
func BenchmarkDelivery(b *testing.B) {
	register, readings := province()
	gate := provinceGate(register, nil)
	pass := func(b *testing.B, readings []fact.Reading) fact.Verdict {
		b.Helper()
		intake := gate.Open(quality.Terms{})
		for i := range readings {
			if err := intake.Add(readings[i]); err != nil {
				b.Fatal(err)
			}
		}
		verdict, err := intake.Close(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		return verdict
	}
	each := func(spoil func(*fact.Reading)) []fact.Reading {
		copied := slices.Clone(readings)
		for i := range copied {
			spoil(&copied[i])
		}
		return copied
	}
	bare := time.Duration(1 << 62)
	for range 3 {
		start := time.Now()
		pass(b, readings)
		bare = min(bare, time.Since(start))
	}
	run := func(name string, readings []fact.Reading, accepted, rejected int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v := pass(b, readings); len(v.Facts) != accepted || len(v.Rejections) != rejected {
					b.Fatalf("%d facts, %d rejections", len(v.Facts), len(v.Rejections))
				}
			}
			took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(took/grids, "ns/reading")
			b.ReportMetric(took/float64(bare.Nanoseconds()), "x-of-bare")
		})
	}
	run("by code", readings, grids, 0)
	run("as text", each(func(r *fact.Reading) { r.Value = fact.TextValue(r.Value.String()) }), grids, 0)
	run("in words", each(func(r *fact.Reading) { r.Value, r.Period = fact.TextValue("0.0008万"), "2025年12月" }), grids, 0)
	run("with a total for each county", withTotals(readings), grids, 0)
	run("drifted", each(func(r *fact.Reading) { r.Value = fact.TextValue("网格") }), 0, 1)
	shuffled := slices.Clone(readings)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	run("shuffled", shuffled, grids, 0)
	gate = provinceGate(register, wrongOnes(readings[:100]))
	run("with a hundred overruled values", readings, grids-100, 100)
}

// wrongOnes are decisions that the readings are wrong.
func wrongOnes(readings []fact.Reading) overruledByKey {
	all := overruledByKey{}
	for i := range readings {
		r := &readings[i]
		period, _ := fact.ParsePeriod(r.Period)
		value, _ := r.Value.Number()
		key := fact.Key{Indicator: r.Indicator, Region: r.Region, Period: period}
		all[key] = append(all[key], fact.Decision{Key: key, Action: fact.Reject, Overruled: fact.Some(value), By: "李芳"})
	}
	return all
}

func withTotals(readings []fact.Reading) []fact.Reading {
	sums := map[string]float64{}
	for i := range readings {
		v, _ := readings[i].Value.Number()
		sums[readings[i].Region[:6]] += v
	}
	all := slices.Clone(readings)
	for county, sum := range sums {
		all = append(all, fact.Reading{
			Indicator: "patrols", Region: county, Period: "2025-12", Value: fact.NumberValue(sum), Total: true,
		})
	}
	return all
}

// BenchmarkRegister puts the register of a province's grids through AddRegion and
// Close, and holds that against the figures of as many grids.
func BenchmarkRegister(b *testing.B) {
	register, readings := province()
	gate := provinceGate(register, nil)
	entries := make([]fact.RegionEntry, grids)
	for i := range entries {
		entries[i] = fact.RegionEntry{Code: readings[i].Region, Name: "网格", Parent: readings[i].Region[:6], Place: readings[i].Place}
	}
	b.ReportAllocs()
	for b.Loop() {
		intake := gate.Open(quality.Terms{})
		for i := range entries {
			if err := intake.AddRegion(entries[i]); err != nil {
				b.Fatal(err)
			}
		}
		if v, err := intake.Close(b.Context()); err != nil || len(v.Regions) != grids {
			b.Fatal(errors.Join(err, fmt.Errorf("%d regions", len(v.Regions))))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/grids, "ns/entry")
}
