package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"
)

// table is rows of text that a command prints in the format asked for.
type table struct {
	header []string
	rows   [][]string
	// numbers are the columns to align right.
	numbers map[int]bool
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// cut leaves out the columns from n on.
func (t *table) cut(n int) {
	t.header = t.header[:n]
	for i := range t.rows {
		t.rows[i] = t.rows[i][:n]
	}
}

// text writes aligned columns. Chinese characters take two columns of a
// terminal, which text/tabwriter does not know.
func (t *table) text(w io.Writer) error {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, row := range append([][]string{t.header}, t.rows...) {
		var line strings.Builder
		for i, cell := range row {
			padding := strings.Repeat(" ", widths[i]-columns(cell))
			if t.numbers[i] {
				line.WriteString(padding + cell + "  ")
			} else {
				line.WriteString(cell + padding + "  ")
			}
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

func columns(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// csv writes the rows as RFC 4180, in UTF-8.
func (t *table) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.WriteAll(append([][]string{t.header}, t.rows...)); err != nil {
		return err
	}
	return out.Error()
}

func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
