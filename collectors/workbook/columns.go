package workbook

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/written"
)

// use is what a column is read for.
type use uint8

const (
	useRegion use = iota
	useWithin
	usePeriod
	useDate
	useIndicator
	useDimension
	useFigure
	useCode // of a register, as those below
	useName
	useParent
	useLevel
)

// wanted is a column that a table must have.
type wanted struct {
	use    use
	column string    // as the configuration names it
	names  []heading // of the column itself, then its aliases
	detail string    // the figure's indicator, the dimension's name
}

// heading is a header as headers are compared: without blanks, and in the one
// form that letters, brackets and digits have in Unicode.
type heading struct {
	full string // with its unit
	bare string // without it
	word string // of what is counted or measured, without its scale: 人, 元
	unit string // what values of the column are multiplied by: 万, %
	own  bool   // it names a unit, even one that changes no value
}

// is reports whether a header is the one that is named, whatever its scale. A
// name with a unit is not that of a column in another one.
func (h heading) is(name heading) bool {
	return h.bare == name.bare && (h.word == "" || name.word == "" || h.word == name.word)
}

// plain takes out what does not tell headers apart.
func plain(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s)))
}

func newHeading(s string) heading { return headingOf(strings.Split(s, "/"), s) }

// headingOf joins the lines of a header. Its unit is that of the lowest line that
// names one: 投入资金（万元） over 市级 is of both.
func headingOf(lines []string, full string) heading {
	h := heading{full: plain(full)}
	bare := make([]string, len(lines))
	for i, line := range lines {
		line = plain(line)
		name, _ := written.Unit(line)
		if bare[i] = plain(name); bare[i] == "" {
			bare[i] = line
		}
		if scale, word, ok := headerUnit(line); ok {
			h.unit, h.word, h.own = scale, word, true
		}
	}
	h.bare = strings.Join(bare, "/")
	return h
}

// wantedColumns lists the layout's columns, in an order that is always the same.
func wantedColumns(l *collectors.Layout, aliases map[string][]string) []wanted {
	var all []wanted
	add := func(u use, column, detail string) {
		if column == "" {
			return
		}
		w := wanted{use: u, column: column, names: []heading{newHeading(column)}, detail: detail}
		for _, alias := range aliases[column] {
			w.names = append(w.names, newHeading(alias))
		}
		all = append(all, w)
	}
	if r := l.Register; r != nil {
		add(useCode, r.Code, "")
		add(useName, r.Name, "")
		add(useParent, r.Parent, "")
		add(useLevel, r.LevelColumn, "")
		return all
	}
	add(useRegion, l.Region, "")
	for _, column := range l.Within {
		add(useWithin, column, "")
	}
	add(usePeriod, l.Period, "")
	add(useDate, l.Date, "")
	add(useIndicator, l.Indicator, "")
	for _, name := range slices.Sorted(maps.Keys(l.Dimensions)) {
		add(useDimension, l.Dimensions[name], name)
	}
	add(useFigure, l.Value, l.Fixed)
	for _, column := range slices.Sorted(maps.Keys(l.Figures)) {
		add(useFigure, column, l.Figures[column])
	}
	return all
}

// titled is a column of a header: what stands over it, from the whole of its
// lines to the lowest alone.
type titled struct {
	shown string // for people, and unique among the columns read
	lines []string
	paths []heading
}

// otherTimes are words of a line above a column that make it another than the
// one of its own name: the year before, or a change since.
var otherTimes = [...]string{"上年", "去年", "上月", "上期", "上季", "同期", "同比", "环比", "增长", "占比"}

// speaksOfOthers reports whether a line above a column says that it is not of the
// time or the kind that its lowest line names.
func speaksOfOthers(lines []string) bool {
	return slices.ContainsFunc(lines, func(line string) bool {
		return slices.ContainsFunc(otherTimes[:], func(word string) bool { return strings.Contains(line, word) })
	})
}

// found is where a wanted column is.
type found struct {
	wanted *wanted
	index  int // counted from 0
	shown  string
	lines  []string // of the header, as plain has them
	unit   string
	own    bool // the header names a unit, even one that changes no value
}

// binding is what of the wanted columns a header has.
type binding struct {
	columns   []found
	missing   []string
	ambiguous []string
}

func (b *binding) complete() bool { return len(b.missing)+len(b.ambiguous) == 0 }

// found counts the columns that are there, once or more.
func (b *binding) found() int { return len(b.columns) + len(b.ambiguous) }

// drop takes out columns that were found in the wrong place.
func (b *binding) drop(columns []string) {
	for _, name := range columns {
		b.columns = slices.DeleteFunc(b.columns, func(f found) bool { return f.wanted.column == name })
		if !slices.Contains(b.missing, name) {
			b.missing = append(b.missing, name)
		}
	}
}

// bind looks for the wanted columns among those of a header.
func bind(columns []wanted, header []titled) binding {
	var b binding
	for i := range columns {
		at, many := locate(&columns[i], header)
		switch {
		case many:
			b.ambiguous = append(b.ambiguous, columns[i].column)
		case at < 0:
			b.missing = append(b.missing, columns[i].column)
		default:
			whole := header[at].paths[0]
			b.columns = append(b.columns, found{
				wanted: &columns[i], index: at, shown: header[at].shown, lines: header[at].lines, unit: whole.unit, own: whole.own,
			})
		}
	}
	return b
}

// locate finds the column that is wanted: by its whole header before the lowest
// line alone, with its unit before without, by its own name before an alias.
// many says that the first of these that any column fits is true of several. A
// column under 上年同期 is found by a name that says so, and by no other.
func locate(w *wanted, header []titled) (at int, many bool) {
	for _, name := range w.names {
		for depth := range deepestPath(header) {
			for _, same := range []func(heading) bool{
				func(h heading) bool { return h.full == name.full },
				func(h heading) bool { return h.is(name) },
			} {
				at, many = only(header, depth, same)
				if at >= 0 && speaksOfOthers(header[at].lines[:depth]) {
					continue
				}
				if at >= 0 || many {
					return at, many
				}
			}
		}
	}
	return -1, false
}

func deepestPath(header []titled) int {
	deepest := 0
	for i := range header {
		deepest = max(deepest, len(header[i].paths))
	}
	return deepest
}

// only returns the one column whose path of a depth is the same, -1 for none.
func only(header []titled, depth int, same func(heading) bool) (at int, many bool) {
	at = -1
	for i := range header {
		if depth >= len(header[i].paths) || !same(header[i].paths[depth]) {
			continue
		}
		if at >= 0 {
			return -1, true
		}
		at = i
	}
	return at, false
}
