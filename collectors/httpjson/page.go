package httpjson

import (
	"context"
	"errors"
	"fmt"

	"github.com/govkpi/govkpi/collectors"
)

// envelope is what is wanted of a page beside its rows. It is immutable.
type envelope struct {
	rows     *expression
	rowsSlot int
	fields   []*expression
	tree     *branch
	general  bool // some fields need jq

	ok      *condition
	more    *condition
	okAt    int // of their values among the fields, or absent
	moreAt  int
	message int
	next    int
	count   int
	items   int
	total   totalPlan
	redact  *redaction
}

// add takes up an expression on the page and returns its place.
func (v *envelope) add(e *expression) int {
	index := len(v.fields)
	v.fields = append(v.fields, e)
	if e.isPlain() && len(e.path) > 0 {
		v.tree.plant(e.path, index)
	} else {
		v.general = true
	}
	return index
}

// read parses an expression of one key and takes it up; absent where it isn't
// given.
func (v *envelope) read(f *collectors.Faults, key, written string) int {
	if written == "" {
		return absent
	}
	e, err := parseExpression(written)
	switch {
	case err != nil:
		f.Add(key, "%s: %w", key, err)
		return absent
	case e.each:
		f.Add(key, "%s: %s gives as many values as there are; expected an expression that gives one", key, written)
		return absent
	}
	return v.add(e)
}

func (v *envelope) readCondition(f *collectors.Faults, key, written string) (*condition, int) {
	if written == "" {
		return nil, absent
	}
	c, err := parseCondition(written)
	if err != nil {
		f.Add(key, "%s: %w", key, err)
		return nil, absent
	}
	return &c, v.add(c.expression)
}

// readRows takes up the expression of the rows, after all others.
func (v *envelope) readRows(f *collectors.Faults, written string) {
	v.rowsSlot = absent
	if written == "" {
		f.Add("rows", "rows is missing: say where the rows are, such as .data[]")
		return
	}
	var err error
	if v.rows, err = parseExpression(written); err != nil {
		f.Add("rows", "rows: %w", err)
		return
	}
	if v.rows.code == nil && len(v.rows.path) > 0 {
		v.rowsSlot = len(v.fields)
		v.tree.plant(v.rows.path, v.rowsSlot)
	}
}

// page is one answer of the source. Its values are valid as long as its text.
type page struct {
	*envelope
	b      []byte
	start  int
	slots  []span
	values []value // of the fields
	root   any     // decoded, once that is needed
	listed int     // how many items there are where paging.items says
}

// open finds all that is wanted in the text of a page.
func (v *envelope) open(ctx context.Context, b []byte, depth int) (*page, error) {
	start, err := check(b, depth)
	if err != nil {
		return nil, err
	}
	p := &page{envelope: v, b: b, start: start, slots: make([]span, len(v.fields)+1), values: make([]value, len(v.fields))}
	if len(v.tree.below) > 0 {
		if _, err := v.tree.find(b, start, p.slots); err != nil {
			return nil, fmt.Errorf("the answer can't be read as configured: %w", err)
		}
	}
	for i, e := range v.fields {
		if e.isPlain() && len(e.path) > 0 {
			p.values[i], _ = valueAt(b, p.slots[i], nil)
			if i == v.items && !p.slots[i].missing() {
				p.listed = lengthAt(b, p.slots[i].start)
			}
			continue
		}
		root, err := p.decoded()
		if err != nil {
			return nil, err
		}
		output, err := e.one(ctx, root)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.written, err)
		}
		p.values[i] = valueOf(output)
		if i == v.items {
			p.listed = lengthOf(output)
		}
	}
	return p, nil
}

func (p *page) decoded() (any, error) {
	var err error
	if p.root == nil {
		p.root, _, err = decode(p.b, p.start)
	}
	return p.root, err
}

// field returns a value of the page; missing where it isn't asked for.
func (p *page) field(at int) value {
	if at == absent {
		return value{}
	}
	return p.values[at]
}

// verdict returns an error where the source says that it failed.
func (p *page) verdict() error {
	if p.ok == nil {
		return nil
	}
	holds, err := p.ok.holds(p.values[p.okAt], p.redact)
	switch {
	case err != nil:
		return fmt.Errorf("ok: %w", err)
	case holds:
		return nil
	}
	said := "nothing further"
	if m := p.field(p.message); !m.absent() {
		said = p.redact.describe(m)
	}
	if p.ok.constant == nil {
		return fmt.Errorf("the source reports a failure: %s is false; it says %s", p.ok.written, said)
	}
	return fmt.Errorf("the source reports a failure: expected %s, found %s; it says %s", p.ok.written, p.redact.describe(p.values[p.okAt]), said)
}

// each hands the rows to the mapper.
func (p *page) each(ctx context.Context, m *mapper) error {
	if p.rows.code != nil {
		root, err := p.decoded()
		if err != nil {
			return err
		}
		var own error // of the mapper, which says itself where
		err = p.rows.run(ctx, root, func(row any) error {
			own = m.decoded(ctx, row)
			return own
		})
		if err != nil && own == nil {
			return fmt.Errorf("rows: %w", err)
		}
		return err
	}
	at := span{p.start, len(p.b)}
	if p.rowsSlot != absent {
		at = p.slots[p.rowsSlot]
	}
	k := missing
	if !at.missing() {
		k = kindAt(p.b[at.start])
	}
	switch {
	case !p.rows.each && k == list:
		return fmt.Errorf("rows: %s is a list: if each of its elements is a row, write %[1]s[]", p.rows.written)
	case !p.rows.each && k != missing:
		_, err := m.raw(ctx, p.b, at.start)
		return err
	case k == list, k == object && p.rows.each:
		return p.eachOf(ctx, m, at.start, k)
	case p.rows.lenient:
		return nil
	}
	return p.noRows(k)
}

// eachOf hands over the elements of a list or the values of an object.
func (p *page) eachOf(ctx context.Context, m *mapper, i int, k kind) (err error) {
	for i = skipSpace(p.b, i+1); p.b[i] != ']' && p.b[i] != '}'; {
		if m.rows%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if k == object {
			i = skipSpace(p.b, skipSpace(p.b, skipText(p.b, i))+1)
		}
		if i, err = m.raw(ctx, p.b, i); err != nil {
			return err
		}
		if i = skipSpace(p.b, i); p.b[i] == ',' {
			i = skipSpace(p.b, i+1)
		}
	}
	return nil
}

var errNoRows = errors.New("correct rows, or where that is how the source says that there are none, write []? for []")

func (p *page) noRows(k kind) error {
	if k != missing {
		return fmt.Errorf("rows: %s finds %s where a list should be: %w", p.rows.written, k, errNoRows)
	}
	root, err := p.decoded()
	if err != nil {
		return err
	}
	return fmt.Errorf("rows: %s finds nothing; the answer has %s: %w", p.rows.written, keysOf(root), errNoRows)
}
