package region_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
)

// stem is what people call a city or a county.
func stem(name string) string {
	for _, suffix := range []string{"市", "县", "区"} {
		if s, ok := strings.CutSuffix(name, suffix); ok {
			return s
		}
	}
	return name
}

// wantCode resolves and compares the code.
func wantCode(t *testing.T, r *region.Register, want, written string, levels []fact.Level, within ...string) {
	t.Helper()
	got, err := r.Resolve(written, levels, within)
	if err != nil {
		t.Errorf("%s in %q: %v, want %s", written, within, err, want)
	} else if got.Code != want {
		t.Errorf("%s in %q: got %s %s, want %s", written, within, got.Code, got.Name, want)
	}
}

// TestEveryCountyAndCity resolves all of them in every way that a source writes
// them.
func TestEveryCountyAndCity(t *testing.T) {
	r := shipped(t)
	counted := map[fact.Level]int{}
	for reg := range r.All() {
		if reg.Level != fact.City && reg.Level != fact.County {
			continue
		}
		counted[reg.Level]++
		levels := []fact.Level{reg.Level}
		above, _ := r.ByCode(reg.Parent)
		path := above.Name + reg.Name
		if reg.Level == fact.County {
			path = "江西省" + path
		}
		spaced := strings.Join(strings.Split(reg.Name, ""), " ")
		for _, written := range []string{
			reg.Code, reg.Code + "000", reg.Code + "000000", " " + reg.Code + "\u3000", wide(reg.Code),
			reg.Name, stem(reg.Name), spaced, "\ufeff" + reg.Name + "\t", path, stem(path),
			above.Name + "/" + reg.Name, stem(above.Name) + stem(reg.Name),
		} {
			wantCode(t, r, reg.Code, written, levels)
			wantCode(t, r, reg.Code, written, levels, "", above.Name)
			wantCode(t, r, reg.Code, written, levels, above.Code, reg.Name)
			wantCode(t, r, reg.Code, written, levels, "江西", stem(above.Name))
		}
	}
	if counted[fact.City] != 11 || counted[fact.County] != 100 {
		t.Errorf("resolved %d cities and %d counties, want 11 and 100", counted[fact.City], counted[fact.County])
	}
}

// wide writes digits as a Chinese input method may.
func wide(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, digits)
}

// TestEveryChange resolves the old code and the old name of every line of the
// shipped history.
func TestEveryChange(t *testing.T) {
	r := shipped(t)
	counted := map[fact.ChangeKind]int{}
	for _, c := range shippedChanges(t) {
		counted[c.Kind]++
		old := []string{c.OldCode, c.OldCode + "000000", c.OldName, "江西省" + c.OldName}
		if c.OldName != "赣县" {
			old = append(old, stem(c.OldName))
		}
		for _, written := range old {
			switch c.Kind {
			case fact.Renamed:
				wantCode(t, r, c.Code, written, county)
			case fact.SplitOff:
				wantCode(t, r, c.OldCode, written, county)
			case fact.Merged:
				_, err := r.Resolve(written, county, nil)
				wantRefusal(t, err, refusal{
					reason: "was merged into 南昌市新建区 (360112) in 2019-12, and a part can't stand for the whole",
					zh:     "已于2019-12并入南昌市新建区 (360112)，部分不能代表整体", candidates: []string{c.Code},
				})
			}
		}
	}
	if counted[fact.Renamed] != 9 || counted[fact.Merged] != 1 || counted[fact.SplitOff] != 2 {
		t.Errorf("the shipped history has %v; look whether this test still covers each kind", counted)
	}
}

func TestEveryAlias(t *testing.T) {
	r := shipped(t)
	for _, a := range shippedAliases(t) {
		wantCode(t, r, a.Code, a.Name, nil)
	}
}

// TestFullPaths resolves every region of the shipped register by all names from
// the province down, at any level.
func TestFullPaths(t *testing.T) {
	r := shipped(t)
	for reg := range r.All() {
		wantCode(t, r, reg.Code, fullPath(r, reg), nil)
		wantCode(t, r, reg.Code, reg.Code, nil)
	}
}

func fullPath(r *region.Register, reg *fact.Region) string {
	path := reg.Name
	for reg.Parent != "" {
		reg, _ = r.ByCode(reg.Parent)
		path = reg.Name + path
	}
	return path
}

