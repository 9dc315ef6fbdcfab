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
	if t.cells[f.index].Format == spreadsheet.Percent {
		unit = "" // the file holds 0.85 where 85% is shown
	}
	r.Value = fact.TextValue(withUnit(rounded(text), unit))
	return t.sink.Add(r) //nolint:wrapcheck // the sink says it
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
