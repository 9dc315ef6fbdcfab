package explain_test

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

var (
	places = fact.Unit{ID: "place", Title: fact.Text{ZH: "个", EN: "places"}, Counts: true}
	people = fact.Unit{ID: "person", Title: fact.Text{ZH: "人", EN: "people"}, Counts: true}
	share  = fact.Unit{ID: "ratio", Title: fact.Text{EN: "share"}}
)

func catalogue() []fact.Indicator {
	counties := []fact.Level{fact.County}
	return []fact.Indicator{
		{
			ID: "grids", Title: fact.Text{ZH: "网格数", EN: "Grids"}, Unit: places, Kind: fact.Stock, Levels: counties, Cadence: fact.Monthly, Grace: 5,
			Missing: fact.CarryForward, CarryPeriods: 2, Compare: &fact.Comparison{With: "grids_by_hand", Tolerance: 0.01},
		},
		{ID: "grids_by_hand", Title: fact.Text{ZH: "网格数（报表）", EN: "Grids, by forms"}, Unit: places, Kind: fact.Stock, Levels: counties, Cadence: fact.Monthly, Grace: 5},
		{ID: "elder_meals", Title: fact.Text{ZH: "助餐点", EN: "Elder meal sites"}, Unit: places, Kind: fact.Stock, Levels: counties, Cadence: fact.Monthly, Grace: 5, SignOff: true, Missing: fact.LikeForLike},
		{ID: "full_time", Title: fact.Text{ZH: "专职网格员", EN: "Full-time staff"}, Unit: people, Kind: fact.Stock, Levels: counties, Cadence: fact.Monthly, Grace: 5},
		{ID: "staff", Title: fact.Text{ZH: "网格员", EN: "Staff"}, Unit: people, Kind: fact.Stock, Levels: counties, Cadence: fact.Monthly, Grace: 5},
		{ID: "full_time_share", Title: fact.Text{ZH: "专职网格员占比", EN: "Share of full-time staff"}, Unit: share, Kind: fact.RatioKind, Levels: counties, Cadence: fact.Monthly, Grace: 5, Numerator: "full_time", Denominator: "staff"},
		{ID: "forms", Title: fact.Text{ZH: "报表数", EN: "Forms"}, Unit: places, Kind: fact.Flow, Levels: counties, Cadence: fact.Monthly, Dimensions: []fact.Dimension{{Name: "way", Values: []string{"paper", "screen"}}}},
		{ID: "visits", Title: fact.Text{ZH: "走访", EN: "Visits"}, Unit: places, Kind: fact.Stock, Levels: []fact.Level{fact.Village}, Cadence: fact.Monthly},
	}
}

// ordinary is a county that reports, and what lies around it. It is 20 January
// 2026; December was due before the 9th.
func ordinary(tb testing.TB) *world {
	tb.Helper()
	w := &world{tb: tb, indicators: catalogue(), register: newRegister(tb), now: at(tb, "2026-01-20 08:00")}
	november, december := period(tb, "2025-11"), period(tb, "2025-12")
	w.came("grids", "360603", "2024-12", 1180, "2025-01-06 09:00")
	w.came("grids", "360603", "2025-10", 1234, "2025-11-05 09:00")
	w.came("grids", "360603", "2025-11", 1234, "2025-12-04 09:00")
	w.came("grids", "360603", "2025-12", 1234, "2026-01-05 09:30")
	w.came("grids", "360602", "2025-12", 800, "2026-01-13 10:00")
	w.came("grids", "360681", "2025-11", 966, "2025-12-05 10:00")
	due := at(tb, "2026-01-09 00:00")
	w.reports = map[string][]fact.Report{"grids": {
		{Region: "360102", Period: december, Due: due, Owed: november, OwedDue: at(tb, "2025-12-06 00:00")},
		{Region: "360602", Period: december, Due: due, Reported: true},
		{Region: "360603", Period: december, Due: due, Reported: true},
		{Region: "360681", Period: december, Due: due, Owed: december, OwedDue: due},
	}}
	w.targets = map[fact.Key]float64{
		{Indicator: "grids", Region: "360603", Period: november}: 1200,
		{Indicator: "grids", Region: "360603", Period: december}: 1300,
	}
	w.rankings = map[string][]fact.Ranking{"grids": {
		{Region: "360602", Scope: fact.AmongAll, Rank: 98, Peers: 98, Quartile: 4, Period: december, Measure: 800},
		{Region: "360603", Scope: fact.AmongAll, Rank: 27, Peers: 98, Quartile: 2, Period: december, Measure: 1234},
		{Region: "360603", Scope: fact.AmongCity, Rank: 1, Peers: 2, Period: december, Measure: 1234},
		{Region: "360603", Scope: fact.AmongClass, Rank: 1, Peers: 2, Period: december, Measure: 1234},
	}}
	w.rollups = map[string][]fact.Rollup{"grids": {
		{Region: "360000", Period: december, Value: fact.Some(3000), Previous: fact.Some(2990), Policy: fact.CarryForward, Reported: 2, Carried: 1, Expected: 4},
		{Region: "360600", Period: december, Value: fact.Some(3000), Policy: fact.CarryForward, Reported: 2, Carried: 1, Expected: 3},
	}}
	w.discrepancies = []fact.Discrepancy{{Indicator: "grids", Other: "grids_by_hand", Region: "360603", Period: december, Value: 1234, OtherSays: 1300, Gap: -53}}
	w.reconciled = []fact.Reconciliation{
		{
			Indicator: "grids", Total: fact.Some(2034), Gap: fact.Some(-466),
			Published: fact.Published{Region: "360000", Period: period(tb, "2025"), Value: 2500, Precision: fact.AtLeast, Citation: "工作报告 2026"},
		},
		{
			Indicator: "grids",
			Published: fact.Published{Region: "360600", Period: period(tb, "2023"), Value: 3000, Precision: fact.Nearest, Step: 100},
		},
		{Indicator: "staff", Published: fact.Published{Region: "360000", Period: december, Value: 1, Precision: fact.Exact}},
	}
	return w
}

