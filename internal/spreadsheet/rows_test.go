package spreadsheet_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// cells reads all cells of a sheet that are not empty, by their names.
func cells(tb testing.TB, name string, content []byte, sheet string) map[string]spreadsheet.Cell {
	tb.Helper()
	w, err := spreadsheet.Parse(name, content, roomy)
	if err != nil {
		tb.Fatal(err)
	}
	all := make(map[string]spreadsheet.Cell)
	last := 0
	err = w.Rows(tb.Context(), sheet, func(row spreadsheet.Row) error {
		if row.Number <= last || len(row.Cells) == 0 || row.Cells[len(row.Cells)-1].Text == "" {
			tb.Errorf("row %+v after row %d", row, last)
		}
		last = row.Number
		for i, cell := range row.Cells {
			if cell.Text != "" {
				all[spreadsheet.CellName(i+1, row.Number)] = cell
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// texts are cells that have a text and nothing else.
func texts(pairs ...string) map[string]spreadsheet.Cell {
	all := make(map[string]spreadsheet.Cell)
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = spreadsheet.Cell{Text: pairs[i+1]}
	}
	return all
}

func TestRowsByHand(t *testing.T) {
	const (
		inline = `<row r="1"><c r="A1" t="inlineStr"><is><t>县区</t></is></c></row>`
		sst    = "xl/sharedStrings.xml"
	)
	failed := func(text string) map[string]spreadsheet.Cell {
		return map[string]spreadsheet.Cell{"A1": {Text: text, Failed: true}}
	}
	tests := map[string]struct {
		rows   string
		others map[string]string
		want   map[string]spreadsheet.Cell
	}{
		"no rows":            {"", nil, texts()},
		"empty rows":         {`<row r="1"/><row r="1048576"><c r="XFD1048576" s="1"/></row>`, nil, texts()},
		"number":             {`<row><c><v> 0.84999999999999998 </v></c></row>`, nil, texts("A1", "0.84999999999999998")},
		"typed number":       {`<row><c t="n"><v>46022</v></c></row>`, nil, texts("A1", "46022")},
		"inline text":        {inline, nil, texts("A1", "县区")},
		"inline rich text":   {`<row><c t="inlineStr"><is><r><rPr><b/></rPr><t>县</t></r><r><t xml:space="preserve">区 </t></r></is></c></row>`, nil, texts("A1", "县区 ")},
		"formula with text":  {`<row><c t="str"><f>A2</f><v>余江_x000D_区</v></c></row>`, nil, texts("A1", "余江\r区")},
		"formula":            {`<row><c><f>1+1</f><v>2</v></c></row>`, nil, texts("A1", "2")},
		"formula of nothing": {`<row><c t="str"><f>""</f><v></v></c></row>`, nil, texts()},
		"never calculated":   {`<row><c><f>1+1</f></c></row>`, nil, failed(spreadsheet.NotCalculated)},
		"not by openpyxl":    {`<row><c><f>1+1</f><v/></c></row>`, nil, failed(spreadsheet.NotCalculated)},
		"not by excelize":    {`<row><c t="str"><f>1+1</f></c></row>`, nil, failed(spreadsheet.NotCalculated)},
		"shared formula":     {`<row><c><f t="shared" si="0"/><v>3</v></c></row>`, nil, texts("A1", "3")},
		"error":              {`<row><c t="e"><f>A9</f><v>#REF!</v></c></row>`, nil, failed("#REF!")},
		"error as text":      {`<row><c t="inlineStr"><is><t>#REF!</t></is></c></row>`, nil, texts("A1", "#REF!")},
		"true and false":     {`<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="b"/></row>`, nil, texts("A1", "TRUE", "B1", "FALSE")},
		"day of the strict":  {`<row><c t="d"><v>2025-12-31T00:00:00</v></c></row>`, nil, texts("A1", "2025-12-31T00:00:00")},
		"shared texts": {
			`<row><c t="s"><v>0</v></c><c t="s"><v>2</v></c><c t="s"><v>1</v></c><c t="s"/></row>`,
			map[string]string{sst: `<sst><si><t>余江区</t></si><si/><si><r><t>余</t></r><r><t>江</t></r><rPh sb="0" eb="1"><t>yu</t></rPh><phoneticPr fontId="1"/></si></sst>`},
			texts("A1", "余江区", "B1", "余江"),
		},
		"text in pieces":    {`<row><c t="inlineStr"><is><t>a<!-- b -->c<![CDATA[<d>]]>&#x53BF;&amp;<x>y</x></t></is></c></row>`, nil, texts("A1", "ac<d>县&")},
		"gaps":              {`<row r="2"><c r="C2"><v>1</v></c><c r="AA2"><v>2</v></c></row><row r="9"><c r="A9"><v>3</v></c></row>`, nil, texts("C2", "1", "AA2", "2", "A9", "3")},
		"without names":     {`<row><c><v>1</v></c><c><v>2</v></c></row><row r="5"><c r="C5"><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>`, nil, texts("A1", "1", "B1", "2", "C5", "3", "D5", "4", "A6", "5")},
		"small letters":     {`<row r="1"><c r="b1"><v>1</v></c></row>`, nil, texts("B1", "1")},
		"elements between":  {`<row><c t="inlineStr"><x><y/></x><is><z><t>1</t></z><t>2</t></is></c></row>`, nil, texts("A1", "2")},
		"extensions":        {`<row><c><v>1</v><extLst><ext><v>9</v></ext></extLst></c><x:ac xmlns:x="y"><c><v>8</v></c></x:ac></row>`, nil, texts("A1", "1")},
		"without relations": {inline, map[string]string{"_rels/.rels": ""}, texts("A1", "县区")},
		"prefixed": {"", map[string]string{"xl/worksheets/sheet1.xml": `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
			`<x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`}, texts("A1", "1")},
		"backslashes and other cases": {"", map[string]string{
			"xl/worksheets/sheet1.xml": "", `XL\Worksheets\Sheet1.XML`: `<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`,
		}, texts("A1", "1")},
		"absolute targets": {inline, map[string]string{
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
		}, texts("A1", "县区")},
		"strict": {inline, map[string]string{
			"_rels/.rels":     `<Relationships><Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml": `<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships" conformance="strict"><sheets><sheet name="网格" r:id="b"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="b" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
				`<Relationship Id="c" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/theme" Target="https://example.org" TargetMode="External"/></Relationships>`,
		}, texts("A1", "县区")},
		"in GBK": {"", map[string]string{"xl/worksheets/sheet1.xml": `<?xml version="1.0" encoding="GBK"?><worksheet><sheetData><row><c t="inlineStr"><is><t>` + "\xCF\xD8\xC7\xF8" + `</t></is></c></row></sheetData></worksheet>`}, texts("A1", "县区")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := cells(t, "a.xlsx", byHand(t, test.rows, test.others), "网格")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("cells (-want +got):\n%s", diff)
			}
		})
	}
}

// What excelize wrote is read as excelize reads it.
func TestRowsOfExcelize(t *testing.T) {
	content := excel(t, func(f *excelize.File) error {
		for row := 1; row <= 300; row += 1 + row%3 {
			values := []any{fmt.Sprintf("第%d县", row), row, float64(row) / 7, row%2 == 0, nil, fmt.Sprintf("<%d> & \"_x000D_\" \r\n😀 ", row), -1e-9 * float64(row)}
			if err := f.SetSheetRow("Sheet1", spreadsheet.CellName(1+row%5, row), &values); err != nil {
				return err
			}
		}
		return nil
	})
	f, err := excelize.OpenReader(strings.NewReader(string(content)), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]spreadsheet.Cell)
	for r, row := range rows {
		for c, text := range row {
			switch typ, err := f.GetCellType("Sheet1", spreadsheet.CellName(c+1, r+1)); {
			case err != nil:
				t.Fatal(err)
			case typ == excelize.CellTypeBool:
				text = map[string]string{"0": "FALSE", "1": "TRUE"}[text]
			}
			if text != "" {
				want[spreadsheet.CellName(c+1, r+1)] = spreadsheet.Cell{Text: text}
			}
		}
	}
	if diff := cmp.Diff(want, cells(t, "a.xlsx", content, "Sheet1")); diff != "" || len(want) < 500 {
		t.Errorf("%d cells (-excelize +got):\n%s", len(want), diff)
	}
}

func TestFormats(t *testing.T) {
	day := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		value any
		style excelize.Style
		want  spreadsheet.Cell
	}{
		"plain":              {0.85, excelize.Style{}, spreadsheet.Cell{Text: "0.85"}},
		"thousands":          {1234, excelize.Style{NumFmt: 3}, spreadsheet.Cell{Text: "1234"}},
		"percent":            {0.85, excelize.Style{NumFmt: 9}, spreadsheet.Cell{Text: "0.85", Format: spreadsheet.Percent}},
		"percent, decimals":  {0.85, excelize.Style{NumFmt: 10}, spreadsheet.Cell{Text: "0.85", Format: spreadsheet.Percent}},
		"percent later":      {0.85, excelize.Style{CustomNumFmt: new(`[=0]"-";0.0%`)}, spreadsheet.Cell{Text: "0.85", Format: spreadsheet.Percent}},
		"thousands hidden":   {12000, excelize.Style{CustomNumFmt: new("#,##0,")}, spreadsheet.Cell{Text: "12000", Format: spreadsheet.Scaled}},
		"before the point":   {12000, excelize.Style{CustomNumFmt: new("0,.0")}, spreadsheet.Cell{Text: "12000", Format: spreadsheet.Scaled}},
		"a dot of its own":   {12000, excelize.Style{CustomNumFmt: new(`0\.0,`)}, spreadsheet.Cell{Text: "12000", Format: spreadsheet.Scaled}},
		"an escaped dot":     {12000, excelize.Style{CustomNumFmt: new(`0!.0000"万"`)}, spreadsheet.Cell{Text: "12000", Format: spreadsheet.Scaled}},
		"a word for scale":   {12, excelize.Style{CustomNumFmt: new(`0"万"`)}, spreadsheet.Cell{Text: "12", Format: spreadsheet.Worded}},
		"accounting":         {12, excelize.Style{CustomNumFmt: new(`_ * #,##0.00_ ;_ * \-#,##0.00_ ;_ * "-"??_ ;_ @_ `)}, spreadsheet.Cell{Text: "12"}},
		"own percent":        {0.85, excelize.Style{CustomNumFmt: new("0.0%;[Red]-0.0%")}, spreadsheet.Cell{Text: "0.85", Format: spreadsheet.Percent}},
		"percent in words":   {85, excelize.Style{CustomNumFmt: new(`0"%"`)}, spreadsheet.Cell{Text: "85"}},
		"percent escaped":    {85, excelize.Style{CustomNumFmt: new(`0\%`)}, spreadsheet.Cell{Text: "85"}},
		"day":                {day, excelize.Style{NumFmt: 14}, spreadsheet.Cell{Text: "46022", Format: spreadsheet.Date}},
		"day and time":       {day, excelize.Style{NumFmt: 22}, spreadsheet.Cell{Text: "46022", Format: spreadsheet.Date}},
		"Chinese day":        {day, excelize.Style{NumFmt: 31}, spreadsheet.Cell{Text: "46022", Format: spreadsheet.Date}},
		"Chinese month":      {day, excelize.Style{CustomNumFmt: new(`yyyy"年"m"月"`)}, spreadsheet.Cell{Text: "46022", Format: spreadsheet.Date}},
		"month alone":        {day, excelize.Style{CustomNumFmt: new(`m"月"`)}, spreadsheet.Cell{Text: "46022", Format: spreadsheet.Date}},
		"localized day":      {day, excelize.Style{CustomNumFmt: new(`[$-804]yyyy\-mm\-dd;@`)}, spreadsheet.Cell{Text: "46022", Format: spreadsheet.Date}},
		"time":               {0.5, excelize.Style{CustomNumFmt: new("mm:ss.0")}, spreadsheet.Cell{Text: "0.5"}},
		"hours":              {0.5, excelize.Style{CustomNumFmt: new("[h]:mm")}, spreadsheet.Cell{Text: "0.5"}},
		"unit":               {12, excelize.Style{CustomNumFmt: new(`#,##0"个 day"`)}, spreadsheet.Cell{Text: "12"}},
		"colour":             {12, excelize.Style{CustomNumFmt: new(`[Red]0_);[Yellow]0`)}, spreadsheet.Cell{Text: "12"}},
		"quote never closes": {12, excelize.Style{CustomNumFmt: new(`0"yd`)}, spreadsheet.Cell{Text: "12"}},
		"text as percent":    {"85%", excelize.Style{NumFmt: 9}, spreadsheet.Cell{Text: "85%"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			content := excel(t, func(f *excelize.File) error {
				if err := f.SetCellValue("Sheet1", "A1", test.value); err != nil {
					return err
				}
				style, err := f.NewStyle(&test.style)
				if err != nil {
					return err
				}
				return f.SetCellStyle("Sheet1", "A1", "A1", style)
			})
			if got := cells(t, "a.xlsx", content, "Sheet1")["A1"]; got != test.want {
				t.Errorf("cell %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestMerged(t *testing.T) {
	hand := func(tail string) []byte {
		return byHand(t, "", map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData><row><c t="inlineStr"><is><t>mergeCells</t></is></c></row></sheetData>` + tail + `</worksheet>`})
	}
	tests := map[string]struct {
		content []byte
		want    []spreadsheet.Range
	}{
		"none":            {hand(""), nil},
		"none behind":     {hand("<pageMargins/>"), nil},
		"empty":           {hand("<mergeCells/>"), nil},
		"several":         {hand(`<mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="A2:A112"></mergeCell></mergeCells><x ref="B1:B2"/>`), []spreadsheet.Range{{1, 1, 1, 3}, {2, 1, 112, 1}}},
		"one cell":        {hand(`<mergeCells><mergeCell ref="B7"/></mergeCells>`), []spreadsheet.Range{{7, 2, 7, 2}}},
		"the whole sheet": {hand(`<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>`), []spreadsheet.Range{{1, 1, 1 << 20, 1 << 14}}},
		"prefixed":        {hand(`<x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells>`), []spreadsheet.Range{{1, 1, 2, 2}}},
		"no rows": {byHand(t, "", map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData/><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`}),
			[]spreadsheet.Range{{1, 1, 2, 2}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, err := spreadsheet.Parse("a.xlsx", test.content, roomy)
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.Merged("网格")
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("merged cells, %v (-want +got):\n%s", err, diff)
			}
		})
	}
	for _, ref := range []string{"", "A", "1", "A0", "B1:A1", "A2:A1", "A1:", ":A1", "A1:B1:C1", "XFE1", "A1048577", "A01", "A1:B2 "} {
		w, err := spreadsheet.Parse("a.xlsx", hand(`<mergeCells><mergeCell ref="`+ref+`"/></mergeCells>`), roomy)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Merged("网格")
		if f := faultOf(t, err, spreadsheet.HalfWritten); !strings.Contains(f.Error(), "merged cells "+ref) {
			t.Errorf("merged cells %q: %v", ref, f)
		}
	}
}

func TestCellName(t *testing.T) {
	for _, column := range []int{1, 2, 26, 27, 52, 53, 702, 703, 16384} {
		want, err := excelize.CoordinatesToCellName(column, 17)
		if err != nil {
			t.Fatal(err)
		}
		if got := spreadsheet.CellName(column, 17); got != want {
			t.Errorf("CellName(%d, 17) = %s, want %s", column, got, want)
		}
	}
}

func TestSerialDate(t *testing.T) {
	tests := []struct {
		raw  string
		mac  bool
		want string // "": refused
	}{
		{"46022", false, "2025-12-31"}, {"44560", true, "2025-12-31"}, {"46022.99999", false, "2025-12-31"}, {"4.6022e4", false, "2025-12-31"},
		{"1", false, "1900-01-01"}, {"59", false, "1900-02-28"}, {"60", false, ""}, {"61", false, "1900-03-01"}, {"0", false, ""}, {"0.5", false, ""},
		{"0", true, "1904-01-01"}, {"1462", true, "1908-01-02"}, {"2958465", false, "9999-12-31"}, {"2958466", false, ""}, {"2957003", true, "9999-12-31"}, {"2957004", true, ""},
		{"-1", false, ""}, {"", false, ""}, {"2025-12-31", false, ""}, {"NaN", false, ""}, {"Inf", false, ""}, {"1e99", false, ""}, {" 46022", false, ""},
	}
	for _, test := range tests {
		got, ok := spreadsheet.SerialDate(test.raw, test.mac)
		if ok != (test.want != "") || ok && got != test.want {
			t.Errorf("SerialDate(%q, %v) = %q, %v; want %q", test.raw, test.mac, got, ok, test.want)
		}
	}
}
