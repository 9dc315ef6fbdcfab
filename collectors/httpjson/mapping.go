package httpjson

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// absent is the index of a column that is not used.
const absent = -1

// plan is a collector's columns, compiled. It is immutable.
type plan struct {
	columns []column
	tree    *branch // the plain paths, on a row
	general bool    // some columns need jq

	region, period, date, indicator int
	within                          []int
	splitNames                      []string // the dimensions, sorted
	splitAt                         []int
	figures                         []figure
	long, lastEnded                 bool
	totals                          []string

	register                  bool
	code, name, parent, level int
	fixedLevel                string
}

// column is an expression on a row.
type column struct {
	*expression
	key string // of the configuration
	// optional columns may be null in every row, as jq decides.
	optional bool
}

// figure is a column with the value of an indicator.
type figure struct {
	index     int
	indicator string
}

// compile makes a plan of a layout and adds what is wrong with its expressions
// to the faults.
func compile(f *collectors.Faults, l *collectors.Layout) *plan {
	p := &plan{tree: &branch{}, long: l.Value != "", lastEnded: l.LastEnded}
	for _, total := range l.Totals {
		p.totals = append(p.totals, bareLabel(total))
	}
	if l.Register != nil {
		p.register, p.fixedLevel = true, l.Register.Level
		p.code = p.add(f, "register.code", l.Register.Code, false)
		p.name = p.add(f, "register.name", l.Register.Name, false)
		p.parent = p.add(f, "register.parent", l.Register.Parent, false)
		p.level = p.add(f, "register.level_column", l.Register.LevelColumn, false)
		return p
	}
	p.region = p.add(f, "columns.region", l.Region, false)
	for _, written := range l.Within {
		p.within = append(p.within, p.add(f, "columns.within", written, true))
	}
	p.period = p.add(f, "columns.period", l.Period, false)
	p.date = p.add(f, "columns.date", l.Date, false)
	p.indicator = p.add(f, "columns.indicator", l.Indicator, false)
	if p.long {
		p.figures = []figure{{p.add(f, "columns.value", l.Value, false), l.Fixed}}
	}
	for _, written := range slices.Sorted(maps.Keys(l.Figures)) {
		p.figures = append(p.figures, figure{p.add(f, "columns.figures."+written, written, true), l.Figures[written]})
	}
	for _, name := range slices.Sorted(maps.Keys(l.Dimensions)) {
		p.splitNames = append(p.splitNames, name)
		p.splitAt = append(p.splitAt, p.add(f, "columns.dimensions."+name, l.Dimensions[name], true))
	}
	return p
}

func (p *plan) add(f *collectors.Faults, key, written string, optional bool) int {
	if written == "" {
		return absent
	}
	e, err := parseExpression(written)
	switch {
	case err != nil:
		f.Add(key, "%s: %w", key, err)
		return absent
	case e.each:
		f.Add(key, "%s: %s gives as many values as there are; a column needs one: pick it, or make rows of them in rows", key, written)
		return absent
	}
	index := len(p.columns)
	if e.isPlain() && len(e.path) > 0 {
		p.tree.plant(e.path, index)
	} else {
		p.general = true
	}
	p.columns = append(p.columns, column{expression: e, key: key, optional: optional})
	return index
}

// mapper makes readings or entries of rows. It serves one run.
type mapper struct {
	*plan
	target string
	zone   *time.Location

	rows  int // so far
	limit int
	part  string
	cells []value
	slots []span
	known []bool // which columns there were in any row of the pages before
	here  []bool // the same of the page under way
	// The first row of all, and of the page under way, for messages.
	first, firstHere sample
	before           int // rows of the pages before
	marks            maphash.Hash
	// Of the page under way.
	readings []fact.Reading
	entries  []fact.RegionEntry

	scratch    []byte
	key        []byte
	texts      collectors.Arena
	words      collectors.Memo[string]
	dates      collectors.Memo[string]
	places     collectors.Memo[[]string]
	splits     collectors.Memo[fact.Dimensions]
	indicators collectors.Memo[string]
}

