package quality_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// entryCase is an entry and what the gate makes of it.
type entryCase struct {
	entry  fact.RegionEntry
	want   string // name, level and parent of the region; empty where it is refused
	reason string // a part of the English reason
}

func testEntries(t *testing.T, stage string, cases map[string]entryCase) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := example{entries: []fact.RegionEntry{tc.entry}}.pass(t)
			if tc.reason == "" {
				if len(v.Regions) != 1 {
					t.Fatalf("refused: %+v", v.Rejections)
				}
				r := v.Regions[0]
				if got := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Code, r.Name, r.Level, r.Parent)); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				return
			}
			if len(v.Rejections) != 1 {
				t.Fatalf("accepted: %+v", v.Regions)
			}
			if got := v.Rejections[0]; got.Stage != stage || !strings.Contains(got.Reason.EN, tc.reason) || got.Reason.ZH == "" {
				t.Errorf("refused by %s: %+v\nwant %s: %s", got.Stage, got.Reason, stage, tc.reason)
			}
		})
	}
}

func TestEntryCode(t *testing.T) {
	code := func(written string) fact.RegionEntry { return fact.RegionEntry{Code: written, Name: "锦江镇"} }
	testEntries(t, "entry-code", map[string]entryCase{
		"township":   {entry: code("360603101"), want: "360603101 锦江镇 township 360603"},
		"padded":     {entry: code(" 360603101\t"), want: "360603101 锦江镇 township 360603"},
		"none":       {entry: code(" "), reason: "No code is given"},
		"a name":     {entry: code("锦江镇"), reason: `"锦江镇" is no code of a region: a code has 2 to 18 digits`},
		"leading 0":  {entry: code("060603101"), reason: "is no code"},
		"one digit":  {entry: code("3"), reason: "is no code"},
		"too long":   {entry: code("3606031010010010000"), reason: "is no code"},
		"a number":   {entry: code("360603101.0"), reason: "is no code"},
		"exponent":   {entry: code("3.60603101E8"), reason: "is no code"},
		"full width": {entry: code("３６０６０３１０１"), reason: "is no code"},
	})
}

func TestEntryLevel(t *testing.T) {
	of := func(code, level, parent string) fact.RegionEntry {
		return fact.RegionEntry{Code: code, Name: "某地", Level: level, Parent: parent}
	}
	testEntries(t, "entry-level", map[string]entryCase{
		"province":         {entry: of("370000", "", ""), want: "370000 某地 province"},
		"city":             {entry: of("360700", "", ""), want: "360700 某地 city 360000"},
		"county":           {entry: of("360681", "", ""), want: "360681 某地 county 360600"},
		"township":         {entry: of("360603101", "", ""), want: "360603101 某地 township 360603"},
		"village":          {entry: of("360423100001", "", ""), want: "360423100001 某地 village 360423100"},
		"grid":             {entry: of("3604231000010", "", "360423100"), want: "3604231000010 某地 grid 360423100"},
		"grid, longest":    {entry: of("999999999999999999", "", "360423100"), want: "999999999999999999 某地 grid 360423100"},
		"given":            {entry: of("360603101", " township ", ""), want: "360603101 某地 township 360603"},
		"city by county":   {entry: of("360700", "county", "360600"), want: "360700 某地 county 360600"},
		"county by city":   {entry: of("360781", "city", "360000"), want: "360781 某地 city 360000"},
		"unknown":          {entry: of("360603101", "镇", ""), reason: `"镇" is no level: write one of province, city, county, township, village, grid`},
		"no length":        {entry: of("3606031", "", ""), reason: "Code 3606031 has 7 digits and is of no level"},
		"no length, given": {entry: of("36060310", "township", ""), reason: "has 8 digits and is of no level"},
		"short grid":       {entry: of("3606030001", "grid", "360603"), reason: "has 10 digits and is of no level"},
		"given otherwise":  {entry: of("360603101", "village", ""), reason: "Code 360603101 has 9 digits, as a township has, but its level is given as village"},
		"grid in words":    {entry: of("360603101001", "grid", ""), reason: "as a village has, but its level is given as grid"},
		"too high":         {entry: of("3604231000010", "village", ""), reason: "as a grid has, but its level is given as village"},
		"too low":          {entry: of("360681", "township", ""), reason: "as a county has, but its level is given as township"},
	})
}

