package httpjson

import (
	"fmt"

	"github.com/govkpi/govkpi/collectors"
)

// uncounted is the number of items where nobody needs it and nothing says it.
const uncounted = -1

// readItems reads where a page has the list of its items. A source counts those,
// not the rows that jq makes of them.
func (v *envelope) readItems(f *collectors.Faults, written string) {
	v.items = absent
	if e, err := parseExpression(written); written != "" && err == nil && e.each {
		f.Add("paging.items", "paging.items: %s are the items one by one; name their list, without []", written)
		return
	}
	v.items = v.read(f, "paging.items", written)
}

// checkItems refuses paging that needs the number of items where rows doesn't
// show it.
func (p *paging) checkItems(f *collectors.Faults, block *pagingBlock, v *envelope) {
	if block == nil || v.rows == nil || v.rows.code == nil || block.Items != "" {
		return
	}
	const missing = "paging.items is missing: rows is more than a path, so one row need not be one item of the source: say where a page has the list of its items, such as .data"
	switch {
	case p.by == byOffset, p.by != "" && block.Count != "":
		f.Add("paging.items", missing)
	case p.by == byPage && block.More == "":
		f.Add("paging.items", missing+"; or give paging.more")
	}
}

// countItems returns how many items of the source's own the page has, or
// uncounted. rows is how many rows were made of them.
func (p *page) countItems(rows int) (int, error) {
	if p.items == absent {
		if p.rows.code != nil {
			return uncounted, nil
		}
		return rows, nil
	}
	written := p.fields[p.items].written
	const advice = "correct it, or where that is how the source says that there are none, write // [] behind it"
	switch v := p.values[p.items]; v.kind {
	case list, object:
		return p.listed, nil
	case missing:
		root, err := p.decoded()
		if err != nil {
			return 0, err
		}
		return 0, fmt.Errorf("paging.items: %s finds nothing; the answer has %s: %s", written, keysOf(root), advice)
	default:
		return 0, fmt.Errorf("paging.items: %s finds %s where a list should be: %s", written, v.kind, advice)
	}
}

// lengthAt counts the elements of the list, or the members of the object, at i.
func lengthAt(b []byte, i int) int {
	k := kindAt(b[i])
	if k != list && k != object {
		return 0
	}
	n := 0
	for i = skipSpace(b, i+1); b[i] != ']' && b[i] != '}'; n++ {
		if k == object {
			i = skipSpace(b, skipSpace(b, skipText(b, i))+1)
		}
		if i = skipSpace(b, skip(b, i)); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return n
}

// lengthOf is lengthAt of what jq gave.
func lengthOf(v any) int {
	switch v := v.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 0
}

// sighting tells whether a key of the pages was on any of them.
type sighting struct {
	key      string // of the configuration
	at       int    // among the envelope's fields
	optional string // what to write where it need not be on any
	seen     bool
}

// sightings lists the keys that a renaming would make us miss pages by.
func (v *envelope) sightings() []sighting {
	var all []sighting
	if v.next != absent && v.fields[v.next].isPlain() {
		all = append(all, sighting{key: "paging.next", at: v.next, optional: v.fields[v.next].pathText() + " // null"})
	}
	if v.more != nil && v.more.isPlain() {
		optional := v.more.pathText() + " // false"
		if v.more.constant != nil {
			optional = "(" + v.more.pathText() + " // null)"
		}
		all = append(all, sighting{key: "paging.more", at: v.moreAt, optional: optional})
	}
	return all
}

// see notes which keys a page has.
func (g *pager) see(p *page) {
	for i := range g.sightings {
		s := &g.sightings[i]
		s.seen = s.seen || p.values[s.at].kind != missing
	}
}

// drift returns an error where a key of the pages was on none of them. p is the
// last one.
func (g *pager) drift(p *page, items int) error {
	if g.index == 1 && items == 0 {
		return nil
	}
	for _, s := range g.sightings {
		if s.seen {
			continue
		}
		root, err := p.decoded()
		if err != nil {
			return err
		}
		return fmt.Errorf("%s: none of the %d pages has %s; the last one has %s: correct it, or ask the source what became of it; where the source may leave it out on all of them, write %s",
			s.key, g.index, p.fields[s.at].pathText(), keysOf(root), s.optional)
	}
	return nil
}
