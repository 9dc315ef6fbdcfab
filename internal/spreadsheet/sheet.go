package spreadsheet

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The last row that Excel has. Columns end where their letters do, at XFD.
const (
	lastRow    = 1 << 20
	lastColumn = 1 << 14
)

// sheetReader reads the rows of one worksheet's XML.
type sheetReader struct {
	tokens  *tokens
	part    string
	strings []richText
	formats []Format
	rows    rowWriter
}

// read goes through the whole document, also beyond the rows: only its end
// tells that nothing is missing.
func (r *sheetReader) read(ctx context.Context) error {
	found := false
	for {
		token, err := r.tokens.Token()
		if err == io.EOF { //nolint:errorlint // Token returns it bare
			break
		}
		if err != nil {
			return r.broken(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "sheetData" {
			continue
		}
		if found {
			return r.damaged("sheetData")
		}
		found = true
		if err := r.readRows(ctx); err != nil {
			return err
		}
	}
	if !found {
		return r.damaged("sheetData")
	}
	return nil
}

func (r *sheetReader) readRows(ctx context.Context) error {
	for {
		token, err := r.tokens.Token()
		if err != nil {
			return r.broken(err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if t.Name.Local != "row" {
				return r.damaged(t.Name.Local)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.readRow(t); err != nil {
				return err
			}
		}
	}
}

// readRow reads the cells of a row and hands them on, if there are any.
func (r *sheetReader) readRow(start xml.StartElement) error {
	number := r.rows.row.Number + 1
	if written := attribute(start, "r"); written != "" {
		n, err := strconv.Atoi(written)
		if err != nil || n < number || n > lastRow {
			return r.damaged("A" + written) // an older row would be read twice or mixed up
		}
		number = n
	}
	if number > lastRow {
		return r.damaged("A" + strconv.Itoa(number))
	}
	r.rows.begin(number)
	column := 0
	for {
		token, err := r.tokens.Token()
		if err != nil {
			return r.broken(err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			return r.rows.end()
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := r.tokens.skip(); err != nil {
					return r.broken(err)
				}
				continue
			}
			if column, err = r.readCell(t, column); err != nil {
				return err
			}
		}
	}
}

// readCell reads one cell, which follows the column last, and returns its own
// column.
func (r *sheetReader) readCell(start xml.StartElement, last int) (column int, err error) {
	column = last + 1
	if name := attribute(start, "r"); name != "" {
		c, row, ok := parseCellName(name)
		if !ok || c < column || row != r.rows.row.Number {
			return 0, r.damaged(name)
		}
		column = c
	}
	raw, err := r.readContent()
	if err != nil {
		return 0, r.broken(err)
	}
	kind := attribute(start, "t")
	cell, ok := r.cell(kind, raw)
	if !ok {
		return 0, r.damaged(CellName(column, r.rows.row.Number))
	}
	if kind == "" || kind == "n" {
		if n, err := strconv.Atoi(attribute(start, "s")); err == nil && n >= 0 && n < len(r.formats) {
			cell.Format = r.formats[n]
		}
	}
	return column, r.rows.put(column, cell)
}

// content is what stands within a cell's element.
type content struct {
	value    string   // of v
	text     richText // of is
	hasValue bool     // whether there is a v, which may be empty
	formula  bool
}

func (r *sheetReader) readContent() (c content, err error) {
	for {
		token, err := r.tokens.Token()
		if err != nil {
			return c, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return c, nil
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				c.hasValue = true
				c.value, err = r.tokens.value()
			case "is":
				c.text, err = readText(r.tokens)
			default:
				c.formula = c.formula || t.Name.Local == "f"
				err = r.tokens.skip()
			}
			if err != nil {
				return c, err
			}
		}
	}
}

// cell makes of the content what its type says; ok is false where it can't be.
func (r *sheetReader) cell(kind string, c content) (cell Cell, ok bool) {
	if c.formula && c.value == "" && (kind != "str" || !c.hasValue) {
		return Cell{Text: NotCalculated, Failed: true}, true
	}
	switch kind {
	case "", "n", "d":
		return Cell{Text: strings.TrimSpace(c.value)}, true
	case "s":
		if c.value == "" {
			return Cell{}, true
		}
		n, err := strconv.Atoi(strings.TrimSpace(c.value))
		if err != nil || n < 0 || n >= len(r.strings) {
			return Cell{}, false
		}
		return Cell{Text: r.strings[n].text, Marked: r.strings[n].marked}, true
	case "str":
		return Cell{Text: unescape(c.value)}, true
	case "inlineStr":
		return Cell{Text: c.text.text, Marked: c.text.marked}, true
	case "b":
		switch strings.TrimSpace(c.value) {
		case "":
			return Cell{}, true
		case "0", "false":
			return Cell{Text: "FALSE"}, true
		case "1", "true":
			return Cell{Text: "TRUE"}, true
		}
		return Cell{}, false
	case "e":
		return Cell{Text: c.value, Failed: c.value != ""}, true
	}
	return Cell{}, false
}

func (r *sheetReader) broken(err error) *Fault { return broken(r.part, err) }

// damaged says where in the sheet something is wrong.
func (r *sheetReader) damaged(where string) *Fault {
	return damaged(fmt.Sprintf("工作表“%s” %s 处", r.rows.sheet, where), fmt.Sprintf("sheet %q at %s", r.rows.sheet, where))
}