func TestEntryName(t *testing.T) {
	named := func(name string) fact.RegionEntry { return fact.RegionEntry{Code: "360603101", Name: name} }
	grid := func(name string) fact.RegionEntry {
		return fact.RegionEntry{Code: "3604231000010", Name: name, Parent: "360423100"}
	}
	testEntries(t, "entry-name", map[string]entryCase{
		"name":            {entry: named("锦江镇"), want: "360603101 锦江镇 township 360603"},
		"padded":          {entry: named(" 锦江镇\u3000"), want: "360603101 锦江镇 township 360603"},
		"none":            {entry: named(" "), reason: "of township 360603101 has no letter"},
		"digits":          {entry: named("360603101"), reason: `The name "360603101" of township 360603101 has no letter`},
		"invisible":       {entry: named("\u200b"), reason: "has no letter"},
		"two lines":       {entry: named("锦江\n镇"), reason: `The name "锦江\n镇" has broken or control characters`},
		"broken":          {entry: named("锦江\x80镇"), reason: "has broken or control characters"},
		"a grid's":        {entry: grid("第一网格"), want: "3604231000010 第一网格 grid 360423100"},
		"a grid's digits": {entry: grid("001"), want: "3604231000010 001 grid 360423100"},
		"a grid's none":   {entry: grid(""), want: "3604231000010  grid 360423100"},
		"a grid's broken": {entry: grid("\x00"), reason: "has broken or control characters"},
	})
}

func TestEntryParent(t *testing.T) {
	in := func(parent string) fact.RegionEntry {
		return fact.RegionEntry{Code: "360603101", Name: "锦江镇", Parent: parent}
	}
	testEntries(t, "entry-parent", map[string]entryCase{
		"given":     {entry: in("360602"), want: "360603101 锦江镇 township 360602"},
		"padded":    {entry: in(" 360602 "), want: "360603101 锦江镇 township 360602"},
		"derived":   {entry: in(" "), want: "360603101 锦江镇 township 360603"},
		"a name":    {entry: in("余江区"), reason: `The parent "余江区" is no code of a region`},
		"leading 0": {entry: in("000000"), reason: "is no code of a region"},
	})
}

func TestEntryParentKnown(t *testing.T) {
	entry := func(code, parent string) fact.RegionEntry {
		return fact.RegionEntry{Code: code, Name: "某地", Parent: parent}
	}
	testEntries(t, "entry-parent-known", map[string]entryCase{
		"configured":        {entry: entry("360603101", "360603"), want: "360603101 某地 township 360603"},
		"collected before":  {entry: entry("360602001001", ""), want: "360602001001 某地 village 360602001"},
		"unknown":           {entry: entry("360603101", "360699"), reason: "The parent 360699 of 360603101 is neither known nor in this delivery"},
		"derived, unknown":  {entry: entry("360603101001", ""), reason: "The parent 360603101 of 360603101001 is neither known nor"},
		"a grid's, unknown": {entry: entry("3606031010011", ""), reason: "The parent 360603101001 of 3606031010011 is neither"},
		"of the same level": {entry: entry("360603101", "360423100"), reason: "360603101, a township, can't lie in 360423100, a township"},
		"of a lower level":  {entry: entry("360681", "360423100"), reason: "360681, a county, can't lie in 360423100, a township"},
		"itself":            {entry: entry("360603101", "360603101"), reason: "360603101, a township, can't lie in 360603101"},
		"above a province":  {entry: entry("370000", "360000"), reason: "370000, a province, can't lie in 360000"},
	})
}

