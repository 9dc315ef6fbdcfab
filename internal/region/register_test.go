package region_test

import (
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

// small is a register whose grid codes don't begin with those above them: the
// grids of the second town sort before those of the first.
func small() []fact.Region {
	return []fact.Region{
		{Code: "9001", Name: "第1网格", Parent: "100101001001", Level: fact.Grid},
		{Code: "9002", Parent: "100101002001", Level: fact.Grid},
		{Code: "8001", Name: "第1网格", Parent: "100101002001", Level: fact.Grid},
		{Code: "8002", Name: "第2网格", Parent: "100101001001", Level: fact.Grid},
		{Code: "100101002001", Name: "红旗社区居民委员会", Parent: "100101002", Level: fact.Village},
		{Code: "100101001001", Name: "红旗村村民委员会", Parent: "100101001", Level: fact.Village},
		{Code: "100101002", Name: "中村乡", Parent: "100101", Level: fact.Township},
		{Code: "100101001", Name: "红旗街道", Parent: "100101", Level: fact.Township},
		{Code: "100101", Name: "互助土家族苗族自治县", Parent: "10", Level: fact.County},
		{Code: "10", Name: "东省", Level: fact.Province},
	}
}

func codes(regions iter.Seq[*fact.Region]) string {
	var all []string
	for r := range regions {
		all = append(all, r.Code)
	}
	return strings.Join(all, " ")
}

func TestTree(t *testing.T) {
	r := mustNew(t, small(), nil, nil)
	const everything = "10 100101 100101001 100101001001 100101002 100101002001 8001 8002 9001 9002"
	if got := codes(r.All()); got != everything {
		t.Errorf("all: %s, want %s", got, everything)
	}
	for range r.All() {
		break // must not panic
	}
	under := []struct {
		code  string
		level fact.Level
		want  string
	}{
		{"10", fact.Grid, "8001 8002 9001 9002"},
		{"100101001", fact.Grid, "8002 9001"},
		{"100101002", fact.Grid, "8001 9002"},
		{"100101", fact.Township, "100101001 100101002"},
		{"100101", fact.County, "100101"},
		{"100101", fact.City, ""},
		{"100101001", fact.County, ""},
		{"77", fact.Grid, ""},
	}
	for _, test := range under {
		if got := codes(r.Under(test.code, test.level)); got != test.want {
			t.Errorf("%s under %s: %q, want %q", test.level, test.code, got, test.want)
		}
		for range r.Under(test.code, test.level) {
			break
		}
	}
	above := []struct {
		code  string
		level fact.Level
		want  string
	}{
		{"9001", fact.Grid, "9001"},
		{"9001", fact.Village, "100101001001"},
		{"9001", fact.County, "100101"},
		{"9001", fact.City, ""},
		{"9001", fact.Province, "10"},
		{"10", fact.Grid, ""},
		{"10", fact.City, ""},
		{"77", fact.Province, ""},
	}
	for _, test := range above {
		got, ok := r.Above(test.code, test.level)
		if ok != (test.want != "") || ok && got.Code != test.want {
			t.Errorf("%s above %s: %v, want %q", test.level, test.code, got, test.want)
		}
	}
}

func TestByCode(t *testing.T) {
	r := shipped(t)
	got, ok := r.ByCode("360603")
	want := &fact.Region{Code: "360603", Name: "余江区", Parent: "360600", Level: fact.County, Villages: 174}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("360603 (-want +got):\n%s", diff)
	}
	for _, code := range []string{"", "360622", "360603000", " 360603", "余江区"} {
		if got, ok := r.ByCode(code); ok {
			t.Errorf("%q: %v, want nothing", code, got)
		}
	}
	if got := codes(r.Under("360600", fact.County)); got != "360602 360603 360681" {
		t.Errorf("counties of 鹰潭市: %s", got)
	}
}

