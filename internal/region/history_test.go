package region_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

func period(s string) fact.Period {
	if s == "" {
		return fact.Period{}
	}
	p, err := fact.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

func change(old, oldName, code, name, effective string, kind fact.ChangeKind) fact.RegionChange {
	return fact.RegionChange{OldCode: old, OldName: oldName, Code: code, Name: name, Effective: period(effective), Kind: kind}
}

// chained is a register whose county was renamed twice and took in another,
// which had been renamed too and had taken in a third.
//
//	2002 甲县, 2004 乙县 (名乙), 2010 丙区 = today
//	      3005 丁县, 2008 戊县, 2015 into 丙区
//	           3007 己县, 2006 into 丁县
func chained(t *testing.T) *region.Register {
	t.Helper()
	return mustNew(t, []fact.Region{
		{Code: "36", Name: "江西省", Level: fact.Province},
		{Code: "3601", Name: "南昌市", Parent: "36", Level: fact.City},
		{Code: "360110", Name: "丙区", Parent: "3601", Level: fact.County, Villages: 7},
		{Code: "360111", Name: "庚区", Parent: "3601", Level: fact.County},
	}, []fact.RegionChange{
		change("360120", "乙县", "360110", "丙区", "2010-03", fact.Renamed),
		change("", "甲县", "360120", "乙县", "2004-07", fact.Renamed), // the name only
		change("360130", "甲甲县", "360120", "甲县", "2002-01", fact.Renamed),
		change("360132", "戊县", "360110", "丙区", "2015-06", fact.Merged),
		change("360131", "丁县", "360132", "戊县", "2008-01", fact.Renamed),
		change("360133", "己县", "360131", "丁县", "2006-01", fact.Merged),
		change("360134", "辛县", "360111", "庚区", "", fact.Merged), // nobody knows when
		change("360135", "", "360111", "庚区", "2012-01", fact.Renamed),
		change("360111", "庚区", "360110", "丙区", "2019-12", fact.SplitOff),
	}, []fact.RegionAlias{{Name: "丙 新区", Code: "360110"}})
}

func TestSuccessor(t *testing.T) {
	r := chained(t)
	for code, want := range map[string]struct {
		region, ended string
		kind          fact.ChangeKind
		effective     string
	}{
		"360120": {"360110", "360120", fact.Renamed, "2010-03"},
		"360130": {"360110", "360130", fact.Renamed, "2002-01"},
		"360132": {"360110", "360132", fact.Merged, "2015-06"},
		"360131": {"360110", "360132", fact.Merged, "2015-06"}, // it was renamed, and then merged
		"360133": {"360110", "360133", fact.Merged, "2006-01"}, // it was merged, and the whole once more
		"360134": {"360111", "360134", fact.Merged, ""},
		"360135": {"360111", "360135", fact.Renamed, "2012-01"},
	} {
		got, change, ok := r.Successor(code)
		if !ok || got.Code != want.region || change.OldCode != want.ended || change.Kind != want.kind || change.Effective.String() != want.effective {
			t.Errorf("%s: %+v, %+v, %t; want %+v", code, got, change, ok, want)
		}
	}
	for _, code := range []string{"360110", "360111", "", "999999", "乙县"} {
		if got, change, ok := r.Successor(code); ok || got != nil || change != (fact.RegionChange{}) {
			t.Errorf("%q: %+v, %+v, %t; want nothing", code, got, change, ok)
		}
	}
}

func TestFormer(t *testing.T) {
	r := chained(t)
	for code, name := range map[string]string{
		"360120": "乙县", "360130": "甲甲县", "360132": "戊县", "360131": "丁县", "360133": "己县", "360134": "辛县",
		"360135": "庚区", // nobody says what it was called
	} {
		got, ok := r.Former(code)
		want := fact.Region{Code: code, Name: name, Parent: "3601", Level: fact.County}
		if !ok || got != want {
			t.Errorf("%s: %+v, %t; want %+v", code, got, ok, want)
		}
		if found, ok := r.ByCode(code); ok {
			t.Errorf("ByCode found the retired %s: %+v", code, found)
		}
	}
	for _, code := range []string{"360110", "", "999999"} {
		if got, ok := r.Former(code); ok {
			t.Errorf("%q: %+v; want nothing", code, got)
		}
	}
}

func TestAsOf(t *testing.T) {
	r := chained(t)
	for _, test := range []struct{ code, period, want string }{
		{"360110", "", "360110 丙区"},
		{"360110", "2025", "360110 丙区"},
		{"360110", "2010-03", "360110 丙区"},
		{"360110", "2010-02", "360120 乙县"},
		{"360110", "2010-02-28", "360120 乙县"},
		{"360110", "2010-Q1", "360110 丙区"}, // it ended under the new name
		{"360110", "2009", "360120 乙县"},
		{"360110", "2004-07", "360120 乙县"},
		{"360110", "2004-06", "360120 甲县"},
		{"360110", "2002-01", "360120 甲县"},
		{"360110", "2001", "360130 甲甲县"},
		{"360120", "2025", "360110 丙区"}, // any code that it had means the region
		{"360120", "2001", "360130 甲甲县"},
		{"360130", "2025", "360110 丙区"},
		{"360132", "2014", "360132 戊县"},
		{"360132", "2025", "360132 戊县"}, // it went by that name when it ended
		{"360132", "2007", "360131 丁县"},
		{"360131", "2014", "360132 戊县"},
		{"360131", "2007-12", "360131 丁县"},
		{"360133", "2005", "360133 己县"},
		{"360133", "2012", "360133 己县"},
		{"360134", "2005", "360134 辛县"},
		{"360111", "2011", "360135 庚区"},
		{"360111", "", "360111 庚区"},
	} {
		got := r.AsOf(test.code, period(test.period))
		if got.Code+" "+got.Name != test.want || got.Level != fact.County || got.Parent != "3601" {
			t.Errorf("%s in %s: %+v, want %s", test.code, test.period, got, test.want)
		}
	}
	if got := r.AsOf("360110", period("2009")); got.Villages != 7 {
		t.Errorf("%+v; want it to have as many villages as today", got)
	}
	for _, code := range []string{"", "999999", "丙区"} {
		if got := r.AsOf(code, period("2025")); got != (fact.Region{}) {
			t.Errorf("%q: %+v; want nothing", code, got)
		}
	}
}

// TestAsOfToday asks for every region that ships, now and before all changes.
func TestAsOfToday(t *testing.T) {
	r := shipped(t)
	for today := range r.All() {
		if got := r.AsOf(today.Code, period("2026-01")); got != *today {
			t.Errorf("%s: %+v, want %+v", today.Code, got, *today)
		}
		old := r.AsOf(today.Code, period("1990"))
		if old.Code == today.Code {
			continue
		}
		if successor, _, ok := r.Successor(old.Code); !ok || successor.Code != today.Code {
			t.Errorf("%s was %s, which is %+v today", today.Code, old.Code, successor)
		}
	}
	if got := r.AsOf("360112", period("2014")); got.Code+got.Name != "360122新建县" {
		t.Errorf("360112 in 2014: %+v", got)
	}
}

func TestResolveAt(t *testing.T) {
	r := chained(t)
	for _, test := range []struct {
		written, within, period string
		want                    string // code and name; or a part of the refusal
	}{
		{"360132", "", "2015-05", "360132 戊县"},
		{"戊县", "", "2015-05", "360132 戊县"},
		{"戊县", "南昌市", "2014", "360132 戊县"},
		{"南昌市戊县", "", "2014", "360132 戊县"},
		{"360132000000", "", "2014", "360132 戊县"},
		{"戊县", "", "2015-06", "was merged"},
		{"戊县", "", "2015", "was merged"}, // it ended as a part
		{"戊县", "", "", "was merged"},
		{"丁县", "", "2007", "360132 戊县"}, // the last name of the one that was merged
		{"360131", "", "2014", "360132 戊县"},
		{"己县", "", "2005-12", "360133 己县"},
		{"己县", "", "2014", "was merged"}, // a part of a region that was one itself then
		{"辛县", "", "1990", "was merged"}, // nobody knows when
		{"乙县", "", "2005", "360110 丙区"},
		{"360120", "", "2005", "360110 丙区"},
		{"丙区", "", "2005", "360110 丙区"},
		{"360110", "", "2005", "360110 丙区"},
		{"戊县", "庚区", "2014", "does not lie in"},
		{"壬县", "", "2014", "no region has the name"},
		{"", "", "2014", "no region is written"},
		{"丙区", "九江市", "2014", "the region above can't be told"},
	} {
		got, err := r.ResolveAt(test.written, county, []string{test.within}, period(test.period))
		switch {
		case err != nil:
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q in %q at %q: %v, want %s", test.written, test.within, test.period, err, test.want)
			}
			if u := (*region.Unresolved)(nil); !errors.As(err, &u) {
				t.Errorf("%q: error %v, want an *Unresolved", test.written, err)
			}
		case got.Code+" "+got.Name != test.want:
			t.Errorf("%q in %q at %q: %+v, want %s", test.written, test.within, test.period, got, test.want)
		}
	}
	if got, err := r.ResolveAt("戊县", city, nil, period("2014")); err == nil || !strings.Contains(err.Error(), "merged") {
		t.Errorf("a county where a city is wanted: %+v, %v", got, err)
	}
	first, _ := r.ResolveAt("戊县", county, nil, period("2014"))
	if second, _ := r.ResolveAt("360131", county, nil, period("2013")); first != second {
		t.Error("one retired region is two")
	}
}

