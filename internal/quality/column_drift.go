package quality

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// columnDrift makes one rejection of thousands where a column of the source is no
// longer what it was: renamed, moved or left out. Then all readings are refused,
// and by the same stage; where a single one passed, each of the others is a fault
// of its own and stays as it is.
type columnDrift struct{}

const (
	// fewestDrifted are so many that they can't all be slips.
	fewestDrifted = 20
	// mostColumns bounds what is counted. A delivery has a handful of columns
	// and indicators; where it has more, those beyond are not put together.
	mostColumns = 4096
	// mostShown is how many values a reason quotes.
	mostShown = 3
)

// drifting is what a stage reads: what it is, whether all figures of a row share
// its column, and how a source wrote it.
type drifting struct {
	what    fact.Text
	shared  bool
	written func(*fact.Reading) string
}

// driftOf returns what a stage reads; false for one that finds no fault in a
// column as a whole.
func driftOf(stage string) (drifting, bool) {
	region := func(r *fact.Reading) string { return r.Region }
	value := func(r *fact.Reading) string { return r.Value.String() }
	parent := func(r *fact.Reading) string { return strings.Join(r.Within, "") }
	switch stage {
	case "indicator-known":
		return drifting{fact.Text{ZH: "指标", EN: "indicator"}, true, func(r *fact.Reading) string { return r.Indicator }}, true
	case "region-resolved":
		return drifting{fact.Text{ZH: "地区", EN: "region"}, true, region}, true
	case "period-parsed":
		return drifting{fact.Text{ZH: "统计期", EN: "period"}, true, func(r *fact.Reading) string { return r.Period + r.Date }}, true
	case "value-present", "value-number":
		return drifting{fact.Text{ZH: "数值", EN: "value"}, false, value}, true
	case "entry-code":
		return drifting{fact.Text{ZH: "代码", EN: "code"}, true, region}, true
	case "entry-level":
		return drifting{fact.Text{ZH: "级别（下列为代码）", EN: "level (these are the codes)"}, true, region}, true
	case "entry-name":
		return drifting{fact.Text{ZH: "名称", EN: "name"}, true, value}, true
	case "entry-parent", "entry-parent-known":
		return drifting{fact.Text{ZH: "上级代码", EN: "parent"}, true, parent}, true
	}
	return drifting{}, false
}

// column is a group of readings: of one field and one indicator, of all
// indicators of a field, or of the whole delivery.
type column struct {
	field     string
	indicator string
	mixed     bool // all indicators
	whole     bool
}

// tally is what became of the readings of a group.
type tally struct {
	stage string // that refused them, empty where it was not the same for all
	count int
	first int      // index of the first in the list
	shown []string // the first values
	// why is the reason of the first where what all of them hold was understood.
	why fact.Text
}

func (t *tally) add(i int, r *rejected) {
	switch t.count++; {
	case t.count == 1:
		t.stage, t.first = r.Stage, i
		if r.understood {
			t.why = r.Reason
		}
	case t.stage != r.Stage:
		t.stage, t.shown = "", nil
	}
	if !r.understood {
		t.why = fact.Text{}
	}
	if reads, ok := driftOf(t.stage); ok && len(t.shown) < mostShown {
		t.shown = append(t.shown, written.Quoted(reads.written(&r.Reading)))
	}
}

// hasDrifted reports whether so many were refused by one stage that reads a
// column, and in a group of any breadth one that all figures share.
func (t *tally) hasDrifted(of column) bool {
	reads, ok := driftOf(t.stage)
	return ok && t.count >= fewestDrifted && (reads.shared || !of.whole)
}

func (columnDrift) conclude(id string, d *delivery, list []rejected) []rejected {
	tallies := map[column]*tally{}
	for i := range list {
		if !list[i].early() {
			continue
		}
		for _, of := range columnsOf(&list[i]) {
			t := tallies[of]
			if t == nil && len(tallies) < mostColumns {
				t = &tally{}
				tallies[of] = t
			}
			if t != nil {
				t.add(i, &list[i])
			}
		}
	}
	for of, t := range tallies {
		if !t.hasDrifted(of) {
			delete(tallies, of)
		}
	}
	spare(tallies, d.facts)
	return putTogether(id, list, tallies)
}

// columnsOf returns the groups that a reading is counted in, widest first.
func columnsOf(r *rejected) [3]column {
	field := r.Reading.Place.Field
	return [...]column{
		{whole: true},
		{field: field, mixed: true},
		{field: field, indicator: strings.TrimSpace(r.Reading.Indicator)},
	}
}

