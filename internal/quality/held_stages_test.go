package quality_test

import (
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

func TestFigureFalls(t *testing.T) {
	cases := func(period string, v float64) fact.Reading { return of("cases", period, v) }
	members := func(period string, v float64) fact.Reading { return of("members", period, v) }
	weeks := func(period string, v float64) fact.Reading { return of("weekly_cases", period, v) }
	past := func(indicator, period string, v float64) []fact.Fact {
		return []fact.Fact{known(t, indicator, period, v)}
	}
	testDeliveries(t, map[string]deliveryCase{
		"the first ever": {readings: []fact.Reading{cases("2025-12", 5), members("2025-12", 5)}, want: "1 accepted\n2 accepted\n"},
		"as before":      {known: past("cases", "2025-11", 100), readings: []fact.Reading{cases("2025-12", 100)}, want: "1 accepted\n"},
		"below the month before": {
			known: past("cases", "2025-11", 100), readings: []fact.Reading{cases("2025-12", 99)}, want: "1 held by figure-falls\n",
			reason: "cases of 余江区 (360603) for 2025-12 is 99, below the 100 of an earlier period, and an amount since January can't fall",
		},
		"below an older month":  {known: past("cases", "2025-03", 100), readings: []fact.Reading{cases("2025-12", 99)}, want: "1 held by figure-falls\n"},
		"in one delivery":       {readings: []fact.Reading{cases("2025-12", 99), cases("2025-11", 100)}, want: "1 held by figure-falls\n2 accepted\n"},
		"a new year begins":     {known: past("cases", "2025-12", 100), readings: []fact.Reading{cases("2026-01", 3)}, want: "1 accepted\n"},
		"and in one delivery":   {readings: []fact.Reading{cases("2025-12", 100), cases("2026-01", 3)}, want: "1 accepted\n2 accepted\n"},
		"across New Year":       {readings: []fact.Reading{weeks("2025-W52", 100), weeks("2026-W01", 50), weeks("2026-W02", 3)}, want: "1 accepted\n2 accepted\n3 accepted\n"},
		"an ordinary one falls": {known: past("forms_cut", "2025-11", 100), readings: []fact.Reading{of("forms_cut", "2025-12", 1)}, want: "1 accepted\n"},
		"nor is its revision held": {
			known: past("forms_cut", "2025-12", 100), readings: []fact.Reading{of("forms_cut", "2025-12", 1)}, want: "1 accepted\n",
		},
		"what never falls, in a year":     {known: past("members", "2025-11", 100), readings: []fact.Reading{members("2025-12", 99)}, want: "1 held by figure-falls\n"},
		"what never falls, over New Year": {known: past("members", "2025-12", 100), readings: []fact.Reading{members("2026-01", 99)}, want: "1 held by figure-falls\n", reason: "the indicator never falls (never_falls)"},
		"revised downwards": {
			known: past("cases", "2025-12", 100), readings: []fact.Reading{cases("2025-12", 99)}, want: "1 held by figure-falls\n",
			reason: "is 99, below the 100 recorded for it,",
		},
		"revised downwards, of what never falls": {known: past("members", "2025-12", 100), readings: []fact.Reading{members("2025-12", 99)}, want: "1 held by figure-falls\n"},
		"revised upwards":                        {known: past("cases", "2025-12", 100), readings: []fact.Reading{cases("2025-12", 101)}, want: "1 accepted\n"},
		"revised above a later one":              {known: past("cases", "2025-12", 100), readings: []fact.Reading{cases("2025-11", 101)}, want: "1 accepted\n"},
		"the ledger has it just so": {
			known:    append(past("cases", "2025-11", 100), past("cases", "2025-12", 90)...),
			readings: []fact.Reading{cases("2025-11", 100), cases("2025-12", 90), cases("2026-02", 1)}, want: "1 accepted\n2 accepted\n3 accepted\n",
		},
		"the next is held against that": {
			known:    append(past("members", "2025-11", 100), past("members", "2025-12", 90)...),
			readings: []fact.Reading{members("2025-12", 90), members("2026-01", 89), members("2026-02", 91)}, want: "1 accepted\n2 held by figure-falls\n3 accepted\n",
		},
		"a held figure is no measure": {
			readings: []fact.Reading{members("2025-10", 10), members("2025-11", 5), members("2025-12", 6), members("2026-01", 12)},
			want:     "1 accepted\n2 held by figure-falls\n3 held by figure-falls\n4 accepted\n",
		},
		"nor is one that the other stage holds": {
			readings: []fact.Reading{cases("2025-10", 10), cases("2025-11", 500), cases("2025-12", 12)},
			want:     "1 accepted\n2 held by step-plausible\n3 accepted\n",
		},
		"in the place of a held revision the ledger's counts": {
			known:    past("members", "2025-11", 100),
			readings: []fact.Reading{members("2025-10", 50), members("2025-11", 60), members("2025-12", 70)},
			want:     "1 accepted\n2 held by figure-falls\n3 held by figure-falls\n",
		},
		"the ledger counts where it is nearer, after a gap": {
			known: past("cases", "2025-06", 100), readings: []fact.Reading{cases("2025-05", 60), cases("2025-12", 90)},
			want: "1 accepted\n2 held by figure-falls\n",
		},
	})
}

// What the ledger has was believed once, or released by a person; the source
// says it again at every run.
func TestStepThatTheLedgerHas(t *testing.T) {
	held := []fact.Fact{known(t, "grids", "2025-11", 100), known(t, "grids", "2025-12", 1000)}
	testDeliveries(t, map[string]deliveryCase{
		"just so":                   {known: held, readings: []fact.Reading{of("grids", "2025-12", 1000)}, want: "1 accepted\n"},
		"another":                   {known: held, readings: []fact.Reading{of("grids", "2025-12", 1001)}, want: "1 held by step-plausible\n"},
		"the next follows it":       {known: held, readings: []fact.Reading{of("grids", "2025-12", 1000), of("grids", "2026-01", 1100)}, want: "1 accepted\n2 accepted\n"},
		"so does it when it's held": {known: held, readings: []fact.Reading{of("grids", "2025-12", 9999), of("grids", "2026-01", 1100)}, want: "1 held by step-plausible\n2 accepted\n"},
	})
}

func TestNotOverruled(t *testing.T) {
	grids := of("grids", "2025-12", 12340)
	wrong := []fact.Decision{overruled(t, "grids", "2025-12", 12340, fact.Reject)}
	testDeliveries(t, map[string]deliveryCase{
		"nobody decided": {readings: []fact.Reading{grids}, want: "1 accepted\n"},
		"said again": {
			overruled: wrong, readings: []fact.Reading{grids}, want: "1 not-overruled\n",
			reason: `is delivered as 12340, which 李芳 found wrong and rejected on 2026-03-10 09:00, because of "多录了一位": mend it at the source`,
		},
		"another value":    {overruled: wrong, readings: []fact.Reading{of("grids", "2025-12", 1234)}, want: "1 accepted\n"},
		"another period":   {overruled: wrong, readings: []fact.Reading{of("grids", "2025-11", 12340)}, want: "1 accepted\n"},
		"another region":   {overruled: wrong, readings: []fact.Reading{at("360602", grids)}, want: "1 accepted\n"},
		"it is never held": {overruled: wrong, known: []fact.Fact{known(t, "grids", "2025-11", 1234)}, readings: []fact.Reading{grids}, want: "1 not-overruled\n"},
		"it is no measure": {
			overruled: wrong, known: []fact.Fact{known(t, "grids", "2025-11", 1234)}, readings: []fact.Reading{grids, of("grids", "2026-01", 1240)},
			want: "1 not-overruled\n2 accepted\n",
		},
		"the corrected figure is the measure": {
			overruled: wrong, known: []fact.Fact{known(t, "grids", "2025-12", 1234)},
			readings: []fact.Reading{of("grids", "2025-11", 1200), grids, of("grids", "2026-01", 12340)},
			want:     "1 accepted\n2 not-overruled\n3 held by step-plausible\n",
		},
		"a total is of what was delivered": {
			overruled: wrong, readings: []fact.Reading{grids, at("360602", of("grids", "2025-12", 1)), total("", of("grids", "2025-12", 12341))},
			want: "1 not-overruled\n2 accepted\n",
		},
		"it is not missing": {
			terms: quality.Terms{Expected: counties("360603")}, overruled: wrong, readings: []fact.Reading{grids}, want: "1 not-overruled\n",
		},
	})
}

func TestHeldFiguresAreNotMissing(t *testing.T) {
	testDeliveries(t, map[string]deliveryCase{
		"the region": {
			terms: quality.Terms{Expected: counties("360603", "360602")}, known: []fact.Fact{known(t, "grids", "2025-11", 1)},
			readings: []fact.Reading{of("grids", "2025-12", 99), at("360602", of("grids", "2025-12", 99))}, want: "1 held by step-plausible\n2 accepted\n",
		},
		"the indicator": {
			terms: quality.Terms{Indicators: []string{"grids"}}, known: []fact.Fact{known(t, "grids", "2025-11", 1)},
			readings: []fact.Reading{of("grids", "2025-12", 99)}, want: "1 held by step-plausible\n",
		},
	})
}

// A declared correction answers for itself, but it is a figure like others.
func TestDeclaredCorrection(t *testing.T) {
	declared := quality.Terms{Declared: true, Expected: counties("360602"), Indicators: []string{"members"}}
	many := rows(30, "grids", "", func(_ int, r *fact.Reading) { r.Value = fact.Value{} })
	testDeliveries(t, map[string]deliveryCase{
		"a step":           {terms: declared, known: []fact.Fact{known(t, "grids", "2025-11", 1)}, readings: []fact.Reading{of("grids", "2025-12", 99)}, want: "1 accepted\n"},
		"a fall":           {terms: declared, known: []fact.Fact{known(t, "cases", "2025-12", 9)}, readings: []fact.Reading{of("cases", "2025-12", 8)}, want: "1 accepted\n"},
		"an overruled one": {terms: declared, overruled: []fact.Decision{overruled(t, "grids", "2025-12", 9, fact.Correct)}, readings: []fact.Reading{of("grids", "2025-12", 9)}, want: "1 accepted\n"},
		"nothing":          {terms: declared, want: ""},
		"a wrong one":      {terms: declared, readings: []fact.Reading{of("grids", "2025-12", 0.5)}, want: "1 value-whole\n"},
		"an improper one": {
			terms: declared, known: []fact.Fact{known(t, "forms_before", "2025-12", 9)}, readings: []fact.Reading{of("forms_cut", "2025-12", 10)}, want: "1 fraction-proper\n",
		},
		"each with its own reason": {
			terms: declared, readings: many[:3], want: "1 value-present\n2 value-present\n3 value-present\n",
		},
	})
	if v := (example{terms: declared, readings: many}).pass(t); len(v.Rejections) != len(many) {
		t.Errorf("%d rejections of %d readings", len(v.Rejections), len(many))
	}
}
