package spreadsheet

// rowWriter hands on rows within the limits. Its cells are used again for every
// row.
type rowWriter struct {
	sheet  string
	limits Limits
	each   func(Row) error

	row   Row
	count int // of rows that were handed on
}

func (w *rowWriter) begin(number int) {
	w.row.Number, w.row.Cells = number, w.row.Cells[:0]
}

// put sets the cell of a column, which must be right of those before.
func (w *rowWriter) put(column int, cell Cell) error {
	if cell.Text == "" {
		return nil
	}
	if column > w.limits.Columns {
		return tooManyColumns(w.sheet, w.row.Number, w.limits.Columns)
	}
	for len(w.row.Cells) < column-1 {
		w.row.Cells = append(w.row.Cells, Cell{})
	}
	w.row.Cells = append(w.row.Cells, cell)
	return nil
}

// end hands the row on if it holds anything.
func (w *rowWriter) end() error {
	if len(w.row.Cells) == 0 {
		return nil
	}
	if w.count++; w.count > w.limits.Rows {
		return tooManyRows(w.sheet, w.limits.Rows)
	}
	return w.each(w.row)
}
