package httpjson

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/govkpi/govkpi/collectors"
)

// paging says how a source is asked for its pages. The zero value is one page.
type paging struct {
	by            string // page, offset or cursor; empty for one page
	parameter     string // of the query; empty where a placeholder holds it
	first         int
	sizeParameter string
	size          int // items asked for; 0 leaves it to the source
}

// The ways of paging.
const (
	byPage   = "page"
	byOffset = "offset"
	byCursor = "cursor"
)

// pagingBlock is the key paging.
type pagingBlock struct {
	By            string `yaml:"by,omitempty"`
	Parameter     string `yaml:"parameter,omitempty"`
	First         *int   `yaml:"first,omitempty"`
	SizeParameter string `yaml:"size_parameter,omitempty"`
	Size          *int   `yaml:"size,omitempty"`
	Next          string `yaml:"next,omitempty"`
	More          string `yaml:"more,omitempty"`
	Count         string `yaml:"count,omitempty"`
	Items         string `yaml:"items,omitempty"`
}

// placeholder is the placeholder of what tells the pages apart.
func (p *paging) placeholder() string {
	if p.by == byPage {
		return "page.number"
	}
	return "page." + p.by
}

// placeholders lists those that the pages give a value.
func (p *paging) placeholders() []string {
	switch {
	case p.by == "":
		return nil
	case p.size > 0:
		return []string{p.placeholder(), pageSize}
	}
	return []string{p.placeholder()}
}

const pageSize = "page.size"

// readPaging reads the key, and what of the envelope it needs.
func readPaging(f *collectors.Faults, block *pagingBlock, v *envelope) paging {
	v.next, v.moreAt, v.count, v.items = absent, absent, absent, absent
	if block == nil {
		return paging{}
	}
	p := paging{by: block.By, parameter: block.Parameter, sizeParameter: block.SizeParameter}
	switch {
	case p.by == "":
		f.Add("paging.by", "paging.by is missing: there are page, offset and cursor")
	case p.by != byPage && p.by != byOffset && p.by != byCursor:
		f.Add("paging.by", "paging.by: %q is unknown: there are page, offset and cursor", p.by)
	}
	p.readFirst(f, block.First)
	if block.Size != nil {
		p.size = f.Count("paging.size", block.Size, "the items of a page")
	} else if p.sizeParameter != "" {
		f.Add("paging.size", "paging.size_parameter is given without paging.size: say how many items a page shall have")
	}
	switch {
	case p.by == byCursor && block.Next == "":
		f.Add("paging.next", "paging.next is missing: say where a page has the cursor of the next one, such as .next")
	case p.by != byCursor && block.Next != "":
		f.Add("paging.next", "paging.next is given, but the pages are not asked for by cursor: remove it, or write by: cursor")
	}
	v.next = v.read(f, "paging.next", block.Next)
	v.more, v.moreAt = v.readCondition(f, "paging.more", block.More)
	v.count = v.read(f, "paging.count", block.Count)
	v.readItems(f, block.Items)
	return p
}

func (p *paging) readFirst(f *collectors.Faults, first *int) {
	switch {
	case first != nil && p.by == byCursor:
		f.Add("paging.first", "paging.first is given, but the first page by cursor is the one without a cursor: remove it")
	case first != nil && *first < 0:
		f.Add("paging.first", "paging.first is %d: expected 0 or more", *first)
	case first != nil:
		p.first = *first
	case p.by == byPage:
		f.Add("paging.first", "paging.first is missing: give the number of the first page, 0 or 1")
	}
}

// pager finds its way through the pages of one pull.
type pager struct {
	*paging
	index int    // of the page under way, counted from 1
	items int    // of all pages so far
	count int    // of all items, as the pages before announced it
	at    string // what is sent for the page under way

	full      bool           // some page had as many items as were asked for
	short     int            // items of the first page, where they were fewer: the next page tells whether more follow
	marks     map[uint64]int // pages with rows, by what they say
	cursors   map[string]int
	sightings []sighting
}

func newPager(p *paging, v *envelope) *pager {
	g := &pager{paging: p, index: 1, marks: map[uint64]int{}, cursors: map[string]int{}}
	if p.by != "" {
		g.sightings = v.sightings()
	}
	if p.by == byPage || p.by == byOffset {
		g.at = strconv.Itoa(p.first)
	}
	return g
}

// String names the page under way as it was asked for.
func (g *pager) String() string {
	switch g.by {
	case "":
		return ""
	case byPage:
		return "page " + g.at
	case byOffset:
		return "offset " + g.at
	}
	return "page " + strconv.Itoa(g.index)
}

// next decides, knowing the page under way, its rows, its items and what they
// say, whether they count and whether another page follows, and moves on to that.
func (g *pager) next(p *page, rows, items int, mark uint64) (take, follows bool, err error) {
	if g.by == "" {
		return true, false, nil
	}
	g.see(p)
	if before, again := g.marks[mark]; again && rows > 0 {
		if g.short > 0 && g.index == 2 && p.more == nil && p.count == absent {
			return false, false, nil // the source gives its last page again
		}
		return false, false, g.repeated(p.envelope, before)
	}
	g.marks[mark] = g.index
	if items > 0 {
		g.items += items
	}
	follows, err = g.follows(p, items)
	if err == nil {
		err = g.agrees(p, !follows)
	}
	if err == nil && !follows {
		err = g.drift(p, items)
	}
	if err != nil || !follows {
		return true, false, err
	}
	g.advance(p)
	return true, true, nil
}

