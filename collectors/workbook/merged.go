package workbook

import (
	"slices"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// merges finds the merged cells that a cell belongs to, for rows that come in
// their order.
type merges struct {
	ranges []spreadsheet.Range // by their first row
	open   []spreadsheet.Range // those that reach into the row at hand
	row    int
	next   int
}

func newMerges(ranges []spreadsheet.Range) merges {
	sorted := slices.Clone(ranges)
	slices.SortStableFunc(sorted, func(a, b spreadsheet.Range) int { return a.FromRow - b.FromRow })
	return merges{ranges: sorted}
}

// first returns the range that a cell is part of. Rows may go up again only as
// far as the header of a sheet lies above.
func (m *merges) first(row, column int) (spreadsheet.Range, bool) {
	if len(m.ranges) == 0 {
		return spreadsheet.Range{}, false
	}
	if row < m.row {
		m.open, m.next = m.open[:0], 0
	}
	if row != m.row {
		m.advance(row)
	}
	for _, r := range m.open {
		if r.FromColumn <= column && column <= r.ToColumn {
			return r, true
		}
	}
	return spreadsheet.Range{}, false
}

// mostOpen is how many merged cells of one row are told apart: far more than a
// row can show. Only a forged file, whose ranges overlap, has more.
const mostOpen = 1024

func (m *merges) advance(row int) {
	m.row = row
	m.open = slices.DeleteFunc(m.open, func(r spreadsheet.Range) bool { return r.ToRow < row })
	for ; m.next < len(m.ranges) && m.ranges[m.next].FromRow <= row; m.next++ {
		if m.ranges[m.next].ToRow >= row && len(m.open) < mostOpen {
			m.open = append(m.open, m.ranges[m.next])
		}
	}
}
