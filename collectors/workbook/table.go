package workbook

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// table makes readings of the rows below a header. It serves one sheet.
type table struct {
	*settings
	sink      sinkOf
	sheet     string
	target    string // the region of all rows, where they name none
	headerEnd int
	right     int // the last column that has a header, counted from 1
	binding   binding
	merges    merges

	region     *keyColumn // nil where all rows are of the target
	within     []*keyColumn
	periodAt   *keyColumn // of a period or a date
	indicator  *keyColumn
	dimensions []*keyColumn
	keys       []*keyColumn // all of these
	figures    []figureColumn
	register   map[use]*keyColumn
	labelsEnd  int // the first column that is no label

	periods  *periods
	fixed    when // of all rows, where it stands outside the table
	date1904 bool

	number int // of the row at hand
	cells  []spreadsheet.Cell
	rows   int  // that held something
	ended  bool // by notes
	beyond bool // what stood below them has been objected to
}

// sinkOf is what a table hands its findings to.
type sinkOf interface {
	Add(reading fact.Reading) error
	AddRegion(entry fact.RegionEntry) error
	Reject(rejection fact.Rejection) error
}

// keyColumn is a column whose cells, where they are merged, hold for each of
// their rows.
type keyColumn struct {
	found
	merged spreadsheet.Range
	held   keyText // what stands in the merged cells' first
}

// keyText is what stands in a cell.
type keyText struct {
	text   string
	failed bool // it is an error
}

// figureColumn is a column with the values of an indicator.
type figureColumn struct {
	found
	indicator string // empty: the row names it
}

func (s *settings) newTable(sink sinkOf, sheet string, headerEnd int, b binding, ranges merges) *table {
	t := &table{
		settings: s, sink: sink, sheet: sheet, headerEnd: headerEnd, binding: b, merges: ranges, register: map[use]*keyColumn{},
	}
	for _, c := range b.columns {
		if c.wanted.use == useFigure {
			t.figures = append(t.figures, figureColumn{found: c, indicator: c.wanted.detail})
			continue
		}
		t.addKey(&keyColumn{found: c})
	}
	slices.SortFunc(t.figures, func(a, b figureColumn) int { return a.index - b.index })
	if code := t.register[useCode]; code != nil {
		t.labelsEnd = code.index + 1
	} else if len(t.figures) > 0 {
		t.labelsEnd = t.figures[0].index
	}
	return t
}

func (t *table) addKey(k *keyColumn) {
	t.keys = append(t.keys, k)
	switch k.wanted.use {
	case useRegion:
		t.region = k
	case useWithin:
		t.within = append(t.within, k)
	case usePeriod, useDate:
		t.periodAt = k
	case useIndicator:
		t.indicator = k
	case useDimension:
		t.dimensions = append(t.dimensions, k)
	default:
		t.register[k.wanted.use] = k
	}
}

// text returns what stands in a column of the row at hand.
func (t *table) text(index int) string {
	if index >= len(t.cells) {
		return ""
	}
	return typed(t.cells[index].Text)
}

// keyCell returns what stands in a column of the row at hand, a day as a date.
func (t *table) keyCell(index int) keyText {
	if index >= len(t.cells) {
		return keyText{}
	}
	text := textOf(&t.cells[index], t.date1904)
	return keyText{text, t.failed(index)}
}

// failed reports whether a cell of the row at hand holds an error.
func (t *table) failed(index int) bool {
	return index < len(t.cells) && (t.cells[index].Failed || isError(t.text(index)))
}

// keyOf returns what holds for the row at hand in a column that may be merged.
func (t *table) keyOf(k *keyColumn) keyText {
	r, merged := t.merges.first(t.number, k.index+1)
	switch {
	case !merged:
		return t.keyCell(k.index)
	case r.FromRow == t.number:
		k.merged, k.held = r, t.keyCell(r.FromColumn-1)
	case r != k.merged: // it began above the table
		return keyText{}
	}
	return k.held
}

func (t *table) key(k *keyColumn) string { return t.keyOf(k).text }

// row reads one row. Rows come in their order.
func (t *table) row(row spreadsheet.Row) error {
	if row.Number <= t.headerEnd {
		return nil
	}
	t.number, t.cells = row.Number, row.Cells
	for _, k := range t.keys {
		t.key(k) // so that it is held for the rows below
	}
	switch {
	case t.notes.match(t.firstText()):
		t.ended = true
		return t.belowNotes()
	case t.ended:
		return t.belowNotes()
	case t.isBlank() || t.isHeader():
		return nil
	}
	label := t.label()
	if isSubtotal(label) || t.rows == 0 && (isColumnNumber(label) || t.region != nil && isDigits(label) && len(label) <= 2) {
		return nil
	}
	if t.isPartTotal() {
		return nil
	}
	t.rows++
	if failed, err := t.brokenRow(); failed || err != nil {
		return err
	}
	if failed, err := t.brokenKey(); failed || err != nil {
		return err
	}
	if t.layout.Register != nil {
		return t.entry(label)
	}
	total := t.totals[plain(label)]
	if total && t.sumsUpOthers() {
		return nil
	}
	return t.readings(total)
}

