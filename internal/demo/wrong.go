package demo

import "github.com/govkpi/govkpi/internal/fact"

// Wrong is something that a sample system holds and the gate refuses, or holds
// until somebody decides: a row in whole or in some of its figures, or a
// workbook.
type Wrong struct {
	// Where it is: a table, an endpoint such as /v1/grids, or a workbook by its
	// path such as civil-affairs/南昌市/1.xlsx.
	Where string
	// Stages are the gate's stages that refuse or hold something of it, one for
	// each time.
	Stages []string
	// What is wrong, in words.
	What string
}

// implausible is the county whose figure the gate holds, 资溪县.
const implausible = "361028"

type wrongRow struct {
	Wrong
	values []any
}

type wrongEntry struct {
	Wrong
	entry
}

// wrong lists all that is wrong. It is in nobody's way: it names a region that
// doesn't report, or stands in for a figure that is late anyway, or repeats a
// right one. None is of a period that decides a published figure.
func (s *Sample) wrong() []Wrong {
	var all []Wrong
	for _, w := range s.wrongRows() {
		all = append(all, w.Wrong)
	}
	for _, w := range s.wrongEntries() {
		all = append(all, w.Wrong)
	}
	for _, w := range wrongLines() {
		all = append(all, w.Wrong)
	}
	for _, w := range s.wrongWorkbooks() {
		all = append(all, w.Wrong)
	}
	return all
}

// wrongRows are those in the database.
func (s *Sample) wrongRows() []wrongRow {
	var rows []wrongRow
	add := func(table, what string, stages []string, values ...any) {
		rows = append(rows, wrongRow{Wrong{table, stages, what}, values})
	}
	if s.hasEnded("2025-06") {
		add("rectification_progress", "a month written in words", []string{"period-parsed"}, "360102", "六月", 4)
		add("village_secretaries", "a month, where quarters are reported", []string{"period-cadence", "period-cadence"}, "360981", "2025-06", 1102, 12)
		add("governance_register", "an item that the catalogue does not have", []string{"indicator-known"}, "360000", "2025-H1", "示范点", 3)
	}
	if p, ok := s.owes("community_pairing", "360728"); ok {
		add("community_pairing", "a negative figure, and one too large to believe", []string{"value-not-negative", "value-in-bounds"}, "360728", p.String(), -12, 5_000_000)
		add("community_pairing", "blanks in the place of figures", []string{"value-present", "value-present"}, "360728", p.Previous().String(), " ", " ")
	}
	if p, ok := s.owes("shared_forms", "361028"); ok {
		add("shared_forms", "more forms cut than there were", []string{"fraction-proper", "fraction-proper"}, "361028", p.String(), 376, 412)
	}
	return rows
}

// wrongEntries are those that the API answers with.
func (s *Sample) wrongEntries() []wrongEntry {
	var entries []wrongEntry
	add := func(path, what string, stages []string, e entry) {
		e.wrong = true
		entries = append(entries, wrongEntry{Wrong{apiBase + path, stages, what}, e})
	}
	running := fact.PeriodAt(s.now, fact.Monthly)
	add("/stations", "a month that has not ended", []string{"period-ended"},
		entry{unit: "360102", kind: "暖新驿站", when: running.String(), counts: []any{31}})
	if s.hasEnded("2025-06") {
		add("/grids", "a county that does not exist", []string{"region-resolved", "region-resolved"},
			entry{unit: "360400", city: "九江市", county: "新城区", when: "2025-06-30", counts: []any{320, 31}})
		add("/stations", "a county outside the indicator's cities", []string{"region-in-scope"},
			entry{unit: "360702", kind: "司机驿站", when: "2025-06", counts: []any{6}})
	}
	if p, ok := s.owes("volunteer-teams", "360728"); ok {
		add("/volunteer-teams", "words in the place of a number", []string{"value-number"},
			entry{unit: "360728", when: p.String(), counts: []any{"未统计"}})
	}
	if p, ok := s.owes("warm-stations", implausible); ok {
		add("/stations", "ten times the month before", []string{"step-plausible"},
			entry{unit: implausible, kind: "暖新驿站", when: p.String(), counts: []any{210}})
	}
	return entries
}

type wrongLine struct {
	Wrong
	line
	county string
}

// wrongLines are those in the register of villages.
func wrongLines() []wrongLine {
	return []wrongLine{{
		Wrong:  Wrong{apiBase + villagesPath, []string{"entry-parent-known"}, "a village of a township that does not exist"},
		line:   line{code: "360603999201", name: "无名镇虚构01村", level: fact.Village, parent: "360603999"},
		county: "360603",
	}}
}

func (s *Sample) hasEnded(month string) bool {
	p, err := fact.ParsePeriod(month)
	return err == nil && !p.End(s.now.Location()).After(s.now)
}

// right returns the right figure of a region and a period.
func (s *Sample) right(indicator, region, period string) (int, bool) {
	p, err := fact.ParsePeriod(period)
	if err != nil {
		return 0, false
	}
	return s.figures[indicator].at(region, p)
}
