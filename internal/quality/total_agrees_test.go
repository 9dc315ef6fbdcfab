package quality_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
)

func TestTotalAgrees(t *testing.T) {
	grids := func(region string, v float64) fact.Reading { return at(region, of("grids", "2025-12", v)) }
	three := []fact.Reading{grids("360603", 5), grids("360602", 7), grids("360423", 9)}
	of3 := func(more ...fact.Reading) []fact.Reading { return append(three[:3:3], more...) }
	in := func(r fact.Reading, within ...string) fact.Reading {
		r.Within = within
		return r
	}
	accepted := "1 accepted\n2 accepted\n3 accepted\n"
	refused := "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 total-agrees\n"
	testDeliveries(t, map[string]deliveryCase{
		"over all":    {readings: of3(total("", grids("", 21))), want: accepted},
		"comes first": {readings: []fact.Reading{total("", grids("", 5)), three[0]}, want: "2 accepted\n"},
		"over all, and differs": {
			readings: of3(total("", grids("", 22))), want: refused,
			reason: "The total of grids for 2025-12 over all regions of this delivery is 22 (row 4), but the readings that it is over, 3 in number, come to 21, a difference of 1. Nobody can say which is wrong",
		},
		"of a city":     {readings: of3(total("鹰潭市", grids("", 12))), want: accepted},
		"of its code":   {readings: of3(total("360600", grids("", 12))), want: accepted},
		"in a city":     {readings: of3(in(total("", grids("", 12)), "", "鹰潭市")), want: accepted},
		"in a province": {readings: of3(in(total("", grids("", 12)), "江西省", "鹰潭市")), want: accepted},
		"of a city, and differs: the others stand": {
			readings: of3(total("鹰潭市", grids("", 21))), want: "1 total-agrees\n2 total-agrees\n3 accepted\n4 total-agrees\n",
			reason: "for 2025-12 over 鹰潭市 (360600) is 21 (row 4), but the readings that it is over, 2 in number, come to 12",
		},
		"of each city and of all":       {readings: of3(total("360600", grids("", 12)), total("360400", grids("", 9)), total("", grids("", 21))), want: accepted},
		"one city differs, and so all":  {readings: of3(total("360600", grids("", 12)), total("360400", grids("", 8)), total("", grids("", 20))), want: refused[:len(refused)-15] + "5 total-agrees\n6 total-agrees\n"},
		"one city differs, but not all": {readings: of3(total("360600", grids("", 12)), total("360400", grids("", 8)), total("", grids("", 21))), want: "1 accepted\n2 accepted\n3 total-agrees\n5 total-agrees\n"},
		"twice, and one differs":        {readings: of3(total("", grids("", 21)), total("", grids("", 20))), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n5 total-agrees\n"},
		"of a county":                   {readings: of3(total("360603", grids("", 5))), want: accepted + "4 region-resolved\n"},
		"of nowhere":                    {readings: of3(total("鹰谭市", grids("", 12))), want: accepted + "4 region-resolved\n"},
		"in nowhere":                    {readings: of3(in(total("", grids("", 12)), "鹰谭市")), want: accepted + "4 region-resolved\n"},
		"of another period": {
			readings: of3(total("", of("grids", "2025-11", 21))), want: accepted + "4 total-agrees\n",
			reason: "The total of grids for 2025-11 over all regions of this delivery is 21 (row 4), but nothing in the delivery can be its parts",
		},
		"of another indicator": {readings: of3(total("", of("cases", "2025-12", 21))), want: accepted + "4 total-agrees\n"},
		"above a province":     {readings: []fact.Reading{total("", of("provincial", "2025", 1)), total("江西省", of("provincial", "2025", 1)), at("江西省", of("provincial", "2025", 1))}, want: "3 accepted\n"},
		"of a region without parts": {
			readings: []fact.Reading{three[0], total("360400", grids("", 9))}, want: "1 accepted\n2 total-agrees\n",
		},
		"no value":      {readings: of3(total("", fact.Reading{Indicator: "grids", Period: "2025-12"})), want: accepted + "4 value-present\n"},
		"not whole":     {readings: of3(total("", grids("", 21.5))), want: accepted + "4 value-whole\n"},
		"out of bounds": {readings: []fact.Reading{grids("360603", 60000), grids("360602", 60000), total("", grids("", 120000))}, want: "1 accepted\n2 accepted\n"},
		"out of scope": {
			readings: []fact.Reading{of("lake_patrols", "2025-12-31", 3), at("360423100", of("lake_patrols", "2025-12-31", 4)), total("江西省", of("lake_patrols", "2025-12-31", 7))},
			want:     "1 accepted\n2 accepted\n",
		},
		"a later stage can refuse a part": {
			known: []fact.Fact{known(t, "grids", "2025-11", 1)}, readings: of3(total("", grids("", 21))), want: "1 held by step-plausible\n2 accepted\n3 accepted\n",
		},
	})
}

func TestTotalOfARefusedPart(t *testing.T) {
	grids := func(region, period string, v float64) fact.Reading { return at(region, of("grids", period, v)) }
	good := []fact.Reading{grids("360603", "2025-12", 5), grids("360602", "2025-12", 7)}
	with := func(more ...fact.Reading) []fact.Reading { return append(good[:2:2], more...) }
	all := func(v float64) fact.Reading { return total("", of("grids", "2025-12", v)) }
	testDeliveries(t, map[string]deliveryCase{
		"the rest may be right": {
			readings: with(all(21), grids("360423", "2025-12", -9)), want: "1 accepted\n2 accepted\n3 total-agrees\n4 value-not-negative\n",
			reason: "The total of grids for 2025-12 over all regions of this delivery is 21 (row 3) and can't be checked: readings that it may be over were refused (1), and the others (2) come to 12.",
		},
		"the rest agrees":               {readings: with(all(12), grids("360423", "2025-12", -9)), want: "1 accepted\n2 accepted\n4 value-not-negative\n"},
		"without its region":            {readings: with(all(21), grids("武宁", "2025-12", 9)), want: "1 accepted\n2 accepted\n3 total-agrees\n4 region-resolved\n"},
		"without its period":            {readings: with(all(21), grids("360423", "soon", 9)), want: "1 accepted\n2 accepted\n3 total-agrees\n4 period-parsed\n"},
		"without its indicator":         {readings: with(all(21), of("gridz", "2025-12", 9)), want: "1 accepted\n2 accepted\n3 total-agrees\n4 indicator-known\n"},
		"delivered twice":               {readings: with(all(12), grids("360603", "2025-12", 5)), want: "1 accepted\n2 accepted\n4 delivered-once\n"},
		"delivered twice and summed so": {readings: with(all(17), grids("360603", "2025-12", 5)), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 delivered-once\n"},
		"delivered twice and differing": {
			readings: with(all(17), grids("360603", "2025-12", 10)), want: "1 delivered-once\n2 accepted\n3 total-agrees\n4 delivered-once\n",
		},
		"delivered twice, and not the part that is lost": {
			readings: with(all(21), grids("360603", "2025-12", 5), grids("360423", "2025-12", -9)), want: "1 accepted\n2 accepted\n3 total-agrees\n4 delivered-once\n5 value-not-negative\n",
			reason: "readings that it may be over were refused (1), and the others (2) come to 12.",
		},
		"of another indicator":           {readings: with(all(21), of("cases", "2025-12", -9)), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 value-not-negative\n"},
		"of another period":              {readings: with(all(21), grids("360423", "2025-11", -9)), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 value-not-negative\n"},
		"of another city":                {readings: with(total("360600", grids("", "2025-12", 21)), grids("360423", "2025-12", -9)), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 value-not-negative\n"},
		"of another city, and no period": {readings: with(total("360600", grids("", "2025-12", 21)), grids("360423", "soon", 9)), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 period-parsed\n"},
		"of this city":                   {readings: with(total("360400", grids("", "2025-12", 9)), grids("360423", "2025-12", -9)), want: "1 accepted\n2 accepted\n3 total-agrees\n4 value-not-negative\n"},
		"a refused total is no part":     {readings: with(all(21), total("", of("grids", "2025-12", -9))), want: "1 total-agrees\n2 total-agrees\n3 total-agrees\n4 value-not-negative\n"},
	})
}

func TestTotalsOfDimensions(t *testing.T) {
	split := func(region string, d fact.Dimensions, v float64) fact.Reading {
		r := at(region, of("volunteers", "2025", v))
		r.Dimensions = d
		return r
	}
	const women, men = fact.Dimensions("age=old,sex=female"), fact.Dimensions("age=old,sex=male")
	testDeliveries(t, map[string]deliveryCase{
		"each its own": {
			readings: []fact.Reading{split("360603", women, 3), split("360603", men, 4), split("360602", women, 5), total("", split("", women, 8)), total("", split("", men, 4))},
			want:     "1 accepted\n2 accepted\n3 accepted\n",
		},
		"one differs": {
			readings: []fact.Reading{split("360603", women, 3), split("360603", men, 4), split("360602", women, 5), total("", split("", "sex=female,age=old", 9))},
			want:     "1 total-agrees\n2 accepted\n3 total-agrees\n4 total-agrees\n",
			reason:   "The total of volunteers {age=old,sex=female} for 2025 over all regions of this delivery is 9",
		},
		"over all of them": {
			readings: []fact.Reading{split("360603", women, 3), split("360603", men, 4), total("", split("", "", 7))}, want: "1 accepted\n2 accepted\n3 dimensions-declared\n",
		},
	})
}

// Sums of decimal fractions are exact only to so many digits.
func TestTotalsAreHeldWithinRounding(t *testing.T) {
	cases := map[string]struct {
		indicator, period string
		parts             []float64
		total             float64
		agrees            bool
	}{
		"decimal fractions":              {"service_hours", "2026-W01", []float64{10.1, 10.2, 10.3}, 30.6, true},
		"a little beyond":                {"service_hours", "2026-W01", []float64{10, 20}, 30 * (1 + 2e-9), false},
		"a little within":                {"service_hours", "2026-W01", []float64{10, 20}, 30 * (1 + 0.9e-9), true},
		"things are counted":             {"cases", "2025-12", []float64{2e12, 3e12}, 5e12 + 1, false},
		"things, many":                   {"cases", "2025-12", []float64{2e12, 3e12}, 5e12, true},
		"up and down":                    {"net_moves", "2025-Q4", []float64{5, -5}, 0, true},
		"up and down, and differs":       {"net_moves", "2025-Q4", []float64{5, -5}, 1, false},
		"nothing":                        {"cases", "2025-12", []float64{0, 0}, 0, true},
		"nothing, but something":         {"cases", "2025-12", []float64{0, 0}, 1, false},
		"something, but nothing":         {"cases", "2025-12", []float64{1, 0}, 0, false},
		"too large for anything to hold": {"service_hours", "2026-W01", []float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			readings := []fact.Reading{
				at("360603", of(tc.indicator, tc.period, tc.parts[0])), total("", of(tc.indicator, tc.period, tc.total)),
				at("360602", of(tc.indicator, tc.period, tc.parts[1])),
			}
			for i := 2; i < len(tc.parts); i++ {
				readings = append(readings, at("360423", of(tc.indicator, tc.period, tc.parts[i])))
			}
			v := example{readings: readings}.pass(t)
			if want := map[bool]int{true: 0, false: len(readings)}[tc.agrees]; len(v.Rejections) != want {
				t.Errorf("%d rejections, want %d: %+v", len(v.Rejections), want, v.Rejections)
			}
		})
	}
}

func TestTotalIsReportedAsItWasUnderstood(t *testing.T) {
	r := total(" 鹰潭市 ", of(" grids", "2025-12", 0))
	r.Region, r.Value, r.Place = "鹰潭市", fact.TextValue("1.2万"), fact.Place{Part: "12月", Row: 9, Field: "网格数"}
	v := example{readings: []fact.Reading{r}}.pass(t)
	want := []fact.Reading{{
		Indicator: "grids", Region: "360600", Period: "2025-12", Value: fact.NumberValue(12000), Total: true,
		Place: fact.Place{Part: "12月", Row: 9, Field: "网格数"},
	}}
	var got []fact.Reading
	for i := range v.Rejections {
		got = append(got, v.Rejections[i].Reading)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(fact.Value{})); diff != "" || len(v.Facts) > 0 {
		t.Errorf("%d facts, rejections (-want +got):\n%s", len(v.Facts), diff)
	}
}
