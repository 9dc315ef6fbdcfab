package quality_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// at is a reading of another region than 余江区.
func at(region string, r fact.Reading) fact.Reading {
	r.Region = region
	return r
}

func total(region string, r fact.Reading) fact.Reading {
	r.Region, r.Total = region, true
	return r
}

func TestRegionOfTarget(t *testing.T) {
	within := func(code string) quality.Terms { return quality.Terms{Within: code} }
	grids := of("grids", "2025-12", 5)
	testDeliveries(t, map[string]deliveryCase{
		"none":               {readings: []fact.Reading{grids, at("360423", grids)}, want: "1 accepted\n2 accepted\n"},
		"the target itself":  {terms: within("360603"), readings: []fact.Reading{grids}, want: "1 accepted\n"},
		"by name":            {terms: within("360603"), readings: []fact.Reading{at("余江区", grids)}, want: "1 accepted\n"},
		"below the target":   {terms: within("360600"), readings: []fact.Reading{grids, at("360602", grids)}, want: "1 accepted\n2 accepted\n"},
		"two below":          {terms: within("360400"), readings: []fact.Reading{at("360423100", of("lake_patrols", "2025-12-31", 1))}, want: "1 accepted\n"},
		"a name of many":     {terms: within("360603"), readings: []fact.Reading{at("城郊镇", of("lake_patrols", "2025-12-31", 1))}, want: "1 accepted\n"},
		"a name elsewhere":   {terms: within("360603"), readings: []fact.Reading{at("新宁镇", of("lake_patrols", "2025-12-31", 1))}, want: "1 region-of-target\n"},
		"a name of nobody":   {terms: within("360603"), readings: []fact.Reading{at("城镇", of("lake_patrols", "2025-12-31", 1))}, want: "1 region-resolved\n"},
		"an unknown target":  {terms: within("999999"), readings: []fact.Reading{grids}, want: "1 region-of-target\n"},
		"a total over all":   {terms: within("360603"), readings: []fact.Reading{grids, total("", grids)}, want: "1 accepted\n"},
		"a total of another": {terms: within("360603"), readings: []fact.Reading{grids, total("九江市", grids)}, want: "1 accepted\n2 region-of-target\n"},
		"beside the target": {
			terms: within("360603"), readings: []fact.Reading{grids, at("360602", grids)}, want: "1 accepted\n2 region-of-target\n",
			reason: "This delivery was pulled for 余江区 (360603); 月湖区 (360602) does not lie in it",
		},
	})
}

func TestRegionsExpected(t *testing.T) {
	three := quality.Terms{Expected: counties("360423", "360602", "360603")}
	grids := of("grids", "2025-12", 5)
	spoiled := func(r fact.Reading, spoil func(*fact.Reading)) fact.Reading {
		spoil(&r)
		return r
	}
	all := []fact.Reading{grids, at("360602", grids), at("360423", grids)}
	testDeliveries(t, map[string]deliveryCase{
		"nothing expected":  {readings: all[:1], want: "1 accepted\n"},
		"nothing delivered": {terms: three, want: "0 regions-expected\n", reason: "Nothing was delivered, although 3 regions are expected: check"},
		"nothing delivered of a target": {
			terms: quality.Terms{Within: "360603", Expected: three.Expected}, want: "0 regions-expected\n", reason: "although 1 region is expected",
		},
		"nothing delivered of a target without any":     {terms: quality.Terms{Within: "360000", Expected: nil}, want: ""},
		"nothing delivered, none of them in the target": {terms: quality.Terms{Within: "360700", Expected: three.Expected}, want: ""},
		"nothing delivered, listed twice": {
			terms: quality.Terms{Expected: counties("360423", "360423", "360602")}, want: "0 regions-expected\n", reason: "although 2 regions are expected",
		},
		"nothing delivered, and indicators expected": {
			terms: quality.Terms{Expected: three.Expected, Indicators: []string{"grids"}}, want: "0 regions-expected\n", reason: "nothing of indicator grids",
		},
		"nothing but a register": {terms: three, entries: []fact.RegionEntry{{Code: "360603101", Name: "锦江镇"}}, want: "1 accepted\n"},
		"nothing but a total":    {terms: three, readings: []fact.Reading{total("", grids)}, want: "1 total-agrees\n"},
		"listed twice":           {terms: quality.Terms{Expected: counties("360423", "360603", "360423")}, readings: all[:1], want: "0 regions-expected\n1 accepted\n"},
		"all there":              {terms: three, readings: all, want: "1 accepted\n2 accepted\n3 accepted\n"},
		"two missing":            {terms: three, readings: all[:1], want: "0 regions-expected\n0 regions-expected\n1 accepted\n"},
		"of the newest only":     {terms: three, readings: append(all[:3:3], of("grids", "2025-11", 5)), want: "1 accepted\n2 accepted\n3 accepted\n4 accepted\n"},
		"an older one is not enough": {
			terms: three, readings: append(all[:2:2], at("360423", of("grids", "2025-11", 5))),
			want:   "0 regions-expected\n1 accepted\n2 accepted\n3 accepted\n",
			reason: "武宁县 (360423) has no reading for 2025-12 of indicator grids, although that is the newest period delivered",
		},
		"of each indicator": {
			terms: three, readings: append(all[:3:3], of("cases", "2026-01", 5)),
			want:   "0 regions-expected\n0 regions-expected\n1 accepted\n2 accepted\n3 accepted\n4 accepted\n",
			reason: "武宁县 (360423) has no reading for 2026-01 of indicator cases",
		},
		"a refused value is not missing": {
			terms: three, readings: append(all[:2:2], at("360423", of("grids", "2025-12", -1))),
			want: "1 accepted\n2 accepted\n3 value-not-negative\n",
		},
		"nor is one that was refused at the end": {
			terms: three, readings: append(all[:2:2], at("360423", of("grids", "2025-12", 1)), at("360423", of("grids", "2025-12", 2))),
			want: "1 accepted\n2 accepted\n3 delivered-once\n4 delivered-once\n",
		},
		"nor one whose period can't be told": {
			terms: three, readings: append(all[:2:2], at("360423", of("grids", "soon", 1))), want: "1 accepted\n2 accepted\n3 period-parsed\n",
		},
		"one that came too early is": {
			terms: three, readings: append(all[:2:2], at("360423", of("grids", "2026-03", 1))), want: "0 regions-expected\n1 accepted\n2 accepted\n3 period-ended\n",
		},
		"so is one of another cadence": {
			terms: three, readings: append(all[:2:2], at("360423", of("grids", "2025-Q4", 1))), want: "0 regions-expected\n1 accepted\n2 accepted\n3 period-cadence\n",
		},
		"one that can't be found is": {
			terms: three, readings: append(all[:2:2], at("武宁", grids)), want: "0 regions-expected\n1 accepted\n2 accepted\n3 region-resolved\n",
		},
		"a refused reading can be of the newest period": {
			terms: three, readings: append(all[:3:3], spoiled(of("grids", "2026-01", 5), func(r *fact.Reading) { r.Value = fact.Value{} })),
			want: "0 regions-expected\n0 regions-expected\n1 accepted\n2 accepted\n3 accepted\n4 value-present\n",
		},
		"a total is of no region": {
			terms: three, readings: append(all[:2:2], total("九江市", grids)), want: "0 regions-expected\n1 accepted\n2 accepted\n3 total-agrees\n",
		},
		"where all is refused nothing is missing": {
			terms: three, readings: []fact.Reading{of("grids", "soon", 5), at("nowhere", grids)}, want: "1 period-parsed\n2 region-resolved\n",
		},
		"other levels report other things": {
			terms:    quality.Terms{Expected: append(counties("360603", "360400"), counties("360000")...)},
			readings: []fact.Reading{grids}, want: "1 accepted\n",
		},
		"nor does a region out of scope": {
			terms: three, readings: []fact.Reading{of("lake_patrols", "2025-12-31", 1)}, want: "0 regions-expected\n1 accepted\n", // 360602 is out
			reason: "武宁县",
		},
		"nor one outside the target": {
			terms:    quality.Terms{Within: "360600", Expected: three.Expected},
			readings: all[:1], want: "0 regions-expected\n1 accepted\n", reason: "月湖区",
		},
	})
}

