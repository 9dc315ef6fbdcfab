package quality_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
)

// rows are as many readings of different years, so that all could be accepted,
// in one column; each is spoilt.
func rows(count int, indicator, field string, spoil func(i int, r *fact.Reading)) []fact.Reading {
	readings := make([]fact.Reading, count)
	for i := range readings {
		readings[i] = of(indicator, fmt.Sprintf("%d-12", 1980+i%46), 5)
		readings[i].Region = []string{"360603", "360602", "360423"}[i/46%3]
		readings[i].Place = fact.Place{Row: int32(i + 1), Field: field}
		spoil(i, &readings[i])
	}
	return readings
}

func fine(int, *fact.Reading) {}

// counted writes how many rejections of each stage there are, in the order in
// which they come.
func counted(v fact.Verdict) string {
	var stages []string
	counts := map[string]int{}
	for _, r := range v.Rejections {
		if counts[r.Stage]++; counts[r.Stage] == 1 {
			stages = append(stages, r.Stage)
		}
	}
	for i, stage := range stages {
		stages[i] = fmt.Sprintf("%d %s", counts[stage], stage)
	}
	return strings.Join(append(stages, fmt.Sprintf("%d accepted", len(v.Facts)+len(v.Regions))), ", ")
}

func TestColumnDrift(t *testing.T) {
	noRegion := func(i int, r *fact.Reading) { r.Region = fmt.Sprintf("区%d", i+1) }
	noPeriod := func(i int, r *fact.Reading) { r.Period = fmt.Sprintf("第%d", i+1) }
	noDate := func(i int, r *fact.Reading) { r.Period, r.Date = "", fmt.Sprintf("第%d", i+1) }
	noValue := func(_ int, r *fact.Reading) { r.Value = fact.Value{} }
	words := func(i int, r *fact.Reading) { r.Value = fact.TextValue(fmt.Sprintf("词%d", i+1)) }
	nameless := func(i int, r *fact.Reading) { r.Indicator = fmt.Sprintf("指标%d", i+1) }
	butOne := func(spoil func(int, *fact.Reading), at int) func(int, *fact.Reading) {
		return func(i int, r *fact.Reading) {
			if i != at {
				spoil(i, r)
			}
		}
	}
	cases := map[string]struct {
		readings []fact.Reading
		want     string
		reason   string // a part of the first drift's
	}{
		"too few to tell": {readings: rows(19, "grids", "n", noRegion), want: "19 region-resolved, 0 accepted"},
		"the region": {
			readings: rows(20, "grids", "n", noRegion), want: "1 column-drift, 0 accepted",
			reason: `All 20 readings of the delivery were refused by region-resolved for their region; the first are "区1", "区2", "区3", …. The register does not know these regions: if a collector brings them, let it run first; otherwise the column was probably renamed`,
		},
		"the region of several columns": {
			readings: append(rows(10, "grids", "n", noRegion), rows(10, "cases", "m", noRegion)...), want: "1 column-drift, 0 accepted", reason: "All 20 readings of the delivery",
		},
		"but one":      {readings: rows(30, "grids", "n", butOne(noRegion, 17)), want: "29 region-resolved, 1 accepted"},
		"but the last": {readings: rows(30, "grids", "n", butOne(noRegion, 29)), want: "29 region-resolved, 1 accepted"},
		"but one, which a later stage refuses": {
			readings: append(rows(30, "grids", "n", noRegion), of("grids", "2025-12", 1), of("grids", "2025-12", 2)),
			want:     "1 column-drift, 2 delivered-once, 0 accepted", // those two have no field
		},
		"but one, for another reason": {
			readings: rows(30, "grids", "n", func(i int, r *fact.Reading) {
				noRegion(i, r)
				if i == 3 {
					r.Region, r.Period = "360603", "2025-Q4"
				}
			}),
			want: "29 region-resolved, 1 period-cadence, 0 accepted",
		},
		"the region of one indicator": {
			readings: append(rows(20, "grids", "n", noRegion), rows(20, "cases", "n", fine)...), want: "1 column-drift, 20 accepted",
			reason: `All 20 readings of indicator grids in column n were refused by region-resolved`,
		},
		"the period": {
			readings: append(rows(20, "grids", "n", noPeriod), rows(20, "cases", "m", noPeriod)...), want: "1 column-drift, 0 accepted",
			reason: `All 40 readings of the delivery were refused by period-parsed for their period; the first are "第1", "第2", "第3", ….`,
		},
		"a period that was understood": {
			readings: rows(20, "net_moves", "n", func(i int, r *fact.Reading) { r.Period = fmt.Sprintf("2025年1-%d月", 8-i%2*3) }), want: "1 column-drift, 0 accepted",
			reason: `All 20 readings of the delivery were refused by period-parsed for much the same reason, of the first: "2025年1-8月" is cumulative`,
		},
		"a period that was understood, but for one": {
			readings: append(rows(20, "net_moves", "n", func(_ int, r *fact.Reading) { r.Period = "2025.1" }), rows(1, "net_moves", "n", noPeriod)...), want: "1 column-drift, 0 accepted",
			reason: `for their period; the first are "2025.1", "2025.1", "2025.1", ….`,
		},
		"the date": {readings: rows(20, "grids", "n", noDate), want: "1 column-drift, 0 accepted", reason: `the first are "第1", "第2", "第3", …`},
		"the indicator": {
			readings: rows(20, "", "n", nameless), want: "1 column-drift, 0 accepted",
			reason: `for their indicator; the first are "指标1", "指标2", "指标3", …`,
		},
		"an indicator of several": {
			readings: append(rows(20, "gridz", "n", fine), rows(20, "grids", "n", fine)...), want: "1 column-drift, 20 accepted",
			reason: "All 20 readings of indicator gridz in column n were refused by indicator-known",
		},
		"a value": {
			readings: append(rows(20, "grids", "n", noValue), rows(20, "cases", "m", fine)...), want: "1 column-drift, 20 accepted",
			reason: `All 20 readings in column n were refused by value-present for their value; the first are "", "", "", ….`,
		},
		"every value, each column for itself": {
			readings: append(rows(20, "grids", "n", words), rows(20, "cases", "m", words)...), want: "2 column-drift, 0 accepted",
			reason: `All 20 readings in column n were refused by value-number for their value; the first are "词1", "词2", "词3", ….`,
		},
		"one column of several indicators": {
			readings: append(rows(10, "grids", "n", words), rows(10, "cases", "n", words)...), want: "1 column-drift, 0 accepted", reason: "All 20 readings in column n",
		},
		"one of them":  {readings: append(rows(20, "grids", "n", words), rows(20, "cases", "n", fine)...), want: "1 column-drift, 20 accepted", reason: "of indicator grids in column n"},
		"two reasons":  {readings: append(rows(20, "grids", "n", words), rows(20, "grids", "n", noValue)...), want: "20 value-number, 20 value-present, 0 accepted"},
		"no field":     {readings: append(rows(20, "grids", "", words), rows(20, "cases", "", fine)...), want: "1 column-drift, 20 accepted", reason: "All 20 readings of indicator grids were refused"},
		"neither":      {readings: rows(20, "grids", "", words), want: "1 column-drift, 0 accepted", reason: "All 20 readings of the delivery were refused by value-number"},
		"other stages": {readings: rows(40, "grids", "n", func(_ int, r *fact.Reading) { r.Period = "2025-Q4" }), want: "40 period-cadence, 0 accepted"},
		"totals don't count": {
			readings: append(rows(20, "grids", "n", words), total("", of("grids", "2025-12", 100)), total("", of("grids", "soon", 100))),
			want:     "1 column-drift, 1 total-agrees, 1 period-parsed, 0 accepted",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := example{readings: tc.readings}.pass(t)
			if got := counted(v); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			i := slices.IndexFunc(v.Rejections, func(r fact.Rejection) bool { return r.Stage == "column-drift" })
			if tc.reason != "" && (i < 0 || !strings.Contains(v.Rejections[i].Reason.EN, tc.reason)) {
				t.Errorf("rejections %+v\nwant a drift with %s", v.Rejections, tc.reason)
			}
		})
	}
}