func newMapper(p *plan, request *collectors.Request, limit int) *mapper {
	return &mapper{
		plan: p, limit: limit, target: request.Target.Code, zone: request.Now.Location(),
		cells: make([]value, len(p.columns)), slots: make([]span, len(p.columns)), known: make([]bool, len(p.columns)),
		here: make([]bool, len(p.columns)),
	}
}

// begin starts a page. What was made of the one before must have been used up:
// its room is used again.
func (m *mapper) begin(part string) {
	m.part, m.readings, m.entries = part, m.readings[:0], m.entries[:0]
	m.marks.Reset()
	m.before = m.rows
	clear(m.here)
}

// mark is the same for two pages that say the same, and hardly ever for others.
func (m *mapper) mark() uint64 { return m.marks.Sum64() }

// count counts a row and checks that it can be one.
func (m *mapper) count(k kind) error {
	if m.rows == m.limit {
		return fmt.Errorf("the source has more rows than limits.rows, %d; nothing was taken: ask for less, or raise the limit", m.limit)
	}
	m.rows++
	if k != object && k != list {
		return m.at(fmt.Errorf("it is %s; expected an object: let rows leave it out, as in .data[] | select(. != null)", k))
	}
	return nil
}

// raw maps the row that begins at i in the text of the page.
func (m *mapper) raw(ctx context.Context, b []byte, i int) (end int, err error) {
	if err := m.count(kindAt(b[i])); err != nil {
		return 0, err
	}
	clear(m.slots)
	m.scratch = m.scratch[:0]
	if len(m.tree.below) == 0 {
		end = skip(b, i)
	} else if end, err = m.tree.find(b, i, m.slots); err != nil {
		return 0, m.at(err)
	}
	for c := range m.cells {
		m.cells[c], m.scratch = valueAt(b, m.slots[c], m.scratch)
	}
	if m.rows == m.before+1 {
		m.firstHere = sample{text: b[i:end]}
	}
	if m.general {
		decoded, _, err := decode(b, i)
		if err != nil {
			return 0, m.at(err)
		}
		if err := m.runGeneral(ctx, decoded); err != nil {
			return 0, err
		}
	}
	return end, m.row()
}

// decoded maps a row that jq made.
func (m *mapper) decoded(ctx context.Context, row any) error {
	if err := m.count(valueOf(row).kind); err != nil {
		return err
	}
	for c := range m.columns {
		if !m.columns[c].isPlain() {
			continue
		}
		at, err := m.columns[c].walk(row)
		if err != nil {
			return m.at(err)
		}
		m.cells[c] = valueOf(at)
	}
	if m.rows == m.before+1 {
		m.firstHere = sample{decoded: row}
	}
	if err := m.runGeneral(ctx, row); err != nil {
		return err
	}
	return m.row()
}

func (m *mapper) runGeneral(ctx context.Context, row any) error {
	for c := range m.columns {
		col := &m.columns[c]
		if col.isPlain() && len(col.path) > 0 {
			continue
		}
		output, err := col.one(ctx, row)
		if err != nil {
			return m.atColumn(c, err)
		}
		m.cells[c] = valueOf(output)
	}
	return nil
}

// at says in which row something went wrong.
func (m *mapper) at(err error) error { return fmt.Errorf("row %d: %w", m.rows, err) }

func (m *mapper) atColumn(c int, err error) error {
	return fmt.Errorf("row %d, %s: %w", m.rows, m.columns[c].written, err)
}

// row maps the cells.
func (m *mapper) row() error {
	m.key = m.key[:0]
	for c, v := range m.cells {
		if err := v.word(); err != nil {
			return m.atColumn(c, err)
		}
		m.here[c] = m.here[c] || m.isThere(c, v)
		m.key = appendText(append(m.key, byte(v.kind)), v.text)
	}
	m.marks.Write(m.key)
	if m.register {
		m.entry()
		return nil
	}
	return m.figuresOf()
}

