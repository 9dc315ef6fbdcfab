package quality_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// A delivery of every grid of a province.
const grids = 176_000

// flat is a register of grids by code.
type flat struct{ byCode map[string]*fact.Region }

func (r flat) Resolve(written string, _ []fact.Level, _ []string) (*fact.Region, error) {
	if region, ok := r.byCode[written]; ok {
		return region, nil
	}
	return nil, errors.New("no grid " + written)
}

func (flat) Above(string, fact.Level) (*fact.Region, bool) { return nil, false }

// steady is a history in which nothing ever changes.
type steady struct{}

func (steady) Before(context.Context, string, string, fact.Dimensions, fact.Period) (value float64, found bool, err error) {
	return 7, true, nil
}

func (steady) At(context.Context, string, string, fact.Dimensions, fact.Period) (value float64, found bool, err error) {
	return 7, true, nil
}

// BenchmarkDelivery puts the grids of a province through Add and Close, once in
// the order of their codes, as most queries return them, and once in none.
func BenchmarkDelivery(b *testing.B) {
	register := flat{make(map[string]*fact.Region, grids)}
	readings := make([]fact.Reading, grids)
	for i := range readings {
		code := fmt.Sprintf("%06d%09d", 360100+i/1760, i)
		register.byCode[code] = &fact.Region{Code: code, Level: fact.Grid}
		readings[i] = fact.Reading{
			Indicator: "patrols", Region: code, Within: []string{"丰安街道", "余江区", "鹰潭市"}, Period: "2025-12",
			Value: fact.NumberValue(float64(7 + i%3)), Place: fact.Place{Row: int32(i + 1), Field: "value"},
		}
	}
	gate := quality.New(quality.Options{
		Indicators: []fact.Indicator{{
			ID: "patrols", Unit: fact.Unit{Counts: true}, Kind: fact.Flow, Levels: []fact.Level{fact.Grid},
			Cadence: fact.Monthly, Min: new(float64(0)), Max: new(float64(1000)), MaxStep: new(0.5),
		}},
		Regions: register, History: steady{}, Zone: shanghai(), Now: now,
	})
	run := func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			intake := gate.Open()
			for i := range readings {
				if err := intake.Add(readings[i]); err != nil {
					b.Fatal(err)
				}
			}
			if facts, _, err := intake.Close(b.Context()); err != nil || len(facts) != grids {
				b.Fatalf("%d facts, error %v", len(facts), err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/grids, "ns/reading")
	}
	b.Run("by code", run)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(readings), func(i, j int) { readings[i], readings[j] = readings[j], readings[i] })
	b.Run("shuffled", run)
}
