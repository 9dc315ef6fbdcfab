package quality_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// deliveryCase is a delivery, what the ledger holds before it, and what becomes
// of each row.
type deliveryCase struct {
	terms     quality.Terms
	known     []fact.Fact
	overruled []fact.Decision
	readings  []fact.Reading
	entries   []fact.RegionEntry
	want      string // see told
	reason    string // a part of the first English reason to refuse, or else to hold
}

func testDeliveries(t *testing.T, cases map[string]deliveryCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := example{tc.terms, tc.known, tc.overruled, tc.readings, tc.entries}.pass(t)
			if diff := cmp.Diff(tc.want, told(v)); diff != "" {
				t.Errorf("verdict (-want +got):\n%s%+v", diff, reasons(v))
			}
			if tc.reason == "" {
				return
			}
			if all := reasons(v); len(all) == 0 || !strings.Contains(all[0].Reason.EN, tc.reason) {
				t.Errorf("reasons: %+v\nwant a first with %s", all, tc.reason)
			}
		})
	}
}

// said is a sentence of a stage.
type said struct {
	Stage  string
	Reason fact.Text
}

// reasons returns what was said of the delivery: why readings were refused, then
// why they are held.
func reasons(v fact.Verdict) []said {
	var all []said
	for _, r := range v.Rejections {
		all = append(all, said{r.Stage, r.Reason})
	}
	for _, h := range v.Held {
		all = append(all, said{h.Stage, h.Reason})
	}
	return all
}

func TestDeliveredOnce(t *testing.T) {
	elsewhere := of("grids", "2025-12", 6)
	elsewhere.Region = "360423"
	byName := of("grids", "2025-12", 5)
	byName.Region = "余江区"
	female, male := of("volunteers", "2025", 5), of("volunteers", "2025", 6)
	female.Dimensions, male.Dimensions = "age=old,sex=female", "age=old,sex=male"
	testDeliveries(t, map[string]deliveryCase{
		"different keys": {
			readings: []fact.Reading{of("grids", "2025-12", 5), of("grids", "2025-11", 5), of("cases", "2025-12", 5), elsewhere, female, male},
			want:     "1 accepted\n2 accepted\n3 accepted\n4 accepted\n5 accepted\n6 accepted\n",
		},
		"same value: the first stands": {
			readings: []fact.Reading{of("grids", "2025-12", 5), elsewhere, byName, of("grids", "2025-12", 5)},
			want:     "1 accepted\n2 accepted\n3 delivered-once\n4 delivered-once\n",
			reason:   "grids of 余江区 (360603) is delivered again for 2025-12 with the same value 5; the first stands (row 1)",
		},
		"different values: none stands": {
			readings: []fact.Reading{of("grids", "2025-12", 5), of("grids", "2025-12", 6), byName},
			want:     "1 delivered-once\n2 delivered-once\n3 delivered-once\n",
			reason:   "grids of 余江区 (360603) for 2025-12 is delivered 3 times with different values: 5 (row 1), 6 (row 2), 5 (row 3). Nobody can say which is right",
		},
		"a refused reading is no rival": {
			readings: []fact.Reading{of("grids", "2025-12", 5), of("grids", "2025-12", -6)},
			want:     "1 accepted\n2 value-not-negative\n",
		},
		"very many": {
			readings: []fact.Reading{
				of("cases", "2025-12", 1), of("cases", "2025-12", 2), of("cases", "2025-12", 3),
				of("cases", "2025-12", 4), of("cases", "2025-12", 5), of("cases", "2025-12", 6),
			},
			want:   "1 delivered-once\n2 delivered-once\n3 delivered-once\n4 delivered-once\n5 delivered-once\n6 delivered-once\n",
			reason: "6 times with different values: 1 (row 1), 2 (row 2), 3 (row 3), 4 (row 4), 5 (row 5), ….",
		},
	})
}

