package workbook

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
	"github.com/govkpi/govkpi/internal/written"
)

// surroundings are what a table's surroundings say of its period.
type surroundings struct {
	titles []string // above the header
	sheet  string
	file   string // slash-separated, within the folder
}

// cleanTitles leaves out when the table was filled in.
func (s *surroundings) cleanTitles() []string {
	after := filledIn()
	var titles []string
	for _, title := range s.titles {
		if at := after.FindStringIndex(title); at != nil {
			title = title[:at[0]]
		}
		titles = append(titles, title)
	}
	return titles
}

// fileNames returns the file's name without what follows the last dot, then
// those of the folders that it lies in, the nearest first.
func (s *surroundings) fileNames() []string {
	names := strings.Split(strings.TrimSuffix(s.file, path.Ext(s.file)), "/")
	slices.Reverse(names)
	return names
}

// texts returns where an origin is looked for.
func (s *surroundings) texts(from origin) []string {
	switch from {
	case fromTitle:
		return s.cleanTitles()
	case fromSheet:
		return []string{s.sheet}
	case fromFile:
		return s.fileNames()
	}
	return nil
}

// year returns the year that the title names, or else the sheet, the file or the
// folders that it lies in. Titles that name two name none.
func (s *surroundings) year() (int, bool) {
	if year, many := onlyYear(s.cleanTitles()); year > 0 || many {
		return year, !many
	}
	for _, text := range append([]string{s.sheet}, s.fileNames()...) {
		if year, ok := written.FindYear(text); ok {
			return year, true
		}
	}
	return 0, false
}

func onlyYear(texts []string) (year int, many bool) {
	for _, text := range texts {
		found, ok := written.FindYear(text)
		if ok && year > 0 && found != year {
			return 0, true
		}
		if ok {
			year = found
		}
	}
	return year, false
}

// period returns the period that the origin names; problem says why there is
// none. A month without its year takes that from elsewhere.
func (s *surroundings) period(from origin) (phrase string, problem *fact.Text) {
	where := map[origin]fact.Text{
		fromTitle: {ZH: "表格上方的标题", EN: "the title above the table"},
		fromSheet: {ZH: "工作表名称", EN: "the sheet's name"},
		fromFile:  {ZH: "文件名", EN: "the file's name"},
	}[from]
	var phrases []string
	for _, text := range s.texts(from) {
		for _, found := range s.phrases(text) {
			if !slices.Contains(phrases, found) {
				phrases = append(phrases, found)
			}
		}
		if from == fromFile && len(phrases) > 0 {
			break // a folder's name says no more than the file's
		}
	}
	switch len(phrases) {
	case 0:
		return "", new(fact.Text{
			ZH: where.ZH + "中没有写明统计期：请写上年份和月份（或季度），例如 2025年12月。",
			EN: where.EN + " names no period: write the year and the month or quarter there, such as 2025年12月.",
		})
	case 1:
		return phrases[0], nil
	}
	return "", new(fact.Text{
		ZH: where.ZH + "中有几个统计期（" + strings.Join(phrases, "、") + "）：请只保留一个。",
		EN: where.EN + " names several periods, " + strings.Join(phrases, ", ") + ": keep one.",
	})
}

// phrases returns the periods that a text speaks of: the one that it names with
// its year, or else its months, quarters or half-years, with the year that it
// names somewhere else or that something else around the table names.
func (s *surroundings) phrases(text string) []string {
	found, ok := written.FindPeriod(text)
	if ok && !isYear(found) {
		return []string{found}
	}
	year, known := s.year()
	if own, ok := written.FindYear(text); ok {
		year, known = own, true
	}
	var phrases []string
	for _, part := range yearless().FindAllString(plain(strings.Replace(text, found, "", 1)), -1) {
		if known && !slices.Contains(phrases, strconv.Itoa(year)+"年"+part) {
			phrases = append(phrases, strconv.Itoa(year)+"年"+part)
		}
	}
	if ok && len(phrases) == 0 {
		return []string{found}
	}
	return phrases
}

func isYear(phrase string) bool {
	p, err := written.Period(phrase, fact.Daily)
	return err == nil && p.Cadence() == fact.Yearly
}

// yearless finds a part of a year.
func yearless() *regexp.Regexp {
	return regexp.MustCompile(`(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?|第?[一二三四1-4]季度|[上下]半年`)
}

// when is a period as written, or a civil date within it.
type when struct{ period, date string }

// whenOf reads a period that names its year. A day, and the end of a month or a
// year, is a date within the period, whatever the indicator's cadence.
func whenOf(text string) when {
	if day, err := written.Period(text, fact.Daily); err == nil && day.Cadence() == fact.Daily {
		return when{date: day.String()}
	}
	return when{period: text}
}

// periods reads the cells of a column of periods or dates.
type periods struct {
	year     string // that cells without one are of; empty for none
	months   bool   // the header says that bare numbers are months,
	quarters bool   // or quarters
	date1904 bool
	known    map[string]when
}

// mostPeriods is how many texts are remembered; a column of which each is
// another must not fill the memory.
const mostPeriods = 1 << 12

func newPeriods(header string, year int, date1904 bool) *periods {
	p := &periods{date1904: date1904, known: map[string]when{}}
	if year > 0 {
		p.year = strconv.Itoa(year) + "年"
	}
	header = plain(header)
	p.quarters = strings.Contains(header, "季")
	p.months = !p.quarters && (strings.Contains(header, "月") || strings.Contains(header, "month"))
	return p
}

func (p *periods) read(text string) when {
	if w, ok := p.known[text]; ok {
		return w
	}
	if len(p.known) == mostPeriods {
		clear(p.known)
	}
	w := p.parse(text)
	p.known[text] = w
	return w
}

func (p *periods) parse(text string) when {
	text = oneLine(text)
	digits := plain(text)
	if isSerial(digits) {
		if date, ok := spreadsheet.SerialDate(digits, p.date1904); ok {
			return when{date: date}
		}
	}
	if isDigits(digits) && len(digits) <= 2 {
		switch {
		case p.quarters:
			text = "第" + digits + "季度"
		case p.months:
			text = digits + "月"
		}
	}
	if _, err := written.Period(text, fact.Monthly); err != nil && p.year != "" {
		if _, err := written.Period(p.year+text, fact.Monthly); err == nil {
			return whenOf(p.year + text)
		}
	}
	return whenOf(text)
}

// isSerial reports whether a text is a day as spreadsheets store it: five digits,
// which are the days from 1927 to 2173, and a time of day.
func isSerial(s string) bool {
	whole, fraction, _ := strings.Cut(s, ".")
	return len(whole) == 5 && isDigits(whole) && (fraction == "" || isDigits(fraction))
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
