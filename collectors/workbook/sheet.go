package workbook

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// book is the side of a spreadsheet.Workbook that is used here.
type book interface {
	Sheets() []spreadsheet.Sheet
	Rows(ctx context.Context, sheet string, each func(spreadsheet.Row) error) error
	Merged(sheet string) ([]spreadsheet.Range, error)
	Date1904() bool
}

// content is what the sheets of a file came to.
type content struct {
	rows    int
	sheets  map[string]*table
	periods []string // as written, in the order they came
}

// origins say where a file comes from.
type origins struct {
	file   string // slash-separated, within the folder
	target string // the code of the region that it is read for; empty for none
}

// sheetPull reads one sheet.
type sheetPull struct {
	*settings
	origins
	sink   sinkOf
	sheet  string
	book   book
	top    top
	table  *table
	best   binding // the one that misses least
	nearby []string
}

// errNoHeader ends the search for a header.
var errNoHeader = errors.New("no header")

// sheets reads all sheets of a file that have a table. A sheet with a part of
// the columns is refused: one of them has been renamed or left out.
func (s *settings) readSheets(ctx context.Context, from origins, b book, sink sinkOf) (content, error) {
	c := content{sheets: map[string]*table{}}
	counted := &counting{sinkOf: sink, seen: map[string]bool{}}
	var partial []*sheetPull
	named := 0
	for _, sheet := range b.Sheets() {
		if !s.reads(sheet) {
			continue
		}
		named++
		p := &sheetPull{settings: s, origins: from, sink: counted, sheet: sheet.Name, book: b}
		if err := p.read(ctx); err != nil {
			return c, err
		}
		if p.table == nil {
			partial = append(partial, p)
			continue
		}
		c.sheets[sheet.Name] = p.table
		c.rows += p.table.rows
	}
	c.periods = counted.periods
	if named == 0 {
		return c, sink.Reject(s.noSheet(b.Sheets())) //nolint:wrapcheck // the sink says it
	}
	return c, s.refuseParts(partial, len(c.sheets), sink)
}

// reads reports whether a sheet may hold a table. What is hidden nobody looked
// over before it was sent.
func (s *settings) reads(sheet spreadsheet.Sheet) bool {
	if sheet.Hidden || sheet.Name == "" || len(s.sheets) == 0 {
		return !sheet.Hidden
	}
	for _, glob := range s.sheets {
		if glob.match(sheet.Name) {
			return true
		}
	}
	return false
}

func (s *settings) noSheet(sheets []spreadsheet.Sheet) fact.Rejection {
	var names []string
	for _, sheet := range sheets {
		if !sheet.Hidden {
			names = append(names, sheet.Name)
		}
	}
	zh, en := quotedLists(names)
	return fact.Rejection{Stage: fact.StageColumnsFound, Reason: fact.Text{
		ZH: "没有要采集的工作表；文件中可见的工作表有：" + zh + "。请核对工作表名称，或取消隐藏。",
		EN: "there is no sheet of a name that is read; the visible ones are " + en + ": correct the sheet's name, or unhide it.",
	}}
}

// refuseParts refuses sheets that lack columns: all that were named, those with
// half of them, and where no sheet has a table the one that comes nearest.
func (s *settings) refuseParts(partial []*sheetPull, tables int, sink sinkOf) error {
	var nearest *sheetPull
	refused := 0
	for _, p := range partial {
		if nearest == nil || len(p.best.columns) > len(nearest.best.columns) {
			nearest = p
		}
		have := len(p.best.columns)
		if len(s.sheets) > 0 && p.sheet != "" || have >= 2 && 2*have >= len(s.columns) {
			refused++
			if err := sink.Reject(p.lacking()); err != nil {
				return err //nolint:wrapcheck // the sink says it
			}
		}
	}
	if tables == 0 && refused == 0 && nearest != nil {
		return sink.Reject(nearest.lacking()) //nolint:wrapcheck // the sink says it
	}
	return nil
}

// read streams the sheet once: the top until the header is found, then the rows
// below it.
func (p *sheetPull) read(ctx context.Context) error {
	ranges, err := p.book.Merged(p.sheet)
	if err != nil {
		return fmt.Errorf("sheet %q: %w", p.sheet, err)
	}
	p.top.merges = newMerges(ranges)
	err = p.book.Rows(ctx, p.sheet, func(row spreadsheet.Row) error {
		if p.table != nil {
			return p.table.row(row)
		}
		if row.Number > headerDepth {
			return errNoHeader
		}
		p.top.add(row, p.book.Date1904())
		return p.search(ranges)
	})
	if errors.Is(err, errNoHeader) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sheet %q: %w", p.sheet, err)
	}
	return nil
}

