package written

import (
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// countingWords are what may stand in brackets behind the name of a column
// without being part of it, alone or behind a multiplier: they say what is
// counted, and one thing is one in each of them. Words that tell columns apart,
// such as 月 and 年 or 村 and 组, are not among them.
var countingWords = [...]string{
	"人", "人次", "名", "位", "个", "户", "家", "户次", "件", "次", "起", "例", "宗", "条", "项", "份", "张", "处", "所", "座", "间", "套", "栋", "幢",
	"辆", "台", "支", "场", "场次", "篇", "对", "批", "块", "期", "床", "张床",
}

// measuringWords stand there as well, but what they measure is another figure in
// each: an hour is no minute. So they stay part of the name.
var measuringWords = [...]string{
	"元", "人民币", "美元", "吨", "公斤", "千克", "克", "斤", "亩", "公顷", "平方米", "平方公里", "平方千米", "立方米", "升", "米", "公里", "千米",
	"千瓦", "千瓦时", "秒", "分钟", "小时", "天", "周岁", "岁",
}

// The multipliers that headers give, longest first.
var headerMultipliers = [...]string{"十万", "百万", "千万", "十亿", "百亿", "千亿", "万亿", "百", "千", "万", "亿"}

// Unit splits off the header of a column what its values are multiplied by:
// 专职网格员（万人） is 专职网格员 in 万, 占比(%) is 占比 in %, and 网格数（个） is 网格数 without
// a unit, as it changes no value. What it returns as unit can be written behind a
// value for Number.
//
// What is measured in is part of the name, without its brackets: 金额（万元） is 金额元
// in 万, and 时长（小时） is 时长小时, which 时长（分钟） is not. So a column whose
// measure was changed is another column, and never read with a wrong factor.
//
// Brackets that hold anything else are part of the name: 网格员（专职） and
// 企业（万人以上） stay as they are.
func Unit(header string) (name, unit string) {
	text := strings.TrimSpace(header)
	if unit, ok := share(text[lastRune(text):]); ok {
		return strings.TrimSpace(text[:lastRune(text)]), unit
	}
	open, inner, ok := lastBracket(text)
	if !ok || open == 0 {
		return text, ""
	}
	if measure, unit, ok := unitOf(inner); ok {
		return strings.TrimSpace(text[:open]) + measure, unit
	}
	return text, ""
}

// lastBracket returns where the bracket that ends the text opens, and what is
// in it.
func lastBracket(text string) (open int, inner string, ok bool) {
	closing := lastRune(text)
	var opening string
	switch text[closing:] {
	case ")", "）":
		opening = "(（"
	case "]", "］", "】":
		opening = "[［【"
	case "〕":
		opening = "〔"
	default:
		return 0, "", false
	}
	open = strings.LastIndexAny(text[:closing], opening)
	if open < 0 {
		return 0, "", false
	}
	inner = text[open:closing]
	return open, inner[len(firstRune(inner)):], true
}

// unitOf reads what stands in brackets; ok is false where it is no unit.
func unitOf(inner string) (measure, unit string, ok bool) {
	text := strings.Join(strings.Fields(width.Fold.String(inner)), "")
	text = strings.TrimPrefix(text, "单位:")
	if unit, ok := share(text); ok {
		return "", unit, true
	}
	if measure, ok := counted(text); ok { // before multipliers, for the 千 of 千米
		return measure, "", true
	}
	for _, m := range headerMultipliers {
		rest, found := strings.CutPrefix(text, m)
		if !found {
			continue
		}
		if measure, ok := counted(rest); ok || rest == "" {
			return measure, m, true
		}
	}
	return "", "", false
}

// counted returns what of a unit belongs to the name of the column: nothing of a
// word that counts, all of one that measures.
func counted(word string) (measure string, ok bool) {
	if slices.Contains(countingWords[:], word) {
		return "", true
	}
	return word, slices.Contains(measuringWords[:], word)
}

// share reads the signs for a hundredth and a thousandth.
func share(text string) (unit string, ok bool) {
	switch text {
	case "%", "％", "百分比":
		return "%", true
	case "‰", "千分比":
		return "‰", true
	}
	return "", false
}

// lastRune returns where the last character begins.
func lastRune(text string) int {
	last := 0
	for i := range text {
		last = i
	}
	return last
}

func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}
