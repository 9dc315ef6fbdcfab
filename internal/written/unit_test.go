package written_test

import (
	"testing"

	"github.com/govkpi/govkpi/internal/written"
)

func TestUnit(t *testing.T) {
	type want struct{ name, unit string }
	cases := map[string]want{
		"专职网格员（万人）": {"专职网格员", "万"}, "专职网格员(万人)": {"专职网格员", "万"}, "专职网格员 ( 万人 )": {"专职网格员", "万"}, "金额（亿元）": {"金额元", "亿"},
		"金额（万亿元）": {"金额元", "万亿"}, "金额（百万美元）": {"金额美元", "百万"}, "金额（千万元）": {"金额元", "千万"}, "人数（千人）": {"人数", "千"}, "人数（百人）": {"人数", "百"},
		"人数（万）": {"人数", "万"}, "面积（万平方米）": {"面积平方米", "万"}, "用电（亿千瓦时）": {"用电千瓦时", "亿"}, "金额（单位：万元）": {"金额元", "万"}, "金额【单位:万元】": {"金额元", "万"},
		"占比(%)": {"占比", "%"}, "占比（％）": {"占比", "%"}, "占比%": {"占比", "%"}, "占比 ％": {"占比", "%"}, "占比（百分比）": {"占比", "%"}, "出生率（‰）": {"出生率", "‰"}, "出生率‰": {"出生率", "‰"},
		"网格数（个）": {"网格数", ""}, "网格数": {"网格数", ""}, "人次[人次]": {"人次", ""}, "长度（千米）": {"长度千米", ""}, "重量（千克）": {"重量千克", ""}, "信息[期]": {"信息", ""}, "展板（块）": {"展板", ""}, "时长（万小时）": {"时长小时", "万"}, "年龄（岁）": {"年龄岁", ""}, "网格员（专职）（人）": {"网格员（专职）", ""},
		// What is no unit is part of the name.
		"网格员（专职）": {"网格员（专职）", ""}, "企业（万人以上）": {"企业（万人以上）", ""}, "收入（月）": {"收入（月）", ""}, "组织（村）": {"组织（村）", ""}, "人数（十人）": {"人数（十人）", ""},
		"（%）": {"（%）", ""}, "(个)": {"(个)", ""}, "个)": {"个)", ""}, "网格（": {"网格（", ""}, "": {"", ""}, " ": {"", ""}, "%": {"", "%"}, "（）": {"（）", ""}, "数（）": {"数（）", ""},
	}
	for header, want := range cases {
		t.Run(header, func(t *testing.T) {
			if name, unit := written.Unit(header); name != want.name || unit != want.unit {
				t.Errorf("Unit(%q) = %q, %q; want %q, %q", header, name, unit, want.name, want.unit)
			}
		})
	}
}

// A measure that was changed is another column; a multiplier is the same one, read
// otherwise.
func TestUnitKeepsMeasures(t *testing.T) {
	for _, measures := range [][2]string{
		{"小时", "分钟"}, {"吨", "公斤"}, {"千克", "克"}, {"元", "美元"}, {"亩", "公顷"}, {"米", "公里"}, {"平方米", "平方公里"}, {"天", "小时"}, {"万元", "万美元"}, {"年", "月"}, {"元", "人"}, {"元", "万"},
	} {
		one, _ := written.Unit("数值（" + measures[0] + "）")
		if other, _ := written.Unit("数值（" + measures[1] + "）"); one == other {
			t.Errorf("%s and %s are both of column %q", measures[0], measures[1], one)
		}
	}
	for _, same := range [][2]string{{"金额（元）", "金额(万元)"}, {"金额（亿元）", "金额【单位：元】"}, {"人数（人）", "人数（万人）"}, {"面积（平方公里）", "面积（万平方公里）"}} {
		one, _ := written.Unit(same[0])
		if other, _ := written.Unit(same[1]); one != other {
			t.Errorf("%s is %q, %s is %q", same[0], one, same[1], other)
		}
	}
}

// Every unit can be written behind a value.
func TestUnitIsForNumber(t *testing.T) {
	for _, header := range []string{"人（百）", "人（千）", "人（万）", "人（十万）", "人（百万）", "人（千万）", "人（亿）", "人（十亿）", "人（百亿）", "人（千亿）", "人（万亿）", "人（%）", "人（‰）"} {
		_, unit := written.Unit(header)
		if v, err := written.Number("3" + unit); unit == "" || err != nil || v == 3 {
			t.Errorf("Unit(%q) = %q; Number of 3%[2]s = %v, %v", header, unit, v, err)
		}
	}
}

func FuzzUnit(f *testing.F) {
	for _, seed := range []string{"专职网格员（万人）", "占比(%)", "占比%", "（", "）", "a)", "网格员（专职）", "\xff%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		name, unit := written.Unit(header)
		if len(name) > len(header) {
			t.Errorf("Unit(%q) = %q, %q", header, name, unit)
		}
		if unit == "" {
			return
		}
		if _, err := written.Number("3" + unit); err != nil {
			t.Errorf("Unit(%q) = %q, %q: %v", header, name, unit, err)
		}
	})
}