// TestResolveAtIsResolve asks for every county that ships in a period after all
// changes, and for none.
func TestResolveAtIsResolve(t *testing.T) {
	r := shipped(t)
	var written []string
	for today := range r.Under("360000", fact.County) {
		written = append(written, r.Written(today.Code)...)
	}
	for _, w := range append(written, "吉安", "南康市", "天堂县") {
		want, wantErr := r.Resolve(w, county, nil)
		for _, p := range []string{"", "2025-12"} {
			got, err := r.ResolveAt(w, county, nil, period(p))
			if got != want || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
				t.Errorf("%s at %q: %v, %v; want %v, %v", w, p, got, err, want, wantErr)
			}
		}
	}
}

func TestWritten(t *testing.T) {
	r := chained(t)
	want := []string{
		"360110",
		"360110000", "360110000000", "360120", "360120000", "360120000000", "360130", "360130000", "360130000000",
		"360131", "360131000", "360131000000", "360132", "360132000", "360132000000", "360133", "360133000", "360133000000",
		"丙区", "南昌市丙区", "江西省南昌市丙区", "丙新区", "乙县", "甲县", "甲甲县", "甲甲", "戊县", "丁县", "己县",
	}
	ignoreOrder := cmpopts.SortSlices(strings.Compare)
	if diff := cmp.Diff(want, r.Written("360110"), ignoreOrder); diff != "" {
		t.Errorf("360110 (-want +got):\n%s", diff)
	}
	if got := r.Written("360110"); got[0] != "360110" {
		t.Errorf("it begins with %s", got[0])
	}
	want = []string{"360132", "360132000", "360132000000", "戊县", "南昌市戊县", "江西省南昌市戊县"}
	if diff := cmp.Diff(want, r.Written("360132"), ignoreOrder); diff != "" {
		t.Errorf("360132 (-want +got):\n%s", diff)
	}
	for _, code := range []string{"", "999999", "丙区"} {
		if got := r.Written(code); got != nil {
			t.Errorf("%q: %q; want nothing", code, got)
		}
	}
}