// ratio has both parts, one of them corrected.
func ratio(tb testing.TB) *world {
	tb.Helper()
	w := ordinary(tb)
	december := period(tb, "2025-12")
	w.came("full_time", "360603", "2025-11", 60, "2025-12-04 09:00")
	w.came("full_time", "360603", "2025-12", 90, "2026-01-05 09:00")
	w.came("full_time", "360603", "2025-12", 75, "2026-01-06 09:00")
	w.came("staff", "360603", "2025-11", 100, "2025-12-04 09:00")
	w.came("staff", "360603", "2025-12", 100, "2026-01-12 09:00")
	w.came("full_time", "360602", "2025-12", 60, "2026-01-05 09:00")
	w.came("staff", "360602", "2025-12", 300, "2026-01-05 09:00")
	w.came("staff", "360681", "2025-12", 300, "2026-01-05 09:00")
	w.rollups["full_time_share"] = []fact.Rollup{
		{Region: "360000", Period: december, Value: fact.Some(135.0 / 400), Reported: 2, Expected: 4},
		{Region: "360600", Period: december, Value: fact.Some(135.0 / 400), Reported: 2, Expected: 3},
	}
	w.rankings["full_time_share"] = []fact.Ranking{{Region: "360603", Scope: fact.AmongAll, Rank: 1, Peers: 2, Period: december, Measure: 0.75}}
	w.discrepancies = []fact.Discrepancy{{Indicator: "full_time_share", Other: "grids_by_hand", Region: "360603", Period: december, Value: 0.75, OtherSays: 0.681, Gap: 0.059}}
	for _, id := range []string{"full_time_share", "full_time", "staff"} {
		w.reports[id] = w.reports["grids"]
	}
	return w
}