func TestFractionProper(t *testing.T) {
	elsewhere := of("forms_before", "2025-12", 100)
	elsewhere.Region = "360423"
	before := func(v float64) fact.Reading { return of("forms_before", "2025-12", v) }
	cut := func(v float64) fact.Reading { return of("forms_cut", "2025-12", v) }
	merged := func(v float64) fact.Reading { return of("forms_merged", "2025-12", v) }
	testDeliveries(t, map[string]deliveryCase{
		"all of it":   {readings: []fact.Reading{before(100), cut(100)}, want: "1 accepted\n2 accepted\n"},
		"nothing yet": {readings: []fact.Reading{cut(100)}, want: "1 accepted\n"},
		"more, in one delivery: neither stands": {
			readings: []fact.Reading{before(100), cut(101)},
			want:     "1 fraction-proper\n2 fraction-proper\n",
			reason:   "In 余江区 (360603) for 2025-12 the numerator forms_cut (101, row 2) is more than the denominator forms_before (100, row 1)",
		},
		"more, numerator first": {readings: []fact.Reading{cut(101), before(100)}, want: "1 fraction-proper\n2 fraction-proper\n"},
		"of another region":     {readings: []fact.Reading{cut(101), elsewhere}, want: "1 accepted\n2 accepted\n"},
		"of another period":     {readings: []fact.Reading{cut(101), of("forms_before", "2025-11", 100)}, want: "1 accepted\n2 accepted\n"},
		"more than the known denominator": {
			known: []fact.Fact{known(t, "forms_before", "2025-12", 100)}, readings: []fact.Reading{cut(101)},
			want:   "1 fraction-proper\n",
			reason: "forms_cut of 余江区 (360603) for 2025-12 is 101, more than the 100 of forms_before, of which it is a part",
		},
		"no more than the known denominator": {
			known: []fact.Fact{known(t, "forms_before", "2025-12", 100)}, readings: []fact.Reading{cut(100)}, want: "1 accepted\n",
		},
		"less than the known numerator": {
			known: []fact.Fact{known(t, "forms_cut", "2025-12", 101)}, readings: []fact.Reading{before(100)},
			want:   "1 fraction-proper\n",
			reason: "forms_before of 余江区 (360603) for 2025-12 is 100, less than the 101 of forms_cut, which is a part of it",
		},
		"no less than the known numerator": {
			known: []fact.Fact{known(t, "forms_cut", "2025-12", 100)}, readings: []fact.Reading{before(100)}, want: "1 accepted\n",
		},
		"the delivery counts before the ledger": {
			known:    []fact.Fact{known(t, "forms_before", "2025-12", 100), known(t, "forms_cut", "2025-12", 90)},
			readings: []fact.Reading{cut(110), before(120)}, want: "1 accepted\n2 accepted\n",
		},
		"both grow, but one delivery at a time": {
			known:    []fact.Fact{known(t, "forms_before", "2025-12", 100), known(t, "forms_cut", "2025-12", 90)},
			readings: []fact.Reading{cut(110)}, want: "1 fraction-proper\n",
		},
		"against the ledger where the other part is refused": {
			known:    []fact.Fact{known(t, "forms_before", "2025-12", 100)},
			readings: []fact.Reading{cut(110), before(120.5)}, want: "1 fraction-proper\n2 value-whole\n",
		},
		"a denominator that fails one numerator is gone for the other": {
			known:    []fact.Fact{known(t, "forms_before", "2025-12", 50)},
			readings: []fact.Reading{before(100), cut(101), merged(60)},
			want:     "1 fraction-proper\n2 fraction-proper\n3 fraction-proper\n",
		},
		"also where it was found good for that one before": {
			known:    []fact.Fact{known(t, "forms_before", "2025-12", 50)},
			readings: []fact.Reading{before(100), cut(60), merged(101)},
			want:     "1 fraction-proper\n2 fraction-proper\n3 fraction-proper\n",
		},
		"a denominator that a later stage refuses counts no more": {
			known:    []fact.Fact{known(t, "forms_before", "2025-11", 100), known(t, "forms_before", "2025-12", 100)},
			readings: []fact.Reading{before(130), cut(110)},
			want:     "1 held by step-plausible\n2 fraction-proper\n",
		},
		"doubled values are no rivals": {
			readings: []fact.Reading{before(100), before(90), cut(95)}, want: "1 delivered-once\n2 delivered-once\n3 accepted\n",
		},
		"a ratio that is no proper fraction": {
			readings: []fact.Reading{before(100), of("grids", "2025-12", 900)}, want: "1 accepted\n2 accepted\n",
		},
	})
}