func TestEntryFixed(t *testing.T) {
	testEntries(t, "entry-fixed", map[string]entryCase{
		"another name":        {entry: fact.RegionEntry{Code: "360603", Name: "余江县"}, reason: `The configuration has 360603 as "余江区" (county in 360600), the source as "余江县" (county in 360600)`},
		"another parent":      {entry: fact.RegionEntry{Code: "360603", Name: "余江区", Parent: "360400"}, reason: `the source as "余江区" (county in 360400)`},
		"another level":       {entry: fact.RegionEntry{Code: "360600", Name: "鹰潭市", Parent: "360000", Level: "county"}, reason: `as "鹰潭市" (city in 360000), the source as "鹰潭市" (county in 360000)`},
		"a province's parent": {entry: fact.RegionEntry{Code: "360000", Name: "江西省", Parent: "100000"}, reason: `as "江西省" (province), the source as "江西省" (province in 100000)`},
		"collected before":    {entry: fact.RegionEntry{Code: collected, Name: "江边镇"}, want: collected + " 江边镇 township 360602"},
	})
	v := example{entries: []fact.RegionEntry{{Code: "360603", Name: "余江区"}, {Code: "360603101", Name: "锦江镇"}}}.pass(t)
	if got := told(v); got != "2 accepted\n" {
		t.Errorf("of one that is configured and one that is not:\n%s%+v", got, v.Rejections)
	}
}

func TestEntriesOfADelivery(t *testing.T) {
	entry := func(code, name string) fact.RegionEntry { return fact.RegionEntry{Code: code, Name: name} }
	in := func(code, parent string) fact.RegionEntry {
		return fact.RegionEntry{Code: code, Name: "某地", Parent: parent}
	}
	town, village, grid := entry("360603101", "锦江镇"), entry("360603101001", "锦江村"), entry("3606031010011", "")
	testDeliveries(t, map[string]deliveryCase{
		"parents in any order":       {entries: []fact.RegionEntry{grid, village, town}, want: "1 accepted\n2 accepted\n3 accepted\n"},
		"the parent's parent is not": {entries: []fact.RegionEntry{grid, village}, want: "1 entry-parent-known\n2 entry-parent-known\n"},
		"the same twice": {
			entries: []fact.RegionEntry{town, village, town}, want: "1 accepted\n2 accepted\n3 entry-once\n",
			reason: "Code 360603101 is delivered again with the same contents; the first stands (row 1)",
		},
		"the same, written otherwise": {entries: []fact.RegionEntry{town, {Code: "360603101", Name: " 锦江镇", Level: "township", Parent: "360603"}}, want: "1 accepted\n2 entry-once\n"},
		"differing: none, and none below": {
			entries: []fact.RegionEntry{grid, village, town, entry("360603101", "锦江乡")},
			want:    "1 entry-parent-known\n2 entry-parent-known\n3 entry-once\n4 entry-once\n",
			reason:  "The parent 360603101001 of 3606031010011 was itself refused in this delivery",
		},
		"differing, in words": {
			entries: []fact.RegionEntry{town, entry("360603101", "锦江乡")}, want: "1 entry-once\n2 entry-once\n",
			reason: `Code 360603101 is delivered 2 times with different contents: "锦江镇" (township in 360603), row 1, "锦江乡" (township in 360603), row 2. Nobody`,
		},
		"very many": {
			entries: []fact.RegionEntry{entry("360603101", "一"), entry("360603101", "二"), entry("360603101", "三"), entry("360603101", "四"), entry("360603101", "五"), entry("360603101", "六")},
			want:    "1 entry-once\n2 entry-once\n3 entry-once\n4 entry-once\n5 entry-once\n6 entry-once\n",
			reason:  "row 5, …. Nobody",
		},
		"below one without a name":              {entries: []fact.RegionEntry{entry("360603101", ""), village}, want: "1 entry-name\n2 entry-parent-known\n", reason: "has no letter"},
		"below one known, but refused now":      {entries: []fact.RegionEntry{entry(collected, ""), entry("360602001001", "村")}, want: "1 entry-name\n2 entry-parent-known\n"},
		"below one that the configuration has":  {entries: []fact.RegionEntry{entry("360603", "余江县"), town}, want: "1 entry-fixed\n2 accepted\n"},
		"below one refused and one that stands": {entries: []fact.RegionEntry{town, town, village}, want: "1 accepted\n2 entry-once\n3 accepted\n"},
		"of the target":                         {terms: quality.Terms{Within: "360603"}, entries: []fact.RegionEntry{town, village, grid}, want: "1 accepted\n2 accepted\n3 accepted\n"},
		"of another": {
			terms: quality.Terms{Within: "360602"}, entries: []fact.RegionEntry{town, village, grid},
			want:   "1 entry-of-target\n2 entry-of-target\n3 entry-of-target\n",
			reason: "This register was pulled for 月湖区 (360602); 360603101 does not lie in it",
		},
		"taken from another": {
			terms: quality.Terms{Within: "360603"}, entries: []fact.RegionEntry{in(collected, "360603"), in("360602001001", collected)}, want: "1 entry-of-target\n2 entry-parent-known\n",
			reason: "This register was pulled for 余江区 (360603); 江边街道 (360602001) is known to lie elsewhere, and a region's own source can't take it from there",
		},
		"moved, by the register of the level above": {
			terms: quality.Terms{Within: "360600"}, entries: []fact.RegionEntry{in(collected, "360603"), in("360602001001", collected)}, want: "1 accepted\n2 accepted\n",
		},
		"moved out of it":   {terms: quality.Terms{Within: "360602"}, entries: []fact.RegionEntry{in(collected, "360603"), in("360602001001", "")}, want: "1 entry-of-target\n2 entry-of-target\n"},
		"the target itself": {terms: quality.Terms{Within: collected}, entries: []fact.RegionEntry{entry(collected, "江边镇"), in("360602001001", "")}, want: "1 accepted\n2 accepted\n"},
		"one above the target, where one below it is": {
			terms: quality.Terms{Within: "360681101"}, entries: []fact.RegionEntry{entry("360681", "贵溪市"), entry("360681101", "泗沥镇")},
			want: "1 entry-of-target\n2 entry-parent-known\n",
		},
		"beside readings": {
			readings: []fact.Reading{of("grids", "2025-12", 5), of("grids", "2025-11", -5)}, entries: []fact.RegionEntry{town, entry("", "")},
			want: "1 accepted\n1 accepted\n2 value-not-negative\n2 entry-code\n",
		},
	})
}

