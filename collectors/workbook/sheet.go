package workbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	sink    sinkOf
	sheet   string
	book    book
	top     top
	pending *pending // a header that may go on
	table   *table
	best    binding // the one that misses least
	bestRow int     // the row that it ends in
	nearby  []string
}

// pending is a header whose next row is not yet known.
type pending struct {
	binding binding
	lines   int
	end     int    // the last row that its cells reach into
	foreign string // a line below a column that is none of its name
}

// errNoHeader ends the search for a header.
var errNoHeader = errors.New("no header")

// sheets reads all sheets of a file that have a table. A sheet with a part of
// the columns is refused: one of them has been renamed or left out.
func (s *settings) readSheets(ctx context.Context, from origins, b book, sink sinkOf) (content, error) {
	c := content{sheets: map[string]*table{}}
	counted := &counting{sinkOf: sink, seen: map[string]bool{}, several: len(b.Sheets()) > 1}
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
	if err := counted.addTotals(); err != nil {
		return c, err
	}
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
		if len(s.sheets) > 0 && p.sheet != "" || 2*have >= len(s.columns) && (have >= 2 || p.hasRegions()) {
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

// hasRegions reports whether the sheet has the regions' column and rows below it.
func (p *sheetPull) hasRegions() bool {
	return len(p.best.columns) == 1 && p.best.columns[0].wanted.use == useRegion && p.top.numbers[len(p.top.numbers)-1] > p.bestRow
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
		if row.Number > headerDepth && p.pending == nil {
			return errNoHeader
		}
		if p.pending != nil && !p.goesOn(row) {
			if err := p.begin(ranges); err != nil {
				return err
			}
			return p.table.row(row)
		}
		p.top.add(row, p.book.Date1904())
		if p.pending != nil {
			p.extend()
			return nil
		}
		p.search()
		return nil
	})
	if errors.Is(err, errNoHeader) {
		return nil
	}
	if err == nil && p.pending != nil && p.table == nil {
		err = p.begin(ranges)
	}
	if err != nil {
		return fmt.Errorf("sheet %q: %w", p.sheet, err)
	}
	return nil
}

// search tries the last rows as a header of one line, or else of several.
func (p *sheetPull) search() {
	for lines := 1; lines <= headerLines && p.top.adjacent(lines); lines++ {
		header := p.top.header(lines)
		b := bind(p.columns, header)
		if b.complete() {
			p.top.settle(&b, lines)
		}
		if b.complete() {
			p.pending = &pending{binding: b, lines: lines, end: p.top.end(&b)}
			return
		}
		// More lines tell apart what one line leaves ambiguous.
		if have, best := b.found(), p.best.found(); have > best || have == best && len(b.ambiguous) > 0 || p.nearby == nil {
			p.best, p.nearby, p.bestRow = b, shownNames(header), p.top.numbers[len(p.top.numbers)-1]
		}
	}
}

// goesOn reports whether a row is a further line of the header: its cells reach
// into it, or it has words below the columns of figures and nothing that a row
// could be of.
func (p *sheetPull) goesOn(row spreadsheet.Row) bool {
	if row.Number <= p.pending.end {
		return true
	}
	if row.Number != p.top.numbers[len(p.top.numbers)-1]+1 {
		return false
	}
	text := func(column int) string {
		if column >= len(row.Cells) {
			return ""
		}
		return typed(row.Cells[column].Text)
	}
	words := false
	for i := range p.pending.binding.columns {
		c := &p.pending.binding.columns[i]
		below := text(c.index)
		switch {
		case below == "":
		case c.wanted.use != useFigure, p.notes.match(below), notReported(below), row.Cells[c.index].Failed, isError(below), hasDigit(below), isTruth(below):
			return false
		default:
			words = true
		}
	}
	for i := range row.Cells {
		if first := text(i); first != "" {
			return words && !p.notes.match(first) && !p.totals[plain(first)] && !isSubtotal(first)
		}
	}
	return false
}

// extend takes the row that was added last into the header. Where the names are
// not those of the whole header any more, none of its columns may have a line
// there that was not part of the match.
func (p *sheetPull) extend() {
	h := p.pending
	h.lines++
	b := bind(p.columns, p.top.header(h.lines))
	if b.complete() {
		p.top.settle(&b, h.lines)
	}
	if b.complete() {
		h.binding, h.end, h.foreign = b, max(h.end, p.top.end(&b)), ""
		return
	}
	at := len(p.top.rows) - 1
	for i := range h.binding.columns {
		c := &h.binding.columns[i]
		text := oneLine(p.top.text(at, c.index))
		if text != "" && !slices.Contains(c.lines, plain(text)) {
			h.foreign = c.shown + "/" + text
		}
	}
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
func (p *sheetPull) begin(ranges []spreadsheet.Range) error {
	h := p.pending
	lines := h.lines
	t := p.newTable(p.sink, p.sheet, max(h.end, p.top.numbers[len(p.top.numbers)-1]), h.binding, newMerges(ranges))
	t.target, t.date1904, t.right = p.target, p.book.Date1904(), p.top.right(lines)
	p.table = t
	if h.foreign != "" {
		return p.refuse(zhEN(
			"表头下面还有一行（%s），分不清应采集哪一列：请恢复原来的表头，或请系统管理员在配置中写明整个表头。",
			"the header goes on with a line (%s) that is not of the column's name, and it can't be told which column is meant: restore the header, or tell the administrator, who can name the whole of it.", h.foreign,
		))
	}
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
	if problem := t.takeUnit(readUnitLines(around.titles)); problem != nil {
		return p.refuse(*problem)
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