func TestStepPlausible(t *testing.T) {
	grids := func(period string, v float64) fact.Reading { return of("grids", period, v) }
	past := func(period string, v float64) []fact.Fact { return []fact.Fact{known(t, "grids", period, v)} }
	elsewhere := grids("2025-11", 1)
	elsewhere.Region = "360423"
	testDeliveries(t, map[string]deliveryCase{
		"the first ever":       {readings: []fact.Reading{grids("2025-12", 100)}, want: "1 accepted\n"},
		"as far as is allowed": {known: past("2025-11", 100), readings: []fact.Reading{grids("2025-12", 150)}, want: "1 accepted\n"},
		"too far up": {
			known: past("2025-11", 100), readings: []fact.Reading{grids("2025-12", 151)}, want: "1 held by step-plausible\n",
			reason: "grids of 余江区 (360603) for 2025-12 rises by 51%, from 100 to 151, and no more than 50% is believed",
		},
		"too far down": {
			known: past("2025-11", 100), readings: []fact.Reading{grids("2025-12", 49)}, want: "1 held by step-plausible\n",
			reason: "falls by 51%, from 100 to 49",
		},
		"from zero any step is believed": {known: past("2025-11", 0), readings: []fact.Reading{grids("2025-12", 99999)}, want: "1 accepted\n"},
		"down to zero":                   {known: past("2025-11", 100), readings: []fact.Reading{grids("2025-12", 0)}, want: "1 held by step-plausible\n"},
		"after a gap":                    {known: past("2025-06", 100), readings: []fact.Reading{grids("2025-12", 151)}, want: "1 held by step-plausible\n"},
		"later figures don't count":      {known: past("2026-01", 1000), readings: []fact.Reading{grids("2025-12", 1)}, want: "1 accepted\n"},
		"no limit in the catalogue":      {known: []fact.Fact{known(t, "forms_cut", "2025-11", 1)}, readings: []fact.Reading{of("forms_cut", "2025-12", 900)}, want: "1 accepted\n"},
		"a correction is held against the month before, not itself": {
			known:    append(past("2025-11", 100), past("2025-12", 1000)...),
			readings: []fact.Reading{grids("2025-12", 150)}, want: "1 accepted\n",
		},
		"within the delivery, in any order": {
			readings: []fact.Reading{grids("2025-12", 210), grids("2025-10", 100), grids("2025-11", 150)},
			want:     "1 accepted\n2 accepted\n3 accepted\n",
		},
		"the delivery counts before the ledger": {
			known: past("2025-11", 100), readings: []fact.Reading{grids("2025-11", 300), grids("2025-12", 310)},
			want: "1 accepted\n2 accepted\n",
		},
		"a refused figure is no measure": {
			known:    past("2025-10", 100),
			readings: []fact.Reading{grids("2025-11", 300), grids("2025-12", 310), grids("2026-01", 120)},
			want:     "1 held by step-plausible\n2 held by step-plausible\n3 accepted\n",
		},
		"nor one that was delivered twice": {
			known:    past("2025-10", 100),
			readings: []fact.Reading{grids("2025-11", 300), grids("2025-11", 301), grids("2025-12", 310)},
			want:     "1 delivered-once\n2 delivered-once\n3 held by step-plausible\n",
		},
		"the ledger counts where it is nearer": {
			known:    past("2025-11", 300),
			readings: []fact.Reading{grids("2025-10", 100), grids("2025-12", 310)},
			want:     "1 accepted\n2 accepted\n",
		},
		"and where it is not, the delivery does": {
			known:    past("2025-08", 300),
			readings: []fact.Reading{grids("2025-10", 160), grids("2025-12", 310)},
			want:     "1 accepted\n2 held by step-plausible\n",
		},
		"other regions don't count": {readings: []fact.Reading{elsewhere, grids("2025-12", 100)}, want: "1 accepted\n2 accepted\n"},
		"rounding is no step": {
			known: []fact.Fact{known(t, "forms_before", "2025-11", 11)}, readings: []fact.Reading{of("forms_before", "2025-12", 13)}, want: "1 accepted\n",
		},
	})
}

