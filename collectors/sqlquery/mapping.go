package sqlquery

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// mapper makes readings of rows. It serves one run.
type mapper struct {
	region     int // unused is absent
	target     string
	totals     []string
	within     []int
	period     int
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
	key        []byte           // of the row at hand, reused
	texts      collectors.Arena // what hardly repeats
	periods    collectors.Memo[string]
	dates      collectors.Memo[string]
	indicators collectors.Memo[string]
	places     collectors.Memo[[]string]
	names      collectors.Memo[string] // in places
	splits     collectors.Memo[fact.Dimensions]
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
func bind(l *collectors.Layout, names []string, request *collectors.Request, emit func(fact.Reading) error) (*mapper, error) {
	f := finder{names: names}
	m := &mapper{
		zone: request.Now.Location(), target: request.Target.Code, totals: l.Totals,
		emit: emit, lastEnded: l.LastEnded, long: l.Value != "",
		region: f.find(l.Region), period: f.find(l.Period), date: f.find(l.Date), indicator: f.find(l.Indicator),
	}
	for _, column := range l.Within {
		m.within = append(m.within, f.find(column))
	}
	for _, name := range slices.Sorted(maps.Keys(l.Dimensions)) {
		m.splitNames = append(m.splitNames, name)
		m.splitAt = append(m.splitAt, f.find(l.Dimensions[name]))
	}
	if m.long {
		m.addFigure(&f, l.Value, l.Fixed)
	}
	for _, column := range slices.Sorted(maps.Keys(l.Figures)) {
		m.addFigure(&f, column, l.Figures[column])
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
		Region:    m.target,
		LastEnded: m.lastEnded,
		Period:    wordAt(&m.periods, cells, m.period),
		Place:     fact.Place{Row: m.rows},
	}
	if m.region != absent {
		m.placeReading(&reading, cells[m.region].bytes)
	}
	if m.date != absent {
		reading.Date = m.dates.Get(cells[m.date].bytes, m.civilDate)
	}
	if len(m.within) > 0 {
		reading.Within = m.places.Get(m.keyOf(cells, m.within), m.cutPlaces)
	}
	if len(m.splitAt) > 0 {
		reading.Dimensions = m.splits.Get(m.keyOf(cells, m.splitAt), m.cutSplit)
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

// placeReading says which region a reading is of, or that it is a total.
func (m *mapper) placeReading(reading *fact.Reading, written []byte) {
	if len(m.totals) > 0 {
		for _, total := range m.totals {
			if string(bytes.TrimSpace(written)) == total {
				reading.Region, reading.Total = "", true
				return
			}
		}
	}
	reading.Region = m.texts.Keep(written)
}

// wordAt returns the text of a column whose texts repeat.
func wordAt(known *collectors.Memo[string], cells []cell, index int) string {
	if index == absent || cells[index].kind == null {
		return ""
	}
	return known.Get(cells[index].bytes, collectors.Clean)
}

// keyOf joins cells to a key that tells them apart.
func (m *mapper) keyOf(cells []cell, indexes []int) []byte {
	m.key = m.key[:0]
	for _, i := range indexes {
		m.key = appendCell(m.key, cells[i])
	}
	return m.key
}

func (m *mapper) civilDate(written []byte) string {
	return collectors.CivilDate(collectors.Clean(written), m.zone)
}

// cutPlaces makes the names of the regions above of a key.
func (m *mapper) cutPlaces(key []byte) []string {
	places := make([]string, len(m.within))
	for i := range places {
		var name []byte
		name, key = cutCell(key)
		places[i] = m.names.Get(name, collectors.Clean)
	}
	return places
}

// cutSplit makes the dimensions of a key.
func (m *mapper) cutSplit(key []byte) fact.Dimensions {
	pairs := make([]fact.Pair, len(m.splitNames))
	for i, name := range m.splitNames {
		var value []byte
		value, key = cutCell(key)
		pairs[i] = fact.Pair{Name: name, Value: collectors.Clean(value)}
	}
	return fact.MakeDimensions(pairs...)
}
