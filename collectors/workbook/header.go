package workbook

import (
	"strings"
	"unicode/utf8"

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
			text := oneLine(line[column])
			if text != "" && (len(parts) == 0 || plain(parts[len(parts)-1]) != plain(text)) {
				parts = append(parts, text)
			}
		}
		header[column].shown = shown(strings.Join(parts, "/"))
		for i := range parts {
			header[column].lines = append(header[column].lines, plain(parts[i]))
			header[column].paths = append(header[column].paths, newHeading(strings.Join(parts[i:], "/")))
		}
	}
	return header
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

// titles returns the texts above the header, from the top.
func (t *top) titles(lines int) []string {
	var titles []string
	for _, row := range t.rows[:len(t.rows)-lines] {
		for _, text := range row {
			if strings.TrimSpace(text) != "" {
				titles = append(titles, text)
			}
		}
	}
	return titles
}

// textOf returns what stands in a cell, a day as YYYY-MM-DD.
func textOf(c *spreadsheet.Cell, date1904 bool) string {
	if c.Format == spreadsheet.Date {
		if date, ok := spreadsheet.SerialDate(c.Text, date1904); ok {
			return date
		}
	}
	return trim(c.Text)
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
