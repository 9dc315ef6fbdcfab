package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// table reads a CSV file by the names of its columns. The strings of a row share
// memory: whoever keeps one keeps them all, unless it is copied.
type table struct {
	l       *loader
	file    *file
	reader  *csv.Reader
	columns map[string]int
	row     []string
	bad     bool // something in the row was refused
	broken  bool // something in the file was
}

// openTable reads the header. It returns nil where the file can't be read on.
func (l *loader) openTable(f *file, required, optional []string) *table {
	t := &table{l: l, file: f, columns: map[string]int{}}
	start := position{f, 1, 1}
	if !l.checkText(f) {
		return nil
	}
	t.reader = csv.NewReader(bytes.NewReader(withoutMark(f.content)))
	t.reader.ReuseRecord = true
	header, err := t.reader.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			l.problems.at(start, "the file is empty: expected the header %s", strings.Join(required, ","))
		} else {
			t.syntaxError(err)
		}
		return nil
	}
	known := slices.Concat(required, optional)
	for i, name := range header {
		_, again := t.columns[name]
		switch {
		case again:
			t.refuseField(i, "column %q stands twice", name)
		case !slices.Contains(known, name):
			advice := "; the columns here are " + strings.Join(known, ", ")
			if near := nearest(name, slices.Values(known)); near != "" {
				advice = didYouMean(near)
			}
			t.refuseField(i, "unknown column %q%s", name, advice)
		}
		t.columns[strings.Clone(name)] = i
	}
	for _, name := range required {
		if _, ok := t.columns[name]; !ok {
			l.problems.at(start, "column %q is missing", name)
			t.bad = true
		}
	}
	if t.bad {
		return nil
	}
	return t
}

// withoutMark cuts off the byte order mark with which spreadsheets begin a CSV.
func withoutMark(content []byte) []byte { return bytes.TrimPrefix(content, []byte("\ufeff")) }

func (t *table) has(column string) bool {
	_, ok := t.columns[column]
	return ok
}

// next goes to the next row, past those that can't be read.
func (t *table) next() bool {
	for {
		row, err := t.reader.Read()
		if err == nil {
			t.row, t.bad = row, false
			return true
		}
		if errors.Is(err, io.EOF) {
			return false
		}
		t.syntaxError(err)
	}
}

func (t *table) syntaxError(err error) {
	t.broken = true
	at := position{t.file, 1, 1}
	reason := err.Error()
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		at, reason = t.position(syntax.Line, syntax.Column), syntax.Err.Error()
		if errors.Is(err, csv.ErrFieldCount) {
			reason = "the row has another number of fields than the header, " + strconv.Itoa(t.reader.FieldsPerRecord)
		}
	}
	t.l.problems.at(at, "this is not CSV: %s", reason)
}

// position makes characters of the byte that the CSV reader counts. It takes a
// pass over the file, which refusals that are not listed don't need.
func (t *table) position(line, column int) position {
	if t.l.problems.full(t.file) {
		return position{t.file, line, column}
	}
	rest := lineAt(t.file, line)
	column = min(max(column, 1), len(rest)+1)
	return position{t.file, line, utf8.RuneCount(rest[:column-1]) + 1}
}

// lineAt returns the content from a line on. It searches from the start, and is
// for refusals only.
func lineAt(f *file, line int) []byte {
	content := withoutMark(f.content)
	for range line - 1 {
		i := bytes.IndexByte(content, '\n')
		if i < 0 {
			return nil
		}
		content = content[i+1:]
	}
	return content
}

// line is where the row begins.
func (t *table) line() int {
	line, _ := t.reader.FieldPos(0)
	return line
}

// refuse refuses a cell of the row.
func (t *table) refuse(column, format string, args ...any) {
	t.refuseField(t.columns[column], column+": "+format, args...)
}

func (t *table) refuseField(field int, format string, args ...any) {
	t.bad, t.broken = true, true
	line, column := t.reader.FieldPos(field)
	t.l.problems.at(t.position(line, column), format, args...)
}

// refuseLater refuses a cell of a row that has been read before.
func (t *table) refuseLater(line int, column, format string, args ...any) {
	at := t.position(line, 1)
	if t.l.problems.full(t.file) {
		t.l.problems.at(at, "")
		return
	}
	reader := csv.NewReader(bytes.NewReader(lineAt(t.file, line)))
	if _, err := reader.Read(); err == nil {
		further, byteColumn := reader.FieldPos(t.columns[column])
		at = t.position(line+further-1, byteColumn)
	}
	t.l.problems.at(at, column+": "+format, args...)
}

// cell reads a cell as what parse makes of it.
func cell[T any](t *table, column string, parse func(string) (T, error)) T {
	v, err := parse(t.row[t.columns[column]])
	if err != nil {
		t.refuse(column, "%v", err)
	}
	return v
}

// name returns a cell that must hold a name.
func (t *table) name(column string) string {
	s := t.row[t.columns[column]]
	switch {
	case s == "":
		t.refuse(column, "must not be empty")
	case strings.TrimSpace(s) != s || strings.ContainsAny(s, "\r\n"):
		t.refuse(column, "%q has spaces around it or line breaks in it", s)
	}
	return s
}

// code returns a cell that must hold a code.
func (t *table) code(column string) string {
	s := t.row[t.columns[column]]
	if _, ok := parseCode(s); !ok {
		t.refuse(column, "%q is no region code: %s", s, codeForm)
	}
	return s
}

// knownCode returns a cell that must hold the code of a region.
func (t *table) knownCode(column string) string {
	s := t.code(column)
	if code, ok := parseCode(s); ok && !t.l.register.broken && t.l.register.index.find(code) < 0 {
		t.refuse(column, "there is no region with the code %s in the registers of regions.divisions", s)
	}
	return s
}

// count returns a cell that may hold a number of things; an empty one is 0.
func (t *table) count(column string) int32 {
	field, ok := t.columns[column]
	if !ok || t.row[field] == "" {
		return 0
	}
	n, err := strconv.ParseUint(t.row[field], 10, 31)
	if err != nil {
		t.refuse(column, "%q is no number of things: expected digits, or nothing where it is unknown", t.row[field])
	}
	return int32(n)
}

// parseMonth reads a month: a register of past divisions knows nothing finer.
func parseMonth(s string) (fact.Period, error) {
	p, err := fact.ParsePeriod(s)
	if err != nil || p.Cadence() != fact.Monthly {
		return fact.Period{}, fmt.Errorf("%q is no month: expected a form such as 2016-05", s)
	}
	return p, nil
}