// isThere reports whether a row has a column. A plain path is there where its
// key is; of what jq makes one can only see whether it makes anything.
func (m *mapper) isThere(c int, v value) bool {
	if m.columns[c].isPlain() {
		return v.kind != missing
	}
	return !v.absent() || m.columns[c].optional
}

func (m *mapper) entry() {
	level := m.fixedLevel
	if m.level != absent {
		level = m.word(m.level)
	}
	m.entries = append(m.entries, fact.RegionEntry{
		Code: m.kept(m.code), Name: m.kept(m.name), Parent: m.word(m.parent), Level: level, Place: m.place(),
	})
}

func (m *mapper) place() fact.Place {
	return fact.Place{Part: m.part, Row: int32(m.rows)} // limits.rows is an int32
}

// kept returns the text of a column that hardly repeats.
func (m *mapper) kept(c int) string {
	if c == absent || m.cells[c].absent() {
		return ""
	}
	return m.texts.Keep(m.cells[c].text)
}

// word returns the text of a column whose texts repeat.
func (m *mapper) word(c int) string {
	if c == absent || m.cells[c].absent() {
		return ""
	}
	return m.words.Get(m.cells[c].text, keepText)
}

func keepText(b []byte) string { return string(b) }

func (m *mapper) figuresOf() error {
	reading := fact.Reading{Region: m.target, LastEnded: m.lastEnded, Period: m.word(m.period), Place: m.place()}
	if m.region != absent {
		reading.Region = m.kept(m.region)
		if len(m.totals) > 0 && isTotal(m.totals, reading.Region) {
			reading.Region, reading.Total = "", true
		}
	}
	if m.date != absent && !m.cells[m.date].absent() {
		reading.Date = m.dates.Get(m.cells[m.date].text, m.civilDate)
	}
	if len(m.within) > 0 {
		reading.Within = m.places.Get(m.keyOf(m.within), m.cutPlaces)
	}
	if len(m.splitAt) > 0 {
		reading.Dimensions = m.splits.Get(m.keyOf(m.splitAt), m.cutSplit)
	}
	for _, figure := range m.figures {
		v := m.cells[figure.index]
		if v.absent() && !m.long {
			continue // nothing was reported for this indicator
		}
		var err error
		if reading.Value, err = v.figure(&m.texts); err != nil {
			return m.atColumn(figure.index, err)
		}
		reading.Indicator, reading.Place.Field = figure.indicator, m.columns[figure.index].written
		if m.indicator != absent {
			reading.Indicator = ""
			if named := m.cells[m.indicator]; !named.absent() {
				reading.Indicator = m.indicators.Get(named.text, keepText)
			}
		}
		m.readings = append(m.readings, reading)
	}
	return nil
}

// keyOf joins cells to a key that tells them apart.
func (m *mapper) keyOf(columns []int) []byte {
	m.key = m.key[:0]
	for _, c := range columns {
		m.key = appendText(m.key, m.cells[c].text)
	}
	return m.key
}

func (m *mapper) civilDate(written []byte) string {
	return collectors.CivilDate(string(written), m.zone)
}

// cutPlaces makes the names of the regions above of a key.
func (m *mapper) cutPlaces(key []byte) []string {
	places := make([]string, len(m.within))
	for i := range places {
		var name []byte
		name, key = cutText(key)
		places[i] = m.words.Get(name, keepText)
	}
	return places
}

// cutSplit makes the dimensions of a key.
func (m *mapper) cutSplit(key []byte) fact.Dimensions {
	pairs := make([]fact.Pair, len(m.splitNames))
	for i, name := range m.splitNames {
		var v []byte
		v, key = cutText(key)
		pairs[i] = fact.Pair{Name: name, Value: string(v)}
	}
	return fact.MakeDimensions(pairs...)
}
