package workbook

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/spreadsheet"
)

const (
	// mostFaults is how many faults a receipt lists.
	mostFaults = 100
	// longestRead is how much of what was read is shown, in characters.
	longestRead = 80
)

// note is what a receipt tells.
type note struct {
	name     string
	now      time.Time
	receipt  collectors.Receipt
	read     content
	twin     string
	register bool
}

// The lines that tell when a file was read begin so; two receipts that differ in
// them alone say the same.
const (
	timeZH = "读取时间："
	timeEN = "Read at: "
)

// receiptText writes a receipt, Chinese before English.
func receiptText(n *note) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	at := n.now.Format("2006-01-02 15:04:05")
	line("文件：%s", path.Base(n.name))
	line("%s%s", timeZH, at)
	line("%s", n.result().ZH)
	line("")
	line("File: %s", path.Base(n.name))
	line("%s%s", timeEN, at)
	line("%s", n.result().EN)
	if faults := n.faults(); len(faults) > 0 {
		if n.receipt.Taken {
			line("")
			line("下列 %d 个数据已被认定有误，未采用：", len(faults))
			line("Figures that were found wrong before, and were left out: %d", len(faults))
		}
		n.list(line, faults)
	}
	if held := n.held(); len(held) > 0 {
		line("")
		line("下列 %d 个数据暂不采用，待核实后放行或驳回：", len(held))
		line("Figures that wait until somebody has looked at them and releases or rejects them: %d", len(held))
		n.list(line, held)
	}
	return b.String()
}

// held are the figures that wait, as the receipt lists them.
func (n *note) held() []fault {
	var all []fault
	for i := range n.receipt.Held {
		h := &n.receipt.Held[i]
		f, _ := n.fault(&fact.Rejection{
			Reading: fact.Reading{Indicator: h.Indicator, Region: h.Region, Value: fact.NumberValue(h.Value), Place: h.Place},
			Stage:   h.Stage, Reason: h.Reason,
		})
		all = append(all, f)
	}
	return all
}

// result says what became of the file.
func (n *note) result() fact.Text {
	r := n.receipt
	switch {
	case !r.Taken:
		count := len(n.faults())
		return zhEN("结果：退回，文件中的数据一个也没有采用。共有 %d 处问题，请按下面的说明改正后保存，系统会自动重新读取。",
			"Result: refused, and none of its figures was taken. Faults found: %d. Correct them as told below and save the file; it will be read again by itself.", count)
	case n.twin != "":
		return zhEN("结果：内容与文件 %s 完全相同，没有新的数据。",
			"Result: the content is the same as that of file %s; there is nothing new in it.", n.twin)
	case n.register:
		return zhEN("结果：已采用。共 %d 条区划，其中新增或更正 %d 条。",
			"Result: taken. Regions: %d, of which new or corrected: %d.", r.Accepted, r.Changed)
	case r.Accepted == 0 && len(r.Held) > 0:
		return fact.Text{
			ZH: "结果：已读取，数据均待核实。",
			EN: "Result: read; all its figures wait to be looked at.",
		}
	case r.Accepted == 0 && len(r.Rejections) > 0:
		return fact.Text{
			ZH: "结果：已读取，其中没有可采用的数据。",
			EN: "Result: read; none of its figures can be taken.",
		}
	case r.Accepted == 0:
		return fact.Text{
			ZH: "结果：已读取，但表中没有填报任何数字。",
			EN: "Result: read, but there is not a single figure in it.",
		}
	}
	result := zhEN("结果：已采用。共 %d 个数据，其中新增或更正 %d 个。",
		"Result: taken. Figures: %d, of which new or corrected: %d.", r.Accepted, r.Changed)
	if periods := n.periods(); len(periods) > 0 {
		more := fact.Text{}
		if len(n.read.periods) > mostPeriodsShown {
			more = fact.Text{ZH: "等", EN: " and more"}
		}
		result.ZH += "\n统计期：" + strings.Join(periods, "、") + more.ZH
		result.EN += "\nPeriods: " + strings.Join(periods, ", ") + more.EN
	}
	return result
}

// periods are those read, as written; none where the time of the run decided.
func (n *note) periods() []string {
	periods := slices.DeleteFunc(slices.Clone(n.read.periods), func(p string) bool { return p == "" })
	return periods[:min(len(periods), mostPeriodsShown)]
}

// fault is one entry of a receipt.
type fault struct {
	place  cellPlace
	read   string
	reason fact.Text
}

// cellPlace is where a fault is, as a person looks for it.
type cellPlace struct {
	sheet  string
	row    int
	column int    // counted from 1; 0 is the whole row
	header string // of the column
}

func (p cellPlace) compare(q cellPlace) int {
	if p.row != q.row {
		return p.row - q.row
	}
	return p.column - q.column
}

