package workbook_test

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// misread is what looks like another figure than it is. None of it may be guessed.
func misread() map[string]messy {
	const december = "网格统计2025年12月.csv"
	sheet := func(options string, rows ...row) messy { return messy{options: options, pages: []page{{rows: rows}}} }
	merged := func(m messy, ranges ...string) messy {
		m.pages[0].merge = ranges
		return m
	}
	formatted := func(m messy, format string) messy {
		m.pages[0].edit = styled(format, "B2", "B2")
		return m
	}
	rich := func(runs ...excelize.RichTextRun) messy {
		m := sheet("one", row{"县区", "网格数"}, row{"余江区", 1})
		m.pages[0].edit = func(t testing.TB, book *excelize.File, sheet string) {
			t.Helper()
			if err := book.SetCellRichText(sheet, "B2", runs); err != nil {
				t.Fatal(err)
			}
		}
		return m
	}
	money := func(title string) messy {
		return sheet("money", row{title}, row{"县区", "投入资金"}, row{"余江区", 12})
	}
	one := func(rows ...row) messy { return sheet("one", append([]row{{"县区", "网格数"}}, rows...)...) }
	titled := func(rows ...row) messy {
		return sheet("titled", append(rows, row{"县区", "网格数", "专职网格员"}, row{"余江区", 1234, 56})...)
	}
	amount := func() messy {
		return sheet("money", row{"县区", "投入资金（万元）"}, row{"余江区", 12340000})
	}
	named := func(m messy, file string) messy {
		m.file = file
		return m
	}
	return map[string]messy{
		"count that Excel took for a day":        formatted(one(row{"余江区", 46085}), `m"月"d"日"`),
		"format that hides thousands":            formatted(amount(), "#,##0,"),
		"format with a dot of its own":           formatted(amount(), `0!.0,"万"`),
		"format with a dot, and no unit":         formatted(sheet("money", row{"县区", "投入资金"}, row{"余江区", 12340000}), `0!.0000"万"`),
		"format that says ten thousand":          formatted(sheet("money", row{"县区", "投入资金"}, row{"余江区", 12}), `0"万"`),
		"percent in the second section":          {options: "share", pages: []page{{rows: []row{{"县区", "统计期", "覆盖率（%）", "投入资金"}, {"余江区", "2025-12", 0.85, 1}}, edit: styled(`[=0]"-";0.0%`, "C2", "C2")}}},
		"last year below a header":               merged(sheet("one", row{"县区", "网格数"}, row{nil, "上年同期", "本期"}, row{"余江区", 1000, 1234}), "A1:A2"),
		"last year above a header":               merged(sheet("one", row{"县区", "上年同期", nil, "本期", nil}, row{nil, "网格数", "人数", "网格总数", "人数"}, row{"余江区", 1000, 1, 1234, 2}), "A1:A2", "B1:C1", "D1:E1"),
		"unit below a header":                    merged(sheet("money", row{"县区", "投入资金"}, row{nil, "（万元）"}, row{"余江区", 12}), "A1:A2"),
		"unit below a header, not merged":        sheet("money", row{"县区", "投入资金"}, row{nil, "万元"}, row{"余江区", 12}),
		"unit of a group":                        merged(sheet("city", row{"县区", "投入资金（万元）", nil}, row{nil, "市级", "县级"}, row{"余江区", 12, 1}), "A1:A2", "B1:C1"),
		"unit in brackets above":                 money("（单位：万元）"),
		"unit of an amount above":                money("填报单位：余江区    金额单位：人民币万元"),
		"unit within the title":                  money("鹰潭市投入资金统计表（单位 万元）"),
		"unit of the title without its word":     money("鹰潭市投入资金统计表（万元）"),
		"unit above that nobody knows":           money("单位：万两"),
		"office that sounds like a unit":         money("单位：千山乡"),
		"unit of money above counts":             sheet("counted", row{"单位：万元"}, row{"县区", "网格数", "投入资金"}, row{"余江区", 12, 5}),
		"another counting word":                  sheet("people", row{"县区", "网格数（人）"}, row{"余江区", 1234}),
		"day of filling in, in its own cell":     titled(row{"网格统计表"}, row{"填报日期：", "2025年12月5日"}),
		"day alone in brackets":                  titled(row{"网格统计表"}, row{"（2025年12月5日）"}),
		"day of filling in, below":               titled(row{"填报日期"}, row{"2025年12月5日"}),
		"title and sheet of two months":          titled(row{"2025年11月网格统计表"}),
		"title and file of two months":           {options: "titled", file: "2025年12月.xlsx", pages: []page{{name: "Sheet1", rows: []row{{"2025年11月网格统计表"}, {"县区", "网格数", "专职网格员"}, {"余江区", 1234, 56}}}}},
		"note that is a row":                     sheet("one", row{"备注", "县区", "网格数"}, row{nil, "余江区", 1}, row{"注：补报", "月湖区", 5}),
		"figure without a region below the note": one(row{"余江区", 1}, row{"备注"}, row{nil, 5}),
		"thousands without quotation marks":      {file: "a.csv", text: "县区,统计期,网格数,专职网格员\n余江区,2025-12,1,234,56\n"},
		"second table to the right":              one(row{"余江区", 1, nil, "月湖区", 2}),
		"sheet with another header":              {options: "one", pages: []page{{rows: []row{{"县区", "网格数"}, {"余江区", 1}}}, {name: "南昌", rows: []row{{"县区", "网格总量"}, {"东湖区", 500}}}}},
		"raised mark behind a number":            rich(excelize.RichTextRun{Text: "1234"}, excelize.RichTextRun{Text: "2", Font: &excelize.Font{VertAlign: "superscript"}}),
		"number that is struck out":              rich(excelize.RichTextRun{Text: "12", Font: &excelize.Font{Strike: true}}, excelize.RichTextRun{Text: "34"}),
		"bold within a number":                   rich(excelize.RichTextRun{Text: "12", Font: &excelize.Font{Bold: true}}, excelize.RichTextRun{Text: "34"}),
		"exponent that lost digits":              {options: "money", file: december, text: "县区,投入资金\n余江区,1.23457E+11\n"},
		"code that lost digits":                  {options: "one", file: december, text: "县区,网格数\n3.60603E+11,5\n"},
		"totals of several sheets": {options: "one", pages: []page{
			{name: "鹰潭", rows: []row{{"县区", "网格数"}, {"余江区", 1234}, {"合计", 1234}}}, {name: "南昌", rows: []row{{"县区", "网格数"}, {"东湖区", 500}, {"合计", 500}}},
		}},
		"total of dimensions":      sheet("sex", row{"县区", "性别", "人数"}, row{"余江区", "合计", 250}, row{"余江区", "男", 120}, row{"余江区", "女", 130}),
		"apostrophe before digits": one(row{"余江区", "'800"}),
		"mark before GB18030":      named(messy{options: "one", charset: "gb18030", text: "\ufeff\"县区\",\"网格数\"\n余江区,5\n"}, december),
	}
}
