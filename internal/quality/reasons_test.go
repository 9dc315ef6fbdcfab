package quality_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// everyReason is a delivery for each sentence that the gate can say.
func everyReason(t *testing.T) []example {
	t.Helper()
	one := func(spoil func(*fact.Reading)) example {
		return example{readings: []fact.Reading{reading(spoil)}}
	}
	value := func(indicator, period string, v float64) example {
		return example{readings: []fact.Reading{of(indicator, period, v)}}
	}
	against := func(indicator, period string, v float64, r fact.Reading) example {
		return example{known: []fact.Fact{known(t, indicator, period, v)}, readings: []fact.Reading{r}}
	}
	split := func(d fact.Dimensions) example {
		return one(func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = "volunteers", "2025", d })
	}
	sheet := of("grids", "2025-12", 8)
	sheet.Place = fact.Place{Part: "12月", Row: 3, Field: "网格数"}
	page := of("grids", "2025-12", 9)
	page.Place = fact.Place{Part: "page 2", Row: 3}
	return []example{
		one(func(r *fact.Reading) { r.Indicator = "" }),
		one(func(r *fact.Reading) { r.Indicator = "gridz" }),
		one(func(r *fact.Reading) { r.Indicator = "forms_cut_share" }),
		one(func(r *fact.Reading) { r.Region = "余杭区" }),
		one(func(r *fact.Reading) { r.Indicator, r.Period, r.Region = "lake_patrols", "2025-12-31", "月湖区" }),
		one(func(r *fact.Reading) { r.Period = "12/2025" }),
		one(func(r *fact.Reading) { r.Period, r.Date = "", "31.12.2025" }),
		one(func(r *fact.Reading) { r.Period = "" }),
		value("grids", "2025-12-31", 1),
		value("grids", "2025-W52", 1),
		value("grids", "2025-Q4", 1),
		value("grids", "2025-H2", 1),
		value("grids", "2025", 1),
		value("net_moves", "2025-12", 1),
		value("grids", "2026-03", 1),
		split("age=old,party=yes,sex=male"),
		split("age=old,sex=女"),
		split("age=old,sex=male,sex=male"),
		split("age=old"),
		one(func(r *fact.Reading) { r.Value = fact.Value{} }),
		one(func(r *fact.Reading) { r.Value = fact.TextValue("约 1200\n") }),
		value("grids", "2025-12", math.NaN()),
		value("grids", "2025-12", 0.5),
		value("cases", "2025-12", 1<<60),
		value("grids", "2025-12", -1),
		value("service_hours", "2026-W01", 9.5),
		value("grids", "2025-12", 1234567),
		{readings: []fact.Reading{of("grids", "2025-12", 7), of("grids", "2025-12", 7)}},
		{readings: []fact.Reading{sheet, page}},
		{readings: []fact.Reading{of("forms_before", "2025-12", 100), of("forms_cut", "2025-12", 101)}},
		against("forms_before", "2025-12", 100, of("forms_cut", "2025-12", 101)),
		against("forms_cut", "2025-12", 101, of("forms_before", "2025-12", 100)),
		against("grids", "2025-11", 100, of("grids", "2025-12", 1000)),
		against("grids", "2025-11", 100, of("grids", "2025-12", 33)),
	}
}

// The sentences are what people meet of the gate, so all of them stand in one
// file to be read.
func TestReasons(t *testing.T) {
	var got strings.Builder
	said := map[string]bool{}
	for _, e := range everyReason(t) {
		_, rejections := deliver(t, &ledger{facts: e.known}, e.readings...)
		if len(rejections) == 0 {
			t.Fatalf("accepted: %+v", e.readings)
		}
		last := rejections[len(rejections)-1]
		fmt.Fprintf(&got, "%s\n  %s\n  %s\n", last.Stage, last.Reason.ZH, last.Reason.EN)
		said[last.Stage] = true
	}
	for _, stage := range quality.Stages() {
		if !said[stage] {
			t.Errorf("no sentence of %s", stage)
		}
	}
	if strings.Contains(got.String(), "%!") {
		t.Error("a sentence does not fit its arguments")
	}
	const golden = "testdata/reasons.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s, which -update rewrites (-want +got):\n%s", golden, diff)
	}
}

func TestReasonWithoutPlaceOrName(t *testing.T) {
	intake := newGate(newRegister(), &ledger{}).Open()
	for _, v := range []float64{1, 2} {
		if err := intake.Add(of("grids", "2025-12", v)); err != nil { // no row, no column
			t.Fatal(err)
		}
	}
	_, rejections, err := intake.Close(t.Context())
	if err != nil || len(rejections) != 2 {
		t.Fatalf("%d rejections, error %v", len(rejections), err)
	}
	for language, reason := range map[string]string{"1（未注明位置）、2（未注明位置）": rejections[0].Reason.ZH, "1 (place unknown), 2 (place unknown)": rejections[0].Reason.EN} {
		if !strings.Contains(reason, language) {
			t.Errorf("%s\ndoes not say %s", reason, language)
		}
	}
}
