package spreadsheet

import (
	"bytes"
	"context"
	"strings"
)

// csvFile is a text file of rows and fields.
type csvFile struct {
	text      string
	skip      int // rows before the first, such as sep=;
	delimiter byte
	limits    Limits
}

func openCSV(content []byte, limits Limits) (contents, error) {
	if len(bytes.Trim(content, "\x00")) == 0 {
		return nil, cutOff() // a copy that broke off may leave zeros
	}
	if !bytes.HasPrefix(content, []byte("\xFF\xFE")) && !bytes.HasPrefix(content, []byte("\xFE\xFF")) {
		for _, kind := range &kinds {
			if bytes.HasPrefix(content, []byte(kind.magic)) {
				return nil, notCSV(kind.looks)
			}
		}
		if looks, ok := markup(content); ok {
			return nil, notCSV(looks)
		}
		if bytes.IndexByte(content, 0) >= 0 {
			return nil, badEncoding("含有文本中不会出现的字节", "it holds bytes that no text has")
		}
	}
	text, err := decodeText(content)
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limits.UnpackedBytes {
		return nil, largeUnpacked(limits.UnpackedBytes)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, empty()
	}
	f := &csvFile{text: string(text), limits: limits}
	f.findDelimiter()
	return f, nil
}

func (*csvFile) date1904() bool { return false }

func (*csvFile) sheets() []Sheet { return []Sheet{{}} }

func (f *csvFile) merged(sheet string) ([]Range, error) {
	if sheet != "" {
		return nil, noSheet(sheet)
	}
	return nil, nil
}

// delimiters are tried in this order where one is as likely as the other.
const delimiters = ",\t;"

// findDelimiter takes what the first row says (sep=;, as Excel writes and obeys
// it), or the delimiter that stands in the most of the first lines: 1,5 may be
// a number between semicolons, but not in the header.
func (f *csvFile) findDelimiter() {
	line, rest, _ := strings.Cut(f.text, "\n")
	said, ok := strings.CutPrefix(strings.Trim(line, "\r\" "), "sep=")
	if ok && len(said) == 1 && strings.ContainsAny(said, delimiters+"|") {
		f.delimiter, f.text, f.skip = said[0], rest, 1
		return
	}
	best, bestLines, bestCount := byte(','), 0, 0
	for _, d := range []byte(delimiters) {
		lines, count := outsideQuotes(f.text, d)
		if lines > bestLines || lines == bestLines && count > bestCount {
			best, bestLines, bestCount = d, lines, count
		}
	}
	f.delimiter = best
}

// outsideQuotes counts the delimiter, and the lines that have it, among the
// first lines.
func outsideQuotes(text string, delimiter byte) (lines, count int) {
	const enough = 100
	quoted, has, seen := false, false, 0
	for i := range len(text) {
		switch b := text[i]; {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == delimiter:
			count++
			has = true
		case b == '\n':
			if has {
				lines++
			}
			has = false
			if seen++; seen == enough {
				return lines, count
			}
		}
	}
	if has {
		lines++
	}
	return lines, count
}

func (f *csvFile) rows(ctx context.Context, sheet string, each func(Row) error) error {
	if sheet != "" {
		return noSheet(sheet)
	}
	s := fieldScanner{rest: f.text, row: f.skip, delimiter: f.delimiter, stops: string([]byte{f.delimiter, '\r', '\n'})}
	w := rowWriter{limits: f.limits, each: each}
	for s.rest != "" {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.row++
		if err := s.readRow(&w); err != nil {
			return err
		}
	}
	return nil
}

// fieldScanner cuts rows into fields. Unlike encoding/csv it numbers rows as
// Excel does (an empty line is one, a line break within quotes is none), takes a
// quotation mark within a bare field as it is, and never reads on over one that
// does not close.
type fieldScanner struct {
	rest      string
	row       int // the number of the present row
	delimiter byte
	stops     string // what ends a bare field: the delimiter and line breaks
}

func (s *fieldScanner) readRow(w *rowWriter) error {
	w.begin(s.row)
	for column, more := 1, true; more; column++ {
		var (
			field string
			err   error
		)
		if field, more, err = s.field(); err != nil {
			return err
		}
		if err := w.put(column, Cell{Text: field}); err != nil {
			return err
		}
	}
	return w.end()
}

// field returns the next field, and whether another follows in the same row.
func (s *fieldScanner) field() (field string, more bool, err error) {
	if strings.HasPrefix(s.rest, `"`) {
		if field, err = s.quoted(); err != nil {
			return "", false, err
		}
	} else {
		end := strings.IndexAny(s.rest, s.stops)
		if end < 0 {
			end = len(s.rest)
		}
		field, s.rest = s.rest[:end], s.rest[end:]
		// Programs write ="0123" so that Excel keeps the zero.
		if len(field) >= len(`=""`) && strings.HasPrefix(field, `="`) && strings.HasSuffix(field, `"`) {
			field = field[2 : len(field)-1]
		}
	}
	switch {
	case s.rest == "":
		return field, false, nil
	case s.rest[0] == s.delimiter:
		s.rest = s.rest[1:]
		return field, true, nil
	case strings.HasPrefix(s.rest, "\r\n"):
		s.rest = s.rest[2:]
		return field, false, nil
	case s.rest[0] == '\n' || s.rest[0] == '\r':
		s.rest = s.rest[1:]
		return field, false, nil
	}
	return "", false, strayQuote(s.row)
}

// quoted reads a field in quotation marks; two of them stand for one.
func (s *fieldScanner) quoted() (string, error) {
	var v text
	s.rest = s.rest[1:]
	for {
		end := strings.IndexByte(s.rest, '"')
		if end < 0 {
			return "", openQuote(s.row)
		}
		v.add(s.rest[:end])
		s.rest = s.rest[end+1:]
		if !strings.HasPrefix(s.rest, `"`) {
			return v.String(), nil
		}
		v.add(`"`)
		s.rest = s.rest[1:]
	}
}
