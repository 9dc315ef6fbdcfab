package quality_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

func TestAcceptedReadingBecomesFact(t *testing.T) {
	facts, rejections := deliver(t, &ledger{}, fact.Reading{
		Indicator: " grids ", Region: "余江区", Within: []string{"鹰潭市"}, Period: "2025-12 ",
		Value: fact.TextValue(" 1234.0 "), Place: fact.Place{Part: "12月", Row: 17, Field: "value"},
	})
	want := []fact.Fact{{
		Indicator: "grids", Region: "360603", Period: parsed(t, "2025-12"), Value: 1234,
		Place: fact.Place{Part: "12月", Row: 17, Field: "value"},
	}}
	if diff := cmp.Diff(want, facts, cmp.Comparer(func(a, b fact.Period) bool { return a == b })); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	if len(rejections) > 0 {
		t.Errorf("rejected: %v", rejections)
	}
}

func TestFirstObjectingStageRefuses(t *testing.T) {
	// Everything is wrong with this reading; each step mends one thing, in the
	// order of the gate.
	r := fact.Reading{
		Indicator: "gridz", Region: "nowhere", Period: "December", Dimensions: "sex=female", Place: fact.Place{Row: 1},
	}
	within := quality.Terms{Within: "360600"}
	steps := []struct {
		stage string
		mend  func(*fact.Reading)
	}{
		{"indicator-known", func(r *fact.Reading) { r.Indicator = "lake_patrols" }},
		{"region-resolved", func(r *fact.Reading) { r.Region = "360423" }},
		{"region-of-target", func(r *fact.Reading) { r.Region = "360602" }},
		{"region-in-scope", func(r *fact.Reading) { r.Region = "360603" }},
		{"period-parsed", func(r *fact.Reading) { r.Period = "2026-12" }},
		{"period-cadence", func(r *fact.Reading) { r.Period = "2026-12-31" }},
		{"period-ended", func(r *fact.Reading) { r.Period = "2025-12-31" }},
		{"dimensions-declared", func(r *fact.Reading) { r.Dimensions = "" }},
		{"value-present", func(r *fact.Reading) { r.Value = fact.TextValue("many") }},
		{"value-number", func(r *fact.Reading) { r.Value = fact.TextValue("-1e999") }},
		{"value-finite", func(r *fact.Reading) { r.Value = fact.TextValue("-1.5") }},
		{"value-whole", func(r *fact.Reading) { r.Value = fact.TextValue("-1") }},
		{"value-not-negative", func(r *fact.Reading) { r.Value = fact.TextValue("1") }},
	}
	for _, step := range steps {
		rejections := example{terms: within, readings: []fact.Reading{r}}.pass(t).Rejections
		if len(rejections) != 1 || rejections[0].Stage != step.stage {
			t.Fatalf("%+v\nis refused by %v, want %s", r, rejections, step.stage)
		}
		step.mend(&r)
	}
	if facts := (example{terms: within, readings: []fact.Reading{r}}).pass(t).Facts; len(facts) != 1 {
		t.Errorf("not accepted after all was mended: %+v", r)
	}
}

func TestRejectionKeepsTheReadingAsItCame(t *testing.T) {
	r := reading(func(r *fact.Reading) {
		r.Region, r.Within, r.Value = "余江区", []string{"鹰潭市"}, fact.TextValue("1,23")
		r.Place = fact.Place{Row: 9, Field: "amount"}
	})
	_, rejections := deliver(t, &ledger{}, r)
	want := []fact.Rejection{{Reading: r, Stage: "value-number", Reason: fact.Text{
		ZH: `"1,23" 不是数字：请写成 1234、1,234.5、1.2万 或 85% 的形式，不要带“个”等计量单位或其他文字。`,
		EN: `"1,23" is no number: write it as 1234, 1,234.5, 1.2万 or 85%, without the unit that is counted or other words.`,
	}}}
	if diff := cmp.Diff(want, rejections, cmp.AllowUnexported(fact.Value{})); diff != "" {
		t.Errorf("rejections (-want +got):\n%s", diff)
	}
}

func TestRejectionsComeInTheOrderOfTheDelivery(t *testing.T) {
	facts, rejections := deliver(t, &ledger{},
		of("grids", "2025-12", 1.5), // while reading
		of("grids", "2025-11", 10),  // at the end: twice with different values
		of("grids", "2025-10", 10),
		of("grids", "soon", 10),
		of("grids", "2025-11", 11),
		of("grids", "2025-12", -1),
	)
	var rows []int32
	for _, r := range rejections {
		rows = append(rows, r.Reading.Place.Row)
	}
	if diff := cmp.Diff([]int32{1, 2, 4, 5, 6}, rows); diff != "" {
		t.Errorf("rows of the rejections (-want +got):\n%s", diff)
	}
	if len(facts) != 1 || facts[0].Place.Row != 3 {
		t.Errorf("accepted %v, want row 3", facts)
	}
}