// decisions are the stories in which people decided.
func decisions(tb testing.TB) *world {
	tb.Helper()
	w := ordinary(tb)
	december := period(tb, "2025-12")
	key := fact.Key{Indicator: "elder_meals", Region: "360603", Period: december}

	w.came("elder_meals", "360603", "2025-11", 40, "2025-12-04 09:00")
	w.heldFacts = []fact.HeldFact{
		{
			ID: 7, Key: key, Value: 400, Place: fact.Place{Row: 12, Field: "助餐点"}, Stage: "step-plausible",
			Reason: fact.Text{ZH: "比上期多九倍。", EN: "It is ten times the period before."}, Run: 51, Recorded: at(tb, "2026-01-05 09:00").UnixMilli(),
			Closed: at(tb, "2026-01-06 10:00").UnixMilli(), Closing: fact.ByReject,
		},
		{
			ID: 8, Key: key, Value: 4, Place: fact.Place{Row: 12, Field: "助餐点"}, Stage: "step-plausible",
			Reason: fact.Text{ZH: "比上期少九成。", EN: "It is a tenth of the period before."}, Run: 52, Recorded: at(tb, "2026-01-07 09:00").UnixMilli(),
		},
	}
	w.decisions = []fact.Decision{{
		ID: 1, Key: key, Action: fact.Reject, Held: 7, Overruled: fact.Some(400), Run: 60, By: "王芳", Reason: "多打了一个零", Recorded: at(tb, "2026-01-06 10:00").UnixMilli(),
	}}
	w.reports["elder_meals"] = []fact.Report{{Region: "360603", Period: december, Due: at(tb, "2026-01-09 00:00"), Reported: true, Held: 1}}
	w.rollups["elder_meals"] = []fact.Rollup{{Region: "360600", Period: december, Value: fact.Some(0), Policy: fact.LikeForLike, Expected: 1}}

	w.came("elder_meals", "360602", "2025-12", 30, "2026-01-05 09:00")
	right := w.came("elder_meals", "360602", "2025-12", 31, "2026-01-12 15:00")
	decided(right, "correct", "李强", "漏报一处")
	corrected := fact.Decision{ID: 2, Key: right.Key(), Action: fact.Correct, Revision: 2, Overruled: fact.Some(30), Run: right.Run, By: "李强", Reason: "漏报一处", Recorded: right.Recorded}
	confirmed := fact.Decision{ID: 3, Key: right.Key(), Action: fact.Confirm, Revision: 2, Run: 70, By: "赵敏", Reason: "已核对", Recorded: at(tb, "2026-01-14 09:00").UnixMilli()}
	right.Decisions = []fact.Decision{corrected, confirmed}
	w.decisions = append(w.decisions, corrected, confirmed)
	let := w.came("elder_meals", "360681", "2025-12", 90, "2026-01-14 10:00")
	decided(let, "release", "李强", "新建一批")
	released := fact.Decision{ID: 4, Key: let.Key(), Action: fact.Release, Held: 10, Revision: 1, Run: let.Run, By: "李强", Reason: "新建一批", Recorded: let.Recorded}
	let.Decisions = []fact.Decision{released}
	w.decisions = append(w.decisions, released)
	w.heldFacts = append(w.heldFacts, fact.HeldFact{
		ID: 10, Key: let.Key(), Value: 90, Stage: "step-plausible", Reason: fact.Text{ZH: "多三倍。", EN: "Three times."}, Run: 54,
		Recorded: at(tb, "2026-01-06 09:00").UnixMilli(), Closed: let.Recorded, Closing: fact.ByRelease,
	}, fact.HeldFact{
		ID: 9, Key: right.Key(), Value: 310, Stage: "step-plausible", Reason: fact.Text{ZH: "多十倍。", EN: "Ten times."}, Run: 53,
		Recorded: at(tb, "2026-01-08 09:00").UnixMilli(), Closed: right.Recorded, Closing: fact.ByCorrection,
	})
	return w
}

// past has figures of before: by a history pull under an old code, by import,
// and with dimensions.
func past(tb testing.TB) *world {
	tb.Helper()
	w := ordinary(tb)
	w.came("grids", "360699", "2024-03", 55, "2024-04-03 09:00")
	w.came("grids", "360699", "2024-02", 50, "2024-03-04 09:00")
	old := w.came("grids", "360622", "2024-03", 1100, "2026-01-10 09:00")
	old.Origin, old.Source.Origin = fact.History, fact.History
	for _, way := range []string{"paper", "screen"} {
		p := w.came("forms", "360603", "2024-06", float64(len(way)), "2026-01-10 09:00")
		p.Revision, p.Dimensions = 1, fact.MakeDimensions(fact.Pair{Name: "way", Value: way})
		p.Origin, p.Source.Origin = fact.Imported, fact.Imported
		p.Source.Collector, p.Source.By, p.Source.Reason = "import", "王芳", "补录 2024 年"
	}
	w.totals = []fact.Rollup{{Region: "360600", Period: period(tb, "2024-03"), Value: fact.Some(2200), Policy: fact.CarryForward, Reported: 2, Expected: 3}}
	return w
}

// refused is the county that never reported, and why.
func refused(tb testing.TB) *world {
	tb.Helper()
	w := ordinary(tb)
	for i, of := range []string{"2025-12", "2025年12月", "2025-11", "十二月", ""} {
		w.rejections = append(w.rejections, fact.Rejection{
			Reading: fact.Reading{
				Indicator: "grids", Region: []string{"东湖区", "360102"}[i%2], Period: of, Value: fact.TextValue("约1500"), Place: fact.Place{Row: int32(i + 2), Field: "数量"},
			},
			Stage: "value-number", Reason: fact.Text{ZH: "不是数。", EN: "It is no number."}, Run: int64(80 + i), Collector: "grids-books",
			Recorded: at(tb, "2026-01-08 09:00").Add(time.Duration(i) * time.Hour),
		})
	}
	return w
}

// crowded has more rejections than are shown.
func crowded(tb testing.TB) *world {
	tb.Helper()
	w := refused(tb)
	for i := range 25 {
		w.rejections = append(w.rejections, fact.Rejection{
			Reading: fact.Reading{Indicator: "grids", Region: "东湖区", LastEnded: true}, Stage: "value-present",
			Reason: fact.Text{ZH: "没有数。", EN: "There is no value."}, Run: int64(100 + i), Collector: "grids-books", Recorded: at(tb, "2026-01-15 09:00").Add(time.Duration(i) * time.Minute),
		})
	}
	return w
}
