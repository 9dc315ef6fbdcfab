package workbook_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/govkpi/govkpi/collectors/collectorstest"
)

var update = flag.Bool("update", false, "write the golden files")

// messy is a file that people send: what it is like, and how it is read. What
// comes of it is in testdata/corpus, under the same name.
type messy struct {
	file    string // 网格统计.xlsx where it is empty
	options string // of layouts; wide where it is empty
	pages   []page // of an .xlsx
	text    string // of a .csv,
	charset string // in UTF-8 where it is empty
	raw     func(t *testing.T) []byte
	prepare func(t *testing.T, file string) // does something to the file, or beside it
}

// page is a sheet.
type page struct {
	name   string // 12月 where it is empty
	rows   [][]any
	merge  []string // such as A1:C1
	hidden bool
	edit   func(t testing.TB, book *excelize.File, sheet string)
}

type row = []any

// layouts are the collectors that the corpus is read with.
var layouts = map[string]string{
	"wide":   `columns: {region: 县区, period: 统计期, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}`,
	"titled": `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: title}`,
	"sheet":  `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: sheet}`,
	"named":  `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: file}`,
	"last":   `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: file}`,
	"alias":  `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: file, aliases: {县区: ["县（市、区）", 单位], 网格数: [网格总数]}}`,
	"groups": `{columns: {region: 县区, figures: {网格/总数: grids, 网格员/专职: full_time_grid_staff}}, period_from: file}`,
	"cities": `{columns: {region: 县区, within: [设区市], figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: file}`,
	"totals": `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: file, totals: [鹰潭市合计]}`,
	"sheets": `{columns: {region: 县区, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}, period_from: sheet, sheets: ["*月"]}`,
	"long":   `columns: {region: 县区, period: 统计期, indicator: 指标, value: 数值}`,
	"single": `{columns: {region: 县区, period: 统计期, value: 网格数}, indicator: grids}`,
	"dated":  `columns: {region: 县区, date: 统计日期, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}`,
	"share": `columns: {region: 县区, period: 统计期, figures: {覆盖率: coverage, 投入资金: spending}}
aliases: {投入资金: [投入资金（元）]}`,
	"quarter": `columns: {region: 县区, period: 季度, figures: {清理事项: village_work_items_cleared}}`,
	"half":    `columns: {region: 县区, period: 统计期, figures: {证明事项: certificate_items_regulated}}`,
	"month":   `columns: {region: 县区, period: 月份, figures: {网格数: grids, 专职网格员: full_time_grid_staff}}`,
	"sex":     `{columns: {region: 县区, dimensions: {sex: 性别}, value: 人数}, indicator: volunteers, period_from: file}`,
	"money":   `{columns: {region: 县区, figures: {投入资金: spending}}, period_from: file, aliases: {投入资金: [投入资金（元）]}}`,
	"city":    `{columns: {region: 县区, figures: {市级: spending}}, period_from: file}`,
	"counted": `{columns: {region: 县区, figures: {网格数: grids, 投入资金: spending}}, period_from: file}`,
	"one":     `{columns: {region: 县区, figures: {网格数: grids}}, period_from: file}`,
	"people":  `{columns: {region: 县区, figures: {网格数（户）: grids}}, period_from: file}`,
	"grids":   `register: {code: 网格编码, name: 网格名称, parent: 所属村, level_column: 级别}`,
}

// corpus is all of them, by theme.
func corpus() map[string]map[string]messy {
	return map[string]map[string]messy{
		"headers": messyHeaders(), "tables": messyTables(), "values": messyValues(), "periods": messyPeriods(), "files": messyFiles(), "misread": misread(),
	}
}