// What drifted is told where it began, with its first reading as it came.
func TestDriftStandsForItsFirstReading(t *testing.T) {
	readings := rows(60, "grids", "n", func(i int, r *fact.Reading) {
		r.Place.Field = []string{"a", "b", "c"}[i%3]
		r.Indicator = []string{"grids", "cases", "forms_cut"}[i%3]
		if i%3 == 1 {
			r.Value = fact.TextValue("many")
		}
		if i == 0 || i == 5 {
			r.Value = fact.NumberValue(-1)
		}
	})
	v := example{readings: readings}.pass(t)
	var got []fact.Reading
	for _, r := range v.Rejections {
		got = append(got, r.Reading)
	}
	want := []fact.Reading{readings[0], readings[1], readings[5]}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(fact.Value{})); diff != "" || len(v.Facts) != 38 {
		t.Errorf("%d accepted, rejected (-want +got):\n%s", len(v.Facts), diff)
	}
}

// More columns than a delivery has are not put together, but kept.
func TestDriftIsBounded(t *testing.T) {
	var readings []fact.Reading
	for i := range 5000 {
		r := of("grids", "2025-12", 5)
		r.Region, r.Place = "nowhere", fact.Place{Row: int32(i + 1), Field: fmt.Sprintf("c%d", i)}
		readings = append(readings, r, r)
	}
	good := of("grids", "2025-12", 5)
	v := example{readings: append(readings, good)}.pass(t)
	if got := counted(v); got != "10000 region-resolved, 1 accepted" {
		t.Errorf("got %s", got)
	}
	v = example{readings: readings}.pass(t)
	if got := counted(v); got != "1 column-drift, 0 accepted" {
		t.Errorf("got %s", got)
	}
}
