package region

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// Unresolved says why what was written is not exactly one region.
type Unresolved struct {
	Written string
	// Reason is one sentence for the person who mends the source. It names the
	// candidates.
	Reason fact.Text
	// Candidates are the regions that may be meant, the same ones in the same
	// order each time; at most five.
	Candidates []*fact.Region
}

// Error returns the reason in English.
func (u *Unresolved) Error() string { return u.Reason.EN }

// Explain returns the reason in both languages.
func (u *Unresolved) Explain() fact.Text { return u.Reason }

// maxCandidates keeps reasons readable.
const maxCandidates = 5

// question is what Resolve was asked.
type question struct {
	written string
	folded  string
	levels  levelSet
	within  []string
	in      []span // where a region may lie, by within
}

func unwritten(written string) *Unresolved {
	return &Unresolved{Written: written, Reason: fact.Text{ZH: "未填写地区", EN: "no region is written"}}
}

// contradicting refuses regions above, the last of which has nothing in common
// with those before.
func (r *Register) contradicting(within []string) *Unresolved {
	var zh, en []string
	for _, w := range within {
		if fold(w) != "" {
			zh, en = append(zh, "“"+shorten(w)+"”"), append(en, quote(w))
		}
	}
	return &Unresolved{Reason: fact.Text{
		ZH: "所填上级地区互相矛盾：" + strings.Join(zh, "、"),
		EN: "the regions above contradict each other: nothing lies in all of " + strings.Join(en, ", "),
	}}
}

// asAbove makes of a refusal one of a region above.
func (u *Unresolved) asAbove() *Unresolved {
	u.Reason.ZH = "上级地区无法确定：" + u.Reason.ZH
	u.Reason.EN = "the region above can't be told: " + u.Reason.EN
	return u
}

// refuse explains why found is not exactly one region. Where nothing was found
// it looks further: at other levels, elsewhere, and for names nearly the same.
func (r *Register) refuse(q question, found *hits) *Unresolved {
	switch {
	case found.n == 1 && found.at[0].merged != nil && !found.more:
		return r.merged(q, found.at[0])
	case found.n > 0:
		return r.ambiguous(q, found)
	}
	var other hits
	if r.lookUp(&other, q.folded, everyLevel, q.in); other.n > 0 {
		if h := other.at[0]; h.merged != nil {
			return r.merged(q, h)
		}
		return r.wrongLevel(q, &other)
	}
	whole := []span{r.whole()}
	if r.lookUp(&other, q.folded, q.levels, whole); other.n == 0 {
		r.lookUp(&other, q.folded, everyLevel, whole)
	}
	if other.n > 0 {
		return r.elsewhere(q, &other)
	}
	return r.unknown(q)
}

func (r *Register) merged(q question, h hit) *Unresolved {
	successor := &r.regions[h.at]
	when := h.merged.Effective.String()
	zh, en := "已于"+when, " in "+when
	if when == "" {
		zh, en = "已", ""
	}
	return &Unresolved{q.written, fact.Text{
		ZH: fmt.Sprintf("“%s”%s并入%s，部分不能代表整体：请按%s整体报送", shorten(q.written), zh, r.label(h.at), successor.Name),
		EN: fmt.Sprintf("%s was merged into %s%s, and a part can't stand for the whole: report %s as a whole",
			quote(q.written), r.label(h.at), en, successor.Name),
	}, []*fact.Region{successor}}
}

func (r *Register) ambiguous(q question, found *hits) *Unresolved {
	candidates, list := r.candidates(found)
	return &Unresolved{q.written, fact.Text{
		ZH: fmt.Sprintf("“%s”可能指%s：请填写代码或注明上级地区", shorten(q.written), list.ZH),
		EN: fmt.Sprintf("%s may be %s: give the code or a region above", quote(q.written), list.EN),
	}, candidates}
}

func (r *Register) wrongLevel(q question, other *hits) *Unresolved {
	candidates, list := r.candidates(other)
	level := candidates[0].Level
	return &Unresolved{q.written, fact.Text{
		ZH: fmt.Sprintf("“%s”是%s地区，此处应为%s：%s", shorten(q.written), levelZH(level), q.levels.zh(), list.ZH),
		EN: fmt.Sprintf("%s is of level %s, where %s is expected: %s", quote(q.written), level, q.levels.en(), list.EN),
	}, candidates}
}

func (r *Register) elsewhere(q question, other *hits) *Unresolved {
	candidates, list := r.candidates(other)
	above := make([]string, 0, len(q.within))
	for _, w := range q.within {
		if fold(w) != "" {
			above = append(above, shorten(w))
		}
	}
	return &Unresolved{q.written, fact.Text{
		ZH: fmt.Sprintf("“%s”不在%s之内，而是%s", shorten(q.written), strings.Join(above, "、"), list.ZH),
		EN: fmt.Sprintf("%s does not lie in %s, but is %s", quote(q.written), strings.Join(above, ", "), list.EN),
	}, candidates}
}

