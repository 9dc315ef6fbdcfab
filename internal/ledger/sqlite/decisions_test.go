package sqlite_test

import (
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

func TestViews(t *testing.T) {
	s, file := newStore(t)
	f := figures("2025-12", 1, 41)
	f[0].Place, f[0].Dimensions = fact.Place{Part: "12月", Field: "amount", Row: 17}, "sex=female"
	mustDeliver(t, s, f)
	f[0].Value = 42
	mustDeliver(t, s, f)
	f[0].Value = 43
	judge(t, s, fact.Delivery{Facts: f, Decisions: []fact.Decision{{Key: f[0].Key(), Action: fact.Correct}}})
	held := fact.HeldFact{Key: f[0].Key(), Value: 420, Stage: "step-plausible", Reason: fact.Text{ZH: "多了十倍", EN: "ten times as much"}, Place: f[0].Place}
	judge(t, s, fact.Delivery{Held: []fact.HeldFact{held}})
	for view, c := range map[string]struct{ query, want string }{
		"figure": {`SELECT format('%s %s %d {%s} r%d newest=%d %g %s %s by "%s" for "%s" %s run %d %s/%s row %d',
			indicator, period, region, dimensions, revision, newest, value, recorded, origin, by, reason, collector, run, part, field, row) FROM figure`,
			`grids 2025-12 360100000 {sex=female} r1 newest=0 41 2026-01-15T06:30:00.000Z pull by "" for "" grids run 1 12月/amount row 17
grids 2025-12 360100000 {sex=female} r2 newest=0 42 2026-01-15T06:30:00.000Z pull by "" for "" grids run 2 12月/amount row 17
grids 2025-12 360100000 {sex=female} r3 newest=1 43 2026-01-15T06:30:00.000Z decision by "张三" for "已核对" confirm run 3 12月/amount row 17`},
		"waiting": {`SELECT format('%d: %s %s %d {%s} %g %s %s %s %s %s run %d %s %s/%s row %d',
			held, indicator, period, region, dimensions, value, stage, reason_zh, reason_en, recorded, collector, run, target, part, field, row) FROM waiting`,
			"1: grids 2025-12 360100000 {sex=female} 420 step-plausible 多了十倍 ten times as much 2026-01-15T06:30:00.000Z confirm run 4  12月/amount row 17"},
		"decided": {`SELECT format('%d: %s %s %d {%s} %s r%d %s %g %s %s %s run %d',
			decision, indicator, period, region, dimensions, action, revision, held, overruled, recorded, by, reason, run) FROM decided`,
			"1: grids 2025-12 360100000 {sex=female} correct r3  42 2026-01-15T06:30:00.000Z 张三 已核对 run 3"},
	} {
		if got := query(t, file, c.query); got != c.want {
			t.Errorf("the view %s shows\n%s\nwant\n%s", view, got, c.want)
		}
	}
	judge(t, s, fact.Delivery{Decisions: []fact.Decision{{Held: 1, Action: fact.Reject}}})
	if got := query(t, file, "SELECT held FROM waiting"); got != "" {
		t.Errorf("held figure %s was rejected and waits", got)
	}
}

// A delivery that no gate and no command makes is refused in words all the same.
func TestRefusedDecisionsSayWhy(t *testing.T) {
	s, file := newStore(t)
	f := figures("2025-12", 1, 41)[0]
	mustDeliver(t, s, []fact.Fact{f})
	figure := fact.HeldFact{Key: f.Key(), Value: 420}
	held := judge(t, s, fact.Delivery{Held: []fact.HeldFact{figure}})[0].ID
	confirm, reject := fact.Decision{Key: f.Key(), Action: fact.Confirm}, fact.Decision{Held: held, Action: fact.Reject}
	run, err := s.Begin(t.Context(), fact.Run{Collector: "reject", Start: fixedNow()})
	if err != nil {
		t.Fatal(err)
	}
	const name = "grids of region 360100000 for 2025-12"
	for what, c := range map[string]struct {
		delivery fact.Delivery
		words    []string
	}{
		"held, and a fact":       {fact.Delivery{Held: []fact.HeldFact{figure}, Facts: []fact.Fact{f}}, []string{name, "as a fact and as a held figure"}},
		"held twice":             {fact.Delivery{Held: []fact.HeldFact{figure, figure}}, []string{name, "twice, as its held figures 1 and 2"}},
		"held and decided":       {fact.Delivery{Held: []fact.HeldFact{figure}, Decisions: []fact.Decision{confirm}}, []string{name, "decide when it waits"}},
		"decided twice":          {fact.Delivery{Decisions: []fact.Decision{confirm, reject}}, []string{name, "one decision at a time"}},
		"rejected with a fact":   {fact.Delivery{Facts: []fact.Fact{f}, Decisions: []fact.Decision{reject}}, []string{name, "nothing to reject"}},
		"corrected without":      {fact.Delivery{Decisions: []fact.Decision{{Key: f.Key(), Action: fact.Correct}}}, []string{name, "deliver it together"}},
		"approved":               {fact.Delivery{Decisions: []fact.Decision{{Key: f.Key(), Action: "approve"}}}, []string{"approve", "expected confirm"}},
		"released with its fact": {fact.Delivery{Facts: []fact.Fact{f}, Decisions: []fact.Decision{{Held: held, Action: fact.Release}}}, []string{name, "twice"}},
	} {
		t.Run(what, func(t *testing.T) {
			c.delivery.Run = run
			_, err := s.Commit(t.Context(), c.delivery)
			mustFail(t, err, append(c.words, file)...)
		})
	}
}

// What is asked of one region, and by every commit while something waits, is
// found by an index, however much was held, decided and refused.
func TestQueriesOfRegionsSearch(t *testing.T) {
	s, _ := newStore(t)
	period := figures("2025-12", 1, 0)[0].Period
	for name, c := range map[string]struct{ plan, by string }{
		"what waits for a delivery": {sqlite.PlanWaiting(t, s), "held USING INDEX held_waiting (indicator=? AND period=? AND region>? AND region<?)"},
		"held figures of a region":  {sqlite.PlanHeld(t, s, "grids", "360603", fact.Period{}), "held USING INDEX held_by_region (indicator=? AND region=?)"},
		"held figures of a period":  {sqlite.PlanHeld(t, s, "grids", "360603", period), "held USING INDEX held_by_region (indicator=? AND region=? AND period=?)"},
		"decisions of a region":     {sqlite.PlanDecisions(t, s, "grids", "360603"), "decision USING INDEX decision_by_region (indicator=? AND region=?)"},
		"the newest decisions":      {sqlite.PlanDecisions(t, s, "", ""), "decision USING INDEX decision_by_delivery"},
		"rejections of a region": {sqlite.PlanRejections(t, s, ledger.RejectionQuery{Indicator: "grids", Written: []string{"360603", "余江区"}, Limit: 20}),
			"rejection USING INDEX rejection_by_region (indicator=? AND region=?)"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(c.plan, c.by) {
				t.Errorf("SQLite goes not by %s:\n%s", c.by, c.plan)
			}
			for step := range strings.Lines(c.plan) {
				if strings.Contains(step, "SCAN") && !strings.Contains(step, "decision_by_delivery") {
					t.Errorf("SQLite reads all: %s", step)
				}
			}
		})
	}
}
