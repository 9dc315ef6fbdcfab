package demo

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// WrongRow is a row that a sample system holds and the gate refuses, in whole or
// in some of its figures.
type WrongRow struct {
	Table string
	// Stages are the gate's stages that refuse something of it, one for each
	// refused figure.
	Stages []string
	// What is wrong, in words.
	What string
}

type wrongRow struct {
	WrongRow
	values []any
}

// wrongRows are in nobody's way: they name a region that doesn't report, or
// stand in for a figure that is late anyway, or repeat a right one. None is of a
// period that decides a published figure.
func (s *Sample) wrongRows() []wrongRow {
	var rows []wrongRow
	add := func(table, what string, stages []string, values ...any) {
		rows = append(rows, wrongRow{WrongRow{table, stages, what}, values})
	}
	running := fact.PeriodAt(s.now, fact.Monthly)
	add("warm_stations", "a month that has not ended", []string{"period-ended"}, "360102", running.String(), 31)

	if s.hasEnded("2025-06") {
		const region, period = "region-resolved", "2025-06"
		add("网格统计", "a county that does not exist", []string{region, region}, "九江市", "新城区", "2025-06-30", 320, 31)
		add("elder_care", "a city, where counties report", []string{region, region}, "360400", "2025-06-30", 780, 52)
		add("driver_stations", "a county outside the indicator's cities", []string{"region-in-scope"}, "360702", period, 6)
		add("rectification_progress", "a month written in words", []string{"period-parsed"}, "360102", "2025年6月", 4)
		add("village_secretaries", "a month, where quarters are reported", []string{"period-cadence", "period-cadence"}, "360981", period, 1102, 12)
		add("governance_register", "an item that the catalogue does not have", []string{"indicator-known"}, "360000", "2025-H1", "示范点", 3)
		if v, ok := s.right("online_certificates", "360403", period); ok {
			add("certificate_express", "a row a second time", []string{"delivered-once"}, "浔阳", period, v)
		}
	}
	return append(rows, s.wrongWhereLate()...)
}

// wrongWhereLate are rows in the place of the newest figure that a late county
// still owes.
func (s *Sample) wrongWhereLate() []wrongRow {
	var rows []wrongRow
	for _, w := range []struct {
		table, region, what string
		stages              []string
		figures             []any
	}{
		{"volunteer_service", "360728", "words in place of a number", []string{"value-number"}, []any{"未统计"}},
		{"community_pairing", "360728", "a negative figure, and one too large to believe", []string{"value-not-negative", "value-in-bounds"}, []any{-12, 5_000_000}},
		{"elder_care", "360728", "a blank figure, and half a home", []string{"value-present", "value-whole"}, []any{" ", 3.5}},
		{"shared_forms", "361028", "more forms cut than there were", []string{"fraction-proper", "fraction-proper"}, []any{376, 412}},
		{"warm_stations", "361028", "ten times the month before", []string{"step-plausible"}, []any{210}},
	} {
		t := s.tables[slices.IndexFunc(s.tables, func(t table) bool { return t.name == w.table })]
		owed := s.owed(t, w.region)
		if len(owed) == 0 {
			continue
		}
		values := append(t.where.write(s.register, s.register.byCode[w.region]), t.when(owed[len(owed)-1]))
		rows = append(rows, wrongRow{WrongRow{w.table, w.stages, w.what}, append(values, w.figures...)})
	}
	return rows
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