// faults are the rejections, from top to bottom, those of one cell that say the
// same, or are of a cell that all figures of a row share, only once.
func (n *note) faults() []fault {
	type key struct {
		place  cellPlace
		stage  string
		reason string
	}
	seen := map[key]bool{}
	bySheet := map[string][]fault{}
	var sheets []string
	for i := range n.receipt.Rejections {
		f, common := n.fault(&n.receipt.Rejections[i])
		k := key{place: f.place, stage: n.receipt.Rejections[i].Stage}
		if !common {
			k.reason = f.reason.EN
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		if _, known := bySheet[f.place.sheet]; !known {
			sheets = append(sheets, f.place.sheet)
		}
		bySheet[f.place.sheet] = append(bySheet[f.place.sheet], f)
	}
	var all []fault
	for _, sheet := range sheets {
		slices.SortStableFunc(bySheet[sheet], func(a, b fault) int { return a.place.compare(b.place) })
		all = append(all, bySheet[sheet]...)
	}
	return all
}

// fault finds the cell that a rejection speaks of. common says that it is one that
// all figures of its row share.
func (n *note) fault(r *fact.Rejection) (f fault, common bool) {
	at := r.Reading.Place
	f = fault{place: cellPlace{sheet: at.Part, row: int(at.Row), header: at.Field}, reason: r.Reason, read: r.Reading.Value.String()}
	t := n.read.sheets[at.Part]
	if t == nil || at.Row == 0 {
		return f, false
	}
	column := t.column(at.Field)
	if blamed, read := t.blamed(r); blamed != nil {
		column, f.read, common = &blamed.found, read, true
	}
	if column != nil {
		f.place.column, f.place.header = column.index+1, column.shown
	}
	return f, common
}

// blamed returns the column that a stage found fault with and what it read there,
// where that is not the figure's: what is wrong may be the name of its region.
func (t *table) blamed(r *fact.Rejection) (k *keyColumn, read string) {
	switch {
	case strings.HasPrefix(r.Stage, "entry-"):
		return t.blamedOfEntry(r)
	case strings.HasPrefix(r.Stage, "region-"):
		return t.region, r.Reading.Region
	case strings.HasPrefix(r.Stage, "period-"):
		return t.periodAt, r.Reading.Period + r.Reading.Date
	case r.Stage == "indicator-known":
		return t.indicator, r.Reading.Indicator
	}
	return nil, ""
}

func (t *table) blamedOfEntry(r *fact.Rejection) (k *keyColumn, read string) {
	switch {
	case r.Stage == "entry-name" && t.register[useName] != nil:
		return t.register[useName], r.Reading.Value.String()
	case r.Stage == "entry-level" && t.register[useLevel] != nil && isCodeLength(len(r.Reading.Region)):
		return t.register[useLevel], ""
	case strings.HasPrefix(r.Stage, "entry-parent") && t.register[useParent] != nil:
		return t.register[useParent], strings.Join(r.Reading.Within, "")
	}
	return t.register[useCode], r.Reading.Region
}

// isCodeLength reports whether codes of so many digits exist: then it is not the
// code that is of no level.
func isCodeLength(n int) bool { return n == 6 || n == 9 || n >= 12 && n <= 18 }

// column finds a column of the table by what stands over it.
func (t *table) column(header string) *found {
	for i := range t.binding.columns {
		if t.binding.columns[i].shown == header {
			return &t.binding.columns[i]
		}
	}
	return nil
}

// list writes the faults, and how many more there are than it holds.
func (n *note) list(line func(string, ...any), faults []fault) {
	for i, f := range faults[:min(len(faults), mostFaults)] {
		where := f.place.text()
		line("")
		line("%d. %s", i+1, where.ZH)
		line("   %s", where.EN)
		if f.read != "" {
			line("   读到 Read: %s", quote(f.read))
		}
		line("   问题：%s", f.reason.ZH)
		line("   Fault: %s", f.reason.EN)
	}
	if rest := len(faults) - mostFaults; rest > 0 {
		line("")
		line("另有 %d 处问题未列出。", rest)
		line("There are %d more faults than are listed here.", rest)
	}
}

// text names the place in both languages.
func (p cellPlace) text() fact.Text {
	var zh, en []string
	if p.sheet != "" {
		zh, en = append(zh, "工作表“"+p.sheet+"”"), append(en, "sheet "+strconv.Quote(p.sheet))
	}
	switch {
	case p.row > 0 && p.column > 0:
		cell := spreadsheet.CellName(p.column, p.row)
		zh, en = append(zh, "单元格 "+cell), append(en, "cell "+cell)
	case p.row > 0:
		zh, en = append(zh, "第 "+strconv.Itoa(p.row)+" 行"), append(en, "row "+strconv.Itoa(p.row))
	}
	if p.header != "" {
		zh, en = append(zh, "“"+p.header+"”列"), append(en, "column "+strconv.Quote(p.header))
	}
	if len(zh) == 0 {
		return fact.Text{ZH: "整个文件", EN: "The whole file"}
	}
	joined := strings.Join(en, ", ")
	return fact.Text{ZH: strings.Join(zh, "，"), EN: strings.ToUpper(joined[:1]) + joined[1:]}
}

// quote shows what was read on one line.
func quote(s string) string {
	if utf8.RuneCountInString(s) > longestRead {
		s = string([]rune(s)[:longestRead-1]) + "…"
	}
	return strconv.Quote(s)
}
