package workbook

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

const (
	// headerDepth is the last row of a sheet that a header may end in.
	headerDepth = 50
	// headerLines is how many lines a header may have.
	headerLines = 3
	// longestShown is how much of a header is shown, in characters.
	longestShown = 40
)

// top is the beginning of a sheet, up to the header.
type top struct {
	numbers []int // of the rows
	rows    [][]string
	merges  merges
}

func (t *top) add(row spreadsheet.Row, date1904 bool) {
	texts := make([]string, len(row.Cells))
	for i := range row.Cells {
		texts[i] = textOf(&row.Cells[i], date1904)
	}
	t.numbers = append(t.numbers, row.Number)
	t.rows = append(t.rows, texts)
}

// text returns what stands in a cell, by way of the cells it is merged with.
func (t *top) text(at, column int) string {
	row := t.numbers[at]
	if first, merged := t.merges.first(row, column+1); merged {
		row, column = first.FromRow, first.FromColumn-1
		for at > 0 && t.numbers[at] > row {
			at--
		}
	}
	if t.numbers[at] != row || column >= len(t.rows[at]) {
		return ""
	}
	return t.rows[at][column]
}

// width is how many columns the last so many rows have.
func (t *top) width(lines int) int {
	width := 0
	for _, row := range t.rows[len(t.rows)-lines:] {
		width = max(width, len(row))
	}
	return width
}

// adjacent reports whether the last so many rows stand below each other.
func (t *top) adjacent(lines int) bool {
	n := len(t.numbers)
	return n >= lines && t.numbers[n-1]-t.numbers[n-lines] == lines-1
}

// header reads the last so many rows as the lines of a header.
func (t *top) header(lines int) []titled {
	header := make([]titled, t.width(lines))
	grid := t.grid(lines, len(header))
	for column := range header {
		var parts []string
		for _, line := range grid {
			parts = addPart(parts, oneLine(line[column]))
		}
		header[column].shown = shown(strings.Join(parts, "/"))
		for i := range parts {
			header[column].lines = append(header[column].lines, plain(parts[i]))
			header[column].paths = append(header[column].paths, headingOf(parts[i:], strings.Join(parts[i:], "/")))
		}
	}
	return header
}

// addPart adds a line of a column's header. A unit in a line of its own belongs
// to the name above it.
func addPart(parts []string, text string) []string {
	last := len(parts) - 1
	if text == "" || last >= 0 && plain(parts[last]) == plain(text) {
		return parts
	}
	if last >= 0 && isUnitLine(plain(text)) {
		parts[last] += "（" + strings.Trim(norm.NFKC.String(text), "()[] ") + "）"
		return parts
	}
	return append(parts, text)
}

// grid is the texts of the lines, with those of groups repeated over the columns
// that they stand over: where cells are merged, and, since CSV files have lost
// that, over empty cells to the right that have something below.
func (t *top) grid(lines, width int) [][]string {
	grid := make([][]string, lines)
	first := len(t.rows) - lines
	for line := range grid {
		grid[line] = make([]string, width)
		for column := range width {
			grid[line][column] = t.text(first+line, column)
		}
	}
	for line := range lines - 1 {
		group := ""
		for column := range width {
			below := grid[line+1][column]
			switch {
			case oneLine(below) == "":
				group = ""
			case oneLine(grid[line][column]) != "":
				group = grid[line][column]
			default:
				grid[line][column] = group
			}
		}
	}
	return grid
}

// end is the last row that the header's cells reach into.
func (t *top) end(b *binding) int {
	end := t.numbers[len(t.numbers)-1]
	last := end
	for _, c := range b.columns {
		if r, merged := t.merges.first(last, c.index+1); merged {
			end = max(end, r.ToRow)
		}
	}
	return end
}

// right is the last column that the header's lines reach into, counted from 1.
func (t *top) right(lines int) int {
	right := 0
	for at := len(t.rows) - lines; at < len(t.rows); at++ {
		for column := range t.width(lines) {
			if oneLine(t.text(at, column)) != "" {
				right = max(right, column+1)
			}
		}
		for column := right; ; column = right {
			r, merged := t.merges.first(t.numbers[at], column)
			if !merged || r.ToColumn <= right {
				break
			}
			right = r.ToColumn
		}
	}
	return right
}

// titles returns the rows above the header, from the top.
func (t *top) titles(lines int) [][]string { return t.rows[:len(t.rows)-lines] }

// above calls each with the group, such as 上年同期, that stands above the lines of
// the header over a bound column of figures, and does not reach over the keys, as
// a title would.
func (t *top) above(b *binding, lines int, each func(column *found, group string)) {
	first := len(t.rows) - lines
	for at := first - 1; at >= 0 && first-at < headerLines && t.numbers[first]-t.numbers[at] == first-at; at-- {
		keys := map[string]bool{}
		for i := range b.columns {
			if b.columns[i].wanted.use != useFigure {
				keys[t.group(at, b.columns[i].index)] = true
			}
		}
		for i := range b.columns {
			text := t.group(at, b.columns[i].index)
			if b.columns[i].wanted.use == useFigure && len(keys) > 0 && !keys[text] {
				each(&b.columns[i], plain(text))
			}
		}
	}
}

// settle drops the columns that stand below 上年同期 and the like, and gives others
// the unit of their group.
func (t *top) settle(b *binding, lines int) {
	var others []string
	t.above(b, lines, func(column *found, group string) {
		if speaksOfOthers([]string{group}) {
			others = append(others, column.wanted.column)
		}
		if scale, _, ok := headerUnit(group); ok && !column.own {
			column.unit, column.own = scale, true
		}
	})
	b.drop(others)
}

// group is what stands over a column, or, where nothing does, left of there.
func (t *top) group(at, column int) string {
	for ; column >= 0; column-- {
		if text := oneLine(t.text(at, column)); text != "" {
			return text
		}
	}
	return ""
}

// textOf returns what stands in a cell, a day as YYYY-MM-DD.
func textOf(c *spreadsheet.Cell, date1904 bool) string {
	if c.Format == spreadsheet.Date {
		if date, ok := spreadsheet.SerialDate(c.Text, date1904); ok {
			return date
		}
	}
	return typed(c.Text)
}

// oneLine makes one line of a cell's text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// shown cuts a text to what a message can hold.
func shown(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if utf8.RuneCountInString(s) <= longestShown {
		return s
	}
	return string([]rune(s)[:longestShown-1]) + "…"
}
