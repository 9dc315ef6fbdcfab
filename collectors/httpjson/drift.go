package httpjson

import (
	"fmt"
	"strings"
)

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
			gone = append(gone, m.columns[c].written+" ("+m.columns[c].key+")")
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return fmt.Errorf("none of the %d rows has %s; the first one has %s: correct columns, or ask the source what became of it",
		m.rows, strings.Join(gone, ", "), m.firstKeys())
}

func (m *mapper) firstKeys() string {
	if m.first != nil {
		if row, _, err := decode(m.first, 0); err == nil {
			return keysOf(row)
		}
	}
	return keysOf(m.firstDecoded)
}
