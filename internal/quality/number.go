package quality

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ParseNumber reads a number as databases write it: an optional sign, decimal
// digits with at most one dot among them, and an optional exponent; white space
// around it is ignored. Thousands separators, units, other numeral systems,
// hexadecimal digits and words such as NaN are refused: a guess about what they
// mean could be wrong by a factor of a thousand.
//
// Where the number is too large for a float64, the error is strconv.ErrRange
// and the number an infinity of its sign; any other error comes with 0.
func ParseNumber(s string) (float64, error) {
	text := strings.TrimSpace(s)
	if !isDecimal(text) {
		return 0, fmt.Errorf("%s is no number: expected plain digits such as 1234 or 1234.5", quoted(s))
	}
	f, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		return f, fmt.Errorf("%s is too large a number: %w", quoted(s), strconv.ErrRange)
	}
	if err != nil {
		return 0, fmt.Errorf("%s is no number: %w", quoted(s), err)
	}
	return f, nil
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
