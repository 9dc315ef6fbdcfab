package spreadsheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// faulty is a file that a county might send, and what is wrong with it.
type faulty struct {
	name    string // of the file
	content []byte
	limits  spreadsheet.Limits // roomy unless given
	want    spreadsheet.FaultKind
}

// TestFaults holds the kind of every fault and its reason against a golden file:
// the reasons are what people at the county read.
func TestFaults(t *testing.T) {
	var got strings.Builder
	for _, file := range faultyFiles(t) {
		if file.limits == (spreadsheet.Limits{}) {
			file.limits = roomy
		}
		t.Run(file.name, func(t *testing.T) {
			sheet := ""
			if strings.HasSuffix(file.name, ".xlsx") {
				sheet = "网格"
			}
			_, err := readWithin(t, file.name, file.content, sheet, file.limits)
			f := faultOf(t, err, file.want)
			fmt.Fprintf(&got, "%s: %v\n\t%s\n\t%s\n", file.name, f.Kind, f.Reason.ZH, f.Reason.EN)
		})
	}
	golden := filepath.Join("testdata", "faults.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("reasons differ from %s (-want +got):\n%s", golden, diff)
	}
}

func faultyFiles(t *testing.T) []faulty {
	t.Helper()
	var (
		workbook = excel(t, grids)
		password = excel(t, grids, excelize.Options{Password: "秘密"})
		row      = `<row r="1"><c r="A1" t="inlineStr"><is><t>县区</t></is></c></row>`
		wide     = `<row r="3"><c r="E3"><v>1</v></c></row>`
		zeros    = strings.Repeat("\x00", 4<<20)
		sheet    = "xl/worksheets/sheet1.xml"
		whole    = func(s string) map[string]string { return map[string]string{sheet: s} }
		limited  = func(change func(l *spreadsheet.Limits)) spreadsheet.Limits {
			l := roomy
			change(&l)
			return l
		}
	)
	const ole2 = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
	files := []faulty{
		{name: "no bytes at all.xlsx", want: spreadsheet.HalfWritten},
		{name: "cut off.xlsx", content: workbook[:len(workbook)/2], want: spreadsheet.HalfWritten},
		{name: "zeros.xlsx", content: []byte(zeros), want: spreadsheet.HalfWritten},
		{name: "part missing.xlsx", content: byHand(t, "", map[string]string{sheet: ""}), want: spreadsheet.HalfWritten},
		{name: "relation missing.xlsx", content: byHand(t, "", map[string]string{"xl/_rels/workbook.xml.rels": ""}), want: spreadsheet.HalfWritten},
		{name: "no rows element.xlsx", content: byHand(t, "", whole(`<worksheet/>`)), want: spreadsheet.HalfWritten},
		{name: "two rows elements.xlsx", content: byHand(t, row+"</sheetData><sheetData>", nil), want: spreadsheet.HalfWritten},
		{name: "xml cut off.xlsx", content: byHand(t, "", whole(`<worksheet><sheetData>`+row)), want: spreadsheet.HalfWritten},
		{name: "xml empty.xlsx", content: byHand(t, "", whole(" ")), want: spreadsheet.HalfWritten},
		{name: "control character.xlsx", content: byHand(t, row+"<row><c><v>\x01</v></c></row>", nil), want: spreadsheet.HalfWritten},
		{name: "tags crossed.xlsx", content: byHand(t, "<row><c><v>1</c></v></row>", nil), want: spreadsheet.HalfWritten},
		{name: "text missing.xlsx", content: byHand(t, `<row><c t="s"><v>7</v></c></row>`, nil), want: spreadsheet.HalfWritten},
		{name: "unknown cell type.xlsx", content: byHand(t, `<row><c t="x"><v>7</v></c></row>`, nil), want: spreadsheet.HalfWritten},
		{name: "neither true nor false.xlsx", content: byHand(t, `<row><c t="b"><v>7</v></c></row>`, nil), want: spreadsheet.HalfWritten},
		{name: "sheet twice.xlsx", content: byHand(t, row, map[string]string{"xl/workbook.xml": `<workbook ` + relSpace + `><sheets><sheet name="a" r:id="rId1"/><sheet name="a" r:id="rId1"/></sheets></workbook>`}), want: spreadsheet.HalfWritten},
		{name: "row twice.xlsx", content: byHand(t, row+row, nil), want: spreadsheet.HalfWritten},
		{name: "row beyond the last.xlsx", content: byHand(t, `<row r="1048577"/>`, nil), want: spreadsheet.HalfWritten},
		{name: "cell of another row.xlsx", content: byHand(t, `<row r="1"><c r="A2"><v>1</v></c></row>`, nil), want: spreadsheet.HalfWritten},
		{name: "cell twice.xlsx", content: byHand(t, `<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>`, nil), want: spreadsheet.HalfWritten},
		{name: "cell without a name.xlsx", content: byHand(t, `<row r="1"><c r="1A"><v>1</v></c></row>`, nil), want: spreadsheet.HalfWritten},
		{name: "row in a text.xlsx", content: byHand(t, `<row><c><is><t>`, nil), want: spreadsheet.HalfWritten},
		{name: "part cut off in a row.xlsx", content: byHand(t, "", whole(`<worksheet><sheetData><row>`)), want: spreadsheet.HalfWritten},
		{name: "part cut off in a cell.xlsx", content: byHand(t, "", whole(`<worksheet><sheetData><row><c>`)), want: spreadsheet.HalfWritten},
		{name: "part cut off beside a cell.xlsx", content: byHand(t, "", whole(`<worksheet><sheetData><row><x>`)), want: spreadsheet.HalfWritten},
		{name: "texts cut off.xlsx", content: byHand(t, row, map[string]string{"xl/sharedStrings.xml": `<sst><si><x>`}), want: spreadsheet.HalfWritten},
		{name: "texts no xml.xlsx", content: byHand(t, row, map[string]string{"xl/sharedStrings.xml": `<sst></si>`}), want: spreadsheet.HalfWritten},
		{name: "styles no xml.xlsx", content: byHand(t, row, map[string]string{"xl/styles.xml": `<styleSheet>`}), want: spreadsheet.HalfWritten},
		{name: "nested deeply.xlsx", content: byHand(t, strings.Repeat("<a>", 1000), nil), want: spreadsheet.HalfWritten},
		{name: "list of sheets nested deeply.xlsx", content: byHand(t, "", map[string]string{"xl/workbook.xml": strings.Repeat("<a>", 1000)}), want: spreadsheet.HalfWritten},
		{name: "endless tag.xlsx", content: byHand(t, "<row "+manyAttributes()+"/>", nil), want: spreadsheet.HalfWritten},
		{name: "unknown xml encoding.xlsx", content: byHand(t, "", whole(`<?xml version="1.0" encoding="klingon"?><worksheet/>`)), want: spreadsheet.HalfWritten},

		{name: "password.xlsx", content: password, want: spreadsheet.Encrypted},
		{name: "zip password.xlsx", content: zipFlagged(t), want: spreadsheet.Encrypted},

		{name: "legacy.xls", content: []byte(ole2 + strings.Repeat("\x00", 504) + inUTF16("Workbook")), want: spreadsheet.LegacyXLS},
		{name: "legacy renamed.xlsx", content: []byte(ole2 + strings.Repeat("\x00", 504)), want: spreadsheet.LegacyXLS},
		{name: "legacy of Excel 4.xls", content: []byte("\x09\x04\x06\x00\x00\x00\x10\x00"), want: spreadsheet.LegacyXLS},

		{name: "old Word.xlsx", content: []byte(ole2 + inUTF16("WordDocument")), want: spreadsheet.NotWorkbook},
		{name: "old PowerPoint.xlsx", content: []byte(ole2 + inUTF16("PowerPoint Document")), want: spreadsheet.NotWorkbook},
		{name: "html.xls", content: []byte("\xEF\xBB\xBF \n<HTML><body><table><tr><td>县区"), want: spreadsheet.NotWorkbook},
		{name: "mhtml.xls", content: []byte("MIME-Version: 1.0\r\nContent-Type: multipart/related"), want: spreadsheet.NotWorkbook},
		{name: "xml of 2003.xls", content: []byte(`<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`), want: spreadsheet.NotWorkbook},
		{name: "xml.xlsx", content: []byte(`<?xml version="1.0"?><data/>`), want: spreadsheet.NotWorkbook},
		{name: "pdf.xlsx", content: []byte("%PDF-1.7\n"), want: spreadsheet.NotWorkbook},
		{name: "png.xlsx", content: []byte("\x89PNG\r\n\x1a\n"), want: spreadsheet.NotWorkbook},
		{name: "rtf.xlsx", content: []byte(`{\rtf1`), want: spreadsheet.NotWorkbook},
		{name: "rar.xlsx", content: []byte("Rar!\x1a\x07"), want: spreadsheet.NotWorkbook},
		{name: "csv.xlsx", content: []byte("县区,网格数\n余江区,1\n"), want: spreadsheet.NotWorkbook},
		{name: "noise.xlsx", content: []byte("\x01\x02\x03\x04\x05"), want: spreadsheet.NotWorkbook},
		{name: "empty zip.xlsx", content: zipped(t, nil), want: spreadsheet.NotWorkbook},
		{name: "zip.xlsx", content: zipped(t, map[string]string{"a.txt": "a"}), want: spreadsheet.NotWorkbook},
		{name: "docx.xlsx", content: zipped(t, map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), want: spreadsheet.NotWorkbook},
		{name: "pptx.xlsx", content: zipped(t, map[string]string{"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}), want: spreadsheet.NotWorkbook},
		{name: "ods.xlsx", content: zipped(t, map[string]string{"META-INF/manifest.xml": "<m/>", "content.xml": "<c/>"}), want: spreadsheet.NotWorkbook},
		{name: "xlsb.xlsx", content: zipped(t, map[string]string{"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "b"}), want: spreadsheet.NotWorkbook},
		{name: "no content types.xlsx", content: byHand(t, row, map[string]string{"[Content_Types].xml": ""}), want: spreadsheet.NotWorkbook},

		{name: "zip bomb.xlsx", content: byHand(t, "", map[string]string{"xl/media/image1.bmp": zeros}), want: spreadsheet.TooLarge},
		{name: "many parts.xlsx", content: manyParts(t), want: spreadsheet.TooLarge},
		{name: "unpacks to much.xlsx", content: workbook, limits: limited(func(l *spreadsheet.Limits) { l.UnpackedBytes = 5000 }), want: spreadsheet.TooLarge},
		{name: "many empty texts.xlsx", content: byHand(t, row, map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", 1000) + "</sst>"}),
			limits: limited(func(l *spreadsheet.Limits) { l.UnpackedBytes = 10_000 }), want: spreadsheet.TooLarge},
		{name: "too many rows.xlsx", content: byHand(t, row+strings.Replace(row, "1", "2", 2)+wide, nil), limits: limited(func(l *spreadsheet.Limits) { l.Rows = 2 }), want: spreadsheet.TooLarge},
		{name: "too many columns.xlsx", content: byHand(t, row+wide, nil), limits: limited(func(l *spreadsheet.Limits) { l.Columns = 4 }), want: spreadsheet.TooLarge},
		{name: "too many rows.csv", content: []byte("a\nb\n\nc"), limits: limited(func(l *spreadsheet.Limits) { l.Rows = 2 }), want: spreadsheet.TooLarge},
		{name: "too many columns.csv", content: []byte("a,b,c\n1,2,3,4"), limits: limited(func(l *spreadsheet.Limits) { l.Columns = 3 }), want: spreadsheet.TooLarge},
		{name: "decodes to much.csv", content: []byte("县区"), limits: limited(func(l *spreadsheet.Limits) { l.UnpackedBytes = 5 }), want: spreadsheet.TooLarge},

		{name: "blank.csv", content: []byte("\xEF\xBB\xBF \r\n\t"), want: spreadsheet.HalfWritten},
		{name: "zeros.csv", content: []byte("\x00\x00\x00"), want: spreadsheet.HalfWritten},
		{name: "latin1.csv", content: []byte("Stra\xDFe;\xFF\xFE\n"), want: spreadsheet.BadEncoding},
		{name: "utf-8 cut.csv", content: []byte("县区,网格数\n余江区"[:len("县区,网格数\n余江区")-1]), want: spreadsheet.BadEncoding},
		{name: "utf-8 with mark broken.csv", content: []byte("\xEF\xBB\xBF县区\n\xFF"), want: spreadsheet.BadEncoding},
		{name: "utf-16 cut.csv", content: []byte("\xFF\xFE" + inUTF16("县区") + "a"), want: spreadsheet.BadEncoding},
		{name: "utf-16 without mark.csv", content: []byte(inUTF16("a,b\n")), want: spreadsheet.BadEncoding},
		{name: "workbook.csv", content: workbook, want: spreadsheet.NotWorkbook},
		{name: "pdf.csv", content: []byte("%PDF-1.7\n"), want: spreadsheet.NotWorkbook},
		{name: "html.csv", content: []byte("<html><table>"), want: spreadsheet.NotWorkbook},
		{name: "quote never closes.csv", content: []byte("a,b\n\"c,d\ne,f\n"), want: spreadsheet.BadCSV},
		{name: "text after quote.csv", content: []byte("a,b\n\n\"c\"d,e\n"), want: spreadsheet.BadCSV},
	}
	return files
}

func inUTF16(s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = append(b, byte(unit), byte(unit>>8))
	}
	return string(b)
}

// zipFlagged writes an archive whose part says that it needs a password.
func zipFlagged(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if _, err := w.CreateRaw(&zip.FileHeader{Name: "xl/workbook.xml", Flags: 1}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// manyAttributes are more than one tag may have.
func manyAttributes() string {
	var b strings.Builder
	for i := range 1 << 16 {
		fmt.Fprintf(&b, `a%d="%x" `, i, i*i)
	}
	return b.String()
}

func manyParts(t *testing.T) []byte {
	t.Helper()
	all := parts("", nil)
	for i := range 10_001 {
		all[fmt.Sprintf("xl/media/image%d.png", i)] = ""
	}
	return zipped(t, all)
}

func TestFaultKindString(t *testing.T) {
	seen := make(map[string]bool)
	for kind := spreadsheet.Locked; kind <= spreadsheet.BadCSV; kind++ {
		if name := kind.String(); name == "" || strings.HasPrefix(name, "fault(") || seen[name] {
			t.Errorf("kind %d is called %q", kind, name)
		}
		seen[kind.String()] = true
	}
	if got := spreadsheet.FaultKind(0).String() + spreadsheet.FaultKind(99).String(); got != "fault(0)fault(99)" {
		t.Errorf("unknown kinds are called %q", got)
	}
}
