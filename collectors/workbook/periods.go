package workbook

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
	"github.com/govkpi/govkpi/internal/written"
)

// surroundings are what a table's surroundings say of its period.
type surroundings struct {
	titles [][]string // the rows above the header
	sheet  string
	file   string // slash-separated, within the folder
}

// cleanTitles leaves out when the table was filled in.
// That may stand in the cell to the right of its label or, where nothing does, in
// the one below. A day alone is the table's only where its label says so.
func (s *surroundings) cleanTitles() []string {
	after, of := filledIn(), periodLabel()
	skip := map[[2]int]bool{}
	var titles []string
	for i, row := range s.titles {
		label := ""
		for j, title := range row {
			at := after.FindStringIndex(title)
			switch {
			case trim(title) == "":
				continue
			case skip[[2]int{i, j}]:
			case at != nil:
				if strings.Trim(plain(title[at[1]:]), ":") == "" {
					skip[s.next(i, j)] = true
				}
				titles = append(titles, title[:at[0]])
			case isDay(title) && !of.MatchString(label):
			default:
				titles = append(titles, title)
			}
			label = plain(title)
		}
	}
	return titles
}

// next is the cell that a label speaks of.
func (s *surroundings) next(row, column int) [2]int {
	for j := column + 1; j < len(s.titles[row]); j++ {
		if trim(s.titles[row][j]) != "" {
			return [2]int{row, j}
		}
	}
	return [2]int{row + 1, column}
}

func isDay(text string) bool {
	p, err := written.Period(strings.Trim(oneLine(text), "()（） "), fact.Daily)
	return err == nil && p.Cadence() == fact.Daily && !strings.ContainsAny(text, "底末")
}

// periodLabel finds what stands before the day that a table speaks for.
func periodLabel() *regexp.Regexp {
	return regexp.MustCompile(`(统计|数据|报告|报表|截至|截止|所属|起止)(日期|时间|时点|期|日)?(截至|截止)?:?$`)
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
	where := from.shown()
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
		return phrases[0], s.contradiction(from, where, phrases[0])
	}
	return "", new(fact.Text{
		ZH: where.ZH + "中有几个统计期（" + strings.Join(phrases, "、") + "）：请只保留一个。",
		EN: where.EN + " names several periods, " + strings.Join(phrases, ", ") + ": keep one.",
	})
}

func (o origin) shown() fact.Text {
	switch o {
	case fromSheet:
		return fact.Text{ZH: "工作表名称", EN: "the sheet's name"}
	case fromFile:
		return fact.Text{ZH: "文件名", EN: "the file's name"}
	}
	return fact.Text{ZH: "表格上方的标题", EN: "the title above the table"}
}

// contradiction says where else another period stands than the one that was found.
// Days are passed over: they are those of writing and sending.
func (s *surroundings) contradiction(from origin, where fact.Text, phrase string) *fact.Text {
	period, err := written.Period(phrase, fact.Daily)
	if err != nil {
		return nil
	}
	for _, other := range []origin{fromTitle, fromSheet, fromFile} {
		if other == from {
			continue
		}
		texts := s.texts(other)
		if other == fromFile {
			texts = texts[:1] // folders may be those of a year of sending
		}
		different, agrees := "", false
		for _, text := range texts {
			for _, found := range s.phrases(text) {
				p, err := written.Period(found, fact.Daily)
				switch {
				case err != nil || p.Cadence() == fact.Daily:
				case overlap(p, period):
					agrees = true
				default:
					different = found
				}
			}
		}
		if different != "" && !agrees {
			return new(zhEN("%s写的是 %s，%s写的却是 %s：请核对后改成一致。", "%[5]s says %[2]s, but %[6]s says %[4]s: correct the one that is wrong.",
				where.ZH, phrase, other.shown().ZH, different, where.EN, other.shown().EN))
		}
	}
	return nil
}

// overlap reports whether two periods have a day in common.
func overlap(a, b fact.Period) bool {
	return a.Start(time.UTC).Before(b.End(time.UTC)) && b.Start(time.UTC).Before(a.End(time.UTC))
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

// whenOf reads a period that names its year. A day is a date within the period,
// whatever the indicator's cadence; but not what is counted up to a day or an end,
// which the gate reads as the indicator's kind has it.
func whenOf(text string) when {
	if day, err := written.FlowPeriod(text, fact.Daily); err == nil && day.Cadence() == fact.Daily {
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
