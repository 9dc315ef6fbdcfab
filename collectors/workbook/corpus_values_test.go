package workbook_test

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// messyValues is what people write where a number belongs.
func messyValues() map[string]messy {
	table := func(rows ...row) []page {
		return []page{{rows: append([]row{{"县区", "统计期", "网格数", "专职网格员"}}, rows...)}}
	}
	shares := func(rows ...row) []page {
		return []page{{rows: append([]row{{"县区", "统计期", "覆盖率", "投入资金"}}, rows...)}}
	}
	return map[string]messy{
		"numbers typed as text":         {pages: table(row{"余江区", "2025-12", "1234", " 56 "})},
		"full-width digits":             {pages: table(row{"余江区", "2025-12", "１２３４", "５６"})},
		"thousands separators":          {pages: table(row{"余江区", "2025-12", "1,234", "1，056"})},
		"separators in wrong places":    {pages: table(row{"余江区", "2025-12", "12,34", 56})},
		"ten thousands":                 {pages: shares(row{"余江区", "2025-12", 0.85, "1.2万"}, row{"月湖区", "2025-12", 0.9, "0.3亿"}), options: "share"},
		"ten thousands in the header":   {pages: []page{{rows: []row{{"县区", "统计期", "覆盖率（%）", "投入资金（万元）"}, {"余江区", "2025-12", 85.5, 1.1}, {"月湖区", "2025-12", "90%", "2亿"}}}}, options: "share"},
		"percent as text":               {pages: shares(row{"余江区", "2025-12", "85%", 1}, row{"月湖区", "2025-12", "９０．５％", 2}), options: "share"},
		"percent as a format":           {pages: []page{{rows: []row{{"县区", "统计期", "覆盖率（%）", "投入资金"}, {"余江区", "2025-12", 0.85, 1}}, edit: styled("0.0%", "C2", "C2")}}, options: "share"},
		"percent beyond all":            {pages: shares(row{"余江区", "2025-12", 85, 1}), options: "share"},
		"empty against zero":            {pages: table(row{"余江区", "2025-12", 0, nil}, row{"月湖区", "2025-12", nil, "0"}, row{"贵溪市", "2025-12", "", " "})},
		"dashes for not reported":       {pages: table(row{"余江区", "2025-12", "-", "—"}, row{"月湖区", "2025-12", "/", "无"}, row{"贵溪市", "2025-12", "——", "－"})},
		"words for a number":            {pages: table(row{"余江区", "2025-12", "约一千二百", "56人"})},
		"formula errors":                {pages: table(row{"余江区", "2025-12", "#REF!", 56}, row{"月湖区", "2025-12", "#DIV/0!", "#N/A"}, row{"#NAME?", "2025-12", 5, 6})},
		"formula never calculated":      {pages: []page{{rows: []row{{"县区", "统计期", "网格数", "专职网格员"}, {"余江区", "2025-12", nil, 56}}, edit: formula("C2", "SUM(1,2)")}}},
		"sum with a rest":               {pages: table(row{"余江区", "2025-12", "1233.9999999999998", 56.00000000000001})},
		"negative and beyond bounds":    {pages: table(row{"余江区", "2025-12", -5, 56}, row{"月湖区", "2025-12", 800, 99999999})},
		"half a thing":                  {pages: table(row{"余江区", "2025-12", 1234.5, 56})},
		"true and false":                {pages: table(row{"余江区", "2025-12", true, 56})},
		"accounting brackets":           {pages: table(row{"余江区", "2025-12", "(1234)", 56})},
		"a date where a number belongs": {pages: table(row{"余江区", "2025-12", "2025-12-31", 56})},
		"a very long text":              {pages: table(row{"余江区", "2025-12", longText(), 56})},
		"line breaks and quotes":        {pages: table(row{"余江区", "2025-12", "12\n34\"", 56})},
		"more faults than a receipt holds": {pages: func() []page {
			var rows []row
			for range 70 {
				rows = append(rows, row{"余江县区", "2025-12", "若干", "#REF!"})
			}
			return table(rows...)
		}()},
	}
}

func longText() string {
	text := make([]rune, 2000)
	for i := range text {
		text[i] = '长'
	}
	return string(text)
}

func formula(cell, text string) func(testing.TB, *excelize.File, string) {
	return func(t testing.TB, book *excelize.File, sheet string) {
		t.Helper()
		if err := book.SetCellFormula(sheet, cell, text); err != nil {
			t.Fatal(err)
		}
	}
}