// firstText returns what stands in the row's first cell that is not empty.
func (t *table) firstText() string {
	for i := range t.cells {
		if text := t.text(i); text != "" {
			return text
		}
	}
	return ""
}

// isBlank reports whether none of the columns that are read has anything in it.
func (t *table) isBlank() bool {
	for i := range t.binding.columns {
		if t.text(t.binding.columns[i].index) != "" {
			return false
		}
	}
	return true
}

// isHeader reports whether the row is the header again, as it is at the top of
// each page of a long table.
func (t *table) isHeader() bool {
	for i := range t.binding.columns {
		c := &t.binding.columns[i]
		if text := t.text(c.index); text != "" && !slices.Contains(c.lines, plain(text)) {
			return false
		}
	}
	return true
}

// label returns what the row is called: its region, or what stands to the left
// of its figures instead.
func (t *table) label() string {
	if t.region != nil {
		if text := t.key(t.region); text != "" {
			return text
		}
	}
	for i := range t.labelsEnd {
		if text := t.text(i); text != "" {
			return text
		}
	}
	return ""
}

// sumsUpOthers reports whether a total is over periods, indicators or dimensions
// instead of regions: nothing that is read can be held against it.
func (t *table) sumsUpOthers() bool {
	for _, k := range t.keys {
		if k != t.region && k.wanted.use != useWithin && t.totals[plain(t.key(k))] {
			return true
		}
	}
	return false
}

// brokenKey rejects the row where a cell that says what it is of holds an error.
func (t *table) brokenKey() (bool, error) {
	for _, k := range t.keys {
		cell := t.keyOf(k)
		if cell.failed {
			return true, t.reject(k.shown, "", cell.text, errorReason(cell.text))
		}
		if u := k.wanted.use; t.isCSV() && (u == useRegion || u == useWithin || u == useCode || u == useParent) && lostDigits(cell.text) {
			return true, t.reject(k.shown, "", cell.text, lostDigitsReason())
		}
	}
	return false, nil
}

// brokenRow rejects a row that has more than the header: a thousands separator or
// a tabulator too many has moved its cells.
func (t *table) brokenRow() (bool, error) {
	for i := t.right; i < len(t.cells); i++ {
		if text := t.text(i); text != "" {
			return true, t.reject("", "", text, zhEN(
				"最后一个表头的右边（%s）还有内容，该行可能错位（例如 CSV 中的 1,234 没有加引号）：请改正该行，或给该列加上表头。",
				"there is something right of the last header, in %s, so that the row's cells may have moved (such as 1,234 without quotation marks in a CSV file): correct the row, or give the column a header.",
				spreadsheet.CellName(i+1, t.number),
			))
		}
	}
	return false, nil
}

// isPartTotal reports whether the row sums up the dimensions of its region.
func (t *table) isPartTotal() bool {
	for _, k := range t.dimensions {
		if text := t.key(k); text != "" && (t.totals[plain(text)] || isSubtotal(text)) {
			return true
		}
	}
	return false
}

func errorReason(text string) fact.Text {
	if text == spreadsheet.NotCalculated {
		return fact.Text{
			ZH: "单元格里的公式没有计算结果：请用 Excel 或 WPS 打开文件，保存后重新提交。",
			EN: "the formula in the cell was never calculated: open the file in Excel or WPS, save it and send it again.",
		}
	}
	return zhEN("单元格里是公式错误 %s：请改正公式，或直接填写内容。",
		"the cell holds the error %s: correct the formula, or write what belongs there.", text)
}

// reject refuses a cell of the row at hand.
func (t *table) reject(column, indicator, value string, reason fact.Text) error {
	return t.sink.Reject(fact.Rejection{ //nolint:wrapcheck // the sink says it
		Reading: fact.Reading{
			Indicator: indicator, Region: t.regionText(), Value: fact.TextValue(value),
			Place: fact.Place{Part: t.sheet, Row: int32(t.number), Field: column},
		},
		Stage: fact.StageCellReadable, Reason: reason,
	})
}

func (t *table) regionText() string {
	if t.region == nil {
		return t.target
	}
	return word(t.key(t.region))
}

// entry hands on a line of a register.
func (t *table) entry(label string) error {
	if t.totals[plain(label)] {
		return nil
	}
	read := func(u use) string {
		if k := t.register[u]; k != nil {
			return word(t.key(k))
		}
		return ""
	}
	code := t.register[useCode]
	e := fact.RegionEntry{
		Code: read(useCode), Name: read(useName), Parent: read(useParent), Level: read(useLevel),
		Place: fact.Place{Part: t.sheet, Row: int32(t.number), Field: code.shown},
	}
	if t.layout.Register.LevelColumn == "" {
		e.Level = t.layout.Register.Level
	}
	return t.sink.AddRegion(e) //nolint:wrapcheck // the sink says it
}
