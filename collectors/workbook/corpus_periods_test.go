package workbook_test

import "time"

// messyPeriods is how people write what time a figure speaks for, and where.
func messyPeriods() map[string]messy {
	periods := func(options, header, figure string, texts ...any) messy {
		names := []string{"余江区", "月湖区", "贵溪市", "东湖区", "西湖区", "青云谱区", "昌江区", "珠山区", "安源区", "湘东区", "濂溪区", "浔阳区"}
		rows := []row{{"县区", header, figure, "专职网格员"}}
		for i, text := range texts {
			rows = append(rows, row{names[i], text, 10 + i, i})
		}
		return messy{options: options, pages: []page{{name: "Sheet1", rows: rows}}}
	}
	december := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)
	header := row{"县区", "网格数", "专职网格员"}
	yujiang := row{"余江区", 1234, 56}
	quarters := periods("quarter", "季度", "清理事项", "四季度", "第四季度", "第4季度", 4, "2025年四季度", "2025Q4")
	quarters.pages[0].rows = append([]row{{"2025年清理村级工作事务统计表"}}, quarters.pages[0].rows...)
	months := periods("month", "月份", "网格数", "12月", 12, "十二月", "2025年12月", "11月份")
	months.file = "2025年网格统计.xlsx"
	dates := periods("dated", "统计日期", "网格数", december, "2025-12-31", "2025年12月31日", "2025/12/5", 46022, "2025.12.31")
	cells := periods("wide", "统计期", "网格数", december, "2025-12")
	cells.pages[0].edit = styled(`yyyy"年"m"月"`, "B2", "B2")
	return map[string]messy{
		"months as people write them": periods("wide", "统计期", "网格数",
			"2025年12月", "2025.12", "2025-12", "2025/12", "202512", 202512, "２０２５年１２月", "2025 年 12 月", "2025年12月份", "二〇二五年十二月", "截至2025年底", "截止2025年12月底"),
		"quarters, with the year in the title":  quarters,
		"months, with the year in the file":     months,
		"half-years":                            periods("half", "统计期", "证明事项", "2025年下半年", "2025-H2", "2025下半年"),
		"dates":                                 dates,
		"months as cells that hold a day":       cells,
		"month without a year":                  periods("wide", "统计期", "网格数", "12月"),
		"month that is not over":                periods("wide", "统计期", "网格数", "2026年1月"),
		"year where months are reported":        periods("wide", "统计期", "网格数", "2025年"),
		"nonsense for a period":                 periods("wide", "统计期", "网格数", "上个月"),
		"no period in the cell":                 periods("wide", "统计期", "网格数", nil),
		"cumulative months":                     periods("wide", "统计期", "网格数", "2025年1-12月"),
		"title names the period":                {options: "titled", pages: []page{{name: "Sheet1", rows: []row{{"余江区网格统计表"}, {"（2025年12月）"}, header, yujiang}}}},
		"title names year and month apart":      {options: "titled", pages: []page{{name: "Sheet1", rows: []row{{"2025年度余江区12月份网格统计表"}, header, yujiang}}}},
		"title is filled in with a date cell":   {options: "titled", pages: []page{{name: "Sheet1", rows: []row{{"统计时间", december}, header, yujiang}}}},
		"title names two periods":               {options: "titled", pages: []page{{name: "Sheet1", rows: []row{{"2025年12月与2025年11月网格对比表"}, header, yujiang}}}},
		"two titles name two periods":           {options: "titled", pages: []page{{name: "Sheet1", rows: []row{{"2025年12月网格统计表"}, {"统计时间：2025年11月"}, header, yujiang}}}},
		"title names no period":                 {options: "titled", pages: []page{{name: "Sheet1", rows: []row{{"余江区网格统计表"}, header, yujiang}}}},
		"title names the month, file the year":  {options: "titled", file: "2025/网格统计.xlsx", pages: []page{{name: "Sheet1", rows: []row{{"余江区12月网格统计表"}, header, yujiang}}}},
		"file names the period":                 {options: "named", file: "余江区/2025年12月网格统计.xlsx", pages: []page{{name: "Sheet1", rows: []row{header, yujiang}}}},
		"file names the month, folder the year": {options: "named", file: "2025年/12月.xlsx", pages: []page{{name: "Sheet1", rows: []row{header, yujiang}}}},
		"file names no period":                  {options: "named", file: "网格统计最新版.xlsx", pages: []page{{name: "Sheet1", rows: []row{header, yujiang}}}},
		"sheet names the period":                {options: "sheet", pages: []page{{name: "2025年12月", rows: []row{header, yujiang}}}},
	}
}