func TestResolve(t *testing.T) {
	tests := map[string]struct {
		written string
		levels  []fact.Level
		within  []string
		want    string
	}{
		"a city by the name it shares":             {"吉安", city, nil, "360800"},
		"a county by the name it shares":           {"吉安", county, nil, "360821"},
		"a stem that is an old county":             {"九江", county, nil, "360404"},
		"the same for a city":                      {"九江", city, nil, "360400"},
		"a stem that is another old county":        {"上饶", county, nil, "361104"},
		"an old name that is today's stem":         {"赣县", county, nil, "360704"},
		"today's name beats the split":             {"新建区", county, nil, "360112"},
		"a name whose stem ends in 镇":              {"景德镇", city, nil, "360200"},
		"the province without 省":                   {"江西", []fact.Level{fact.Province}, nil, "360000"},
		"one of several levels":                    {"余江", []fact.Level{fact.City, fact.County}, nil, "360603"},
		"any level":                                {"余江", nil, nil, "360603"},
		"the whole name at several levels":         {"吉安县", []fact.Level{fact.City, fact.County}, nil, "360821"},
		"a township by its code":                   {"360102005", township, nil, "360102005"},
		"a township code filled up":                {"360102005000", township, nil, "360102005"},
		"a township by its name":                   {"墩子塘街道", township, nil, "360102005"},
		"a township without its suffix":            {"墩子塘", township, nil, "360102005"},
		"a subdistrict by its office":              {"墩子塘街道办事处", township, nil, "360102005"},
		"a subdistrict by its office, shorter":     {"墩子塘街道办", township, nil, "360102005"},
		"a township without its people":            {"樟坪", township, nil, "360681204"},
		"a township without its people or kind":    {"东固", township, []string{"青原区"}, "360803201"},
		"a committee written short":                {"江西进贤经济开发区管委会", township, nil, "360124401"},
		"a township within a county":               {"锦江镇", township, []string{"余江"}, "360603101"},
		"a township within an old county":          {"锦江镇", township, []string{"余江县"}, "360603101"},
		"a township within an old code":            {"锦江镇", township, []string{"360622"}, "360603101"},
		"a township within a path":                 {"锦江镇", township, []string{"鹰潭余江"}, "360603101"},
		"within two regions of one name":           {"敦厚镇", township, []string{"吉安"}, "360821100"},
		"within itself":                            {"360603", county, []string{"余江区"}, "360603"},
		"within every region above, in any order":  {"锦江镇", township, []string{"余江区", "江西省", "鹰潭市"}, "360603101"},
		"empty regions above are ignored":          {"余江区", county, []string{"", " "}, "360603"},
		"a path with an old name":                  {"江西省余江县锦江镇", township, nil, "360603101"},
		"a path without suffixes":                  {"鹰潭余江锦江", township, nil, "360603101"},
		"a path with separators":                   {"江西省 - 鹰潭市 - 余江区", county, nil, "360603"},
		"a path that is not its own first name":    {"吉安吉安县", county, nil, "360821"},
		"a path of one stem twice":                 {"吉安吉安", county, nil, "360821"},
		"a path that begins ambiguously":           {"吉安敦厚镇", township, nil, "360821100"},
		"a township that bears its county's name":  {"瑞昌市大德山林场", township, nil, "360481502"},
		"a township that bears its county's, path": {"九江市瑞昌市瑞昌市大德山林场", township, nil, "360481502"},
		"an alias": {"省本级", []fact.Level{fact.Province}, nil, "360000"},
		"full-width letters and signs of nothing": {"余\u200b江　区", county, nil, "360603"},
	}
	r := shipped(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wantCode(t, r, test.want, test.written, test.levels, test.within...)
		})
	}
}

// refusal is what an Unresolved has to say.
type refusal struct {
	reason     string // part of the English reason
	zh         string // part of the Chinese one
	candidates []string
}