func (g *pager) name() string {
	if g.parameter != "" {
		return "the parameter " + g.parameter
	}
	return "{" + g.placeholder() + "}"
}

// guesses reports whether only what the pages hold tells which is the last.
func (g *pager) guesses(v *envelope) bool {
	return g.by != byCursor && v.more == nil && v.count == absent
}

// repeated explains a page that says what the one with that index said.
func (g *pager) repeated(v *envelope, before int) error {
	const ways = "give paging.count or paging.more"
	deaf := fmt.Sprintf("the page says the same as the %s page: the source does not heed %s; correct paging, or remove it where the source gives all at once", ordinal(before), g.name())
	switch {
	case g.guesses(v) && before > 1 && before == g.index-1:
		return fmt.Errorf("the page says the same as the %s page: the source gives its last page again where there is no further one; %s", ordinal(before), ways)
	case g.guesses(v):
		return fmt.Errorf("%s; or where it gives its last page again for those behind it, %s", deaf, ways)
	}
	return errors.New(deaf)
}

// noSuchPage says what to do where the page under way is answered with 404;
// nothing for the first one.
func (g *pager) noSuchPage(v *envelope) string {
	switch {
	case g.index == 1:
		return ""
	case g.guesses(v):
		return "give paging.count or paging.more"
	case g.by == byCursor:
		return "check paging.next, and whether the source lets a cursor expire"
	}
	return "check paging.count or paging.more, by which it should follow"
}

// follows reports whether there is another page.
func (g *pager) follows(p *page, items int) (bool, error) {
	cursor, err := g.cursor(p)
	if err != nil {
		return false, err
	}
	ended := g.by == byCursor && cursor == ""
	switch {
	case p.more != nil:
		more, err := p.more.holds(p.values[p.moreAt], p.redact)
		switch {
		case err != nil:
			return false, fmt.Errorf("paging.more: %w", err)
		case more && (ended || items == 0 && g.by != byCursor):
			return false, fmt.Errorf("%s says that more pages follow, but the page has no items, or no cursor of the next", p.more.written)
		}
		return more, nil
	case g.by == byCursor:
		return !ended, nil // a page without items may stand between others
	case items == 0:
		return false, nil
	case p.count != absent:
		count, err := g.announced(p)
		return err == nil && g.items < count, err
	case g.size == 0:
		return true, nil
	}
	return g.afterSized(items)
}

// cursor returns the cursor of the next page; "" where there is none.
func (g *pager) cursor(p *page) (string, error) {
	v := p.field(p.next)
	switch {
	case v.kind == boolean, v.kind == list, v.kind == object, len(v.text) > longestText:
		return "", fmt.Errorf("paging.next: %s gives %s; expected a cursor, as a text or number", p.fields[p.next].written, p.redact.describe(v))
	case len(v.text) == 0:
		return "", nil
	}
	cursor := string(v.text)
	if before, again := g.cursors[cursor]; again {
		return "", fmt.Errorf("the page gives the same cursor as the %s page: the source would go round in circles; is %s right?", ordinal(before), p.fields[p.next].written)
	}
	g.cursors[cursor] = g.index
	return cursor, nil
}

// afterSized decides by how many items came of those that were asked for. A page
// with fewer is the last one, unless the source never gives as many: then what
// follows would be lost without anybody noticing, so the first time is tried.
func (g *pager) afterSized(items int) (bool, error) {
	switch {
	case items >= g.size:
		if g.short > 0 {
			break
		}
		g.full = true
		return true, nil
	case g.full:
		return false, nil
	case g.short == 0:
		g.short = items
		return true, nil
	}
	return false, fmt.Errorf("the source gave %d items where %d were asked for, and then more: it gives no more than %[1]d a page; set paging.size to that", g.short, g.size)
}

// announced is how many items the page says there are in all.
func (g *pager) announced(p *page) (int, error) {
	v := p.values[p.count]
	n, _, ok := collectors.Integer(v.text)
	if v.kind != number && v.kind != text || !ok || n < 0 {
		return 0, fmt.Errorf("paging.count: %s gives %s; expected the number of all items", p.fields[p.count].written, p.redact.describe(v))
	}
	return int(n), nil
}

// agrees holds the items against the number that the source announces, which must
// stay the same from page to page. With whole set, all have come.
func (g *pager) agrees(p *page, whole bool) error {
	if p.count == absent {
		return nil
	}
	count, err := g.announced(p)
	switch {
	case err != nil:
		return err
	case g.index > 1 && count != g.count:
		return fmt.Errorf("the source says that it has %d items, and said %d before: it changed while it was read; nothing was taken", count, g.count)
	case whole && g.items != count:
		return fmt.Errorf("the source says that it has %d items, and gave %d: it changed while it was read, or paging is not what it expects; nothing was taken", count, g.items)
	}
	g.count = count
	return nil
}

// advance moves on to the next page.
func (g *pager) advance(p *page) {
	switch g.by {
	case byPage:
		g.at = strconv.Itoa(g.first + g.index)
	case byOffset:
		g.at = strconv.Itoa(g.first + g.items)
	default:
		g.at = string(p.values[p.next].text)
	}
	g.index++
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return strconv.Itoa(n) + "st"
	case n%10 == 2 && n%100 != 12:
		return strconv.Itoa(n) + "nd"
	case n%10 == 3 && n%100 != 13:
		return strconv.Itoa(n) + "rd"
	}
	return strconv.Itoa(n) + "th"
}
