package config

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// register is what is needed while the regions are read: 28 bytes a region beside
// the regions themselves, so that millions of grids can be read.
type register struct {
	index   index
	parents []uint64 // codes of the parents of Config.Regions; 0 is none
	tables  []part
	names   arena
	// broken says that some of the regions could not be read, so that references
	// to them can't be checked.
	broken bool
	// torn says that some of the parents are wrong, so that it can't be checked
	// what lies in what.
	torn bool
}

// index finds regions by code. It is sorted by code, then row.
type index []entry

type entry struct {
	code uint64
	row  int32 // in Config.Regions
	line int32 // in the file
}

// part says which table the rows from a first one on came from.
type part struct {
	first int32
	table *table
}

// find returns the row of a code, or -1.
func (x index) find(code uint64) int {
	i, found := slices.BinarySearchFunc(x, code, func(e entry, code uint64) int { return cmp.Compare(e.code, code) })
	if !found {
		return -1
	}
	return int(x[i].row)
}

// readDivisions adds the regions of a register.
func (l *loader) readDivisions(f *file) {
	t := l.openTable(f, []string{"code", "name"}, []string{"level", "parent", "county", "townships", "villages", "population"})
	if t == nil || !t.leveled() {
		l.register.broken = true
		return
	}
	rows := bytes.Count(f.content, []byte{'\n'})
	l.config.Regions = slices.Grow(l.config.Regions, rows)
	l.register.index = slices.Grow(l.register.index, rows)
	l.register.parents = slices.Grow(l.register.parents, rows)
	l.register.tables = append(l.register.tables, part{int32(len(l.config.Regions)), t})
	for t.next() {
		region, parent := t.region()
		if t.bad {
			continue
		}
		code, _ := parseCode(region.Code)
		region.Code, region.Name = l.register.names.keep(region.Code), l.register.names.keep(region.Name)
		l.register.index = append(l.register.index, entry{code, int32(len(l.config.Regions)), int32(t.line())})
		l.register.parents = append(l.register.parents, parent)
		l.config.Regions = append(l.config.Regions, region)
	}
	l.register.broken = l.register.broken || t.broken
}

// leveled refuses a register that doesn't say at which level its regions are:
// by level and parent, or by county for townships.
func (t *table) leveled() bool {
	start := position{t.file, 1, 1}
	switch {
	case t.has("county") && (t.has("level") || t.has("parent")):
		t.l.problems.at(start, `a register has either the columns "level" and "parent" or, for townships, the column "county"`)
	case !t.has("county") && (!t.has("level") || !t.has("parent")):
		t.l.problems.at(start, `the columns "level" and "parent" are missing, or "county" for townships`)
	default:
		return true
	}
	return false
}

// region reads a row; its strings are the row's.
func (t *table) region() (region fact.Region, parent uint64) {
	column := "parent"
	region.Level = fact.Township
	if t.has("county") {
		column = "county"
	} else {
		region.Level = cell(t, "level", fact.ParseLevel)
	}
	region.Code = t.code("code")
	if region.Name = t.row[t.columns["name"]]; region.Name != "" || region.Level != fact.Grid {
		region.Name = t.name("name")
	}
	region.Villages, region.Population = t.count("villages"), t.count("population")
	t.count("townships")
	switch above := t.row[t.columns[column]]; {
	case region.Level == fact.Province && above != "":
		t.refuse(column, "a province has none, found %q", above)
	case region.Level == fact.Province:
	case above == "":
		t.refuse(column, "must not be empty: only a province has no region above it")
	case above == region.Code:
		t.refuse(column, "the region %s is its own parent", above)
	default:
		parent, _ = parseCode(t.code(column))
	}
	return region, parent
}

// finishRegister refuses codes that stand twice and parents that are not there
// or not above. Parents come to share the memory of the code they name.
func (l *loader) finishRegister() {
	r := &l.register
	byCode := func(a, b entry) int { return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.row, b.row)) }
	lines := make([]int32, len(r.index))
	for i, e := range r.index {
		lines[i] = e.line
	}
	if !slices.IsSortedFunc(r.index, byCode) {
		slices.SortFunc(r.index, byCode)
	}
	for i := 1; i < len(r.index); i++ {
		if first, again := r.index[i-1], r.index[i]; first.code == again.code {
			t, of := r.tableOf(again.row), r.tableOf(first.row)
			t.refuseLater(int(again.line), "code", "%d stands already at %s:%d", again.code, of.file.name, first.line)
		}
	}
	var last uint64
	above := -1
	for row, parent := range r.parents {
		if parent == 0 {
			continue
		}
		if parent != last { // neighbours mostly share theirs
			last, above = parent, r.index.find(parent)
		}
		l.joinParent(row, above, int(lines[row]), parent)
	}
	r.parents = nil
}

// joinParent also rules out cycles: a level above a level above can't come back.
func (l *loader) joinParent(row, above, line int, code uint64) {
	region := &l.config.Regions[row]
	t := l.register.tableOf(int32(row))
	column := "parent"
	if t.has("county") {
		column = "county"
	}
	switch {
	case above < 0 && l.register.broken:
	case above < 0:
		l.register.torn = true
		t.refuseLater(line, column, "there is no region with the code %d", code)
	case l.config.Regions[above].Level >= region.Level:
		l.register.torn = true
		t.refuseLater(line, column, "%d is a %s, which is not above a %s", code, l.config.Regions[above].Level, region.Level)
	default:
		region.Parent = l.config.Regions[above].Code
	}
}

func (r *register) tableOf(row int32) *table {
	i, found := slices.BinarySearchFunc(r.tables, row, func(p part, row int32) int { return cmp.Compare(p.first, row) })
	if !found {
		i--
	}
	// A table without rows begins where the next one does.
	for i+1 < len(r.tables) && r.tables[i+1].first == r.tables[i].first {
		i++
	}
	return r.tables[i].table
}

// arena keeps many short strings in few pieces of memory, without the overhead
// of each and without the rest of the row it came from.
type arena struct {
	b strings.Builder
}

func (a *arena) keep(s string) string {
	const piece = 64 << 10
	if a.b.Cap()-a.b.Len() < len(s) {
		a.b = strings.Builder{}
		a.b.Grow(max(piece, len(s)))
	}
	start := a.b.Len()
	a.b.WriteString(s)
	return a.b.String()[start:]
}
