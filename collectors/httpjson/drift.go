package httpjson

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// fewestRows is how many rows of a page must lack a key before that says
// anything: the last page may be one row that has no figure.
const fewestRows = 2

// sample is a row: its text, or what jq made.
type sample struct {
	text    []byte
	decoded any
}

func (s sample) keys() string {
	if s.text != nil {
		if row, _, err := decode(s.text, 0); err == nil {
			return keysOf(row)
		}
	}
	return keysOf(s.decoded)
}

// driftOfPage ends a page. It returns an error where a figure is in none of its
// rows that was in those of the pages before: its key was renamed meanwhile, and
// to leave it out would look as if nothing had been reported.
func (m *mapper) driftOfPage() error {
	rows := m.rows - m.before
	if m.before == 0 {
		m.first = sample{bytes.Clone(m.firstHere.text), m.firstHere.decoded}
	}
	var gone []string
	for c, here := range m.here {
		if !here && m.known[c] && m.columns[c].isPlain() && m.isFigure(c) {
			gone = append(gone, m.columns[c].named())
		}
		m.known[c] = m.known[c] || here
	}
	if len(gone) == 0 || m.long || rows < fewestRows {
		return nil
	}
	return fmt.Errorf("none of the %d rows of this page has %s, which there was on the pages before; the first one has %s: ask the source what became of it, or where it leaves out what has no value, write // null behind it",
		rows, strings.Join(gone, ", "), m.firstHere.keys())
}

func (m *mapper) isFigure(c int) bool {
	return slices.ContainsFunc(m.figures, func(f figure) bool { return f.index == c })
}

func (c *column) named() string { return c.written + " (" + c.key + ")" }

// drift returns an error where a column was in none of the rows: its key has
// been renamed, or never was there. One message says so, instead of one
// rejection for each row.
func (m *mapper) drift() error {
	if m.rows == 0 {
		return nil
	}
	var gone []string
	for c, known := range m.known {
		if !known {
			gone = append(gone, m.columns[c].named())
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return fmt.Errorf("none of the %d rows has %s; the first one has %s: correct columns, or ask the source what became of it",
		m.rows, strings.Join(gone, ", "), m.first.keys())
}