// TestWrittenMeansTheRegion resolves all that Written returns for what ships: it
// is the region, within the one above, or a refusal that names it.
func TestWrittenMeansTheRegion(t *testing.T) {
	r := shipped(t)
	for today := range r.All() {
		written := r.Written(today.Code)
		if !slices.Contains(written, today.Name) || !slices.Contains(written, today.Code) {
			t.Errorf("%s %s: %q", today.Code, today.Name, written)
		}
		for i, w := range written {
			if slices.Contains(written[:i], w) {
				t.Errorf("%s has %s twice", today.Code, w)
			}
			got, err := r.Resolve(w, []fact.Level{today.Level}, []string{today.Parent})
			if err == nil && got != today || err != nil && !strings.Contains(err.Error(), today.Code) {
				t.Errorf("%s in %s: %v, %v; want %s %s", w, today.Parent, got, err, today.Code, today.Name)
			}
		}
	}
}

// What villages and grids are written as is less: they have no names to leave
// out, or none at all.
func TestWrittenOfVillagesAndGrids(t *testing.T) {
	r := mustNew(t, small(), nil, nil)
	for code, want := range map[string]string{
		"9002":         "9002",
		"8002":         "8002 第2网格 红旗村村民委员会第2网格 红旗街道红旗村村民委员会第2网格 互助土家族苗族自治县红旗街道红旗村村民委员会第2网格 东省互助土家族苗族自治县红旗街道红旗村村民委员会第2网格",
		"100101002001": "100101002001 红旗社区居民委员会 红旗社区 红旗居民委员会 红旗居委会 红旗 中村乡红旗社区居民委员会 互助土家族苗族自治县中村乡红旗社区居民委员会 东省互助土家族苗族自治县中村乡红旗社区居民委员会",
	} {
		got := r.Written(code)
		if diff := cmp.Diff(strings.Fields(want), got, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
}