// TestVillagesAndGrids resolves what the shipped register has none of.
func TestVillagesAndGrids(t *testing.T) {
	r := mustNew(t, small(), nil, []fact.RegionAlias{{Name: "第一网格", Code: "9001"}})
	village, grid := []fact.Level{fact.Village}, []fact.Level{fact.Grid}
	wantCode(t, r, "100101001001", "红旗村", village)
	wantCode(t, r, "100101001001", "红旗村委会", village)
	wantCode(t, r, "100101001001", "红旗村村委会", village)
	wantCode(t, r, "100101002001", "红旗居委会", village)
	wantCode(t, r, "100101002001", "红旗社区", village)
	wantCode(t, r, "100101002001", "红旗", village, "中村")
	wantCode(t, r, "100101001", "红旗", township)
	wantCode(t, r, "100101002", "中村", township)
	wantCode(t, r, "100101", "互助", county)
	wantCode(t, r, "9001", "第1网格", grid, "红旗村")
	wantCode(t, r, "8001", "第１网格", grid, "红旗社区")
	wantCode(t, r, "8001", "东省互助中村乡红旗社区第1网格", grid)
	wantCode(t, r, "8001", "互助中村第1网格", grid)
	wantCode(t, r, "9001", "第一网格", grid)
	wantCode(t, r, "9002", "9002", grid, "中村乡")

	_, err := r.Resolve("红旗", village, nil)
	wantRefusal(t, err, refusal{"红旗村村民委员会 (100101001001) or", "", []string{"100101001001", "100101002001"}})
	_, err = r.Resolve("第1网格", grid, []string{"互助"})
	wantRefusal(t, err, refusal{"may be", "可能指", []string{"9001", "8001"}})
	_, err = r.Resolve("9002", grid, []string{"红旗村"})
	wantRefusal(t, err, refusal{"does not lie in 红旗村, but is 互助土家族苗族自治县中村乡红旗社区居民委员会 (9002)", "", []string{"9002"}})
}

// TestManyOfOneName asks for a name that more regions bear than are told apart.
func TestManyOfOneName(t *testing.T) {
	regions := []fact.Region{{Code: "10", Name: "东省", Level: fact.Province}, {Code: "1001", Name: "西市", Parent: "10", Level: fact.City}}
	for i := range 40 {
		town := fmt.Sprint(1001000 + i)
		regions = append(regions,
			fact.Region{Code: town, Name: fmt.Sprintf("城%d镇", i), Parent: "1001", Level: fact.Township},
			fact.Region{Code: town + "001", Name: "红旗村", Parent: town, Level: fact.Village},
			fact.Region{Code: town + "00101", Name: "101", Parent: town + "001", Level: fact.Grid})
	}
	r := mustNew(t, regions, nil, nil)
	village, grid := []fact.Level{fact.Village}, []fact.Level{fact.Grid}
	first := []string{"1001000001", "1001001001", "1001002001", "1001003001", "1001004001"}
	_, err := r.Resolve("红旗村", village, nil)
	wantRefusal(t, err, refusal{"or others: give the code", "等：请填写代码", first})
	_, err = r.Resolve("红旗村", grid, nil)
	wantRefusal(t, err, refusal{"is of level village", "", first})
	_, err = r.Resolve("101", grid, []string{"红旗村"})
	wantRefusal(t, err, refusal{"the region above can't be told", "", first})
	// Only some of the villages that the path may begin with are looked into,
	// so that even a single hit would prove nothing.
	_, err = r.Resolve("红旗村101", grid, nil)
	wantRefusal(t, err, refusal{"or others", "", []string{"100100000101", "100100100101", "100100200101", "100100300101", "100100400101"}})
	wantCode(t, r, "100102300101", "101", grid, "城23镇")
	wantCode(t, r, "100102300101", "城23红旗101", grid)
	wantCode(t, r, "1001023001", "西市红旗村", village, "城23")
}

