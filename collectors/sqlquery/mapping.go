package sqlquery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// layout says which column holds what. Empty names are columns not used.
type layout struct {
	region     string
	within     []string
	period     string
	date       string
	lastEnded  bool
	indicator  string            // a column; or
	fixed      string            // the indicator of all rows
	value      string            // long form: the column of the figure
	figures    map[string]string // wide form: column to indicator
	dimensions map[string]string // name to column
}

func layoutOf(block *collectorBlock) layout {
	columns := &block.Columns
	return layout{
		region: columns.Region, within: columns.Within, period: columns.Period, date: columns.Date,
		lastEnded: block.Period != "", indicator: columns.Indicator, fixed: block.Indicator,
		value: columns.Value, figures: columns.Figures, dimensions: columns.Dimensions,
	}
}

// mapper makes readings of rows. It serves one run.
type mapper struct {
	region     int
	within     []int
	period     int // unused is absent
	date       int
	indicator  int
	lastEnded  bool
	long       bool
	figures    []figure
	splitNames []string // the dimensions, sorted
	splitAt    []int

	zone *time.Location
	emit func(fact.Reading) error

	rows       int32
	key        []byte // of the row at hand, reused
	texts      arena  // what hardly repeats
	periods    memo[string]
	dates      memo[string]
	indicators memo[string]
	places     memo[[]string]
	names      memo[string] // in places
	splits     memo[fact.Dimensions]
}

// absent is the index of a column that is not used.
const absent = -1

// figure is a column with the value of an indicator.
type figure struct {
	index     int
	column    string
	indicator string
}

// bind finds the layout's columns among those of an answer.
func (l *layout) bind(names []string, zone *time.Location, emit func(fact.Reading) error) (*mapper, error) {
	f := finder{names: names}
	m := &mapper{
		zone: zone, emit: emit, lastEnded: l.lastEnded, long: l.value != "",
		region: f.find(l.region), period: f.find(l.period), date: f.find(l.date), indicator: f.find(l.indicator),
	}
	for _, column := range l.within {
		m.within = append(m.within, f.find(column))
	}
	for _, name := range slices.Sorted(maps.Keys(l.dimensions)) {
		m.splitNames = append(m.splitNames, name)
		m.splitAt = append(m.splitAt, f.find(l.dimensions[name]))
	}
	if m.long {
		m.addFigure(&f, l.value, l.fixed)
	}
	for _, column := range slices.Sorted(maps.Keys(l.figures)) {
		m.addFigure(&f, column, l.figures[column])
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	// In the order of the answer's columns, which is the source's order.
	slices.SortFunc(m.figures, func(a, b figure) int { return a.index - b.index })
	return m, nil
}

func (m *mapper) addFigure(f *finder, column, indicator string) {
	if index := f.find(column); index != absent {
		m.figures = append(m.figures, figure{index: index, column: f.names[index], indicator: indicator})
	}
}

// finder finds columns by name and remembers which it did not find.
type finder struct {
	names     []string
	missing   []string
	ambiguous []string
}

// find returns the index of the column of exactly that name, or else of the
// only one that differs by case alone. No name is no column.
func (f *finder) find(name string) int {
	if name == "" {
		return absent
	}
	index, same, alike := absent, 0, 0
	for i, have := range f.names {
		switch {
		case have == name:
			if same++; same == 1 {
				index = i
			}
		case strings.EqualFold(have, name):
			if alike++; same == 0 {
				index = i
			}
		}
	}
	switch {
	case same == 0 && alike == 0:
		f.missing = append(f.missing, name)
		return absent
	case same > 1, same == 0 && alike > 1:
		f.ambiguous = append(f.ambiguous, name)
		return absent
	}
	return index
}

func (f *finder) err() error {
	var faults []string
	if len(f.missing) > 0 {
		faults = append(faults, "has no column "+quotedList(f.missing))
	}
	if len(f.ambiguous) > 0 {
		faults = append(faults, "has more than one column "+quotedList(f.ambiguous))
	}
	if len(faults) == 0 {
		return nil
	}
	returned := "none"
	if len(f.names) > 0 {
		returned = quotedList(f.names)
	}
	return fmt.Errorf("the answer of the query %s; its columns are %s: correct the query or columns", strings.Join(faults, " and "), returned)
}

func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}

// row emits the readings of one row.
func (m *mapper) row(cells []cell) error {
	m.rows++
	reading := fact.Reading{
		Region:    m.texts.keep(cells[m.region].bytes),
		LastEnded: m.lastEnded,
		Period:    wordAt(&m.periods, cells, m.period),
		Place:     fact.Place{Row: m.rows},
	}
	if m.date != absent {
		reading.Date = m.dates.get(cells[m.date].bytes, m.civilDate)
	}
	if len(m.within) > 0 {
		reading.Within = m.places.get(m.keyOf(cells, m.within), m.cutPlaces)
	}
	if len(m.splitAt) > 0 {
		reading.Dimensions = m.splits.get(m.keyOf(cells, m.splitAt), m.cutSplit)
	}
	for i := range m.figures {
		figure := &m.figures[i]
		c := cells[figure.index]
		if c.kind == null && !m.long {
			continue // nothing was reported for this indicator
		}
		value, ok := valueOf(c, &m.texts)
		if !ok {
			return fmt.Errorf("row %d, column %s: the value is true or false, a figure must be a number: let the query count or convert it", m.rows, figure.column)
		}
		reading.Indicator, reading.Value, reading.Place.Field = figure.indicator, value, figure.column
		if m.indicator != absent {
			reading.Indicator = wordAt(&m.indicators, cells, m.indicator)
		}
		if err := m.emit(reading); err != nil {
			return err
		}
	}
	return nil
}

// wordAt returns the text of a column whose texts repeat.
func wordAt(known *memo[string], cells []cell, index int) string {
	if index == absent || cells[index].kind == null {
		return ""
	}
	return known.get(cells[index].bytes, clean)
}

// keyOf joins cells to a key that tells them apart.
func (m *mapper) keyOf(cells []cell, indexes []int) []byte {
	m.key = m.key[:0]
	for _, i := range indexes {
		m.key = appendCell(m.key, cells[i])
	}
	return m.key
}

func (m *mapper) civilDate(written []byte) string { return civilDate(clean(written), m.zone) }

// cutPlaces makes the names of the regions above of a key.
func (m *mapper) cutPlaces(key []byte) []string {
	places := make([]string, len(m.within))
	for i := range places {
		var name []byte
		name, key = cutCell(key)
		places[i] = m.names.get(name, clean)
	}
	return places
}

// cutSplit makes the dimensions of a key.
func (m *mapper) cutSplit(key []byte) fact.Dimensions {
	pairs := make([]fact.Pair, len(m.splitNames))
	for i, name := range m.splitNames {
		var value []byte
		value, key = cutCell(key)
		pairs[i] = fact.Pair{Name: name, Value: clean(value)}
	}
	return fact.MakeDimensions(pairs...)
}
