package workbook

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// measures are units that columns may be in, besides the words of counting that
// package written knows. Currencies are the first.
var measures = [...]string{
	"元", "人民币", "美元", "港元", "欧元",
	"吨", "公斤", "千克", "克", "斤", "亩", "公顷", "平方米", "平方公里", "平方千米", "立方米", "米", "公里", "千米", "千瓦时", "千瓦", "度",
	"小时", "分钟", "秒", "周岁", "天", "日", "月", "年", "岁", "个月", "升",
}

const currencies = 5

// scales are what units are multiplied by, longest first.
var scales = [...]string{"十万", "百万", "千万", "十亿", "百亿", "千亿", "万亿", "百", "千", "万", "亿"}

// readUnit reads a unit such as 万元, as plain has it: 万 and 元. A share has the
// word %, whether it is of a hundred or a thousand.
func readUnit(text string) (scale, word string, ok bool) {
	text = strings.TrimPrefix(text, "单位:")
	if rest, found := strings.CutPrefix(text, "人民币"); found && rest != "" {
		text = rest
	}
	switch text {
	case "%", "百分比":
		return "%", "%", true
	case "‰", "千分比":
		return "‰", "%", true
	}
	if isUnitWord(text) {
		return "", text, true
	}
	for _, s := range scales {
		if rest, found := strings.CutPrefix(text, s); found && (rest == "" || isUnitWord(rest)) {
			return s, rest, true
		}
	}
	return "", "", false
}

func isUnitWord(text string) bool {
	if slices.Contains(measures[:], text) {
		return true
	}
	name, unit := written.Unit("值(" + text + ")")
	return text != "" && name == "值" && unit == ""
}

// headerUnit reads the unit that ends a line of a header, in brackets or as %.
func headerUnit(line string) (scale, word string, ok bool) {
	if last, n := utf8.DecodeLastRuneInString(line); n < len(line) && strings.ContainsRune("%‰", last) {
		return readUnit(string(last))
	}
	inner := lastBrackets.FindStringSubmatch(line)
	if inner == nil {
		return "", "", false
	}
	return readUnit(inner[1])
}

var lastBrackets = regexp.MustCompile(`[^()\[\]【】〔〕][(\[【〔]([^()\[\]【】〔〕]+)[)\]】〕]$`)

// isUnitLine reports whether a line of a header is nothing but a unit: （万元）.
// Without brackets, 人 and 个 may be names of their own; 万元 and % may not.
func isUnitLine(line string) bool {
	inner := strings.Trim(line, "()[]【】〔〕")
	scale, _, ok := readUnit(inner)
	return ok && (inner != line || scale != "" || strings.HasPrefix(line, "单位:"))
}

// unitLine is what the lines above a table say of its unit.
type unitLine struct {
	scale, word string
	found       bool
	many        bool   // units, of which it can't be told which is whose
	unknown     string // a unit that can't be read
}

// money reports whether the unit is one of money, in which not all is counted.
func (u *unitLine) money() bool {
	return u.scale != "" && u.scale != "%" && u.scale != "‰" && slices.Contains(measures[:currencies], u.word)
}

var (
	// unitLabel finds 单位：万元, 金额单位（万元） and 单位 万元 with what stands before.
	unitLabel = regexp.MustCompile(`(\p{Han}*)单位[\s]*[:(\[【\s][\s:(\[【]*([^\s()\[\]【】;。:]*)`)
	// senders are words before 单位 that make it an office.
	senders = regexp.MustCompile(`(填报|填表|责任|报送|上报|制表|编制|主管|牵头|配合|主办|承办|协办|申报|建设|施工|实施|所在|工作|用人|参与|参建|统计|报告|调查|各|本|我)$`)
	// offices end the names of those.
	offices = regexp.MustCompile(`(乡|镇|街道|村|社区|局|委|办|部|厅|市|县|区|省|公司|院|校|中心|政府|处|站|所|队|会)$`)
)

// readUnitLines looks for the unit in the rows above a table.
func readUnitLines(rows [][]string) unitLine {
	var u unitLine
	for _, row := range rows {
		text := strings.ToLower(norm.NFKC.String(strings.Join(row, " ")))
		for _, m := range unitLabel.FindAllStringSubmatch(text, -1) {
			if !senders.MatchString(m[1]) {
				u.add(m[1], plain(m[2]))
			}
		}
		if title := plain(text); len(row) > 0 && plain(row[0]) == title {
			if scale, _, ok := headerUnit(title); ok && scale != "" && !u.found && lastBrackets.MatchString(title) {
				u.add("", lastBrackets.FindStringSubmatch(title)[1])
			}
		}
	}
	return u
}

func (u *unitLine) add(label, names string) {
	parts := strings.FieldsFunc(names, func(r rune) bool { return strings.ContainsRune("、,;/和", r) })
	for _, name := range parts {
		scale, word, ok := readUnit(name)
		switch {
		case !ok:
			ours := label == "" || slices.Contains([]string{"金额", "计量", "货币", "计价", "数量"}, label)
			if ours && strings.ContainsAny(name, "万千百亿%‰") && !offices.MatchString(name) {
				u.unknown = name
			}
			continue
		case scale != "" && len(parts) > 1, u.found && scale != u.scale:
			u.many = true
		}
		u.scale, u.word, u.found = scale, word, true
	}
}

// takeUnit gives the unit of the lines above to the columns that name none.
func (t *table) takeUnit(line unitLine) *fact.Text {
	var without []*figureColumn
	for i := range t.figures {
		if !t.figures[i].own {
			without = append(without, &t.figures[i])
		}
	}
	switch {
	case len(without) == 0:
		return nil
	case line.many:
		return &fact.Text{
			ZH: "表格上方写有多个计量单位，分不清各列用哪一个：请把单位写进各列的表头，例如 金额（万元）。",
			EN: "the line above the table names several units, and it can't be told which column has which: write the unit into each header, such as 金额（万元）.",
		}
	case line.unknown != "":
		return new(zhEN(
			"看不懂表格上方的计量单位“%s”：请把单位写进各列的表头，例如 金额（万元）。",
			"the unit %[1]q above the table can't be read: write the unit into each header, such as 金额（万元）.", line.unknown,
		))
	case line.money() && (len(without) > 1 || t.indicator != nil):
		return new(zhEN(
			"表格上方的单位“%s”不一定适用于每一列：请把单位写进各列的表头，例如 金额（万元）、网格数（个）。",
			"the unit %[1]q above the table may not be that of every column: write the unit into each header, such as 金额（万元） and 网格数（个）.", line.scale+line.word,
		))
	}
	for _, f := range without {
		f.unit = line.scale
	}
	return nil
}
