package spreadsheet

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// perString is what a string takes in memory besides its bytes.
const perString = 24

// richText is the text of a cell.
type richText struct {
	text   string
	marked bool // a part of it is struck out, raised or lowered
}

// readStrings reads the table of texts that the cells of all sheets refer to.
func readStrings(a *archive, part string) ([]richText, error) {
	content, err := a.part(part)
	if err != nil {
		return nil, err
	}
	var (
		d     = newTokens(content)
		table []richText
		bytes int64
	)
	for {
		token, err := d.Token()
		if err == io.EOF { //nolint:errorlint // Token returns it bare
			return table, nil
		}
		if err != nil {
			return nil, broken(part, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "si" {
			continue
		}
		s, err := readText(d)
		if err != nil {
			return nil, broken(part, err)
		}
		if bytes += int64(len(s.text)) + perString; bytes > a.limit {
			return nil, largeUnpacked(a.limit)
		}
		table = append(table, s)
	}
}

// readText reads the text within an element si or is: one t, or one of each run
// of rich text. How it is pronounced (rPh) is no part of it.
func readText(d *tokens) (richText, error) {
	var (
		all    text
		marked bool
		run    bool // the present run is marked
	)
	for {
		token, err := d.Token()
		if err != nil {
			return richText{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "r":
				run = false
			case "rPr":
				run, err = readMarks(d)
			case "t":
				var piece string
				piece, err = d.value()
				all.add(unescape(piece))
				marked = marked || run && strings.TrimSpace(piece) != ""
			default:
				err = d.skip()
			}
			if err != nil {
				return richText{}, err
			}
		case xml.EndElement:
			if t.Name.Local != "r" {
				return richText{all.String(), marked}, nil
			}
		}
	}
}

// readMarks reads the properties of a run, and whether they strike its text out,
// raise it or lower it.
func readMarks(d *tokens) (marked bool, err error) {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return false, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			value := attribute(t, "val")
			switch t.Name.Local {
			case "strike":
				marked = marked || value == "" || isTrue(value)
			case "vertAlign":
				marked = marked || value == "superscript" || value == "subscript"
			}
		case xml.EndElement:
			depth--
		}
	}
	return marked, nil
}

// unescape undoes _x000D_ and the like, which stand for the UTF-16 units that
// XML can't hold or would change.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i:]
		unit, ok := escaped(s)
		switch {
		case !ok:
			b.WriteString(s[:2])
			s = s[2:]
			continue
		case utf16.IsSurrogate(unit):
			low, _ := escaped(s[escapeLength:])
			if unit = utf16.DecodeRune(unit, low); unit != utf8.RuneError {
				s = s[escapeLength:]
			}
		}
		b.WriteRune(unit)
		s = s[escapeLength:]
	}
}

const escapeLength = len("_x000D_")

func escaped(s string) (rune, bool) {
	if len(s) < escapeLength || s[:2] != "_x" || s[escapeLength-1] != '_' {
		return 0, false
	}
	unit, err := strconv.ParseUint(s[2:escapeLength-1], 16, 16)
	return rune(unit), err == nil
}
