package standing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// mergers is a city of a county that took up two others, one after the other, of
// one that two became, and of one that was renamed.
var mergers = mustRegister([]fact.Region{
	{Code: "360600", Name: "鹰潭市", Level: fact.City},
	{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600"},
	{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600"},
	{Code: "360681", Name: "贵溪市", Level: fact.County, Parent: "360600"},
	{Code: "360602100", Name: "童家镇", Level: fact.Township, Parent: "360602"},
},
	fact.RegionChange{OldCode: "360605", OldName: "龙虎山区", Code: "360602", Name: "月湖区", Effective: mustPeriod("2025-07"), Kind: fact.Merged},
	fact.RegionChange{OldCode: "360606", OldName: "信江区", Code: "360602", Name: "月湖区", Effective: mustPeriod("2025-09"), Kind: fact.Merged},
	fact.RegionChange{OldCode: "360691", OldName: "东溪县", Code: "360681", Name: "贵溪市", Effective: mustPeriod("2025-07"), Kind: fact.Merged},
	fact.RegionChange{OldCode: "360692", OldName: "西溪县", Code: "360681", Name: "贵溪市", Effective: mustPeriod("2025-07"), Kind: fact.Merged},
	fact.RegionChange{OldCode: "360622", OldName: "余江县", Code: "360603", Name: "余江区", Effective: mustPeriod("2025-05"), Kind: fact.Renamed},
	fact.RegionChange{OldCode: "360602009", OldName: "童家乡", Code: "360602100", Name: "童家镇", Effective: mustPeriod("2025-07"), Kind: fact.Merged},
)

// A sum of some of the regions that are one today is not the region's figure of
// before.
func TestRecastOfAllOrNothing(t *testing.T) {
	for name, test := range map[string]struct {
		region string
		said   string // by code: periods of 2025
		want   string // the region's totals of 2025-05, 06, 07, 08 and 09
	}{
		"all of them said something":                {"360602", "360602 5 6 7 8 9, 360605 5 6, 360606 5 6 7 8", "3 3 2 2 1"},
		"one had nothing to say in June":            {"360602", "360602 5 6 7 8 9, 360605 5, 360606 5 6 7 8", "3 - 2 2 1"},
		"who goes on is added after the merger":     {"360602", "360602 5 6 7 8 9, 360605 5 6 8, 360606 5 6 7 8", "3 3 2 3 1"},
		"the region itself had nothing":             {"360602", "360602 5 7 8 9, 360605 5 6, 360606 5 6 7 8", "3 - 2 2 1"},
		"one that never said anything is not asked": {"360602", "360602 5 6 7 8 9, 360606 5 6 7 8", "2 2 2 2 1"},
		"nor are two":                               {"360602", "360602 5 6 7 8 9", "1 1 1 1 1"},
		"only one that is gone":                     {"360602", "360605 5 6", "1 1 - - -"},
		"only one that is gone, then itself":        {"360602", "360605 5 6, 360602 7 8", "- - 1 1 -"},
		"founded by two":                            {"360681", "360691 5 6, 360692 5 6, 360681 7 8 9", "2 2 1 1 1"},
		"founded by two, of which one was late":     {"360681", "360691 5 6, 360692 6, 360681 7 8 9", "- 2 1 1 1"},
		"two came to one that was there":            {"360681", "360691 5 6, 360692 5 6, 360681 6 7 8 9", "- 3 1 1 1"},
		"renamed, which is nothing to put together": {"360603", "360622 5, 360603 6 7", "1 1 1 - -"},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for of := range strings.SplitSeq(test.said, ", ") {
				months := strings.Fields(of)
				for _, m := range months[1:] {
					lines = append(lines, fmt.Sprintf("grids %s 2025-0%s = 1", months[0], m))
				}
			}
			for _, past := range []bool{false, true} {
				w := said(t, lines...)
				o := w.options(t, clockAt(at(t, "2025-10-20")), []fact.Indicator{grids(nil)})
				o.Regions, o.Site = mergers, "360600"
				if past {
					o.AsKnownAt = at(t, "2025-10-20")
				}
				b := standing.New(o)
				i := &b.Indicators[0]
				var got []string
				for m := 5; m <= 9; m++ {
					p := period(t, fmt.Sprintf("2025-%02d", m))
					totals, err := b.Totals(t.Context(), i, p, 0)
					if err != nil || len(totals) > 1 || len(totals) == 1 && totals[0].Region.Code != test.region {
						t.Fatalf("%+v, %v", totals, err)
					}
					total := "-"
					if len(totals) == 1 {
						total = fmt.Sprint(totals[0].Value)
					}
					got = append(got, total)
				}
				if strings.Join(got, " ") != test.want {
					t.Errorf("the past %v: totals are %s, want %s", past, strings.Join(got, " "), test.want)
				}
				checkNewest(t, newestOf(t, b, i, test.region), got)
			}
		})
	}
}