func wantRefusal(t *testing.T, err error, want refusal) {
	t.Helper()
	var u *region.Unresolved
	if !errors.As(err, &u) {
		t.Errorf("error %v, want an *Unresolved", err)
		return
	}
	if !strings.Contains(u.Explain().EN, want.reason) || u.Error() != u.Reason.EN {
		t.Errorf("reason %q, want %q in it", u.Reason.EN, want.reason)
	}
	if !strings.Contains(u.Explain().ZH, want.zh) {
		t.Errorf("reason %q, want %q in it", u.Reason.ZH, want.zh)
	}
	var codes []string
	for _, c := range u.Candidates {
		codes = append(codes, c.Code)
	}
	if !slices.Equal(codes, want.candidates) {
		t.Errorf("candidates %q, want %q", codes, want.candidates)
	}
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		written string
		levels  []fact.Level
		within  []string
		want    refusal
	}{
		"nothing":         {" \u3000", county, nil, refusal{"no region is written", "未填写地区", nil}},
		"unknown":         {"天堂县", county, nil, refusal{`the name or code "天堂县": correct it`, "没有名称或代码为“天堂县”的地区：请更正", nil}},
		"unknown code":    {"999999", county, nil, refusal{`code "999999": correct it`, "“999999”", nil}},
		"a code too long": {"360603001002003004005", county, nil, refusal{"360603001002003004005", "", nil}},
		"one character":   {"赣", county, nil, refusal{`code "赣": correct it`, "", nil}},
		"a typing error": {"余姜区", county, nil, refusal{
			"nearly so has 鹰潭市余江区 (360603)", "相近的有鹰潭市余江区 (360603)", []string{"360603"},
		}},
		"a wrong suffix": {"南康市", county, nil, refusal{"nearly so has 赣州市南康区 (360703)", "", []string{"360703"}}},
		"a typing error in a code": {"3606003", county, nil, refusal{
			"nearly so has 鹰潭市余江区 (360603)", "", []string{"360603"},
		}},
		"a typing error in an old name": {"九江线", county, nil, refusal{"nearly so has 九江市柴桑区 (360404)", "", []string{"360404"}}},
		"more are near than are named": {"龙山镇", township, nil, refusal{"or others", "等", []string{
			"360111105", "360112103", "360112109", "360123100", "360281102",
		}}},
		"two of one name": {"锦江镇", township, nil, refusal{
			`"锦江镇" may be 鹰潭市余江区锦江镇 (360603101) or 宜春市上高县锦江镇 (360923102): give the code or a region above`,
			"可能指鹰潭市余江区锦江镇 (360603101)或宜春市上高县锦江镇 (360923102)：请填写代码或注明上级地区",
			[]string{"360603101", "360923102"},
		}},
		"two of one stem": {"吉安", []fact.Level{fact.City, fact.County}, nil, refusal{
			"吉安市 (360800) or 吉安市吉安县 (360821)", "", []string{"360800", "360821"},
		}},
		"a city for a county": {"鹰潭市", county, nil, refusal{
			`"鹰潭市" is of level city, where county is expected: 鹰潭市 (360600)`,
			"“鹰潭市”是地市级地区，此处应为县级：鹰潭市 (360600)", []string{"360600"},
		}},
		"a county for a city or a province": {"360603", []fact.Level{fact.Province, fact.City}, nil, refusal{
			"is of level county, where province or city is expected", "此处应为省级或地市级", []string{"360603"},
		}},
		"an alias of another level": {"鹰潭市本级", county, nil, refusal{"is of level city", "", []string{"360600"}}},
		"a path of another level":   {"鹰潭市余江区", township, nil, refusal{"is of level county", "", []string{"360603"}}},
		"elsewhere": {"余江区", county, []string{"九江市"}, refusal{
			`"余江区" does not lie in 九江市, but is 鹰潭市余江区 (360603)`, "“余江区”不在九江市之内，而是鹰潭市余江区 (360603)", []string{"360603"},
		}},
		"elsewhere by code": {"360603", county, []string{"九江", ""}, refusal{"does not lie in 九江,", "", []string{"360603"}}},
		"elsewhere by path": {"鹰潭市余江区", county, []string{"九江"}, refusal{"does not lie in 九江,", "", []string{"360603"}}},
		"a merged county at another level": {"湾里区", city, nil, refusal{
			"was merged into 南昌市新建区 (360112) in 2019-12", "", []string{"360112"},
		}},
		"a merged county by path": {"江西省南昌市湾里区", county, nil, refusal{"was merged into", "", []string{"360112"}}},
		"an unknown region above": {"余江区", county, []string{"英潭市"}, refusal{
			`the region above can't be told: no region has the name or code "英潭市"; nearly so has 鹰潭市 (360600)`,
			"上级地区无法确定：没有名称或代码为“英潭市”的地区", []string{"360600"},
		}},
		"a merged region above": {"招贤镇", township, []string{"湾里区"}, refusal{
			`the region above can't be told: "湾里区" was merged`, "", []string{"360112"},
		}},
		"regions above that contradict": {"锦江镇", township, []string{"九江市", "", "余江区"}, refusal{
			`nothing lies in all of "九江市", "余江区"`, "所填上级地区互相矛盾：“九江市”、“余江区”", nil,
		}},
		"a region above that lies below": {"余江区", county, []string{"锦江镇"}, refusal{
			`the region above can't be told: "锦江镇" is of level township`, "", []string{"360603101", "360923102"},
		}},
		"very long": {strings.Repeat("余江", 100), county, nil, refusal{strings.Repeat("余江", 30) + `…": correct`, "余江…”", nil}},
		"no text":   {"\xff\xfe\x00", county, nil, refusal{`code "�`, "", nil}},
	}
	r := shipped(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := r.Resolve(test.written, test.levels, test.within)
			if got != nil {
				t.Errorf("got %s %s", got.Code, got.Name)
			}
			wantRefusal(t, err, test.want)
			var u *region.Unresolved
			if errors.As(err, &u) && u.Written != test.written {
				t.Errorf("written %q, want %q", u.Written, test.written)
			}
		})
	}
}