// Every messy thing becomes the figures that its sender meant, or a receipt that
// says why not.
func TestCorpus(t *testing.T) {
	count := 0
	for theme, cases := range corpus() {
		count += len(cases)
		t.Run(theme, func(t *testing.T) {
			for name, m := range cases {
				t.Run(name, func(t *testing.T) { m.check(t, filepath.Join("testdata", "corpus", theme, name+".txt")) })
			}
		})
	}
	kept, err := filepath.Glob(filepath.Join("testdata", "corpus", "*", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, golden := range kept {
		theme := filepath.Base(filepath.Dir(golden))
		if _, known := corpus()[theme][strings.TrimSuffix(filepath.Base(golden), ".txt")]; !known {
			t.Errorf("%s is of no file of the corpus: remove it", golden)
		}
	}
	if count < 60 {
		t.Errorf("the corpus has %d files, want 60 at least", count)
	}
}

func (m *messy) check(t *testing.T, golden string) {
	folder := t.TempDir()
	name := m.file
	if name == "" {
		name = "网格统计.xlsx"
	}
	if m.file == "" && m.options != "named" && strings.Contains(layouts[m.options], "period_from: file") {
		name = "网格统计2025年12月.xlsx"
	}
	file := filepath.Join(folder, filepath.FromSlash(name))
	m.write(t, file)
	options := m.options
	if options == "" {
		options = "wide"
	}
	sink := gated(t)
	_, err := collect(t, newCollector(t, folder, layouts[options]), sink)
	if err != nil {
		t.Fatal(err)
	}
	receipt := readReceipt(t, file)
	for i := range sink.Parts {
		if taken := sink.Parts[i].Taken; taken == strings.Contains(receipt, "Result: refused") {
			t.Errorf("taken: %t, but the receipt says\n%s", taken, receipt)
		}
	}
	compare(t, golden, strings.Join(lines(sink.Sink), "\n")+"\n\n"+receipt)
}

// lines are the readings or entries that were handed over, one a line.
func lines(sink *collectorstest.Sink) []string {
	all := sink.Lines()
	for _, e := range sink.Entries {
		all = append(all, strings.Join([]string{e.Code, e.Name, e.Level, e.Parent, e.Place.String()}, " | "))
	}
	const most = 30
	switch {
	case len(all) == 0:
		return []string{"no readings"}
	case len(all) > most:
		return append(all[:most], fmt.Sprintf("and %d more", len(all)-most))
	}
	return all
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

// write puts the file into its folder, old enough to be read.
func (m *messy) write(t *testing.T, file string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	content := []byte(m.text)
	switch {
	case m.raw != nil:
		content = m.raw(t)
	case m.pages != nil:
		content = workbookOf(t, m.pages...)
	case m.charset == "gb18030":
		content = encoded(t, simplifiedchinese.GB18030.NewEncoder().Bytes, m.text)
	case m.charset == "utf-16":
		content = encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes, m.text)
	}
	put(t, file, content)
	if m.prepare != nil {
		m.prepare(t, file)
	}
}

func encoded(t *testing.T, encode func([]byte) ([]byte, error), text string) []byte {
	t.Helper()
	content, err := encode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// workbookOf writes a real .xlsx.
func workbookOf(t testing.TB, pages ...page) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, p := range pages {
		p.write(t, book, i == 0)
	}
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func (p *page) write(t testing.TB, book *excelize.File, first bool) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	name := p.name
	if name == "" {
		name = "12月"
	}
	if first {
		must(book.SetSheetName("Sheet1", name))
	} else {
		_, err := book.NewSheet(name)
		must(err)
	}
	for i, cells := range p.rows {
		for j, value := range cells {
			if value == nil {
				continue
			}
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			must(err)
			must(book.SetCellValue(name, cell, value))
		}
	}
	for _, merged := range p.merge {
		from, to, _ := strings.Cut(merged, ":")
		must(book.MergeCell(name, from, to))
	}
	if p.hidden {
		must(book.SetSheetVisible(name, false))
	}
	if p.edit != nil {
		p.edit(t, book, name)
	}
}

// styled gives cells a number format.
func styled(format, from, to string) func(testing.TB, *excelize.File, string) {
	return func(t testing.TB, book *excelize.File, sheet string) {
		t.Helper()
		style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetCellStyle(sheet, from, to, style); err != nil {
			t.Fatal(err)
		}
	}
}
