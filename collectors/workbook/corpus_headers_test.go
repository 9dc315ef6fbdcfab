package workbook_test

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// messyHeaders is what people do to the top of a table.
func messyHeaders() map[string]messy {
	yujiang := row{"余江区", "2025-12", 1234, 56}
	return map[string]messy{
		"plain": {pages: []page{{rows: []row{{"县区", "统计期", "网格数", "专职网格员"}, yujiang, {"月湖区", "2025-12", 800, 31}}}}},
		"columns in another order, and more of them": {pages: []page{{rows: []row{
			{"序号", "专职网格员", "备注", "网格数", "县区", "统计期"},
			{1, 56, "含兼职", 1234, "余江区", "2025-12"},
			{2, 31, nil, 800, "月湖区", "2025-12"},
		}}}},
		"table begins in the middle": {pages: []page{{rows: []row{
			nil, nil, nil, {nil, nil, "县区", "统计期", "网格数", "专职网格员"}, {nil, nil, "余江区", "2025-12", 1234, 56},
		}}}},
		"header far down":     {pages: []page{{rows: append(make([]row, 40), row{"县区", "统计期", "网格数", "专职网格员"}, yujiang)}}},
		"header too far down": {pages: []page{{rows: append(make([]row, 60), row{"县区", "统计期", "网格数", "专职网格员"}, yujiang)}}},
		"title rows above": {options: "titled", pages: []page{{
			rows: []row{
				{"余江区2025年12月网格工作统计表"},
				{"填报单位：余江区委社会工作部", nil, "填报日期：2026年1月5日"},
				{"县区", "网格数", "专职网格员"}, {"余江区", 1234, 56},
			},
			merge: []string{"A1:C1", "A2:B2"},
		}}},
		"blanks and breaks in headers": {pages: []page{{rows: []row{
			{" 县 区 ", "统计\n期", "网　格　数", "专职\r\n网格员\u200b"}, yujiang,
		}}}},
		"full-width letters and brackets": {options: "share", pages: []page{{rows: []row{
			{"县区", "统计期", "覆盖率（％）", "投入资金（万元）"}, {"余江区", "2025-12", 85, 120.5},
		}}}},
		"other names": {options: "alias", pages: []page{{rows: []row{
			{"县(市、区)", "网格总数", "专职网格员"}, {"余江区", 1234, 56},
		}}}},
		"two-line header, merged": {options: "groups", pages: []page{{
			rows: []row{
				{"县区", "网格", nil, "网格员", nil}, {nil, "总数", "专属网格", "总数", "专职"},
				{"余江区", 1234, 30, 1500, 56}, {"月湖区", 800, 12, 900, 31},
			},
			merge: []string{"A1:A2", "B1:C1", "D1:E1"},
		}}},
		"two-line header, lower line alone is enough": {options: "last", pages: []page{{
			rows: []row{
				{"县区", "网格情况", nil}, {nil, "网格数", "专职网格员"}, {"余江区", 1234, 56},
			},
			merge: []string{"A1:A2", "B1:C1"},
		}}},
		"two-line header, read columns in the upper line": {options: "last", pages: []page{{
			rows: []row{
				{"县区", "网格数", "专职网格员", "其他", nil}, {nil, nil, nil, "兼职", "志愿者"}, {"余江区", 1234, 56, 7, 8},
			},
			merge: []string{"A1:A2", "B1:B2", "C1:C2", "D1:E1"},
		}}},
		"two-line header without merged cells": {options: "groups", file: "网格统计2025年12月.csv", text: "县区,网格,,网格员,\n,总数,专属网格,总数,专职\n余江区,1234,30,1500,56\n"},
		"three-line header": {options: "groups", pages: []page{{
			rows: []row{
				{"县区", "基本情况", nil, nil, nil}, {nil, "网格", nil, "网格员", nil}, {nil, "总数", "专属网格", "总数", "专职"},
				{"余江区", 1234, 30, 1500, 56},
			},
			merge: []string{"A1:A3", "B1:E1", "B2:C2", "D2:E2"},
		}}},
		"lower lines that can't be told apart": {options: "last", pages: []page{{
			rows: []row{
				{"县区", "上月", nil, "本月", nil}, {nil, "网格数", "专职网格员", "网格数", "专职网格员"}, {"余江区", 1, 2, 3, 4},
			},
			merge: []string{"A1:A2", "B1:C1", "D1:E1"},
		}}},
		"column twice": {pages: []page{{rows: []row{
			{"县区", "统计期", "网格数", "网格数", "专职网格员"}, {"余江区", "2025-12", 1234, 1234, 56},
		}}}},
		"column renamed": {pages: []page{{rows: []row{
			{"县区", "统计期", "网格总数", "专职网格员"}, yujiang, {"月湖区", "2025-12", 800, 31},
		}}}},
		"column left out": {pages: []page{{rows: []row{{"县区", "统计期", "网格数"}, {"余江区", "2025-12", 1234}}}}},
		"row of column numbers": {pages: []page{{rows: []row{
			{"县区", "统计期", "网格数", "专职网格员"}, {"甲", "乙", 1, 2}, yujiang,
		}}}},
		"row of column numbers, from one": {pages: []page{{rows: []row{
			{"县区", "统计期", "网格数", "专职网格员"}, {1, 2, 3, 4}, yujiang,
		}}}},
		"header repeated on each page": {pages: []page{{rows: []row{
			{"县区", "统计期", "网格数", "专职网格员"}, yujiang, {"县区", "统计期", "网格数", "专职网格员"}, {"月湖区", "2025-12", 800, 31},
		}}}},
		"unit in a line above": {options: "share", pages: []page{{rows: []row{
			{"网格工作投入统计表"}, {nil, nil, nil, "单位：万元"}, {"县区", "统计期", "覆盖率（%）", "投入资金"}, {"余江区", "2025-12", 85, 120.5},
		}}}},
		"units in a line above": {options: "share", pages: []page{{rows: []row{
			{nil, nil, nil, "单位：%、万元"}, {"县区", "统计期", "覆盖率", "投入资金"}, {"余江区", "2025-12", 85, 120.5},
		}}}},
		"hidden column and hidden row": {pages: []page{{
			rows: []row{{"县区", "统计期", "网格数", "专职网格员"}, yujiang, {"月湖区", "2025-12", 800, 31}},
			edit: func(t testing.TB, book *excelize.File, sheet string) {
				t.Helper()
				if err := book.SetColVisible(sheet, "D", false); err != nil {
					t.Fatal(err)
				}
				if err := book.SetRowVisible(sheet, 3, false); err != nil {
					t.Fatal(err)
				}
			},
		}}},
		"nothing but a letter": {pages: []page{{rows: []row{{"关于报送网格数据的说明"}, {"请各县区于每月5日前报送。"}}}}},
	}
}