// checkNewest holds the newest figure, and the one before it, to the totals of
// 2025-05 to 09.
func checkNewest(t *testing.T, f fact.Figure, totals []string) {
	t.Helper()
	newest := len(totals) - 1
	for totals[newest] == "-" {
		newest--
	}
	if f.Period.String() != fmt.Sprintf("2025-%02d", newest+5) || number(fact.Some(f.Value)) != totals[newest] {
		t.Errorf("the newest is %v of %s, by the totals %s", f.Value, f.Period, totals)
	}
	if newest > 0 && number(f.Previous) != totals[newest-1] {
		t.Errorf("previous of %s is %s, by the totals %s", f.Period, number(f.Previous), totals)
	}
}

// Parts are told apart by region, whatever dimensions they reported.
func TestRecastOfDimensions(t *testing.T) {
	w := said(t, "grids 360602 2025-05 sex=female = 1", "grids 360605 2025-05 sex=male = 2", "grids 360602 2025-06 sex=male = 4",
		"grids 360605 2025-04 sex=female = 8")
	o := w.options(t, clockAt(at(t, "2025-07-20")), []fact.Indicator{grids(func(i *fact.Indicator) {
		i.Dimensions = []fact.Dimension{{Name: "sex", Values: []string{"female", "male"}}}
	})})
	o.Regions, o.Site = mergers, "360600"
	b := standing.New(o)
	i := &b.Indicators[0]
	for asked, want := range map[string]string{"2025-04": "[]", "2025-05": "[360602 月湖区 3]", "2025-06": "[]"} {
		if got := fmt.Sprint(totalsOf(t, b, i, asked, false)); got != want {
			t.Errorf("%s: %s, want %s", asked, got, want)
		}
	}
	for f := range b.Newest(i) {
		if f.Period != period(t, "2025-05") {
			t.Errorf("%+v is of one part only", f)
		}
	}
	if r := b.Rollups(i)[0]; r.Period != period(t, "2025-05") || r.Value != fact.Some(3) {
		t.Errorf("rolled up %+v, want 3 for May", r)
	}
}

// Where only a part reported, nobody did: also of what the head has, and where
// the part itself said nothing for long.
func TestRollupsOfPartsOfTheHead(t *testing.T) {
	for name, test := range map[string]struct {
		said []string
		now  string
		want string
	}{
		"both":           {[]string{"towns 360602100 2025-06 = 1", "towns 360602009 2025-06 = 2"}, "2025-07-20", "360600 2025-06 3 of 1/1"},
		"itself only":    {[]string{"towns 360602100 2025-06 = 1", "towns 360602009 2025-01 = 2"}, "2025-07-20", "360600 2025-06 - of 0/1"},
		"the other only": {[]string{"towns 360602100 2025-01 = 1", "towns 360602009 2025-06 = 2"}, "2025-07-20", "360600 2025-06 - of 0/1"},
		"itself, before": {[]string{"towns 360602100 2025-07 = 1", "towns 360602100 2025-06 = 1", "towns 360602009 2025-05 = 2"}, "2025-08-20", "360600 2025-07 1 of 1/1"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, detailed := range []bool{false, true} {
				w := said(t, test.said...)
				o := w.options(t, clockAt(at(t, test.now)), []fact.Indicator{ofTowns("towns", func(i *fact.Indicator) {
					i.Detailed, i.ExpectedFrom = detailed, mustPeriod("2025-01")
				})})
				o.Regions, o.Site = mergers, "360600"
				r := standing.New(o).Rollups(&o.Indicators[0])
				if len(r) == 0 {
					t.Fatal("no roll-ups")
				}
				if got := fmt.Sprintf("%s %s %s of %d/%d", r[0].Region, r[0].Period, number(r[0].Value), r[0].Reported, r[0].Expected); got != test.want {
					t.Errorf("followed %v: %s, want %s", detailed, got, test.want)
				}
				if r[0].Previous.OK {
					t.Errorf("followed %v: the period before has %+v", detailed, r[0].Previous)
				}
			}
		})
	}
}