// spare takes out the groups of which a reading passed.
func spare(tallies map[column]*tally, facts []fact.Fact) {
	for i := range facts {
		if len(tallies) == 0 {
			return
		}
		f := &facts[i]
		if i > 0 && f.Place.Field == facts[i-1].Place.Field && f.Indicator == facts[i-1].Indicator {
			continue
		}
		delete(tallies, column{whole: true})
		delete(tallies, column{field: f.Place.Field, mixed: true})
		delete(tallies, column{field: f.Place.Field, indicator: f.Indicator})
	}
}

// putTogether puts one rejection in the place of each group's.
func putTogether(id string, list []rejected, tallies map[column]*tally) []rejected {
	if len(tallies) == 0 {
		return list
	}
	left := list[:0]
	for i, r := range list {
		of, t := groupOf(&r, tallies)
		if t != nil && t.first != i {
			continue
		}
		if t != nil {
			r.Stage, r.Reason = id, *t.reason(of)
		}
		left = append(left, r)
	}
	clear(list[len(left):]) // so that their memory can be freed
	return left
}

// groupOf returns the widest of the groups that a reading is in; nil is none.
func groupOf(r *rejected, tallies map[column]*tally) (column, *tally) {
	if r.early() {
		for _, of := range columnsOf(r) {
			if t := tallies[of]; t != nil {
				return of, t
			}
		}
	}
	return column{}, nil
}

// concludeRegister does the same for a register, of which nothing else than the
// whole can drift.
func (columnDrift) concludeRegister(id string, d *delivered, list []rejected) []rejected {
	all := tally{}
	for i := range list {
		all.add(i, &list[i])
	}
	of := column{whole: true}
	if all.count < d.added || !all.hasDrifted(of) {
		return list
	}
	first := list[0]
	first.Stage, first.Reason = id, *all.entryReason()
	return []rejected{first}
}

func (t *tally) reason(of column) *fact.Text {
	var where fact.Text
	switch {
	case of.field == "" && of.indicator == "":
		where = fact.Text{ZH: "本次报送", EN: "of the delivery"}
	case of.indicator == "":
		where = fact.Text{ZH: of.field + "列", EN: "in column " + of.field}
	case of.field == "":
		where = fact.Text{ZH: "指标 " + of.indicator + " ", EN: "of indicator " + of.indicator}
	default:
		where = fact.Text{ZH: of.field + "列中指标 " + of.indicator + " ", EN: "of indicator " + of.indicator + " in column " + of.field}
	}
	return t.say(where, fact.Text{ZH: "个读数", EN: "readings"})
}

func (t *tally) entryReason() *fact.Text {
	return t.say(fact.Text{ZH: "地区名录", EN: "of the register"}, fact.Text{ZH: "条记录", EN: "entries"})
}

func (t *tally) say(where, of fact.Text) *fact.Text {
	reads, _ := driftOf(t.stage)
	shown := make([]fact.Text, len(t.shown))
	for i, value := range t.shown {
		shown[i] = fact.Text{ZH: value, EN: value}
	}
	if t.why != (fact.Text{}) {
		return say(
			"%[2]s的全部 %[1]d %[3]s都被 %[4]s 拒绝，原因相近，第一个是：%[5]s",
			"All %[1]d %[3]s %[2]s were refused by %[4]s for much the same reason, of the first: %[5]s",
			t.count, where, of, t.stage, t.why,
		)
	}
	if t.stage == "region-resolved" {
		return say(
			"%[2]s的全部 %[1]d 个读数都因地区被 region-resolved 拒绝，最前面的是 %[3]s；如果这些地区由另一个采集器的地区名录提供，请先运行那个采集器；否则该列很可能已改名、移位或缺失：请核对来源的列与采集配置中的列。",
			"All %d readings %s were refused by region-resolved for their region; the first are %s. The register does not know these regions: if a collector brings them, let it run first; otherwise the column was probably renamed, moved or left out: compare the columns of the source with those in the collector's configuration.",
			t.count, where, enumerated(shown, t.count > len(shown)),
		)
	}
	return say(
		"%[3]s的全部 %[1]d %[2]s都因%[5]s被 %[4]s 拒绝，最前面的是 %[6]s；该列很可能已改名、移位或缺失：请核对来源的列与采集配置中的列。",
		"All %d %s %s were refused by %s for their %s; the first are %s. The column was probably renamed, moved or left out: compare the columns of the source with those in the collector's configuration.",
		t.count, of, where, t.stage, reads.what, enumerated(shown, t.count > len(shown)),
	)
}