func TestStepOfYearToDate(t *testing.T) {
	cases := func(period string, v float64) fact.Reading { return of("cases", period, v) }
	past := func(period string, v float64) []fact.Fact { return []fact.Fact{known(t, "cases", period, v)} }
	weeks := func(period string, v float64) fact.Reading { return of("weekly_cases", period, v) }
	testDeliveries(t, map[string]deliveryCase{
		"January is not held against December": {known: past("2025-12", 1000), readings: []fact.Reading{cases("2026-01", 9000)}, want: "1 accepted\n"},
		"nor in one delivery":                  {readings: []fact.Reading{cases("2025-12", 1000), cases("2026-01", 9000)}, want: "1 accepted\n2 accepted\n"},
		"nor where January is missing":         {known: past("2025-12", 1000), readings: []fact.Reading{cases("2026-02", 9000)}, want: "1 accepted\n"},
		"within the year":                      {known: past("2026-01", 1000), readings: []fact.Reading{cases("2026-02", 2001)}, want: "1 held by step-plausible\n", reason: "rises by 100.1%"},
		"within the year, in one delivery":     {readings: []fact.Reading{cases("2026-01", 1000), cases("2026-02", 2001)}, want: "1 accepted\n2 held by step-plausible\n"},
		"within the year, after a gap":         {known: past("2025-02", 1000), readings: []fact.Reading{cases("2025-12", 2001)}, want: "1 held by step-plausible\n"},
		"a new year begins in the delivery": {
			known:    past("2026-01", 10),
			readings: []fact.Reading{cases("2025-12", 9000), cases("2026-02", 21)},
			want:     "1 accepted\n2 held by step-plausible\n",
		},
		"a week across New Year is of neither year": {
			readings: []fact.Reading{weeks("2025-W52", 1000), weeks("2026-W01", 9000), weeks("2026-W02", 10), weeks("2026-W03", 30)},
			want:     "1 accepted\n2 accepted\n3 accepted\n4 held by step-plausible\n",
		},
	})
}

// Names from above that came before with another reading decide as they did
// then, and as they would alone.
func TestRegionWithinTheSameNames(t *testing.T) {
	in := func(region string, within ...string) fact.Reading {
		r := of("lake_patrols", "2025-12-31", 1)
		r.Region, r.Within = region, within
		return r
	}
	testDeliveries(t, map[string]deliveryCase{
		"codes": {
			readings: []fact.Reading{
				in("360603", "鹰潭市", "江西省"), in("360602", "鹰潭市", "江西省"), in("360423", "鹰潭市", "江西省"), in("360699", "鹰潭市", "江西省"),
			},
			want: "1 accepted\n2 region-in-scope\n3 region-resolved\n4 region-resolved\n",
		},
		"names in another order": {
			readings: []fact.Reading{in("360423100", "武宁县", "九江市"), in("360423100", "九江市", "武宁县"), in("360423100", "九江市", "鹰潭市")},
			want:     "1 accepted\n2 delivered-once\n3 region-resolved\n",
		},
		"the region itself among them": {
			readings: []fact.Reading{in("360603", "余江区"), in("360602", "余江区")},
			want:     "1 accepted\n2 region-resolved\n",
		},
		"names that lead nowhere": {
			readings: []fact.Reading{in("360603", "余杭区"), in("360603", "余杭区"), in("360603", "九江市", "鹰潭市"), in("360603", "", "")},
			want:     "1 region-resolved\n2 region-resolved\n3 region-resolved\n4 accepted\n",
		},
		"very many": {
			readings: []fact.Reading{in("360603", "余江区", "", "鹰潭市", "", "江西省"), in("360602", "余江区", "", "鹰潭市", "", "江西省")},
			want:     "1 accepted\n2 region-resolved\n",
		},
	})
}
