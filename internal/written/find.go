package written

import (
	"strings"
	"unicode/utf8"
)

// FindPeriod returns the phrase of a text, such as the title of a table, that
// Period reads and that names its year: 2025年12月 of 余江区2025年12月网格统计表. The
// phrase is as it was written. ok is false where there is none, and where the
// text speaks of more than one period or year. Four digits alone are no phrase
// here: a title holds other numbers, too. 2025.1 is none either, see Period.
func FindPeriod(text string) (period string, ok bool) {
	f := fold(text)
	var found phrase
	for i := 0; i < len(f.text); {
		c := cursor{rest: f.text[i:]}
		p, ok := c.phrase()
		if !ok || p.bare || insideNumber(f.text[:i]) {
			_, n := utf8.DecodeRuneInString(f.text[i:])
			i += n
			continue
		}
		end := len(f.text) - len(c.rest)
		if p.unclear || listed(f.text[:i]) || goesOn(c.rest) || period != "" && p != found {
			return "", false
		}
		if period == "" {
			found, period = p, text[f.at[i]:f.at[end]]
		}
		i = end
	}
	if year, many := years(f.text); many || year != 0 && year != found.year {
		return "", false
	}
	return strings.TrimSpace(period), period != ""
}

// FindYear returns the year that a text speaks of: 2025年 of 2025年网格统计表, or
// 2025, 202512 or 20251231 of a name such as 网格_202512. ok is false where there
// is none or more than one.
func FindYear(text string) (year int, ok bool) {
	f := fold(text)
	if year, many := years(f.text); many || year != 0 {
		return year, !many
	}
	for i := 0; i < len(f.text); {
		n := leadingDigits(f.text[i:])
		if n == 0 {
			i++
			continue
		}
		if found, ok := bareYear(f.text[i : i+n]); ok {
			if year != 0 && year != found {
				return 0, false
			}
			year = found
		}
		i += n
	}
	return year, year != 0
}

// bareYear reads a number that looks like a year, a month or a day.
func bareYear(digits string) (year int, ok bool) {
	if n := len(digits); n != 4 && n != 6 && n != 8 {
		return 0, false
	}
	if p, ok := wholePhrase(digits); ok && p.year < 2100 {
		return p.year, true
	}
	return 0, false
}

// years returns the year that stands before 年; many says that there are several.
func years(text string) (year int, many bool) {
	for i := range text {
		c := cursor{rest: text[i:]}
		found, _, ok := c.year()
		if !ok || !c.take("年") || insideNumber(text[:i]) {
			continue
		}
		if year != 0 && year != found || listed(text[:i]) {
			return 0, true
		}
		year = found
	}
	return year, false
}

// insideNumber reports whether what comes after before goes on with its last
// number.
func insideNumber(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	_, chinese := chineseDigit(r)
	return isDigit(r) || chinese
}

// What joins the parts of a list or range.
const joints = "-~至到、,和及与/"

// listed reports whether what comes after before is the last of a list or range,
// as 2025年 in 2024-2025年.
func listed(before string) bool {
	r, n := utf8.DecodeLastRuneInString(before)
	return n > 0 && strings.ContainsRune(joints, r) && insideNumber(strings.TrimSuffix(before[:len(before)-n], "年"))
}

// goesOn reports whether a list or range goes on after a phrase, as in
// 2025年11、12月, 2025年11月、12月 and 2025年13月.
func goesOn(after string) bool {
	c := cursor{rest: after}
	joined := c.take(strings.Split(joints, "")...)
	c.take("第")
	if _, ok := c.number(); !ok {
		return joined && leadingDigits(c.rest) > 0
	}
	if joined {
		return c.take("年", "月", "季", "日", "号", "周") || !insideWord(c.rest)
	}
	return c.take("月", "季", "日", "号", "周") || c.take(strings.Split(joints, "")...)
}

// insideWord reports whether the text begins with what is neither a number's end
// nor a mark.
func insideWord(text string) bool {
	r, n := utf8.DecodeRuneInString(text)
	return n > 0 && !strings.ContainsRune(joints+").]", r)
}
