package fact

import (
	"strconv"
	"strings"
)

// Value is what a source said a figure is, before anybody checked it: a number,
// a text that may hold one, or nothing at all.
type Value struct {
	text   string
	number float64
	kind   valueKind
}

type valueKind uint8

const (
	valueAbsent valueKind = iota
	valueNumber
	valueText
)

// NumberValue is a value that the source gave as a number.
func NumberValue(f float64) Value { return Value{number: f, kind: valueNumber} }

// TextValue is a value that the source gave as text.
func TextValue(s string) Value { return Value{text: s, kind: valueText} }

// IsAbsent reports whether the source gave nothing (NULL, an empty cell). The
// zero Value is absent.
func (v Value) IsAbsent() bool { return v.kind == valueAbsent }

// Number returns the number, if the source gave one.
func (v Value) Number() (float64, bool) { return v.number, v.kind == valueNumber }

// String returns the value as the source wrote it, or as a number is written.
func (v Value) String() string {
	switch v.kind {
	case valueNumber:
		return strconv.FormatFloat(v.number, 'f', -1, 64)
	case valueText:
		return v.text
	}
	return ""
}

// Place says where in a source's answer something stands, for a person who
// looks it up there.
type Place struct {
	Part  string // sheet, page or address; empty where there is one part only
	Field string // column or path; empty for the whole row
	Row   int32  // counted from 1; 0 is no row
}

// String returns a phrase such as "sheet 12月, row 17, column value".
func (p Place) String() string {
	var parts []string
	if p.Part != "" {
		parts = append(parts, p.Part)
	}
	if p.Row > 0 {
		parts = append(parts, "row "+strconv.Itoa(int(p.Row)))
	}
	if p.Field != "" {
		parts = append(parts, "column "+p.Field)
	}
	return strings.Join(parts, ", ")
}

// Reading is what a source said, as it said it.
type Reading struct {
	Indicator string // id
	Region    string // as written: a code, a name, an old name
	// Within names regions above it, as written; empty strings are ignored.
	// They decide between regions of one name.
	Within []string
	// Period as written in canonical form; or empty with Date set.
	Period string
	// Date is a civil date within the period, as YYYY-MM-DD, for sources that
	// have a date column; the indicator's cadence makes a period of it.
	Date string
	// LastEnded says that the source names no period: the figure is of the
	// newest period of the indicator's cadence that has ended. Period and Date
	// are empty then.
	LastEnded  bool
	Value      Value
	Dimensions Dimensions
	// Total says that the figure is the source's own sum over its other readings
	// of the same indicator, period and dimensions: over those that lie in
	// Region, or over all where Region is empty. The gate holds it against them
	// and never makes a fact of it.
	Total bool
	Place Place
}

// RegionEntry is a line of a register of regions, as a source wrote it.
type RegionEntry struct {
	Code string
	Name string
	// Level is a level's name (township, village, grid); empty leaves it to
	// the code's length.
	Level string
	// Parent is the code of the region above; empty leaves it to the code: a
	// village's begins with its township's.
	Parent string
	Place  Place
}

// Dimensions is a set of further labels in canonical form, so that it can be
// compared and used as a key: name=value pairs joined by commas, sorted by
// name. Empty is none.
type Dimensions string

// Pair is one dimension and its value.
type Pair struct{ Name, Value string }

var dimensionEscaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, "=", `\=`)

// MakeDimensions builds the canonical form; the order of pairs doesn't matter.
func MakeDimensions(pairs ...Pair) Dimensions {
	if len(pairs) == 0 {
		return ""
	}
	sorted := append([]Pair(nil), pairs...)
	sortPairs(sorted)
	var b strings.Builder
	for i, p := range sorted {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(dimensionEscaper.Replace(p.Name))
		b.WriteByte('=')
		b.WriteString(dimensionEscaper.Replace(p.Value))
	}
	return Dimensions(b.String())
}

// Pairs splits the canonical form again, sorted by name.
func (d Dimensions) Pairs() []Pair {
	if d == "" {
		return nil
	}
	var (
		pairs   []Pair
		current Pair
		b       strings.Builder
	)
	flush := func() {
		current.Value = b.String()
		pairs = append(pairs, current)
		current = Pair{}
		b.Reset()
	}
	for i := 0; i < len(d); i++ {
		switch c := d[i]; c {
		case '\\':
			if i++; i < len(d) {
				b.WriteByte(d[i])
			}
		case '=':
			current.Name = b.String()
			b.Reset()
		case ',':
			flush()
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return pairs
}
