package region

import (
	"strings"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// rank says how well something written fits a region; the lower the better.
type rank int

const (
	byCode    rank = iota
	byName         // today's name as it stands in the register
	byVariant      // today's name with its office written otherwise (街道办事处)
	byAlias
	byOldName
	byStem    // today's name without 市, 县, 区 …
	byOldStem // an old name without them
)

// levelSet is a set of levels, one bit each.
type levelSet uint8

const everyLevel = levelSet(1<<fact.Province | 1<<fact.City | 1<<fact.County | 1<<fact.Township | 1<<fact.Village | 1<<fact.Grid)

// setOf makes a set; no levels are all levels.
func setOf(levels []fact.Level) (s levelSet) {
	if len(levels) == 0 {
		return everyLevel
	}
	for _, l := range levels {
		s |= 1 << l
	}
	return s & everyLevel
}

func (s levelSet) has(l fact.Level) bool { return s&(1<<l) != 0 }

// deepest returns the lowest level of the set.
func (s levelSet) deepest() fact.Level {
	for l := fact.Grid; l > 0; l-- {
		if s.has(l) {
			return l
		}
	}
	return 0
}

// downTo is the set of a level and all above it.
func downTo(l fact.Level) levelSet { return everyLevel & (2<<l - 1) }

// hit is a region that fits what was written; merged is set where what was
// written is only a part of it today.
type hit struct {
	at     uint32
	merged *fact.RegionChange
}

// maxHits is how many regions of one name are told apart.
const maxHits = 16

// hits collects the regions that fit best.
type hits struct {
	at   [maxHits]hit
	n    int
	more bool // there are more than could be kept
	rank rank
	// vague is the best rank that a path can have whose beginning fits more
	// regions than were looked into; 0 is none.
	vague rank
}

func (h *hits) add(one hit, by rank) {
	switch {
	case h.n > 0 && by > h.rank:
		return
	case by < h.rank:
		h.n, h.more = 0, false
	}
	h.rank = by
	for _, old := range h.all() {
		if old.at == one.at && (old.merged == nil) == (one.merged == nil) {
			return
		}
	}
	if h.n == maxHits {
		h.more = true
		return
	}
	h.at[h.n] = one
	h.n++
}

func (h *hits) all() []hit { return h.at[:h.n] }

// full reports whether looking on can't change what is known.
func (h *hits) full() bool { return h.more && h.rank <= byName }

// only returns the region where there is exactly one and it is whole.
func (h *hits) only() (at uint32, ok bool) {
	if h.n != 1 || h.more || h.at[0].merged != nil {
		return none, false
	}
	return h.at[0].at, true
}

// Resolve finds the region that a source means. levels are those allowed, none
// for any; within are regions that it lies in, as written, empty ones ignored.
// Where there is not exactly one such region the error is an *Unresolved.
//
// It takes a region by, in this order: code, name, alias, old name, name without
// 市, 县, 区 and the like, old name without them, and last a path of names. The
// first that any region of the allowed levels and within fits decides.
// Resolving a code or a plain name doesn't allocate.
func (r *Register) Resolve(written string, levels []fact.Level, within []string) (*fact.Region, error) {
	allowed := setOf(levels)
	if len(within) == 0 { // most deliveries are codes alone: nothing else is read or made
		if at, ok := r.codes.find(r.regions, written); ok && allowed.has(r.regions[at].Level) {
			return &r.regions[at], nil
		}
	}
	folded := fold(written)
	if folded == "" {
		return nil, unwritten(written)
	}
	var buffer [2]span
	in, refused := r.spansOf(buffer[:0], within, allowed.deepest())
	if refused != nil {
		refused.Written = written
		return nil, refused
	}
	var found hits
	r.lookUp(&found, folded, allowed, in)
	if at, ok := found.only(); ok {
		return &r.regions[at], nil
	}
	kept := append([]span(nil), in...) // so that buffer can stay on the stack
	return nil, r.refuse(question{written, folded, allowed, within, kept}, &found)
}

// whole is the span of all regions.
func (r *Register) whole() span { return span{0, uint32(max(len(r.regions), 1) - 1)} }

// spansOf resolves the regions above and returns, on top of spans, where a
// region can lie that lies in all of them. A name that several regions bear
// stands for any of them.
func (r *Register) spansOf(spans []span, within []string, deepest fact.Level) ([]span, *Unresolved) {
	spans = append(spans, r.whole())
	for i, written := range within {
		folded := fold(written)
		if folded == "" {
			continue
		}
		whole := [...]span{r.whole()}
		var found hits
		r.lookUp(&found, folded, downTo(deepest), whole[:])
		if found.n == 0 || found.more || found.at[0].merged != nil {
			q := question{written, folded, downTo(deepest), nil, []span{r.whole()}}
			return nil, r.refuse(q, &found).asAbove()
		}
		var buffer [4]span
		narrowed := buffer[:0]
		for _, h := range found.all() {
			narrowed = meet(narrowed, spans, span{h.at, r.last[h.at]})
		}
		if len(narrowed) == 0 {
			return nil, r.contradicting(within[:i+1])
		}
		spans = append(spans[:0], narrowed...)
	}
	return spans, nil
}

// meet adds to narrowed what spans and s have in common. Spans of regions never
// overlap in part; one that lies in another of narrowed is left out.
func meet(narrowed, spans []span, s span) []span {
	for _, have := range spans {
		common := span{max(have.first, s.first), min(have.last, s.last)}
		if common.first > common.last {
			continue
		}
		known := false
		for _, n := range narrowed {
			known = known || n.first <= common.first && common.last <= n.last
		}
		if !known {
			narrowed = append(narrowed, common)
		}
	}
	return narrowed
}

// lookUp adds the regions of the levels and in the spans that fit best.
func (r *Register) lookUp(found *hits, folded string, levels levelSet, in []span) {
	digits := allDigits(folded)
	if digits {
		if h, ok := r.byWrittenCode(folded); ok && levels.has(r.regions[h.at].Level) && contains(in, h.at) {
			found.add(h, byCode)
			return
		}
	}
	r.byWrittenName(found, folded, levels, in)
	if found.n == 0 && !digits {
		r.byPath(found, folded, levels, in)
	}
}

func contains(spans []span, at uint32) bool {
	for _, s := range spans {
		if s.first <= at && at <= s.last {
			return true
		}
	}
	return false
}

// byWrittenCode finds a region by today's or an old code. Codes of nine and
// twelve digits may be those of a higher level, filled up with zeros.
func (r *Register) byWrittenCode(code string) (hit, bool) {
	for {
		if at, ok := r.codes.find(r.regions, code); ok {
			return hit{at: at}, true
		}
		if f, ok := r.past.codes[code]; ok {
			return hit{f.at, f.merged}, true
		}
		if len(code) != 12 && len(code) != 9 || !strings.HasSuffix(code, "000") {
			return hit{}, false
		}
		code = code[:len(code)-3]
	}
}

func (r *Register) byWrittenName(found *hits, folded string, levels levelSet, in []span) {
	k := keyOf(folded)
	for _, f := range r.past.names[k] {
		r.addFormer(found, f, levels, in)
	}
	r.scan(found, k, folded, levels, in)
	if k.class == "" || found.n > 0 && found.rank < byStem {
		return
	}
	// 中村 may be the village 中, or short for the town 中村.
	stem := key{base: folded}
	for _, f := range r.past.names[stem] {
		r.addFormer(found, f, levels, in)
	}
	r.scan(found, stem, folded, levels, in)
}

func (r *Register) addFormer(found *hits, f former, levels levelSet, in []span) {
	if levels.has(r.regions[f.at].Level) && contains(in, f.at) {
		found.add(hit{f.at, f.merged}, f.rank)
	}
}

// scan adds the regions whose name or stem has the key.
func (r *Register) scan(found *hits, k key, folded string, levels levelSet, in []span) {
	hash := r.names.hash(k)
	for level := fact.Province; level <= fact.Grid; level++ {
		if !levels.has(level) {
			continue
		}
		for _, s := range in {
			for _, e := range r.names.within(hash, level, s) {
				at := uint32(e)
				switch name := fold(r.regions[at].Name); {
				case name == folded:
					found.add(hit{at: at}, byName)
				case keyOf(name) == k:
					found.add(hit{at: at}, byVariant)
				case k.class == "" && stemOf(name, level) == k.base:
					found.add(hit{at: at}, byStem)
				}
				if found.full() {
					return
				}
			}
		}
	}
}

// separators may stand between the names of a path.
const separators = "/-·>"

// maxPath bounds the work on what is no name at all; the longest path of names
// in a register is far shorter.
const maxPath = 80

// byPath reads what was written as names from above, one after the other:
// 江西省鹰潭市余江区. Names may be left out, and written as they may be alone.
func (r *Register) byPath(found *hits, folded string, levels levelSet, in []span) {
	if utf8.RuneCountInString(folded) > maxPath {
		return
	}
	r.descend(found, folded, r.whole(), levels, in, 0)
	if found.n > 0 && found.vague > 0 && found.rank >= found.vague {
		found.more = true
	}
}

// descend reads the first name of a path, and the others below each region that
// it may be. by is how well the names before it fitted. The levels get lower at
// each step, so it goes no deeper than there are levels.
func (r *Register) descend(found *hits, path string, below span, levels levelSet, in []span, by rank) {
	for i := range path {
		rest := strings.TrimLeft(path[i:], separators)
		if i == 0 || rest == "" || allDigits(path[:i]) {
			continue
		}
		var above hits
		r.byWrittenName(&above, path[:i], downTo(fact.Village), []span{below})
		if above.more && (found.vague == 0 || by+above.rank < found.vague) {
			found.vague = by + above.rank
		}
		for _, a := range above.all() {
			children := span{a.at + 1, r.last[a.at]}
			if a.merged != nil || children.first > children.last {
				continue
			}
			var end hits
			r.byWrittenName(&end, rest, levels, meet(nil, in, children))
			for _, h := range end.all() {
				found.add(h, by+above.rank+end.rank)
			}
			r.descend(found, rest, children, levels, in, by+above.rank)
		}
	}
}