func TestIndicatorsExpected(t *testing.T) {
	terms := quality.Terms{Indicators: []string{"grids", "cases"}}
	testDeliveries(t, map[string]deliveryCase{
		"both":        {terms: terms, readings: []fact.Reading{of("grids", "2025-12", 5), of("cases", "2025-12", 5)}, want: "1 accepted\n2 accepted\n"},
		"and more":    {terms: terms, readings: []fact.Reading{of("grids", "2025-12", 5), of("cases", "2025-12", 5), of("meetings", "2025-H1", 5)}, want: "1 accepted\n2 accepted\n3 accepted\n"},
		"one refused": {terms: terms, readings: []fact.Reading{of("grids", "2025-12", 5), of("cases", "2025-12", -5)}, want: "1 accepted\n2 value-not-negative\n"},
		"one missing": {
			terms: terms, readings: []fact.Reading{of("grids", "2025-12", 5)}, want: "0 regions-expected\n1 accepted\n",
			reason: "The delivery has nothing of indicator cases, which the collector's configuration expects",
		},
		"only a total":             {terms: terms, readings: []fact.Reading{of("grids", "2025-12", 5), total("", of("cases", "2025-12", 5))}, want: "0 regions-expected\n1 accepted\n2 total-agrees\n"},
		"nothing at all":           {terms: terms, want: "0 regions-expected\n0 regions-expected\n"},
		"nobody knows what it was": {terms: terms, readings: []fact.Reading{of("网格", "2025-12", 5)}, want: "1 indicator-known\n"},
		"not in the catalogue":     {terms: quality.Terms{Indicators: []string{"gridz"}}, readings: []fact.Reading{of("grids", "2025-12", 5)}, want: "0 regions-expected\n1 accepted\n", reason: "nothing of indicator gridz,"},
	})
}

// What is missing is told after what is there, in an order that does not change.
func TestWhatIsMissing(t *testing.T) {
	v := example{
		terms:    quality.Terms{Expected: counties("360603", "360602", "360423"), Indicators: []string{"net_moves"}},
		readings: []fact.Reading{of("grids", "2025-12", 5), of("grids", "2025-12", -5), of("cases", "2025-11", 5)},
	}.pass(t)
	var got []fact.Reading
	for _, r := range v.Rejections {
		if r.Stage == "regions-expected" {
			got = append(got, r.Reading)
		} else if len(got) > 0 {
			t.Errorf("%s comes after what is missing", r.Stage)
		}
	}
	want := []fact.Reading{
		{Indicator: "net_moves"},
		{Indicator: "cases", Region: "360602", Period: "2025-11"},
		{Indicator: "cases", Region: "360423", Period: "2025-11"},
		{Indicator: "grids", Region: "360602", Period: "2025-12"},
		{Indicator: "grids", Region: "360423", Period: "2025-12"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(fact.Value{})); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}
