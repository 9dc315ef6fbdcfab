package workbook_test

// messyTables is what people do below the header, and around the table.
func messyTables() map[string]messy {
	header := row{"县区", "网格数", "专职网格员"}
	cities := row{"设区市", "县区", "网格数", "专职网格员"}
	return map[string]messy{
		"total below": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, {"月湖区", 800, 31}, {"合  计", 2034, 87},
		}}}},
		"total above": {options: "last", pages: []page{{rows: []row{
			header, {"全省合计", 2034, 87}, {"余江区", 1234, 56}, {"月湖区", 800, 31},
		}}}},
		"total that does not add up": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, {"月湖区", 800, 31}, {"总计", 2035, 87},
		}}}},
		"total under a merged label": {options: "cities", pages: []page{{
			rows:  []row{cities, {"鹰潭市", "余江区", 1234, 56}, {"鹰潭市", "月湖区", 800, 31}, {"合计", nil, 2034, 87}},
			merge: []string{"A4:B4"},
		}}},
		"total of another name": {options: "totals", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, {"鹰潭市合计", 1234, 56},
		}}}},
		"total of an unknown name": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, {"两区合计", 1234, 56},
		}}}},
		"subtotals between": {options: "cities", pages: []page{{rows: []row{
			cities, {"鹰潭市", "余江区", 1234, 56}, {"鹰潭市", "月湖区", 800, 31}, {"鹰潭市", "小计", 2034, 87},
			{"南昌市", "东湖区", 500, 20}, {"南昌市小计", nil, 500, 20}, {"总计", nil, 2534, 107},
		}}}},
		"notes below": {options: "last", pages: []page{{
			rows: []row{
				header, {"余江区", 1234, 56}, {"月湖区", 800, 31}, nil, {"注：1.网格数含专属网格。"}, {"2.数据截至12月31日。"},
				{"单位负责人：", "张三", "填表人：李四"}, {"联系电话", 13800000000, nil},
			},
			merge: []string{"A5:C5"},
		}}},
		"notes without their word": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, {"以上数据由各乡镇上报汇总，截至12月31日"},
		}}}},
		"figures below the notes": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, {"备注：以下为补报"}, {"月湖区", 800, 31}, {"贵溪市", 900, 40},
		}}}},
		"second table below": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, nil, {"表二 事件办结情况"}, {"县区", "事件数", "办结数"}, {"余江区", 300, 290},
		}}}},
		"merged city": {options: "cities", pages: []page{{
			rows: []row{
				cities, {"鹰潭市", "余江区", 1234, 56}, {nil, "月湖区", 800, 31}, {nil, "贵溪市", 900, 40}, {"南昌市", "东湖区", 500, 20}, {nil, "西湖区", 450, 18},
			},
			merge: []string{"A2:A4", "A5:A6"},
		}}},
		"merged region over dimensions": {options: "sex", pages: []page{{
			rows:  []row{{"县区", "性别", "人数"}, {"余江区", "男", 120}, {nil, "女", 130}, {"月湖区", "男", 80}, {nil, "女", 95}},
			merge: []string{"A2:A3", "A4:A5"},
		}}},
		"merged figure": {options: "last", pages: []page{{
			rows:  []row{header, {"余江区", 1234, 56}, {"月湖区", nil, 31}, {"贵溪市", 900, 40}},
			merge: []string{"B2:B3"},
		}}},
		"region merged with its figures over two rows": {options: "last", pages: []page{{
			rows:  []row{header, {"余江区", 1234, 56}, nil, {"月湖区", 800, 31}},
			merge: []string{"A2:A3", "B2:B3", "C2:C3"},
		}}},
		"blank rows between": {options: "last", pages: []page{{rows: []row{
			header, {"余江区", 1234, 56}, nil, nil, {"月湖区", 800, 31},
		}}}},
		"numbered rows that nobody filled in": {options: "cities", pages: []page{{rows: []row{
			{"序号", "设区市", "县区", "网格数", "专职网格员"}, {1, "鹰潭市", "余江区", 1234, 56}, {2}, {3}, {4},
		}}}},
		"region listed without figures":    {options: "last", pages: []page{{rows: []row{header, {"余江区", 1234, 56}, {"月湖区"}}}}},
		"region unknown":                   {options: "last", pages: []page{{rows: []row{header, {"余江区", 1234, 56}, {"月胡区", 800, 31}}}}},
		"region missing":                   {options: "last", pages: []page{{rows: []row{header, {"余江区", 1234, 56}, {nil, 800, 31}}}}},
		"region aligned with blanks":       {options: "last", pages: []page{{rows: []row{header, {"　余　江　区", 1234, 56}, {"  月 湖 区 ", 800, 31}}}}},
		"region by code, also as a number": {options: "last", pages: []page{{rows: []row{header, {"360603", 1234, 56}, {360602, 800, 31}, {"３６０６８１", 900, 40}}}}},
		"region twice":                     {options: "last", pages: []page{{rows: []row{header, {"余江区", 1234, 56}, {"余江区", 1235, 56}}}}},
		"no figures at all":                {options: "last", pages: []page{{rows: []row{header, {"余江区"}, {"月湖区", "-", "/"}}}}},
		"several sheets, one a month": {file: "2025年网格统计.xlsx", options: "sheet", pages: []page{
			{name: "填报说明", rows: []row{{"请按月填报"}}},
			{name: "10月", rows: []row{header, {"余江区", 1200, 50}}},
			{name: "11月", rows: []row{header, {"余江区", 1230, 55}}},
			{name: "2025年12月", rows: []row{header, {"余江区", 1234, 56}}},
		}},
		"one sheet of several has lost a column": {file: "2025年网格统计.xlsx", options: "sheet", pages: []page{
			{name: "11月", rows: []row{header, {"余江区", 1230, 55}}},
			{name: "12月", rows: []row{{"县区", "网格数", "专职"}, {"余江区", 1234, 56}}},
		}},
		"sheets chosen by name": {file: "2025年网格统计.xlsx", options: "sheets", pages: []page{
			{name: "12月", rows: []row{header, {"余江区", 1234, 56}}},
			{name: "历史", rows: []row{header, {"余江区", 1, 1}}},
		}},
		"no sheet of the name": {file: "2025年网格统计.xlsx", options: "sheets", pages: []page{{name: "Sheet1", rows: []row{header, {"余江区", 1234, 56}}}}},
		"hidden sheet": {options: "last", pages: []page{
			{name: "上报", rows: []row{header, {"余江区", 1234, 56}}},
			{name: "底稿", hidden: true, rows: []row{header, {"余江区", 1, 1}}},
		}},
		"long form": {options: "long", pages: []page{{rows: []row{
			{"县区", "统计期", "指标", "数值"}, {"余江区", "2025-12", "grids", 1234}, {"余江区", "2025-12", "full_time_grid_staff", "—"},
			{"月湖区", "2025-12", "grids", "800"}, {"以上为12月数据"},
		}}}},
		"long form, value empty":       {options: "long", pages: []page{{rows: []row{{"县区", "统计期", "指标", "数值"}, {"余江区", "2025-12", "grids", nil}}}}},
		"long form, unknown indicator": {options: "long", pages: []page{{rows: []row{{"县区", "统计期", "指标", "数值"}, {"余江区", "2025-12", "网格的数量", 5}}}}},
		"one figure a row, some not yet known": {options: "single", pages: []page{{rows: []row{
			{"县区", "统计期", "网格数"}, {"余江区", "2025-12", 1234}, {"月湖区", "2025-12", "未报"}, {"贵溪市"},
		}}}},
		"register with an entry below its notes": {options: "grids", file: "网格名册.xlsx", pages: []page{{rows: []row{
			{"网格编码", "网格名称", "所属村", "级别"}, {"360603001001001", "第一网格", "360603001001", "grid"},
			{"注：以下为新增"}, {"360603001001002", "第二网格", "360603001001", "grid"},
		}}}},
		"register with faults": {options: "grids", file: "网格名册.xlsx", pages: []page{{rows: []row{
			{"网格编码", "网格名称", "所属村", "级别"}, {"360603999201", "倪桂村", "360603999", "village"}, {"360603101", "", "360603", "乡镇"},
			{"360603101201", "", "360603101", "village"}, {"36060310", "短村", "360603101", "village"},
		}}}},
		"register of grids": {options: "grids", file: "网格名册.xlsx", pages: []page{{rows: []row{
			{"鹰潭市余江区网格名册"}, {"序号", "网格编码", "网格名称", "所属村", "级别"},
			{1, 360603101201, "锦江村", "360603101", "village"}, {2, "360603101201001", "锦江村 第一网格", "360603101201", "grid"},
			{3, 360603101201002, "第二网格", 360603101201, "grid"}, {"合计", nil, "2个"},
		}}}},
	}
}