func TestPrecedence(t *testing.T) {
	regions := []fact.Region{
		{Code: "10", Name: "东省", Level: fact.Province},
		{Code: "100101", Name: "南山县", Parent: "10", Level: fact.County},
		{Code: "100102", Name: "北山县", Parent: "10", Level: fact.County},
		{Code: "100103", Name: "西山县", Parent: "10", Level: fact.County},
		{Code: "100104", Name: "中山县", Parent: "10", Level: fact.County},
		{Code: "100105", Name: "海东", Parent: "10", Level: fact.County},
		{Code: "100106", Name: "海东区", Parent: "10", Level: fact.County},
	}
	changes := []fact.RegionChange{
		{OldName: "南山县", Code: "100102", Kind: fact.Renamed},                                  // beaten by today's name
		{OldName: "西山", Code: "100102", Kind: fact.Renamed},                                   // beats a stem
		{OldName: "中山区", Code: "100102", Kind: fact.Renamed},                                  // its stem is beaten by today's
		{OldName: "东山县", OldCode: "100109", Code: "100108", Kind: fact.Renamed},               // in two steps
		{OldName: "东山市", OldCode: "100108", Code: "100107", Kind: fact.Merged},                // in between a part
		{OldName: "东山区", OldCode: "100107", Code: "100103", Kind: fact.Renamed},               // today's
		{OldName: "西河县", OldCode: "100103", Code: "100103", Kind: fact.Renamed},               // the code stayed
		{OldCode: "100110", Code: "100104", Kind: fact.Renamed},                               // the name stayed
		{OldName: "北山县", OldCode: "100102", Code: "100104", Kind: fact.SplitOff},              // no other name
		{OldName: "北河县", OldCode: "100111", Code: "100102", Kind: fact.Renamed},               // one old name …
		{OldName: "北河县", OldCode: "100112", Code: "100103", Kind: fact.Renamed},               // … of two
		{OldName: "别名甲", OldCode: "100113", Code: "100103", Kind: fact.Renamed},               // beaten by an alias
		{OldName: "东山矿区", OldCode: "100114", Code: "100101", Kind: fact.ChangeKind("merged")}, // a part at once
	}
	aliases := []fact.RegionAlias{{Name: "别名 甲", Code: "100101"}, {Name: "北山县", Code: "100101"}}
	r := mustNew(t, regions, changes, aliases)
	for written, want := range map[string]string{
		"南山县": "100101", "西山": "100102", "中山": "100104", "100107": "100103", "东山区": "100103",
		"西河县": "100103", "西河": "100103", "100110": "100104", "北山县": "100102",
		"别名甲": "100101", "海东": "100105", "海东区": "100106",
	} {
		wantCode(t, r, want, written, county)
	}
	for written, want := range map[string]refusal{
		"东山县":    {"was merged into 西山县 (100103), and", "已并入西山县 (100103)，", []string{"100103"}},
		"100109": {"was merged into", "", []string{"100103"}},
		"100108": {"was merged into", "", []string{"100103"}},
		"东山矿区":   {"was merged into 南山县", "", []string{"100101"}},
		"北河县":    {"may be 北山县 (100102) or 西山县 (100103)", "", []string{"100102", "100103"}},
	} {
		_, err := r.Resolve(written, county, nil)
		wantRefusal(t, err, want)
	}
}

