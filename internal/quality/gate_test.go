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

func TestEveryReadingIsAcceptedHeldOrRefused(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[source.IntN(len(from))] }
	h := &ledger{facts: []fact.Fact{known(t, "grids", "2025-09", 1), known(t, "forms_before", "2025-11", 1), known(t, "forms_cut", "2025-10", 2),
		known(t, "cases", "2025-11", 2), known(t, "members", "2025-09", 1), known(t, "members", "2025-12", 3)}}
	for range 400 {
		readings := make([]fact.Reading, source.IntN(40))
		for i := range readings {
			readings[i] = fact.Reading{
				Indicator: pick("grids", "grids", "cases", "members", "forms_before", "forms_before", "forms_cut", "forms_cut", "forms_merged", "forms_cut_share", "?"),
				Region:    pick("360603", "360603", "余江区", "360423", "360600"),
				Period:    pick("2025-12", "2025-11", "2025-10", "2025-Q4"),
				Value:     fact.TextValue(pick("0", "1", "1", "2", "3", "4", "-1", "1.5", "")),
			}
		}
		v := example{known: h.facts, readings: readings}.pass(t)
		if len(v.Facts)+len(v.Held)+len(v.Rejections) != len(readings) {
			t.Fatalf("%d readings became %d facts, %d held and %d rejections", len(readings), len(v.Facts), len(v.Held), len(v.Rejections))
		}
		checkSound(t, h, v.Facts)
		for _, held := range v.Held {
			if present, ok, _ := h.At(t.Context(), held.Indicator, held.Region, held.Dimensions, held.Period); ok && present == held.Value {
				t.Fatalf("held, although the ledger has it just so: %+v", held)
			}
		}
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
		checkGrown(t, h, after, &f)
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

// checkGrown holds what can only grow against the figures before it.
func checkGrown(t *testing.T, h, after *ledger, f *fact.Fact) {
	t.Helper()
	if f.Indicator != "cases" && f.Indicator != "members" {
		return
	}
	present, known, _ := h.At(t.Context(), f.Indicator, f.Region, f.Dimensions, f.Period)
	if known && present == f.Value {
		return // believed once, believed always
	}
	if known && f.Value < present {
		t.Fatalf("accepted below the %v of the ledger: %+v", present, f)
	}
	for p := f.Period.Previous(); p.String() >= "2025-01"; p = p.Previous() {
		if before, ok, _ := after.At(t.Context(), f.Indicator, f.Region, f.Dimensions, p); ok {
			if f.Value < before {
				t.Fatalf("accepted below the %v of %s: %+v", before, p, f)
			}
			return
		}
	}
}

func TestHeldFigureKeepsWhatTheGateUnderstood(t *testing.T) {
	v := example{
		known: []fact.Fact{known(t, "grids", "2025-11", 1234)},
		readings: []fact.Reading{
			of("grids", "2026-01", 1e9), // refused; the next is held
			reading(func(r *fact.Reading) {
				r.Region, r.Value, r.Place = "余江区", fact.TextValue("1.234万"), fact.Place{Part: "12月", Row: 17, Field: "value"}
			}),
		},
	}.pass(t)
	want := []fact.HeldFact{{
		Key:   fact.Key{Indicator: "grids", Region: "360603", Period: parsed(t, "2025-12")},
		Value: 12340, Place: fact.Place{Part: "12月", Row: 17, Field: "value"}, Stage: "step-plausible",
		Reason: fact.Text{
			ZH: "余江区 (360603) 2025-12 的指标“网格”（grids）由 1234 变为 12340，上升 900%，超过允许的 50%，暂不采用：若属实，请用 govkpi release 放行；若有误，请用 govkpi reject 驳回，或在来源中改正（编号见 govkpi held）。",
			EN: "grids of 余江区 (360603) for 2025-12 rises by 900%, from 1234 to 12340, and no more than 50% is believed, so it is held: release it with govkpi release ID if it is right, else refuse it with govkpi reject ID or mend the source (govkpi held lists the ids).",
		},
	}}
	if diff := cmp.Diff(want, v.Held, cmp.Comparer(func(a, b fact.Period) bool { return a == b })); diff != "" {
		t.Errorf("held (-want +got):\n%s", diff)
	}
	if len(v.Facts) > 0 || len(v.Rejections) != 1 {
		t.Errorf("%d facts, %d rejections; want none and 1", len(v.Facts), len(v.Rejections))
	}
}

func TestHeldFiguresComeInTheOrderOfTheDelivery(t *testing.T) {
	v := example{
		known: []fact.Fact{known(t, "grids", "2025-01", 100), known(t, "members", "2025-01", 100)},
		readings: []fact.Reading{
			of("members", "2025-03", 99), // by figure-falls, which comes after step-plausible
			of("grids", "2025-03", 99999),
			of("grids", "2025-02", 99999),
			of("members", "2025-02", 98),
		},
	}.pass(t)
	if got, want := told(v), "1 held by figure-falls\n2 held by step-plausible\n3 held by step-plausible\n4 held by figure-falls\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for i, held := range v.Held {
		if held.Place.Row != int32(i+1) {
			t.Errorf("row %d comes as number %d", held.Place.Row, i+1)
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
		"register of the past": {
			regions: &register{brokenThen: down}, history: &ledger{}, read: []fact.Reading{reading()}, want: down,
			words: `gate, stage region-resolved, reading of grids at row 1: look up region "360603": disk on fire`,
		},
		"history of what grows": {
			regions: newRegister(), history: &ledger{fails: down}, read: []fact.Reading{of("members", "2025-12", 1)}, want: down,
			words: "gate, stage figure-falls: read the newest members of region 360603 before 2025-12 from the ledger: disk on fire",
		},
		"history of what is revised": {
			regions: newRegister(), history: &ledger{facts: []fact.Fact{known(t, "members", "2025-11", 1)}, fails: down},
			read: []fact.Reading{of("members", "2025-12", 1)}, want: down,
			words: "gate, stage figure-falls: read members of region 360603 for 2025-12 from the ledger: disk on fire",
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
