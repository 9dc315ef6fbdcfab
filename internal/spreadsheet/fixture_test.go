package spreadsheet_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// roomy limits bound nothing that these tests write.
var roomy = spreadsheet.Limits{FileBytes: 20 << 20, UnpackedBytes: 200 << 20, Rows: 20_000, Columns: 200}

// write puts a file into a folder of its own.
func write(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// excel writes a workbook as excelize does after fill.
func excel(tb testing.TB, fill func(f *excelize.File) error, options ...excelize.Options) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out, options...); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// grids fills a sheet as a county would.
func grids(f *excelize.File) error {
	rows := [][]any{
		{"余江区2025年12月网格统计表"},
		{"县区", "网格数", "占比"},
		{"余江区", 1234, 0.85},
		{"贵溪市", 567, 0.5},
		{"合计", 1801},
	}
	errs := []error{f.MergeCell("Sheet1", "A1", "C1")}
	for i, row := range rows {
		errs = append(errs, f.SetSheetRow("Sheet1", spreadsheet.CellName(1, i+1), &row))
	}
	return errors.Join(errs...)
}

// zipped writes an archive of the parts, in the order of their names.
func zipped(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range sorted(parts) {
		part, err := w.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := part.Write([]byte(parts[name])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func sorted(parts map[string]string) []string {
	names := make([]string, 0, len(parts))
	for name := range parts {
		names = append(names, name)
	}
	slices.SortFunc(names, cmp.Compare)
	return names
}

const (
	mainSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relSpace  = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relType   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// parts are those of a workbook written by hand, with one sheet of these rows.
// Others replace them or come on top; "" leaves one out.
func parts(rows string, others map[string]string) map[string]string {
	all := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + mainSpace + ` ` + relSpace + `><sheets><sheet name="网格" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relType + `sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="rId3" Type="` + relType + `styles" Target="styles.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + mainSpace + `><sheetData>` + rows + `</sheetData></worksheet>`,
	}
	for name, content := range others {
		all[name] = content
		if content == "" {
			delete(all, name)
		}
	}
	return all
}

// byHand writes such a workbook.
func byHand(tb testing.TB, rows string, others map[string]string) []byte {
	tb.Helper()
	return zipped(tb, parts(rows, others))
}

// readAll opens content and returns the texts of all rows of a sheet by their
// numbers.
func readAll(tb testing.TB, name string, content []byte, sheet string) (map[int][]string, error) {
	tb.Helper()
	return readWithin(tb, name, content, sheet, roomy)
}

func readWithin(tb testing.TB, name string, content []byte, sheet string, limits spreadsheet.Limits) (map[int][]string, error) {
	tb.Helper()
	w, err := spreadsheet.Parse(name, content, limits)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	rows := make(map[int][]string)
	err = w.Rows(tb.Context(), sheet, func(row spreadsheet.Row) error {
		for _, cell := range row.Cells {
			rows[row.Number] = append(rows[row.Number], cell.Text)
		}
		return nil
	})
	return rows, err
}

// faultOf fails unless the error is a fault of the kind.
func faultOf(tb testing.TB, err error, kind spreadsheet.FaultKind) *spreadsheet.Fault {
	tb.Helper()
	f, ok := errors.AsType[*spreadsheet.Fault](err)
	if !ok || f.Kind != kind {
		tb.Fatalf("error %v (%T), want a fault of kind %v", err, err, kind)
	}
	if f.Reason.ZH == "" || f.Reason.EN == "" || f.Error() != f.Reason.EN {
		tb.Fatalf("fault %v has no reason in both languages: %+v", kind, f.Reason)
	}
	return f
}
