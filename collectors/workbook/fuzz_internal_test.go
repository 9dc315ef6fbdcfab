package workbook

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// paper is a workbook of two sheets with the same cells.
type paper struct {
	rows   [][]string
	ranges []spreadsheet.Range
	format spreadsheet.Format
}

func (paper) Sheets() []spreadsheet.Sheet {
	return []spreadsheet.Sheet{{Name: "12月"}, {Name: "2025年"}}
}

func (p paper) Rows(_ context.Context, _ string, each func(spreadsheet.Row) error) error {
	for i, texts := range p.rows {
		row := spreadsheet.Row{Number: i + 1}
		for _, text := range texts {
			row.Cells = append(row.Cells, spreadsheet.Cell{Text: text, Format: p.format, Failed: text == "#ODD!"})
		}
		if strings.Join(texts, "") == "" {
			continue
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

func (p paper) Merged(string) ([]spreadsheet.Range, error) { return p.ranges, nil }
func (paper) Date1904() bool                               { return false }

// merged makes ranges of four bytes each.
func merged(b []byte) []spreadsheet.Range {
	var ranges []spreadsheet.Range
	for quad := range slices.Chunk(b, 4) {
		if len(quad) == 4 {
			row, column := int(quad[0])+1, int(quad[1])+1
			ranges = append(ranges, spreadsheet.Range{FromRow: row, FromColumn: column, ToRow: row + int(quad[2]), ToColumn: column + int(quad[3])})
		}
	}
	return ranges
}

// fuzzed are collectors of every shape.
var fuzzed = []string{
	"{columns: {region: 县区, within: [设区市], figures: {网格/总数: grids, 人数（万人）: staff}}, period_from: title, aliases: {县区: [单位]}}",
	"{columns: {region: 县区, period: 季度, indicator: 指标, value: 数值, dimensions: {sex: 性别}}, totals: [全部]}",
	"{columns: {region: 县区, date: 日期, figures: {网格数: grids}}}",
	"{register: {code: 编码, name: 名称, parent: 上级, level_column: 级别}}",
	"{columns: {region: 县区, figures: {网格数: grids}}, period_from: sheet, sheets: ['*月']}",
}

func newFuzzed(t testing.TB) []*settings {
	t.Helper()
	var all []*settings
	for _, options := range fuzzed {
		s, err := read(collectors.Blocks{
			Source:    collectorstest.NewBlock(t, "{folder: f, receipts: none, settle: 1s, limits: {file: 1MB, unpacked: 1MB, rows: 99, columns: 99}}", nil),
			Collector: collectorstest.NewBlock(t, "{files: [a], "+options[1:], nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &s)
	}
	return all
}

// FuzzSheet reads arbitrary cells, merged arbitrarily: nothing panics, and what
// is read or refused is in the sheet.
func FuzzSheet(f *testing.F) {
	f.Add("县区\t设区市\t网格\t\n\t\t总数\t人数（万人）\n余江区\t鹰潭市\t1,234\t1.2\n合计\t\t1234\t-\n注：无", []byte{0, 2, 0, 1}, byte(0), byte(0))
	f.Add("2025年统计表\n县区\t季度\t指标\t数值\t性别\n余江区\t四季度\tgrids\t#REF!\t男\n小计\n甲\t乙\t1", []byte{2, 0, 1, 0}, byte(1), byte(0))
	f.Add("县区\t日期\t网格数\n余江区\t46022\t５６\n县区\t日期\t网格数\n月湖区\t1.5e3\t1e400", []byte{}, byte(2), byte(2))
	f.Add("县区\t日期\t网格数\n余江区\t46022\t５６\t1", []byte{}, byte(2), byte(2))
	f.Add("编码\t名称\t上级\t级别\n3.60603E+11\t第一 网格\t#ODD!\t村\n合计\t2", []byte{1, 0, 3, 3}, byte(3), byte(0))
	f.Add("单位：万元、%\n县区\t网格数\n余江区\t85%\n备注\n月湖区\t3", []byte{255, 255, 255, 255, 0, 0, 0, 0}, byte(4), byte(1))
	all := newFuzzed(f)
	f.Fuzz(func(t *testing.T, text string, ranges []byte, layout, format byte) {
		if len(text) > 4096 || len(ranges) > 256 {
			return
		}
		p := paper{ranges: merged(ranges), format: spreadsheet.Format(format % 5)}
		for line := range strings.SplitSeq(text, "\n") {
			p.rows = append(p.rows, strings.Split(line, "\t"))
		}
		s, sink := all[int(layout)%len(all)], &collectorstest.Sink{}
		read, err := s.readSheets(t.Context(), origins{file: "2025/网格.xlsx"}, p, sink)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range sink.Readings {
			p.holds(t, read, r.Place)
			if r.Period != "" && r.Date != "" {
				t.Errorf("reading %+v has a period and a date", r)
			}
		}
		for _, e := range sink.Entries {
			p.holds(t, read, e.Place)
		}
		for _, r := range sink.Rejections {
			// Of the whole row, as where that goes on right of the last header, it names
			// no column.
			if at := r.Reading.Place; at.Row > 0 && at.Field != "" {
				p.holds(t, read, at)
			}
			if r.Stage == "" || r.Reason.ZH == "" || r.Reason.EN == "" {
				t.Errorf("rejection %+v does not say what is wrong", r)
			}
		}
		text = receiptText(&note{name: "网格.xlsx", now: time.Unix(0, 0), receipt: collectors.Receipt{Rejections: sink.Rejections}, read: read})
		if utf8.ValidString(strings.Join(p.rows[0], "")) && !strings.Contains(text, "Result: ") {
			t.Errorf("the receipt is %q", text)
		}
	})
}

// holds checks that a place is a cell of the sheet.
func (p paper) holds(t *testing.T, read content, at fact.Place) {
	t.Helper()
	table := read.sheets[at.Part]
	if table == nil || at.Row < 1 || int(at.Row) > len(p.rows) {
		t.Errorf("%+v is not within the sheet", at)
		return
	}
	if c := table.column(at.Field); c == nil {
		t.Errorf("%+v names no column of the table", at)
	}
}
