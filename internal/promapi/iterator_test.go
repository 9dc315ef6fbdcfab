package promapi_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/promapi"
)

// oneSeries is a ledger with one series.
type oneSeries struct {
	noFigures
	series promapi.Series
}

func (o oneSeries) Select(context.Context, promapi.Selection) ([]promapi.Series, error) {
	return []promapi.Series{o.series}, nil
}

// at is what the series is at an instant; false where it is not there.
func (o oneSeries) at(ms int64) (float64, bool) {
	v, ok := 0.0, false
	for _, s := range o.series.Steps {
		if s.From <= ms {
			v, ok = s.Value, !value.IsStaleNaN(s.Value)
		}
	}
	if ok && o.series.Counts && v != 0 {
		v = math.Floor(math.Max(0, float64(ms)-v*1000) / 1000)
	}
	return v, ok
}

// An instant selector sees a step function as it is at every evaluation time,
// whatever the query's step, lookback, offset and @ are.
func TestInstantSelectorsSeeEveryInstant(t *testing.T) {
	const end = 4_000_000
	rapid.Check(t, func(t *rapid.T) {
		o := oneSeries{series: promapi.Series{Labels: labels.FromStrings("__name__", "governance_grids"), Counts: rapid.Bool().Draw(t, "counts")}}
		from := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			from += rapid.Int64Range(1, 900_000).Draw(t, "gap")
			v := float64(rapid.IntRange(0, 3).Draw(t, "value"))
			switch {
			case rapid.IntRange(0, 4).Draw(t, "kind") == 0:
				v = math.Float64frombits(value.StaleNaN)
			case o.series.Counts && v != 0:
				v = float64(rapid.Int64Range(1, end/1000).Draw(t, "since"))
			}
			o.series.Steps = append(o.series.Steps, promapi.Step{From: from, Value: v})
		}
		engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: promapi.DefaultLookback, EnableAtModifier: true})
		on := promapi.NewQueryable(o, nil, func() time.Time { return time.UnixMilli(end) })
		begin := rapid.Int64Range(0, end).Draw(t, "begin")
		step := rapid.SampledFrom([]int64{1000, 15_000, 60_000, 299_999, 300_000, 300_001, 777_000, 3_600_000}).Draw(t, "step")
		until := min(end, begin+40*step)
		moved, expression := int64(0), "governance_grids"
		if rapid.Bool().Draw(t, "offset") {
			moved, expression = 120_000, "governance_grids offset 2m"
		}
		query, err := engine.NewRangeQuery(t.Context(), on, nil, expression, time.UnixMilli(begin), time.UnixMilli(until), time.Duration(step)*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		defer query.Close()
		matrix, err := query.Exec(t.Context()).Matrix()
		if err != nil {
			t.Fatal(err)
		}
		got := map[int64]float64{}
		for _, s := range matrix {
			for _, p := range s.Floats {
				got[p.T] = p.F
			}
		}
		for at := begin; at <= until; at += step {
			want, there := o.at(at - moved)
			if v, ok := got[at]; ok != there || there && v != want {
				t.Fatalf("%s at %d by %d is %v (%t), want %v (%t); steps %v", expression, at, step, v, ok, want, there, o.series.Steps)
			}
		}
	})
}

// A range selector sees a scrape at every full hour, or at every quarter of a range
// that is shorter than four hours.
func TestRangeSelectorsSeeAVirtualScrape(t *testing.T) {
	hour := time.Hour.Milliseconds()
	o := oneSeries{series: promapi.Series{Labels: labels.FromStrings("__name__", "governance_grids"), Steps: []promapi.Step{
		{From: 2*hour + 1, Value: 5}, {From: 6 * hour, Value: math.Float64frombits(value.StaleNaN)}, {From: 8 * hour, Value: 7},
	}}}
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: promapi.DefaultLookback})
	on := promapi.NewQueryable(o, nil, func() time.Time { return time.UnixMilli(100 * hour) })
	for expression, want := range map[string]float64{
		"count_over_time(governance_grids[10h])":   6, // 3, 4, 5, 8, 9 and 10 o'clock
		"sum_over_time(governance_grids[10h])":     36,
		"count_over_time(governance_grids[4h])":    3,
		"count_over_time(governance_grids[1h])":    4,
		"count_over_time(governance_grids[200ms])": 4,
		"changes(governance_grids[9h])":            1,
	} {
		query, err := engine.NewInstantQuery(t.Context(), on, nil, expression, time.UnixMilli(10*hour))
		if err != nil {
			t.Fatal(err)
		}
		vector, err := query.Exec(t.Context()).Vector()
		if err != nil || len(vector) != 1 || vector[0].F != want {
			t.Errorf("%s is %v, %v, want %v", expression, vector, err, want)
		}
		query.Close()
	}
}
