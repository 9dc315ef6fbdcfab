package workbook

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// totalTexts are the texts, as plain has them, that make a row a total.
func totalTexts(configured []string) map[string]bool {
	texts := map[string]bool{}
	for _, text := range slices.Concat(configured, []string{
		"合计", "总计", "共计", "总合计", "全省合计", "全市合计", "全县合计", "全区合计", "全省总计", "全市总计", "全县总计", "全区总计",
	}) {
		texts[plain(text)] = true
	}
	return texts
}

// isSubtotal reports whether a row sums up some of the rows above it.
func isSubtotal(label string) bool { return strings.HasSuffix(plain(label), "小计") }

// notes tells what people write below a table. It is matched with texts as plain
// has them.
type notes struct{ word, signature *regexp.Regexp }

func newNotes() notes {
	return notes{
		word: regexp.MustCompile(`^(注|备注|附注|说明|填表说明|填报说明|数据来源|资料来源|备注说明)([:;.、,(\d一二三]|$)`),
		signature: regexp.MustCompile(`^(填表人|填报人|填报单位|填报日期|填表日期|报出日期|制表|制表人|制表日期|制表单位|审核|审核人|复核|复核人|` +
			`负责人|单位负责人|统计负责人|部门负责人|分管领导|主要领导|经办人|联系人|联系电话|联系方式|电话|单位盖章|盖章)([:(]|$)`),
	}
}

func (n notes) match(text string) bool {
	// Most rows begin with none of these, and are asked no more.
	if first, _ := utf8.DecodeRuneInString(text); !strings.ContainsRune("注备附说填数资报制审复负单统部分主经联电盖", first) {
		return false
	}
	text = plain(text)
	return n.word.MatchString(text) || n.signature.MatchString(text)
}

// signed reports whether a text is the label of a signature, a telephone number or
// the like.
func (n notes) signed(text string) bool { return n.signature.MatchString(plain(text)) }

// filledIn are words after which the date of writing stands, not the period.
func filledIn() *regexp.Regexp {
	return regexp.MustCompile(`(填报|填表|制表|上报|打印|导出|报送|报出|生成|编制|印发|发布|提交|审核|更新)(日期|时间)`)
}

// isColumnNumber reports whether a text is what stands in the first column of
// the row that numbers a form's columns.
func isColumnNumber(text string) bool {
	switch plain(text) {
	case "甲", "乙", "栏次", "列次", "栏目", "序列":
		return true
	}
	return false
}

// notReported reports whether a cell that is not empty says that there is no figure, unlike one
// that says it is zero.
func notReported(text string) bool {
	if '0' <= text[0] && text[0] <= '9' {
		return false
	}
	switch text {
	case "/", "／", "\\", "无", "暂无", "未报", "未上报", "未填报":
		return true
	}
	return strings.Trim(text, "-－‐‑‒–—―−─━﹣") == ""
}

func hasDigit(text string) bool { return strings.ContainsAny(plain(text), "0123456789") }

func isTruth(text string) bool { return text == "TRUE" || text == "FALSE" }

// isError reports whether a cell holds what a spreadsheet shows where a formula
// failed.
func isError(text string) bool {
	switch text {
	case "#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!":
		return true
	}
	return strings.HasPrefix(text, "##") && strings.Trim(text, "#") == "" // too narrow a column, exported to CSV
}

// typed is what stands in a cell. The apostrophe that makes Excel take digits for
// text is no part of them.
func typed(s string) string {
	s = trim(s)
	if len(s) > 1 && s[0] == '\'' && '0' <= s[1] && s[1] <= '9' {
		return s[1:]
	}
	return s
}

// lostDigits reports whether a number was written with an exponent and fewer
// digits than it needs: 3.60603E+11 may have been any village of a county.
func lostDigits(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToLower(plain(s)), "e")
	if !ok || strings.Trim(mantissa, "+-0123456789.") != "" {
		return false
	}
	needed, err := strconv.Atoi(exponent)
	_, decimals, _ := strings.Cut(mantissa, ".")
	return err == nil && mantissa != "" && needed > len(decimals)
}

// trim cuts blanks and invisible characters at both ends.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// word reads a name or code. Blanks within Chinese are there to align it; those
// within other words belong to it. Full-width digits are digits.
func word(s string) string {
	s = trim(s)
	if isASCII(s) {
		return wholeNumber(s)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, s)
	}
	return norm.NFKC.String(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// wholeNumber writes a code that a program took for a number as digits: 360603.0
// and 3.60603001E+11. One with more digits than such numbers have stays as it
// is, and no region has it.
func wholeNumber(s string) string {
	if !strings.ContainsAny(s, ".eE") || strings.Trim(s, "0123456789.+eE") != "" {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || f < 0 || f >= 1e15 {
		return s
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// mostDigits is how many digits of a number a spreadsheet answers for.
const mostDigits = 15

// rounded takes out of a number the digits beyond those that a spreadsheet
// answers for and shows: 1233.9999999999998 is 1234.
func rounded(s string) string {
	if len(s) <= mostDigits+1 || !strings.Contains(s, ".") || strings.Trim(s, "+-0123456789.eE") != "" {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return s
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', mostDigits, 64), 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