func TestNewRefuses(t *testing.T) {
	with := func(more ...fact.Region) []fact.Region {
		return append([]fact.Region{{Code: "36", Name: "江西省", Level: fact.Province}}, more...)
	}
	tests := map[string]struct {
		regions []fact.Region
		changes []fact.RegionChange
		aliases []fact.RegionAlias
		want    string
	}{
		"a code of letters": {regions: with(fact.Region{Code: "36a", Name: "甲", Level: fact.City}), want: `region "36a" (甲): a code has 2 to 18 digits and does not begin with 0`},
		"a code with zero":  {regions: with(fact.Region{Code: "036", Name: "甲", Level: fact.City}), want: `region "036"`},
		"no code":           {regions: with(fact.Region{Name: "甲", Level: fact.City}), want: `region "" (甲)`},
		"a short code":      {regions: with(fact.Region{Code: "3", Name: "甲", Level: fact.City}), want: `region "3"`},
		"a long code":       {regions: with(fact.Region{Code: strings.Repeat("3", 19), Name: "甲", Level: fact.City}), want: `region "333`},
		"no level":          {regions: with(fact.Region{Code: "37", Name: "甲"}), want: "region 37 (甲) has no level"},
		"a level too deep":  {regions: with(fact.Region{Code: "37", Name: "甲", Level: fact.Grid + 1}), want: "region 37 (甲) has no level"},
		"no name":           {regions: with(fact.Region{Code: "37", Name: "\u3000", Level: fact.Village}), want: "region 37 has no name; only a grid may have none"},
		"a code twice":      {regions: with(fact.Region{Code: "36", Name: "甲", Level: fact.City}), want: "code 36 stands twice: 江西省 and 甲"},
		"an unknown parent": {regions: with(fact.Region{Code: "3601", Name: "甲", Level: fact.City, Parent: "37"}), want: "region 3601 (甲) lies in 37, which is not in the register"},
		"a parent too low": {
			regions: with(fact.Region{Code: "3601", Name: "甲", Level: fact.Province, Parent: "36"}),
			want:    "region 3601 (甲), a province, can't lie in 36 (江西省), a province",
		},
		"itself as parent":    {regions: with(fact.Region{Code: "3601", Name: "甲", Level: fact.City, Parent: "3601"}), want: "can't lie in 3601"},
		"an alias of nothing": {regions: with(), aliases: []fact.RegionAlias{{Name: "赣", Code: "37"}}, want: `alias "赣" is of region 37, which is not in the register`},
		"an empty alias":      {regions: with(), aliases: []fact.RegionAlias{{Name: " ", Code: "36"}}, want: "an alias of region 36 is empty"},
		"a change to nothing": {
			regions: with(), changes: []fact.RegionChange{{OldCode: "38", OldName: "乙省", Code: "37", Name: "甲省", Kind: fact.Renamed}},
			want: "change of 38 乙省: it became 37 甲省, which is neither in the register nor changed further",
		},
		"changes in a circle": {
			regions: with(), changes: []fact.RegionChange{{OldCode: "38", Code: "37", Kind: fact.Renamed}, {OldCode: "37", Code: "38", Kind: fact.Merged}},
			want: "it became 37 , which is neither in the register nor changed further",
		},
		"two successors": {
			regions: with(fact.Region{Code: "37", Name: "甲省", Level: fact.Province}),
			changes: []fact.RegionChange{{OldCode: "38", Code: "36", Kind: fact.Renamed}, {OldCode: "38", Code: "37", Kind: fact.Merged}},
			want:    "change of 38 : it can't have become both 36 and 37",
		},
		"a change of what is there": {
			regions: with(fact.Region{Code: "37", Name: "甲省", Level: fact.Province}),
			changes: []fact.RegionChange{{OldCode: "37", OldName: "甲省", Code: "36", Kind: fact.Merged}},
			want:    "change of 37 甲省: it was merged, yet its code is still in the register",
		},
		"an unknown kind": {
			regions: with(), changes: []fact.RegionChange{{OldCode: "37", OldName: "甲省", Code: "36", Kind: "moved"}},
			want: `change of 37 甲省: kind "moved" is none of "renamed", "merged" and "part split off"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := region.New(test.regions, test.changes, test.aliases)
			if r != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("register %v, error %v, want %q in it", r, err, test.want)
			}
		})
	}
}

// TestNewReportsAll fails in two places at once.
func TestNewReportsAll(t *testing.T) {
	_, err := region.New([]fact.Region{{Code: "1", Name: "甲", Level: fact.City}, {Code: "22", Name: "乙"}}, nil, nil)
	if err == nil || !strings.Contains(err.Error(), `"1"`) || !strings.Contains(err.Error(), "22 (乙)") {
		t.Errorf("error %v, want both faults", err)
	}
}

func TestEmptyRegister(t *testing.T) {
	r := mustNew(t, nil, nil, nil)
	for _, written := range []string{"360603", "余江区"} {
		_, err := r.Resolve(written, county, nil)
		wantRefusal(t, err, refusal{reason: "no region has the name or code"})
		_, err = r.Resolve(written, nil, []string{"江西省"})
		wantRefusal(t, err, refusal{reason: "the region above can't be told"})
	}
	if got := codes(r.All()) + codes(r.Under("36", fact.Grid)); got != "" {
		t.Errorf("got %s, want no regions", got)
	}
}

// TestArgumentsAreNotKept changes what New was given.
func TestArgumentsAreNotKept(t *testing.T) {
	regions := small()
	r := mustNew(t, regions, nil, nil)
	if diff := cmp.Diff(small(), regions); diff != "" {
		t.Errorf("New changed its argument (-want +got):\n%s", diff)
	}
	clear(regions)
	wantCode(t, r, "100101002", "中村乡", township, "东省")
}

// TestConcurrentUse has a meaning under the race detector.
func TestConcurrentUse(t *testing.T) {
	r := shipped(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			wantCode(t, r, "360603101", "锦江镇", township, "余江")
			if _, err := r.Resolve("锦江", township, nil); err == nil {
				t.Error("锦江 was resolved")
			}
			for reg := range r.Under("360600", fact.Township) {
				r.Above(reg.Code, fact.City)
			}
		})
	}
	all.Wait()
}

func TestRetiredCodes(t *testing.T) {
	effective, err := fact.ParsePeriod("2018-07")
	if err != nil {
		t.Fatal(err)
	}
	r, err := region.New(
		[]fact.Region{{Code: "36", Name: "省", Level: fact.Province}, {Code: "360603", Name: "余江区", Parent: "36", Level: fact.County}},
		[]fact.RegionChange{{OldCode: "360622", OldName: "余江县", Code: "360603", Name: "余江区", Effective: effective, Kind: fact.Renamed}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if successor, ok := r.Retired("360622"); !ok || successor.Code != "360603" {
		t.Errorf("360622 became %+v, %v; want 360603", successor, ok)
	}
	for _, code := range []string{"360603", "360699", ""} {
		if successor, ok := r.Retired(code); ok {
			t.Errorf("%q, which is no old code, became %s", code, successor.Code)
		}
	}
}