// search tries the last rows as a header of one line, or else of several.
func (p *sheetPull) search(ranges []spreadsheet.Range) error {
	for lines := 1; lines <= headerLines && p.top.adjacent(lines); lines++ {
		header := p.top.header(lines)
		b := bind(p.columns, header)
		if b.complete() {
			p.table = p.newTable(p.sink, p.sheet, p.top.end(&b), b, newMerges(ranges))
			p.table.target, p.table.date1904 = p.target, p.book.Date1904()
			return p.begin(lines)
		}
		// More lines tell apart what one line leaves ambiguous.
		if have, best := b.found(), p.best.found(); have > best || have == best && len(b.ambiguous) > 0 || p.nearby == nil {
			p.best, p.nearby = b, shownNames(header)
		}
	}
	return nil
}

func shownNames(header []titled) []string {
	var names []string
	for i := range header {
		if header[i].shown != "" {
			names = append(names, header[i].shown)
		}
	}
	return names
}

// begin prepares the table with what stands around it.
func (p *sheetPull) begin(lines int) error {
	t := p.table
	around := surroundings{titles: p.top.titles(lines), sheet: p.sheet, file: p.file}
	if t.periodAt != nil {
		year, _ := around.year()
		t.periods = newPeriods(t.periodAt.shown, year, p.book.Date1904())
	}
	if p.periodFrom != fromColumn {
		phrase, problem := around.period(p.periodFrom)
		if problem != nil {
			return p.refuse(*problem)
		}
		t.fixed = whenOf(phrase)
	}
	unit, many := unitOf(around.titles)
	if many {
		return p.refuse(fact.Text{
			ZH: "表格上方写有多个计量单位，分不清各列用哪一个：请把单位写进各列的表头，例如 金额（万元）。",
			EN: "the line above the table names several units, and it can't be told which column has which: write the unit into each header, such as 金额（万元）.",
		})
	}
	for i := range t.figures {
		if !t.figures[i].own {
			t.figures[i].unit = unit
		}
	}
	return nil
}

// refuse refuses the table as a whole; none of its rows can be read.
func (p *sheetPull) refuse(reason fact.Text) error {
	p.table.ended, p.table.beyond = true, true
	return p.sink.Reject(fact.Rejection{ //nolint:wrapcheck // the sink says it
		Reading: fact.Reading{Place: fact.Place{Part: p.sheet}}, Stage: fact.StageColumnsFound, Reason: reason,
	})
}

// lacking says which columns the sheet lacks and which it has.
func (p *sheetPull) lacking() fact.Rejection {
	var zh, en []string
	missing := p.best.missing
	there := fact.Text{ZH: "最接近表头的一行是", EN: "the row most like a header is "}
	advice := fact.Text{ZH: "请恢复表头的原名，确需改名的请通知系统管理员。", EN: "restore the headers, or tell the administrator of their new names."}
	if inZH, inEN := quotedLists(p.nearby); len(p.nearby) > 0 {
		there.ZH, there.EN = there.ZH+inZH, there.EN+inEN
	} else {
		missing = wantedNames(p.columns)
		there = zhEN("前 %d 行没有内容", "its first %d rows hold nothing", headerDepth)
	}
	if inZH, inEN := quotedLists(missing); len(missing) > 0 {
		zh, en = append(zh, "找不到列"+inZH), append(en, "has no column "+inEN)
	} else {
		advice = fact.Text{
			ZH: "请删去多余的列，或改成各不相同的表头。",
			EN: "remove those that are too many, or give each a header of its own.",
		}
	}
	if inZH, inEN := quotedLists(p.best.ambiguous); len(p.best.ambiguous) > 0 {
		zh, en = append(zh, "有多个列叫"+inZH), append(en, "has more than one column "+inEN)
	}
	return fact.Rejection{
		Reading: fact.Reading{Place: fact.Place{Part: p.sheet}},
		Stage:   fact.StageColumnsFound,
		Reason: fact.Text{
			ZH: "表格中" + strings.Join(zh, "，") + "；" + there.ZH + "。" + advice.ZH,
			EN: "the table " + strings.Join(en, " and ") + "; " + there.EN + ": " + advice.EN,
		},
	}
}

func wantedNames(columns []wanted) []string {
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = columns[i].column
	}
	return names
}

// mostListed is how many names a message lists.
const mostListed = 30

// quotedLists lists names in each language's quotation marks.
func quotedLists(names []string) (zh, en string) {
	more := ""
	if len(names) > mostListed {
		names, more = names[:mostListed], "…"
	}
	inEN := make([]string, len(names))
	for i, name := range names {
		inEN[i] = fmt.Sprintf("%q", name)
	}
	return "“" + strings.Join(names, "”、“") + "”" + more, strings.Join(inEN, ", ") + more
}

// counting remembers which periods the readings that pass through are of.
type counting struct {
	sinkOf
	periods []string
	seen    map[string]bool
	last    string
}

// mostPeriodsShown is how many periods a receipt lists.
const mostPeriodsShown = 12

// Add implements sinkOf.
func (c *counting) Add(r fact.Reading) error {
	period := r.Period + r.Date
	if period != c.last && len(c.periods) <= mostPeriodsShown && !c.seen[period] {
		c.seen[period] = true
		c.periods = append(c.periods, period)
	}
	c.last = period
	return c.sinkOf.Add(r) //nolint:wrapcheck // the sink says it
}