func TestEveryReadingIsAcceptedOrRefused(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[source.IntN(len(from))] }
	h := &ledger{facts: []fact.Fact{known(t, "grids", "2025-09", 1), known(t, "forms_before", "2025-11", 1), known(t, "forms_cut", "2025-10", 2)}}
	for range 200 {
		readings := make([]fact.Reading, source.IntN(40))
		for i := range readings {
			readings[i] = fact.Reading{
				Indicator: pick("grids", "grids", "cases", "forms_before", "forms_before", "forms_cut", "forms_cut", "forms_merged", "forms_cut_share", "?"),
				Region:    pick("360603", "360603", "余江区", "360423", "360600"),
				Period:    pick("2025-12", "2025-11", "2025-10", "2025-Q4"),
				Value:     fact.TextValue(pick("0", "1", "1", "2", "3", "4", "-1", "1.5", "")),
			}
		}
		facts, rejections := deliver(t, h, readings...)
		if len(facts)+len(rejections) != len(readings) {
			t.Fatalf("%d readings became %d facts and %d rejections", len(readings), len(facts), len(rejections))
		}
		checkSound(t, h, facts)
	}
}

// checkSound holds what the gate lets through against what it promises about
// whole deliveries.
func checkSound(t *testing.T, h *ledger, facts []fact.Fact) {
	t.Helper()
	delivered := &ledger{}
	for _, f := range facts {
		if _, twice, _ := delivered.At(t.Context(), f.Indicator, f.Region, f.Dimensions, f.Period); twice {
			t.Fatalf("accepted twice: %+v", f)
		}
		delivered.facts = append(delivered.facts, f)
	}
	after := &ledger{facts: slices.Concat(delivered.facts, h.facts)} // the first found is the newest
	for _, f := range facts {
		for numerator, denominator := range map[string]string{"forms_cut": "forms_before", "forms_merged": "forms_before"} {
			if f.Indicator != numerator && f.Indicator != denominator {
				continue
			}
			n, ok1, _ := after.At(t.Context(), numerator, f.Region, f.Dimensions, f.Period)
			d, ok2, _ := after.At(t.Context(), denominator, f.Region, f.Dimensions, f.Period)
			if ok1 && ok2 && n > d {
				t.Fatalf("after the delivery %s is %v and %s is %v, by %+v", numerator, n, denominator, d, f)
			}
		}
	}
}

func TestGateFailures(t *testing.T) {
	down := errors.New("disk on fire")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		ctx     context.Context
		regions *register
		history *ledger
		read    []fact.Reading
		want    error
		words   string
	}{
		"register": {
			regions: &register{broken: down}, history: &ledger{}, read: []fact.Reading{reading()}, want: down,
			words: `gate, stage region-resolved, reading of grids at row 1: look up region "360603": disk on fire`,
		},
		"history of steps": {
			regions: newRegister(), history: &ledger{fails: down}, read: []fact.Reading{reading()}, want: down,
			words: "gate, stage step-plausible: read the newest grids of region 360603 before 2025-12 from the ledger: disk on fire",
		},
		"history of the denominator": {
			regions: newRegister(), history: &ledger{fails: down}, read: []fact.Reading{of("forms_cut", "2025-12", 1)}, want: down,
			words: "gate, stage fraction-proper: read forms_before of region 360603 for 2025-12 from the ledger: disk on fire",
		},
		"history of the numerator": {
			regions: newRegister(), history: &ledger{fails: down}, read: []fact.Reading{of("forms_before", "2025-12", 1)}, want: down,
			words: "gate, stage fraction-proper: read forms_cut of region 360603 for 2025-12 from the ledger: disk on fire",
		},
		"stopped": {
			ctx: cancelled, regions: newRegister(), history: &ledger{}, read: []fact.Reading{reading()}, want: context.Canceled,
			words: "gate, stage delivered-once: context canceled",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.ctx == nil {
				tc.ctx = t.Context()
			}
			intake := newGate(tc.regions, tc.history).Open(quality.Terms{})
			var err error
			for _, r := range tc.read {
				r.Place.Row = 1
				err = errors.Join(err, intake.Add(r))
			}
			if err == nil {
				_, err = intake.Close(tc.ctx)
			}
			if !errors.Is(err, tc.want) || err.Error() != tc.words {
				t.Errorf("got error %q\nwant %q", err, tc.words)
			}
		})
	}
}

func TestClosedIntakeTakesNothing(t *testing.T) {
	intake := newGate(newRegister(), &ledger{}).Open(quality.Terms{})
	if _, err := intake.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := intake.Add(reading()); err == nil {
		t.Error("Add after Close took a reading")
	}
	if err := intake.AddRegion(fact.RegionEntry{Code: "360603101"}); err == nil {
		t.Error("AddRegion after Close took an entry")
	}
	if _, err := intake.Close(t.Context()); err == nil {
		t.Error("Close after Close returned a delivery")
	}
}

func TestIntakesOfOneGateAreSeparate(t *testing.T) {
	t.Parallel()
	gate := newGate(newRegister(), &ledger{})
	for range 2 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			intake := gate.Open(quality.Terms{})
			r := reading(func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = "volunteers", "2025", "age=old,sex=male" })
			for range 2 {
				if err := intake.Add(r); err != nil {
					t.Fatal(err)
				}
			}
			verdict, err := intake.Close(t.Context())
			if err != nil || len(verdict.Facts) != 1 || len(verdict.Rejections) != 1 {
				t.Errorf("got %d facts, %d rejections, error %v; want 1, 1 and none", len(verdict.Facts), len(verdict.Rejections), err)
			}
		})
	}
}
