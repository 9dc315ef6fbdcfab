package spreadsheet_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// tight limits keep executions fast.
var tight = spreadsheet.Limits{FileBytes: 1 << 20, UnpackedBytes: 1 << 20, Rows: 100, Columns: 50}

// exercise reads all of a workbook and holds what Rows promises. It returns the
// first fault.
func exercise(t *testing.T, name string, content []byte) (w *spreadsheet.Workbook, fault error) {
	t.Helper()
	w, err := spreadsheet.Parse(name, content, tight)
	if err != nil {
		mustBeFault(t, err)
		return nil, err
	}
	for _, sheet := range w.Sheets() {
		last, count := 0, 0
		err := w.Rows(t.Context(), sheet.Name, func(row spreadsheet.Row) error {
			if count++; row.Number <= last || row.Number > 1<<20 || count > tight.Rows {
				t.Fatalf("row %d is number %d, after %d", count, row.Number, last)
			}
			last = row.Number
			if n := len(row.Cells); n == 0 || n > tight.Columns || row.Cells[n-1].Text == "" {
				t.Fatalf("row %+v", row)
			}
			for _, cell := range row.Cells {
				if !utf8.ValidString(cell.Text) {
					t.Fatalf("text %q", cell.Text)
				}
			}
			return nil
		})
		if err != nil {
			mustBeFault(t, err)
			fault = errors.Join(fault, err)
		}
		if _, err := w.Merged(sheet.Name); err != nil {
			mustBeFault(t, err)
		}
	}
	return w, fault
}

func mustBeFault(t *testing.T, err error) {
	t.Helper()
	f, ok := errors.AsType[*spreadsheet.Fault](err)
	if !ok || f.Kind.String() == "" || f.Reason.ZH == "" || f.Reason.EN == "" {
		t.Fatalf("error %v is no fault", err)
	}
}

// FuzzOpenXLSX opens any bytes as a workbook.
func FuzzOpenXLSX(f *testing.F) {
	f.Add(excel(f, grids))
	f.Add(excel(f, func(*excelize.File) error { return nil }, excelize.Options{Password: "a"})[:2048])
	f.Add(byHand(f, `<row><c t="s"><v>0</v></c></row>`, map[string]string{"xl/sharedStrings.xml": "<sst><si><t>a</t></si></sst>"}))
	f.Add(zipped(f, nil))
	f.Add([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))
	f.Add([]byte("<html>"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, _ = exercise(t, "a.xlsx", content)
	})
}

// FuzzParts opens workbooks of any parts. A sheet that encoding/xml can't read
// to its end must be a fault: else rows would be lost in silence.
func FuzzParts(f *testing.F) {
	const head = `<worksheet><sheetData>`
	f.Add(head+`<row r="1"><c r="A1" t="s" s="1"><v>0</v></c><c><f>1</f></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`,
		`<sst><si><t>县_x000D_</t></si><si><r><t>a</t></r><rPh><t>b</t></rPh></si></sst>`,
		`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0.0%;[Red]&quot;a&quot;"/></numFmts><cellXfs><xf numFmtId="9"/><xf numFmtId="164"/></cellXfs></styleSheet>`)
	f.Add(head+`<row><c t="inlineStr"><is><t>a<!-- b --></t></is></c><c t="e"><v>#REF!</v></c><c t="b"><v>1</v></c></row></sheetData></worksheet>`, "<sst/>", "<styleSheet/>")
	f.Add(head+`<row r="1048576"/></sheetData>`, "", `<styleSheet><numFmts><numFmt formatCode="[h"/></numFmts></styleSheet>`)
	f.Add(`<?xml version="1.0" encoding="GBK"?>`+head+`<row><c><v>1</v></c></row></sheetData></worksheet>`, "<sst>", "\x00")
	f.Fuzz(func(t *testing.T, sheet, texts, styles string) {
		content := byHand(t, "", map[string]string{
			"xl/worksheets/sheet1.xml": " " + sheet, "xl/sharedStrings.xml": " " + texts, "xl/styles.xml": " " + styles,
		})
		w, fault := exercise(t, "a.xlsx", content)
		if fault != nil || w == nil {
			return
		}
		for _, part := range []string{sheet, texts} {
			d := xml.NewDecoder(strings.NewReader(" " + part))
			d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, io.EOF }
			for {
				_, err := d.Token()
				if _, broken := errors.AsType[*xml.SyntaxError](err); broken {
					t.Fatalf("%q was read in spite of %v", part, err)
				}
				if err != nil {
					break
				}
			}
		}
	})
}

// FuzzCSV reads any bytes as CSV, and what encoding/csv reads as well is the
// same.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a,b\nc,d\n", "a;b\r\n1,5;2,5\r\n", "\"a\nb\",\"say \"\"x\"\"\"\n", "sep=;\na;b", "\xEF\xBB\xBFa\tb", "\xFF\xFEa\x00,\x00b\x00", "\xCF\xD8\xC7\xF8,1\n", "=\"01\",5\"\n", "\"a", "\"a\"b", ",,\n\n,", "a\rb",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		w, fault := exercise(t, "a.csv", content)
		if fault != nil || w == nil || !bytes.HasPrefix(content, []byte("a,")) || bytes.ContainsAny(content, ";\t\r=|") || !utf8.Valid(content) {
			return
		}
		r := csv.NewReader(bytes.NewReader(content))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil {
			return // it refuses quotation marks within bare fields
		}
		var got [][]string
		err = w.Rows(t.Context(), "", func(row spreadsheet.Row) error {
			var record []string
			for _, cell := range row.Cells {
				record = append(record, cell.Text)
			}
			got = append(got, record)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if a, b := flat(want), flat(got); a != b {
			t.Errorf("read %q, encoding/csv %q", b, a)
		}
	})
}

// flat writes records without empty ends and without empty records.
func flat(records [][]string) string {
	var b strings.Builder
	for _, record := range records {
		if line := strings.TrimRight(strings.Join(record, "\x1F"), "\x1F"); line != "" {
			b.WriteString(line + "\x1E")
		}
	}
	return b.String()
}