func TestRegionFact(t *testing.T) {
	place := fact.Place{Part: "乡镇", Row: 7, Field: "代码"}
	v := example{entries: []fact.RegionEntry{
		{Code: "360603101001", Name: "锦江村", Place: fact.Place{Row: 8}},
		{Code: " 360603101 ", Name: " 锦江镇 ", Place: place},
		{Code: "36060310", Name: "锦江", Parent: " 360603", Place: place},
		{Code: "360603102", Name: " 某地", Parent: " 360699", Place: place},
	}}.pass(t)
	want := fact.Verdict{
		Regions: []fact.RegionFact{
			{Region: fact.Region{Code: "360603101001", Name: "锦江村", Parent: "360603101", Level: fact.Village}, Place: fact.Place{Row: 8}},
			{Region: fact.Region{Code: "360603101", Name: "锦江镇", Parent: "360603", Level: fact.Township}, Place: place},
		},
		Rejections: []fact.Rejection{
			{Stage: "entry-level", Reading: fact.Reading{Region: "36060310", Within: []string{" 360603"}, Value: fact.TextValue("锦江"), Place: place}},
			{Stage: "entry-parent-known", Reading: fact.Reading{Region: "360603102", Within: []string{"360699"}, Value: fact.TextValue("某地"), Place: place}},
		},
	}
	for i := range v.Rejections {
		v.Rejections[i].Reason = fact.Text{}
	}
	v.Facts = nil
	if diff := cmp.Diff(want, v, cmp.AllowUnexported(fact.Value{})); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

// A code of the past does not come back.
func TestRetiredCodes(t *testing.T) {
	r := newRegister()
	retired := func(code string) (*fact.Region, bool) {
		successor, _ := r.configured(map[string]string{"360622": "360603", "360603": "360602"}[code])
		return successor, successor != nil || code == "360622100"
	}
	intake := quality.New(quality.Options{
		Indicators: catalogue(), Regions: r, Configured: r.configured, Retired: retired, History: &ledger{}, Zone: shanghai(), Now: now,
	}).Open(quality.Terms{})
	for i, e := range []fact.RegionEntry{
		{Code: "360622", Name: "余江县", Parent: "360600"}, {Code: "360622100", Name: "邓埠镇"}, {Code: "360603101", Name: "锦江镇"}, {Code: "360603", Name: "余江区"},
	} {
		e.Place.Row = int32(i + 1)
		if err := intake.AddRegion(e); err != nil {
			t.Fatal(err)
		}
	}
	v, err := intake.Close(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("1 entry-fixed\n2 entry-fixed\n3 accepted\n", told(v)); diff != "" { // what is configured is not of the past
		t.Fatalf("verdict (-want +got):\n%s%+v", diff, v.Rejections)
	}
	for i, want := range []fact.Text{
		{ZH: "360622 是历史代码，现为 余江区 (360603)：", EN: "360622 is a code of the past; it is now 余江区 (360603):"},
		{ZH: "360622100 是历史代码，已撤销：", EN: "360622100 is a code of the past; it was abolished:"},
	} {
		if got := v.Rejections[i].Reason; !strings.HasPrefix(got.ZH, want.ZH) || !strings.HasPrefix(got.EN, want.EN) {
			t.Errorf("%+v\nwant %+v", got, want)
		}
	}
}

// Without a configured register nothing is fixed.
func TestNothingConfigured(t *testing.T) {
	gate := quality.New(quality.Options{Indicators: catalogue(), Regions: newRegister(), History: &ledger{}, Zone: shanghai(), Now: now})
	intake := gate.Open(quality.Terms{})
	for _, e := range []fact.RegionEntry{{Code: "360603", Name: "余江县"}, {Code: "360603101", Name: "锦江镇"}} {
		if err := intake.AddRegion(e); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := intake.Close(t.Context()); err != nil || len(v.Regions) != 2 {
		t.Errorf("%+v, %v; want both", v, err)
	}
}

func TestRegisterDrift(t *testing.T) {
	towns := func(count int, spoil func(i int, e *fact.RegionEntry)) []fact.RegionEntry {
		entries := make([]fact.RegionEntry, count)
		for i := range entries {
			entries[i] = fact.RegionEntry{Code: fmt.Sprintf("3606031%02d", i), Name: fmt.Sprintf("%d号镇", i), Place: fact.Place{Row: int32(i + 1)}}
			spoil(i, &entries[i])
		}
		return entries
	}
	cases := map[string]struct {
		entries []fact.RegionEntry
		want    string
		reason  string
	}{
		"code": {
			entries: towns(20, func(_ int, e *fact.RegionEntry) { e.Code = e.Name }), want: "1 column-drift, 0 accepted",
			reason: `All 20 entries of the register were refused by entry-code for their code; the first are "0号镇", "1号镇", "2号镇", ….`,
		},
		"level":     {entries: towns(20, func(_ int, e *fact.RegionEntry) { e.Level = e.Name }), want: "1 column-drift, 0 accepted", reason: `by entry-level for their level (these are the codes); the first are "360603100"`},
		"name":      {entries: towns(20, func(_ int, e *fact.RegionEntry) { e.Name = e.Code }), want: "1 column-drift, 0 accepted", reason: `by entry-name for their name; the first are "360603100"`},
		"parent":    {entries: towns(20, func(_ int, e *fact.RegionEntry) { e.Parent = e.Name }), want: "1 column-drift, 0 accepted", reason: `by entry-parent for their parent; the first are "0号镇"`},
		"no parent": {entries: towns(20, func(_ int, e *fact.RegionEntry) { e.Parent = "360699" }), want: "1 column-drift, 0 accepted", reason: `by entry-parent-known for their parent; the first are "360699", "360699", "360699", …`},
		"too few":   {entries: towns(19, func(_ int, e *fact.RegionEntry) { e.Name = "" }), want: "19 entry-name, 0 accepted"},
		"but one": {
			entries: towns(30, func(i int, e *fact.RegionEntry) {
				if i != 7 {
					e.Name = ""
				}
			}),
			want: "29 entry-name, 1 accepted",
		},
		"but one that is configured": {
			entries: append(towns(20, func(_ int, e *fact.RegionEntry) { e.Name = "" }), fact.RegionEntry{Code: "360603", Name: "余江区"}),
			want:    "20 entry-name, 0 accepted",
		},
		"other stages": {entries: towns(20, func(_ int, e *fact.RegionEntry) { e.Code, e.Name = "360603", "余江县" }), want: "20 entry-fixed, 0 accepted"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			v := example{entries: tc.entries}.pass(t)
			if got := counted(v); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if !strings.Contains(v.Rejections[0].Reason.EN, tc.reason) || v.Rejections[0].Reading.Place.Row != 1 {
				t.Errorf("first rejection %+v\nwant row 1, with %s", v.Rejections[0], tc.reason)
			}
		})
	}
}
