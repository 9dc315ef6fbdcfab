package workbook

import (
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
	"github.com/govkpi/govkpi/internal/written"
)

// readings hands on the figures of the row at hand.
func (t *table) readings(total bool) error {
	r := fact.Reading{
		LastEnded: t.layout.LastEnded, Period: t.fixed.period, Date: t.fixed.date, Total: total,
		Place: fact.Place{Part: t.sheet, Row: int32(t.number)},
	}
	named := false // whether the row says more than its region
	if !total {
		r.Region = t.regionText()
		for _, k := range t.within {
			r.Within = append(r.Within, word(t.key(k)))
		}
	}
	if t.periodAt != nil {
		if text := t.key(t.periodAt); text != "" {
			when := t.periods.read(text)
			r.Period, r.Date, named = when.period, when.date, true
		}
	}
	rowIndicator := ""
	if t.indicator != nil {
		rowIndicator = trim(t.key(t.indicator))
		named = named || rowIndicator != ""
	}
	if len(t.dimensions) > 0 {
		pairs := make([]fact.Pair, len(t.dimensions))
		for i, k := range t.dimensions {
			pairs[i] = fact.Pair{Name: k.wanted.detail, Value: word(t.key(k))}
			named = named || pairs[i].Value != ""
		}
		r.Dimensions = fact.MakeDimensions(pairs...)
	}
	for i := range t.figures {
		f := &t.figures[i]
		r.Indicator, r.Place.Field = f.indicator, f.shown
		if t.indicator != nil {
			r.Indicator = rowIndicator
		}
		if err := t.figure(r, f, named && t.layout.Value != ""); err != nil {
			return err
		}
	}
	return nil
}

// figure hands on one figure. promised says that an empty cell is a figure
// without a value instead of none.
func (t *table) figure(r fact.Reading, f *figureColumn, promised bool) error {
	text := t.text(f.index)
	if text == "" {
		if !promised || r.Total {
			return nil
		}
		return t.sink.Add(r) //nolint:wrapcheck // the sink says it
	}
	switch {
	case notReported(text):
		return nil
	case t.failed(f.index):
		return t.reject(f.shown, r.Indicator, text, errorReason(text))
	}
	if over, shared := t.shared(f); shared {
		return t.reject(f.shown, r.Indicator, text, zhEN(
			"一个数字合并在多个单元格中（%s）：请取消合并，在每个单元格里分别填写。",
			"one figure stands in cells that are merged (%s): split them and write the figure of each.", over,
		))
	}
	unit := f.unit
	if reason := t.unclear(text, &t.cells[f.index], unit); reason != nil {
		return t.reject(f.shown, r.Indicator, text, *reason)
	}
	if t.cells[f.index].Format == spreadsheet.Percent {
		unit = "" // the file holds 0.85 where 85% is shown
	}
	r.Value = fact.TextValue(withUnit(rounded(text), unit))
	return t.sink.Add(r) //nolint:wrapcheck // the sink says it
}

// unclear says why what a figure's cell shows may be another number than it holds.
func (t *table) unclear(text string, cell *spreadsheet.Cell, unit string) *fact.Text {
	switch {
	case cell.Marked:
		return &fact.Text{
			ZH: "单元格中有上标、下标或删除线，看不出哪些是数字本身：请只留下数字，注释写到备注里。",
			EN: "a part of the cell is raised, lowered or struck out, and it can't be told what belongs to the number: leave nothing but the number, and write remarks below the table.",
		}
	case cell.Format == spreadsheet.Date:
		return &fact.Text{
			ZH: "单元格是日期格式，不是数字：Excel 会把 3-4 这样的输入变成日期，请把格式改为“常规”，重新填写数字。",
			EN: "the cell is a date, not a number: Excel makes dates of input such as 3-4. Set its format to General and write the number again.",
		}
	case cell.Format == spreadsheet.Worded,
		cell.Format == spreadsheet.Scaled && unit != "",
		cell.Format == spreadsheet.Percent && unit != "" && unit != "%" && unit != "‰":
		return new(zhEN(
			"单元格的数字格式使显示的数与存储的数（%s）不同，再加上单位就分不清大小：请把格式改为“常规”，按表头的单位填写。",
			"the cell's number format shows another number than is stored (%s), so that its unit can't be told: set the format to General, and write the number in the header's unit.", text,
		))
	case t.isCSV() && lostDigits(text):
		return new(lostDigitsReason())
	}
	return nil
}

// isCSV reports whether the table is of a file that holds numbers as they were
// shown, not as they were.
func (t *table) isCSV() bool { return t.sheet == "" }

func lostDigitsReason() fact.Text {
	return fact.Text{
		ZH: "数字被写成科学计数法，后面的位数已经丢失：请在原表中把该列设为“文本”或“数值”格式，重新导出。",
		EN: "the number is written with an exponent, and its last digits are lost: set the column to Text or Number in the original table and export it again.",
	}
}

// shared reports whether the figure's cell is merged with cells of other figures.
// One merged downwards beside keys that are merged just as far is not.
func (t *table) shared(f *figureColumn) (over string, shared bool) {
	r, merged := t.merges.first(t.number, f.index+1)
	if !merged {
		return "", false
	}
	for i := range t.figures {
		if other := t.figures[i].index + 1; other != f.index+1 && r.FromColumn <= other && other <= r.ToColumn {
			shared = true
		}
	}
	if r.ToRow > r.FromRow {
		for _, k := range t.keys {
			down, ok := t.merges.first(t.number, k.index+1)
			shared = shared || !ok || down.ToRow < r.ToRow
		}
		shared = shared || len(t.keys) == 0
	}
	return spreadsheet.CellName(r.FromColumn, r.FromRow) + ":" + spreadsheet.CellName(r.ToColumn, r.ToRow), shared
}

// withUnit puts the unit of a column behind a number that has none of its own.
func withUnit(text, unit string) string {
	if unit == "" {
		return text
	}
	digits := plain(text)
	if last := len(digits) - 1; last < 0 || digits[last] < '0' || digits[last] > '9' {
		return text
	}
	if f, err := strconv.ParseFloat(digits, 64); err == nil && strings.Contains(digits, "e") {
		return strconv.FormatFloat(f, 'f', -1, 64) + unit
	}
	if _, err := written.Number(text); err != nil {
		return text
	}
	return text + unit
}
