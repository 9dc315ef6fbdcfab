package quality_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
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
		one(func(r *fact.Reading) { r.Region = "合计" }),
		one(func(r *fact.Reading) { r.Indicator, r.Period, r.Region = "lake_patrols", "2025-12-31", "月湖区" }),
		one(func(r *fact.Reading) { r.Period = "12/2025" }),
		one(func(r *fact.Reading) { r.Period = "2025.1" }),
		one(func(r *fact.Reading) { r.Indicator, r.Period = "net_moves", "2025年1-9月" }),
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
		against("cases", "2025-11", 100, of("cases", "2025-12", 99)),
		against("cases", "2025-12", 100, of("cases", "2025-12", 99)),
		against("members", "2025-12", 100, of("members", "2026-01", 99)),
		{overruled: []fact.Decision{overruled(t, "grids", "2025-12", 7, fact.Reject)}, readings: []fact.Reading{of("grids", "2025-12", 7)}},
		{overruled: []fact.Decision{overruled(t, "grids", "2025-12", 7, fact.Correct)}, readings: []fact.Reading{of("grids", "2025-12", 7)}},
	}
}

// everyReasonOfDeliveries is the same for what is said of deliveries that have
// terms, totals, or very much that is wrong.
func everyReasonOfDeliveries() []example {
	grids := of("grids", "2025-12", 5)
	sum := total("", of("grids", "2025-12", 9))
	sum.Place = fact.Place{Row: 17, Field: "网格数"}
	ofCity := at("鹰潭市", sum)
	split := of("volunteers", "2025", 3)
	split.Dimensions = "age=old,sex=male"
	words := func(_ int, r *fact.Reading) { r.Value = fact.TextValue("余江区") }
	return []example{
		{terms: quality.Terms{Within: "360602"}, readings: []fact.Reading{grids}},
		{readings: []fact.Reading{grids, at("360602", grids), sum}},
		{readings: []fact.Reading{grids, at("360602", grids), ofCity}},
		{readings: []fact.Reading{total("", withDimensions(split, 4)), split}},
		{readings: []fact.Reading{at("余杭区", grids), grids, sum}},
		{readings: []fact.Reading{sum}},
		{terms: quality.Terms{Expected: counties("360603", "360602")}, readings: []fact.Reading{grids}},
		{terms: quality.Terms{Indicators: []string{"cases"}}, readings: []fact.Reading{grids}},
		{terms: quality.Terms{Expected: counties("360603", "360602")}},
		{readings: rows(100, "net_moves", "净迁入", func(_ int, r *fact.Reading) { r.Period = "2025年1-9月" })},
		{readings: rows(100, "grids", "网格数", func(_ int, r *fact.Reading) { r.Region = "12" })},
		{readings: rows(100, "grids", "网格数", func(_ int, r *fact.Reading) { r.Period = "余江区" })},
		{readings: append(rows(30, "cases", "办结数", fine), rows(30, "gridz", "网格数", fine)...)},
		{readings: append(rows(30, "cases", "办结数", fine), rows(30, "grids", "网格数", words)...)},
		{readings: append(rows(30, "cases", "数量", fine), rows(30, "grids", "数量", words)...)},
		{readings: append(rows(30, "cases", "", fine), rows(30, "grids", "", func(_ int, r *fact.Reading) { r.Value = fact.Value{} })...)},
	}
}

func withDimensions(r fact.Reading, value float64) fact.Reading {
	r.Value = fact.NumberValue(value)
	return r
}

// everyReasonOfEntries is the same for what is said of registers.
func everyReasonOfEntries() []example {
	town := fact.RegionEntry{Code: "360603101", Name: "锦江镇"}
	one := func(spoil func(*fact.RegionEntry)) example {
		e := town
		spoil(&e)
		return example{entries: []fact.RegionEntry{e}}
	}
	var nameless []fact.RegionEntry
	for i := range 30 {
		nameless = append(nameless, fact.RegionEntry{Code: fmt.Sprintf("3606031%02d", i), Name: "12"})
	}
	other := town
	other.Name = "锦江乡"
	return []example{
		one(func(e *fact.RegionEntry) { e.Code = "" }),
		one(func(e *fact.RegionEntry) { e.Code = "锦江镇" }),
		one(func(e *fact.RegionEntry) { e.Code = "36060310" }),
		one(func(e *fact.RegionEntry) { e.Level = "镇" }),
		one(func(e *fact.RegionEntry) { e.Level = "village" }),
		one(func(e *fact.RegionEntry) { e.Name = "锦江\n镇" }),
		one(func(e *fact.RegionEntry) { e.Name = "" }),
		one(func(e *fact.RegionEntry) { e.Parent = "余江区" }),
		one(func(e *fact.RegionEntry) { e.Code, e.Name = "360603", "余江县" }),
		{entries: []fact.RegionEntry{town, town}},
		{entries: []fact.RegionEntry{town, other}},
		{entries: []fact.RegionEntry{town, other, {Code: "360603101001", Name: "锦江村"}}},
		one(func(e *fact.RegionEntry) { e.Parent = "360699" }),
		one(func(e *fact.RegionEntry) { e.Parent = "360423100" }),
		{terms: quality.Terms{Within: "360602"}, entries: []fact.RegionEntry{town}},
		{terms: quality.Terms{Within: "360603"}, entries: []fact.RegionEntry{{Code: collected, Name: "江边街道", Parent: "360603"}}},
		{entries: []fact.RegionEntry{{Code: "360622", Name: "余江县", Parent: "360600"}}},
		{entries: nameless},
	}
}

// The sentences are what people meet of the gate, so all of them stand in one
// file to be read.
func TestReasons(t *testing.T) {
	var got strings.Builder
	met := map[string]bool{}
	for _, e := range slices.Concat(everyReason(t), everyReasonOfDeliveries(), everyReasonOfEntries()) {
		told := reasons(e.pass(t))
		if len(told) == 0 {
			t.Fatalf("accepted: %+v", e)
		}
		last := told[len(told)-1]
		fmt.Fprintf(&got, "%s\n  %s\n  %s\n", last.Stage, last.Reason.ZH, last.Reason.EN)
		met[last.Stage] = true
	}
	for _, stage := range quality.Stages() {
		if !met[stage] {
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
	intake := newGate(newRegister(), &ledger{}).Open(quality.Terms{})
	for _, v := range []float64{1, 2} {
		if err := intake.Add(of("grids", "2025-12", v)); err != nil { // no row, no column
			t.Fatal(err)
		}
	}
	verdict, err := intake.Close(t.Context())
	rejections := verdict.Rejections
	if err != nil || len(rejections) != 2 {
		t.Fatalf("%d rejections, error %v", len(rejections), err)
	}
	for language, reason := range map[string]string{"1（未注明位置）、2（未注明位置）": rejections[0].Reason.ZH, "1 (place unknown), 2 (place unknown)": rejections[0].Reason.EN} {
		if !strings.Contains(reason, language) {
			t.Errorf("%s\ndoes not say %s", reason, language)
		}
	}
}