func (r *Register) unknown(q question) *Unresolved {
	found := r.nearby(q)
	if found.n == 0 {
		return &Unresolved{q.written, fact.Text{
			ZH: fmt.Sprintf("没有名称或代码为“%s”的地区：请更正来源数据，或为其添加别名", shorten(q.written)),
			EN: fmt.Sprintf("no region has the name or code %s: correct it in the source, or add an alias", quote(q.written)),
		}, nil}
	}
	candidates, list := r.candidates(found)
	return &Unresolved{q.written, fact.Text{
		ZH: fmt.Sprintf("没有名称或代码为“%s”的地区；相近的有%s", shorten(q.written), list.ZH),
		EN: fmt.Sprintf("no region has the name or code %s; nearly so has %s", quote(q.written), list.EN),
	}, candidates}
}

// maxNearby bounds how many regions are compared with something unknown, so that
// a delivery full of it stays cheap; among more, nothing is looked for. All
// townships of a province are fewer.
const maxNearby = 5000

// nearby finds regions whose code or name is one character away from what was
// written.
func (r *Register) nearby(q question) *hits {
	var found hits
	if utf8.RuneCountInString(q.folded) < 2 {
		return &found // everything is near to one character
	}
	if !r.fewIn(q) {
		return &found
	}
	digits := allDigits(q.folded)
	for _, s := range q.in {
		for at := range r.walk(s, q.levels.deepest()) {
			region := &r.regions[at]
			switch name := fold(region.Name); {
			case !q.levels.has(region.Level):
			case digits && near(region.Code, q.folded):
				found.add(hit{at: at}, byCode)
			case digits || !alike(name, q.folded):
			case near(name, q.folded):
				found.add(hit{at: at}, byName)
			case near(stemOf(name, region.Level), q.folded):
				found.add(hit{at: at}, byStem)
			}
		}
	}
	for _, f := range r.past.all {
		if near(f.name, q.folded) && q.levels.has(r.regions[f.at].Level) && contains(q.in, f.at) {
			found.add(hit{at: f.at}, byName)
		}
	}
	return &found
}

// fewIn reports whether the regions that may be meant are at most maxNearby.
func (r *Register) fewIn(q question) bool {
	n := 0
	for _, s := range q.in {
		for range r.walk(s, q.levels.deepest()) {
			if n++; n > maxNearby {
				return false
			}
		}
	}
	return true
}

// candidates returns the first few regions found, and all of that in words.
func (r *Register) candidates(found *hits) ([]*fact.Region, fact.Text) {
	var (
		regions []*fact.Region
		labels  []string
	)
	for _, h := range found.all() {
		if len(regions) == maxCandidates {
			break
		}
		regions = append(regions, &r.regions[h.at])
		labels = append(labels, r.label(h.at))
	}
	list := fact.Text{ZH: strings.Join(labels, "、"), EN: strings.Join(labels, ", ")}
	if last := len(labels) - 1; last > 0 {
		list.ZH = strings.Join(labels[:last], "、") + "或" + labels[last]
		list.EN = strings.Join(labels[:last], ", ") + " or " + labels[last]
	}
	if found.n > maxCandidates || found.more {
		list.ZH = strings.Join(labels, "、") + "等"
		list.EN = strings.Join(labels, ", ") + " or others"
	}
	return regions, list
}

// label names a region so that nobody takes it for another: 鹰潭市余江区 (360603).
func (r *Register) label(at uint32) string {
	name := r.regions[at].Name
	for above := r.parent[at]; above != none && r.regions[above].Level > fact.Province; above = r.parent[above] {
		name = r.regions[above].Name + name
	}
	return name + " (" + r.regions[at].Code + ")"
}

// maxQuoted is how many characters of something written are repeated.
const maxQuoted = 60

func shorten(written string) string {
	written = strings.ToValidUTF8(written, "�")
	n := 0
	for i := range written {
		if n++; n > maxQuoted {
			return written[:i] + "…"
		}
	}
	return written
}

func quote(written string) string { return fmt.Sprintf("%q", shorten(written)) }

// levelZH names a level in Chinese.
func levelZH(l fact.Level) string {
	return [...]string{
		fact.Province: "省级", fact.City: "地市级", fact.County: "县级",
		fact.Township: "乡级", fact.Village: "村级", fact.Grid: "网格级",
	}[l]
}

func (s levelSet) zh() string { return s.join(levelZH, "或") }

func (s levelSet) en() string { return s.join(fact.Level.String, " or ") }

func (s levelSet) join(name func(fact.Level) string, or string) string {
	var names []string
	for l := fact.Province; l <= fact.Grid; l++ {
		if s.has(l) {
			names = append(names, name(l))
		}
	}
	return strings.Join(names, or)
}
