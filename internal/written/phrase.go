package written

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
)

// phrase is what a text says of a period.
type phrase struct {
	from, to fact.Period // the same but for several months or quarters, such as 1-12月
	year     int         // of to
	atEnd    bool        // it speaks of the state at the end, as 截至2025年底 does
	bare     bool        // it is a year and nothing beside its four digits
	// cumulative says that it is of all that came together, as 2025年12月累计 and
	// 2025年1-12月 are.
	cumulative bool
	// unclear says that it is 2025.1, which 2025.10 becomes where it is kept as a
	// number.
	unclear bool
}

// cursor reads phrases from folded text. Its methods advance only where they
// find what they look for.
type cursor struct{ rest string }

// take consumes the first of the words that comes next.
func (c *cursor) take(words ...string) bool {
	for _, word := range words {
		if rest, found := strings.CutPrefix(c.rest, word); found {
			c.rest = rest
			return true
		}
	}
	return false
}

// try undoes what read consumed where it fails.
func (c *cursor) try(read func() bool) bool {
	before := c.rest
	if !read() {
		c.rest = before
		return false
	}
	return true
}

// year reads four digits, Arabic or Chinese.
func (c *cursor) year() (year int, chinese, ok bool) {
	rest := c.rest
	for i := range 4 {
		r, n := utf8.DecodeRuneInString(rest)
		value, inChinese := chineseDigit(r)
		switch {
		case isDigit(r):
			value, inChinese = int(r-'0'), false
		case !inChinese:
			return 0, false, false
		}
		if i > 0 && inChinese != chinese {
			return 0, false, false
		}
		year, chinese, rest = year*10+value, inChinese, rest[n:]
	}
	if year < 1900 || year > 2999 {
		return 0, false, false
	}
	c.rest = rest
	return year, chinese, true
}

// number reads one or two Arabic digits, or a Chinese number up to 九十九.
func (c *cursor) number() (n int, ok bool) {
	digits := 0
	for digits < len(c.rest) && isDigit(rune(c.rest[digits])) {
		n = n*10 + int(c.rest[digits]-'0')
		if digits++; digits > 2 {
			return 0, false
		}
	}
	if digits > 0 {
		c.rest = c.rest[digits:]
		return n, true
	}
	tens, some := c.chineseDigit()
	if !c.take("十") {
		return tens, some
	}
	if !some {
		tens = 1
	}
	units, _ := c.chineseDigit()
	return tens*10 + units, true
}

func (c *cursor) chineseDigit() (int, bool) {
	r, n := utf8.DecodeRuneInString(c.rest)
	value, ok := chineseDigit(r)
	if !ok || value == 0 {
		return 0, false
	}
	c.rest = c.rest[n:]
	return value, true
}

// phrase reads one phrase.
func (c *cursor) phrase() (p phrase, ok bool) {
	ok = c.try(func() bool {
		p.atEnd = c.take("截至到", "截止到", "截至", "截止")
		if !c.single(&p) {
			return false
		}
		if p.to.IsZero() {
			p.to = p.from
		}
		c.try(func() bool { return c.rangeEnd(&p) })
		if c.take("年底", "年末", "底", "末", "止") {
			p.atEnd = true
		}
		p.atEnd = p.atEnd && p.from == p.to
		p.cumulative = c.take("累计", "(累计)") || p.from != p.to
		p.unclear = p.unclear && !p.cumulative && !p.atEnd
		return true
	})
	return p, ok
}

// single reads a year and the part of it that is meant.
func (c *cursor) single(p *phrase) bool {
	year, chinese, ok := c.year()
	if !ok {
		return false
	}
	p.year = year
	switch {
	case c.take("年"):
		c.take("度")
		if c.try(func() bool { return c.spanOf(p) }) || c.try(func() bool { return c.bracketed(p) }) {
			return true
		}
		p.from = c.afterYear(year)
	case chinese:
		return false
	case c.try(func() bool { return c.inWords(p) }):
	case c.try(func() bool { return c.numeric(p) }):
	default:
		p.from, p.bare = yearly(year), true
	}
	return true
}

// inWords reads a half-year or quarter behind a year that is written without 年.
// A quarter in Arabic digits needs 第, or it would go on with the year.
func (c *cursor) inWords(p *phrase) (ok bool) {
	if strings.HasPrefix(c.rest, "上半年") || strings.HasPrefix(c.rest, "下半年") {
		p.from, ok = c.partOf(p.year)
		return ok
	}
	if !c.take("第") && leadingDigits(c.rest) > 0 {
		return false
	}
	n, found := c.number()
	if !found || !c.take("季度", "季") {
		return false
	}
	p.from, ok = canonical("%04d-Q%d", p.year, n)
	return ok
}

// afterYear reads what follows 2025年.
func (c *cursor) afterYear(year int) fact.Period {
	var part fact.Period
	if c.try(func() bool {
		var ok bool
		part, ok = c.partOf(year)
		return ok
	}) {
		return part
	}
	c.take("全年")
	return yearly(year)
}

// spanOf reads several months or quarters of one year, such as 1-12月, 前三季度 or
// 一至三季度.
func (c *cursor) spanOf(p *phrase) bool {
	first, last, ok := c.ordinals()
	if !ok || first >= last {
		return false
	}
	var ok1, ok2 bool
	switch {
	case c.take("季度", "季"):
		p.from, ok1 = canonical("%04d-Q%d", p.year, first)
		p.to, ok2 = canonical("%04d-Q%d", p.year, last)
	case c.take("月份", "月"):
		p.from, ok1 = date(p.year, first, 0)
		p.to, ok2 = date(p.year, last, 0)
	}
	return ok1 && ok2
}

