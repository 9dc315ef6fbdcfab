package quality_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// 湾里区 (360105) became a part of 新建区 (360112) in December 2019.
func TestRegionOfThePast(t *testing.T) {
	then := func(region, period string, v float64) fact.Reading { return at(region, of("grids", period, v)) }
	before := known(t, "grids", "2019-10", 100)
	before.Region = "360105"
	within := func(code string) quality.Terms { return quality.Terms{Within: code} }
	beside := then("湾里区", "2019-11", 5)
	beside.Within = []string{"南昌市"}
	elsewhere := then("湾里区", "2019-11", 5)
	elsewhere.Within = []string{"鹰潭市"}
	testDeliveries(t, map[string]deliveryCase{
		"by name":               {readings: []fact.Reading{then("湾里区", "2019-11", 5)}, want: "1 accepted\n"},
		"by code":               {readings: []fact.Reading{then("360105", "2019-11", 5)}, want: "1 accepted\n"},
		"by its date":           {readings: []fact.Reading{{Indicator: "grids", Region: "湾里区", Date: "2019-11-30", Value: fact.NumberValue(5)}}, want: "1 accepted\n"},
		"with a city beside it": {readings: []fact.Reading{beside, elsewhere}, want: "1 accepted\n2 region-resolved\n"},
		"after it was merged":   {readings: []fact.Reading{then("湾里区", "2019-12", 5)}, want: "1 region-resolved\n", reason: "There is no region 湾里区."},
		"in no period":          {readings: []fact.Reading{then("湾里区", "soon", 5)}, want: "1 region-resolved\n", reason: "There is no region 湾里区."},
		"nobody ever":           {readings: []fact.Reading{then("湾外区", "2019-11", 5)}, want: "1 region-resolved\n", reason: "There is no region 湾外区."},
		"for the target then":   {terms: within("360100"), readings: []fact.Reading{then("湾里区", "2019-11", 5)}, want: "1 accepted\n"},
		"for what it is now":    {terms: within("360112"), readings: []fact.Reading{then("湾里区", "2019-11", 5)}, want: "1 accepted\n"},
		"for another target":    {terms: within("360600"), readings: []fact.Reading{then("湾里区", "2019-11", 5)}, want: "1 region-of-target\n", reason: "湾里区 (360105) does not lie in it"},
		"out of scope": {
			readings: []fact.Reading{at("湾里区", of("lake_patrols", "2019-11-30", 5))}, want: "1 region-in-scope\n", reason: "湾里区 (360105) lies outside",
		},
		"in the scope of its successor": {readings: []fact.Reading{at("湾里区", of("rural_classes", "2019-11", 5))}, want: "1 accepted\n"},
		"twice":                         {readings: []fact.Reading{then("湾里区", "2019-11", 5), then("360105", "2019-11", 5)}, want: "1 accepted\n2 delivered-once\n"},
		"its own history counts": {
			known: []fact.Fact{before}, readings: []fact.Reading{then("湾里区", "2019-11", 500)}, want: "1 held by step-plausible\n",
			reason: "grids of 湾里区 (360105) for 2019-11 rises by 400%, from 100 to 500",
		},
		"in the totals of its city": {
			readings: []fact.Reading{then("湾里区", "2019-11", 5), then("新建区", "2019-11", 7), total("南昌市", then("", "2019-11", 12)), total("九江市", then("", "2019-11", 0))},
			want:     "1 accepted\n2 accepted\n4 total-agrees\n",
		},
		"a register has no past": {
			readings: []fact.Reading{then("湾里区", "2019-11", 5)}, entries: []fact.RegionEntry{{Code: "360105001", Name: "招贤镇", Place: fact.Place{Row: 2}}},
			want: "1 accepted\n2 entry-parent-known\n",
		},
	})
}

func TestRegionOfThePastKeepsItsCode(t *testing.T) {
	v := example{readings: []fact.Reading{at("湾里区", of("grids", "2019-11", 5)), at("湾里区", of("grids", "2025-11", 5))}}.pass(t)
	if len(v.Facts) != 1 || len(v.Rejections) != 1 {
		t.Fatalf("%d facts, %d rejections; want 1 of each", len(v.Facts), len(v.Rejections))
	}
	if diff := cmp.Diff("360105", v.Facts[0].Region); diff != "" {
		t.Errorf("region (-want +got):\n%s", diff)
	}
}
