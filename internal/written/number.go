// Package written reads numbers, periods and units as people write them in
// tables, and hands on what they mean.
//
// It takes what can mean one thing only. Where a text could mean two, or leaves
// out what the reader must know, it says so: a guess about a figure could be
// wrong by a factor of a thousand, and one about a period by a year.
package written

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Number reads a number as databases and people write it: an optional sign,
// decimal digits with at most one dot among them, and an optional exponent; or
// without the exponent, but with commas between groups of three digits, and
// with a multiplier (百 千 万 十万 百万 千万 亿 十亿 百亿 千亿 万亿) or one of % and ‰
// behind it. Full-width forms are as good; white space around the number and
// before the multiplier is ignored.
//
// Counting words, other numeral systems, brackets for negative numbers,
// hexadecimal digits and words such as NaN are refused. 1.2万 is exactly 12000
// and 85% exactly what 0.85 is.
//
// Where the number is too large for a float64, the error is strconv.ErrRange
// and the number an infinity of its sign; any other error comes with 0.
func Number(s string) (float64, error) {
	text := strings.TrimSpace(s)
	if !isDecimal(text) {
		var ok bool
		if text, ok = plain(text); !ok {
			return 0, fmt.Errorf("%s is no number: expected digits such as 1234, 1,234.5, 1.2万 or 85%%", Quoted(s))
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		return f, fmt.Errorf("%s is too large a number: %w", Quoted(s), strconv.ErrRange)
	}
	if err != nil {
		return 0, fmt.Errorf("%s is no number: %w", Quoted(s), err)
	}
	return f, nil
}

// multipliers are written behind a number, with the power of ten that each
// stands for.
var multipliers = [...]struct {
	name  string
	power string
}{
	{"十万", "5"},
	{"百万", "6"},
	{"千万", "7"},
	{"十亿", "9"},
	{"百亿", "10"},
	{"千亿", "11"},
	{"万亿", "12"},
	{"百", "2"},
	{"千", "3"},
	{"万", "4"},
	{"亿", "8"},
	{"%", "-2"},
	{"‰", "-3"},
}

// plain rewrites a number as people write it to one that isDecimal. A power of
// ten becomes an exponent, so that nothing is lost by multiplying.
func plain(s string) (string, bool) {
	s = strings.ReplaceAll(width.Fold.String(s), "\u2212", "-") // the minus of typesetters
	exponent := ""
	for _, m := range multipliers {
		if before, found := strings.CutSuffix(s, m.name); found {
			s, exponent = strings.TrimSpace(before), m.power
			break
		}
	}
	if strings.Contains(s, ",") {
		var ok bool
		if s, ok = joinGroups(s); !ok {
			return "", false
		}
	}
	if exponent == "" {
		return s, isDecimal(s)
	}
	if strings.ContainsAny(s, "eE") || !isDecimal(s) {
		return "", false
	}
	return s + "e" + exponent, true
}

// joinGroups takes the commas out of 1,234,567.8; ok is false where they do not
// part groups of three digits. 0,123 is refused: there the comma is a dot.
func joinGroups(s string) (joined string, ok bool) {
	whole, part, _ := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	first := strings.TrimLeft(groups[0], "+-")
	if len(groups[0])-len(first) > 1 || len(first) < 1 || len(first) > 3 || first[0] == '0' || strings.ContainsAny(part, ",eE") {
		return "", false
	}
	for _, group := range groups[1:] {
		if count, rest := cutDigits(group); count != 3 || rest != "" {
			return "", false
		}
	}
	return strings.ReplaceAll(s, ",", ""), true
}

// isDecimal reports whether s has the form [+-] digits [. digits] [e [+-]
// digits], where one of the first two runs of digits may be empty. ParseFloat
// alone would take much more.
func isDecimal(s string) bool {
	whole, s := cutDigits(cutSign(s))
	var part int
	if strings.HasPrefix(s, ".") {
		part, s = cutDigits(s[1:])
	}
	if whole+part == 0 {
		return false
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		var exponent int
		exponent, s = cutDigits(cutSign(s[1:]))
		if exponent == 0 {
			return false
		}
	}
	return s == ""
}

func cutSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

// cutDigits returns how many digits s begins with, and what follows them.
func cutDigits(s string) (count int, rest string) {
	for count < len(s) && '0' <= s[count] && s[count] <= '9' {
		count++
	}
	return count, s[count:]
}

// The longest text that an error quotes, in bytes.
const longestQuote = 80

// Quoted puts what someone wrote in quotation marks, on one line, for a message;
// of a long text the beginning.
func Quoted(s string) string {
	if len(s) > longestQuote {
		end := longestQuote
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "…"
	}
	return strconv.Quote(s)
}