// bracketed reads such months where they stand in brackets, as behind the year of a
// title.
func (c *cursor) bracketed(p *phrase) bool {
	if !c.take("(") || !c.spanOf(p) {
		return false
	}
	c.take("累计")
	return c.take(")")
}

// ordinals reads the first and the last of several months or quarters, up to
// the word that says which of the two they are.
func (c *cursor) ordinals() (first, last int, ok bool) {
	if c.take("前") {
		last, ok = c.number()
		c.take("个")
		return 1, last, ok
	}
	c.take("第")
	if first, ok = c.number(); !ok {
		return 0, 0, false
	}
	c.take("季度", "季", "月份", "月")
	if !c.take("-", "~", "至", "到") {
		return 0, 0, false
	}
	c.take("第")
	last, ok = c.number()
	return first, last, ok
}

// rangeEnd reads the end of 2025年1月至2025年12月 and 2025.01-2025.12.
func (c *cursor) rangeEnd(p *phrase) bool {
	cadence := p.from.Cadence()
	if p.from != p.to || cadence != fact.Monthly && cadence != fact.Quarterly || !c.take("-", "~", "至", "到") {
		return false
	}
	var last phrase
	if !c.single(&last) || !last.to.IsZero() || last.from.Cadence() != cadence || last.from.Compare(p.from) <= 0 {
		return false
	}
	p.to, p.year = last.from, last.year
	return true
}

// partOf reads a half-year, quarter, week, month or day.
func (c *cursor) partOf(year int) (fact.Period, bool) {
	switch {
	case c.take("上半年"):
		return canonical("%04d-H1", year)
	case c.take("下半年"):
		return canonical("%04d-H2", year)
	case c.take("元月"):
		return c.dayOf(year, 1)
	}
	if p, ok := c.lettered(year); ok {
		return p, true
	}
	ordinal := c.take("第")
	n, ok := c.number()
	switch {
	case !ok:
		return fact.Period{}, false
	case c.take("季度", "季"):
		return canonical("%04d-Q%d", year, n)
	case c.take("周"):
		return canonical("%04d-W%02d", year, n)
	case !ordinal && c.take("月"):
		return c.dayOf(year, n)
	}
	return fact.Period{}, false
}

// dayOf reads the day that may follow a month.
func (c *cursor) dayOf(year, month int) (fact.Period, bool) {
	day := 0
	if !c.take("份") {
		c.try(func() bool {
			n, ok := c.number()
			day = n
			return ok && c.take("日", "号")
		})
		if day > 0 && strings.HasPrefix(c.rest, "月") { // 12月1月
			return fact.Period{}, false
		}
	}
	return date(year, month, day)
}

// lettered reads Q4, H2 and W52.
func (c *cursor) lettered(year int) (p fact.Period, ok bool) {
	ok = c.try(func() bool {
		var form string
		switch {
		case c.take("Q"):
			form = "%04d-Q%d"
		case c.take("H"):
			form = "%04d-H%d"
		case c.take("W"):
			form = "%04d-W%02d"
		default:
			return false
		}
		n, found := c.number()
		p, ok = canonical(form, year, n)
		return found && ok
	})
	return p, ok
}

// numeric reads what follows a year that is written without 年: Q4, -12, .12.31,
// /12/31, 12 or 1231.
func (c *cursor) numeric(p *phrase) (ok bool) {
	separator := ""
	if c.rest != "" && strings.ContainsRune("-./", rune(c.rest[0])) {
		separator, c.rest = c.rest[:1], c.rest[1:]
	}
	if p.from, ok = c.lettered(p.year); ok {
		return true
	}
	month, day := 0, 0
	switch digits := leadingDigits(c.rest); {
	case separator == "" && (digits == 2 || digits == 4):
		month, day = atoi(c.rest[:2]), atoi(c.rest[2:digits])
		c.rest = c.rest[digits:]
		if day == 0 && digits == 4 {
			return false
		}
	case separator != "" && digits > 0:
		month, _ = c.number()
		if !c.take("月份", "月") {
			p.unclear = separator == "." && month == 1 && digits == 1
			c.try(func() bool {
				ok := c.take(separator) && leadingDigits(c.rest) > 0
				if ok {
					day, ok = c.number()
				}
				return ok && day > 0 && leadingDigits(c.rest) == 0
			})
		}
	}
	p.unclear = p.unclear && day == 0
	p.from, ok = date(p.year, month, day)
	return ok && leadingDigits(c.rest) == 0
}

// atoi reads a few digits; "" is 0.
func atoi(digits string) (n int) {
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

func leadingDigits(s string) int {
	n, _ := cutDigits(s)
	return n
}

func yearly(year int) fact.Period {
	return fact.PeriodAt(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), fact.Yearly)
}

// date returns a month, or a day of it; ok is false where there is none such.
func date(year, month, day int) (fact.Period, bool) {
	if month < 1 || month > 12 || day < 0 {
		return fact.Period{}, false
	}
	t := time.Date(year, time.Month(month), max(day, 1), 0, 0, 0, 0, time.UTC)
	if day == 0 {
		return fact.PeriodAt(t, fact.Monthly), true
	}
	return fact.PeriodAt(t, fact.Daily), t.Day() == day
}

// canonical reads a period in the form that package fact writes.
func canonical(form string, args ...any) (fact.Period, bool) {
	p, err := fact.ParsePeriod(fmt.Sprintf(form, args...))
	return p, err == nil
}
