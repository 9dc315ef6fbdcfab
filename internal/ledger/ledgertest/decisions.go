package ledgertest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func decisionTests() tests {
	return tests{
		"a decision that was delivered is no unfinished run":          interruptDecisions,
		"a figure is confirmed once a revision":                       confirmed,
		"a released figure becomes a fact":                            released,
		"a released figure that the ledger has by now adds none":      releasedSame,
		"a rejected figure is overruled":                              rejected,
		"a correction overrules what was before":                      corrected,
		"a correction closes what waited":                             correctedHeld,
		"decisions that can't be taken are conflicts, and do nothing": conflicts,
		"decisions that make no sense are refused":                    refusedDecisions,
		"queries select decisions":                                    decisionQueries,
		"many decisions are taken in one delivery":                    manyDecisions,
	}
}

// tryDecide commits a delivery in a run of a person.
func (h *harness) tryDecide(t *testing.T, by string, d fact.Delivery) (fact.Committed, int64, error) {
	t.Helper()
	id, err := h.Begin(t.Context(), fact.Run{Collector: "confirm", Start: h.clock.Now(), Attempt: 1, Origin: fact.Decided, By: by, Reason: "原始凭证 已核对"})
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	d.Run = id
	committed, err := h.Commit(t.Context(), d)
	outcome := fact.Succeeded
	if err != nil {
		outcome = fact.Failed
	}
	h.end(t, id, outcome)
	return committed, id, err
}

func (h *harness) decide(t *testing.T, by string, d fact.Delivery) (committed fact.Committed, run int64) {
	t.Helper()
	committed, run, err := h.tryDecide(t, by, d)
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return committed, run
}

// only is a delivery of decisions.
func only(decisions ...fact.Decision) fact.Delivery { return fact.Delivery{Decisions: decisions} }

func confirmOf(region, period string, revision int32) fact.Decision {
	return fact.Decision{Key: keyOf(region, period), Action: fact.Confirm, Revision: revision}
}

// correction is a delivery of a right figure.
func correction(region, period string, value float64) fact.Delivery {
	f := grids(region, period, value)
	return fact.Delivery{Facts: []fact.Fact{f}, Decisions: []fact.Decision{{Key: f.Key(), Action: fact.Correct}}}
}

func (h *harness) decisions(t *testing.T, query ledger.DecisionQuery) []fact.Decision {
	t.Helper()
	list, err := h.Decisions(t.Context(), query)
	if err != nil {
		t.Fatalf("Decisions(%+v): %v", query, err)
	}
	return list
}

// taken completes a decision by what the ledger sets on every one.
func (h *harness) taken(d fact.Decision, run int64, by string) fact.Decision {
	d.Run, d.By, d.Reason, d.Recorded = run, by, "原始凭证 已核对", h.clock.Now().UnixMilli()
	return d
}

// assertDecided fails the test unless the ledger's newest decision is as Commit
// said, and as wanted but for its id.
func (h *harness) assertDecided(t *testing.T, committed fact.Committed, want fact.Decision) {
	t.Helper()
	if len(committed.Decisions) != 1 {
		t.Fatalf("Commit returned %d decisions; want one", len(committed.Decisions))
	}
	got := committed.Decisions[0]
	want.ID = got.ID
	same(t, "Commit returned", got, want)
	same(t, "the newest decision", h.decisions(t, ledger.DecisionQuery{Limit: 1}), []fact.Decision{want})
}

func confirmed(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 1), grids("360681", "2025-12", 1))
	h.clock.advance(time.Hour)
	for i, asked := range []int32{0, 2} {
		d := confirmOf("360603", "2025-12", asked)
		d.Held, d.Overruled, d.By, d.Run = 7, fact.Some(8), "李四", 9 // which the ledger sets
		c, run := h.decide(t, "张三", only(d))
		h.assertDecided(t, c, h.taken(confirmOf("360603", "2025-12", int32(i+1)), run, "张三"))
		if len(c.Facts)+len(c.Held) > 0 {
			t.Errorf("a confirmation changed %+v", c)
		}
		_, _, err := h.tryDecide(t, "李四", only(confirmOf("360603", "2025-12", 0)))
		mustConflict(t, err, "grids", "360603", "2025-12", "张三", "already")
		h.reopen()
		h.deliver(t, grids("360603", "2025-12", float64(i+5)))
	}
	// The third revision is confirmed in the delivery that brings the fourth.
	d := only(confirmOf("360603", "2025-12", 0))
	d.Facts = []fact.Fact{grids("360603", "2025-12", 9)}
	c, run := h.decide(t, "王五", d)
	h.assertDecided(t, c, h.taken(confirmOf("360603", "2025-12", 4), run, "王五"))
}

// mustConflict fails the test unless err is a conflict that says all of the
// words and nothing of where the ledger is kept.
func mustConflict(t *testing.T, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("error %v; want a conflict", err)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("conflict %q doesn't say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), "/") {
		t.Errorf("conflict %q names a file to whoever decided", err)
	}
}

func released(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 1))
	figure := doubtful("360603", "2025-12", 420)
	figure.Place = fact.Place{Part: "12月", Field: "amount", Row: 17}
	waiting := h.hold(t, figure)[0]
	h.clock.advance(time.Hour)
	facts := make([]fact.Fact, 1, 8) // with room behind it that is not the ledger's
	facts[0] = grids("360681", "2025-12", 3)
	c, run := h.decide(t, "张三", fact.Delivery{Facts: facts, Decisions: []fact.Decision{{Action: fact.Release, Held: waiting.ID}}})
	want := grids("360603", "2025-12", 420)
	want.Place, want.Revision, want.Run, want.Recorded, want.Origin = figure.Place, 2, run, h.clock.Now().UnixMilli(), fact.Decided
	if len(c.Facts) != 2 {
		t.Fatalf("Commit returned the facts %+v; want two", c.Facts)
	}
	same(t, "the new fact", sorted(c.Facts)[0], want)
	h.assertDecided(t, c, h.taken(fact.Decision{Key: waiting.Key, Action: fact.Release, Held: waiting.ID, Revision: 2}, run, "张三"))
	closed := waiting
	closed.Closed, closed.Closing = h.clock.Now().UnixMilli(), fact.ByRelease
	same(t, "what no longer waits", c.Held, []fact.HeldFact{closed})
	h.reopen()
	same(t, "the ledger holds", h.held(t, ledger.HeldQuery{}), []fact.HeldFact{closed})
	same(t, "the facts", h.facts(t, ledger.FactQuery{Region: "360603"}), []fact.Fact{want})
	if tail := facts[:2][1]; tail != (fact.Fact{}) {
		t.Errorf("Commit wrote %+v behind the delivery's facts", tail)
	}
	_, _, err := h.tryDecide(t, "李四", only(fact.Decision{Key: waiting.Key, Action: fact.Reject, Held: waiting.ID}))
	mustConflict(t, err, "grids of region 360603 for 2025-12", "张三", "released")
	deliveries, err := h.Deliveries(t.Context(), "confirm", fact.DeliveryQuery{})
	if err != nil || len(deliveries) != 1 || deliveries[0].Accepted != 2 || deliveries[0].Changed != 2 {
		t.Errorf("Deliveries: %+v, %v; want one that brought 2 facts", deliveries, err)
	}
}

func releasedSame(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 1))
	h.deliver(t, grids("360603", "2025-12", 420))
	waiting := h.hold(t, doubtful("360603", "2025-12", 420))[0]
	c, run := h.decide(t, "张三", only(fact.Decision{Action: fact.Release, Held: waiting.ID, Key: waiting.Key}))
	same(t, "new facts", c.Facts, []fact.Fact{})
	h.assertDecided(t, c, h.taken(fact.Decision{Key: waiting.Key, Action: fact.Release, Held: waiting.ID, Revision: 2}, run, "张三"))
	if len(c.Held) != 1 || c.Held[0].Closing != fact.ByRelease {
		t.Errorf("Commit returned %+v; want the figure as released", c.Held)
	}
}

func rejected(t *testing.T, h *harness) {
	first := grids("360603", "2025-12", 1)
	h.deliver(t, first)
	waiting := h.hold(t, doubtful("360603", "2025-12", 420))[0]
	h.clock.advance(time.Hour)
	c, run := h.decide(t, "张三", only(fact.Decision{Action: fact.Reject, Held: waiting.ID, Revision: 7, Overruled: fact.Some(8)}))
	h.assertDecided(t, c, h.taken(fact.Decision{Key: waiting.Key, Action: fact.Reject, Held: waiting.ID, Overruled: fact.Some(420)}, run, "张三"))
	waiting.Closed, waiting.Closing = h.clock.Now().UnixMilli(), fact.ByReject
	same(t, "what no longer waits", c.Held, []fact.HeldFact{waiting})
	same(t, "the facts", briefs(h.history(t)), []brief{{"grids", "360603", "", "2025-12", 1, 1}})
	statistics, err := h.Statistics(t.Context())
	if err != nil || statistics.Held != 0 || statistics.Decisions != 1 {
		t.Errorf("Statistics: %+v, %v; want one decision and nothing that waits", statistics, err)
	}
}

func corrected(t *testing.T, h *harness) {
	c, run := h.decide(t, "张三", correction("360603", "2025-12", 0))
	want := fact.Decision{Key: keyOf("360603", "2025-12"), Action: fact.Correct, Revision: 1}
	h.assertDecided(t, c, h.taken(want, run, "张三"))
	h.clock.advance(time.Hour)
	c, run = h.decide(t, "李四", correction("360603", "2025-12", 42))
	want.Revision, want.Overruled = 2, fact.Some(0)
	h.assertDecided(t, c, h.taken(want, run, "李四"))
	if len(c.Facts) != 1 || c.Facts[0].Origin != fact.Decided || c.Facts[0].Revision != 2 {
		t.Errorf("Commit returned the facts %+v; want the second revision, by decision", c.Facts)
	}
	_, _, err := h.tryDecide(t, "王五", correction("360603", "2025-12", 42))
	mustConflict(t, err, "correct grids of region 360603 for 2025-12", "42 already")
}

func correctedHeld(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 41))
	waiting := h.hold(t, doubtful("360603", "2025-12", 420), doubtful("360681", "2025-12", 7))[0]
	_, _, err := h.tryDecide(t, "张三", correction("360603", "2025-12", 41))
	mustConflict(t, err, "41 already", "420", "reject")
	c, run := h.decide(t, "张三", correction("360603", "2025-12", 42))
	waiting.Closed, waiting.Closing = h.clock.Now().UnixMilli(), fact.ByCorrection
	same(t, "what no longer waits", c.Held, []fact.HeldFact{waiting})
	h.assertDecided(t, c, h.taken(fact.Decision{Key: waiting.Key, Action: fact.Correct, Revision: 2, Overruled: fact.Some(41)}, run, "张三"))
	same(t, "values that wait", h.waitingValues(t), []float64{7})
	_, _, err = h.tryDecide(t, "李四", only(fact.Decision{Action: fact.Release, Held: waiting.ID}))
	mustConflict(t, err, "张三", "corrected")
}

func conflicts(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 1))
	h.deliver(t, grids("360603", "2025-12", 2))
	old := h.hold(t, doubtful("360603", "2025-12", 420))[0]
	waiting := h.hold(t, doubtful("360603", "2025-12", 430))[1]
	other := h.hold(t, doubtful("360682", "2025-12", 440))[0]
	run := h.begin(t, "confirm")
	good := fact.Decision{Action: fact.Reject, Held: other.ID} // stands before each of those that are not
	dimension := confirmOf("360603", "2025-12", 0)
	dimension.Dimensions = "sex=female"
	strange := fact.Decision{Action: fact.Release, Held: waiting.ID, Key: keyOf("360681", "2025-12")}
	for name, c := range map[string]struct {
		decision fact.Decision
		words    []string
	}{
		"a revision that isn't the newest": {confirmOf("360603", "2025-12", 1), []string{"confirm grids of region 360603 for 2025-12", "newest revision is 2 (2)"}},
		"a revision to come":               {confirmOf("360603", "2025-12", 3), []string{"newest revision is 2"}},
		"a figure of another region":       {confirmOf("360681", "2025-12", 0), []string{"360681", "no such figure"}},
		"a figure of another dimension":    {dimension, []string{"{sex=female}", "no such figure"}},
		"a figure that never was held":     {fact.Decision{Action: fact.Release, Held: waiting.ID + 100}, []string{"release held figure", "no held figure"}},
		"no figure":                        {fact.Decision{Action: fact.Reject}, []string{"reject held figure 0", "no held figure"}},
		"a figure that was superseded":     {fact.Decision{Action: fact.Release, Held: old.ID}, []string{"grids of region 360603 for 2025-12", "another figure in its place"}},
		"a held figure of another":         {strange, []string{"grids of region 360603 for 2025-12"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := fact.Delivery{Run: run, Facts: counties(600), Regions: villages(5), Held: []fact.HeldFact{doubtful("360601", "2025-12", 1)},
				Rejections: []fact.Rejection{{Stage: "bounds"}}, Decisions: []fact.Decision{good, c.decision}}
			_, err := h.Commit(t.Context(), d)
			mustConflict(t, err, c.words...)
			same(t, "values that wait", h.waitingValues(t), []float64{440, 430})
			statistics, err := h.Statistics(t.Context())
			if err != nil || statistics.Facts != 2 || statistics.Regions+statistics.Decisions+statistics.Rejections > 0 {
				t.Errorf("Statistics after a conflict: %+v, %v; want two facts and two that wait", statistics, err)
			}
		})
	}
	// The same run may try again.
	if c := h.commitAll(t, fact.Delivery{Run: run, Decisions: []fact.Decision{good}}); len(c.Decisions) != 1 {
		t.Errorf("a decision after conflicts: %+v; want it taken", c)
	}
}

func refusedDecisions(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 1))
	waiting := h.hold(t, doubtful("360603", "2025-12", 420))[0]
	confirm, reject := confirmOf("360603", "2025-12", 0), fact.Decision{Action: fact.Reject, Held: waiting.ID}
	unknown, nameless, regionless, periodless := confirm, confirm, confirm, confirm
	unknown.Action, nameless.Indicator, regionless.Region, periodless.Period = "approve", "", "余江区", fact.Period{}
	run := h.begin(t, "confirm")
	for name, d := range map[string]fact.Delivery{
		"unknown":                       only(unknown),
		"of no indicator":               only(nameless),
		"of a region's name":            only(regionless),
		"of no period":                  only(periodless),
		"twice":                         only(confirm, confirm),
		"two on one figure":             only(confirm, reject),
		"a correction without its fact": only(fact.Decision{Key: waiting.Key, Action: fact.Correct}),
		"a rejection with a fact":       {Facts: []fact.Fact{grids("360603", "2025-12", 3)}, Decisions: []fact.Decision{reject}},
		"a release with its fact": {Facts: []fact.Fact{grids("360603", "2025-12", 420)},
			Decisions: []fact.Decision{{Action: fact.Release, Held: waiting.ID}}},
		"a rejection of what is held again": {Held: []fact.HeldFact{doubtful("360603", "2025-12", 420)}, Decisions: []fact.Decision{reject}},
	} {
		t.Run(name, func(t *testing.T) {
			d.Run = run
			if _, err := h.Commit(t.Context(), d); err == nil {
				t.Error("Commit took it")
			}
			same(t, "values that wait", h.waitingValues(t), []float64{420})
			same(t, "decisions", h.decisions(t, ledger.DecisionQuery{}), []fact.Decision{})
		})
	}
}

func decisionQueries(t *testing.T, h *harness) {
	forms := grids("360601", "2025-12", 1)
	forms.Indicator = "forms"
	h.deliver(t, forms, grids("360601", "2025-12", 1), grids("360601", "2025-11", 1), grids("360602", "2025-12", 1))
	ofForms := fact.Decision{Key: forms.Key(), Action: fact.Confirm}
	for i, d := range []fact.Delivery{
		only(confirmOf("360602", "2025-12", 0), confirmOf("360601", "2025-12", 0)),
		only(confirmOf("360601", "2025-11", 0), ofForms),
		correction("360601", "2025-12", 2),
	} {
		h.decide(t, []string{"甲", "乙", "丙"}[i], d)
		statistics, err := h.Statistics(t.Context())
		if want := []int64{2, 4, 5}[i]; err != nil || statistics.Decisions != want {
			t.Errorf("Statistics: %+v, %v; want %d decisions", statistics, err, want)
		}
	}
	period := grids("36", "2025-12", 0).Period
	for name, c := range map[string]struct {
		query ledger.DecisionQuery
		want  []string
	}{
		"all":            {ledger.DecisionQuery{}, []string{"丙 grids 360601", "乙 grids 360601", "乙 forms 360601", "甲 grids 360602", "甲 grids 360601"}},
		"the newest":     {ledger.DecisionQuery{Limit: 2}, []string{"丙 grids 360601", "乙 grids 360601"}},
		"an indicator":   {ledger.DecisionQuery{Indicator: "forms"}, []string{"乙 forms 360601"}},
		"an unknown one": {ledger.DecisionQuery{Indicator: "policies"}, nil},
		"a region":       {ledger.DecisionQuery{Region: "360602"}, []string{"甲 grids 360602"}},
		"a period":       {ledger.DecisionQuery{Period: period, Indicator: "grids"}, []string{"丙 grids 360601", "甲 grids 360602", "甲 grids 360601"}},
		"all of it":      {ledger.DecisionQuery{Period: period, Indicator: "grids", Region: "360601", Limit: 1}, []string{"丙 grids 360601"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range h.decisions(t, c.query) {
				got = append(got, d.By+" "+d.Indicator+" "+d.Region)
			}
			same(t, "decisions", got, c.want)
		})
	}
	if _, err := h.Decisions(t.Context(), ledger.DecisionQuery{Region: "余江区"}); err == nil {
		t.Error("Decisions took a region that is no code")
	}
}

// manyDecisions releases and confirms more than fits into one statement.
func manyDecisions(t *testing.T, h *harness) {
	facts := counties(600)
	figures := make([]fact.HeldFact, 0, 300)
	for i := range 300 {
		figures = append(figures, doubtful(facts[i].Region, "2025", -1))
	}
	h.deliver(t, facts...)
	var d fact.Delivery
	for _, figure := range h.hold(t, figures...) {
		d.Decisions = append(d.Decisions, fact.Decision{Action: fact.Release, Held: figure.ID})
	}
	for _, f := range counties(600)[300:] {
		d.Decisions = append(d.Decisions, confirmOf(f.Region, "2025", 1))
	}
	c, _ := h.decide(t, "张三", d)
	if len(c.Facts) != 300 || len(c.Held) != 300 || len(c.Decisions) != 600 {
		t.Errorf("Commit returned %d facts, %d held figures and %d decisions; want 300, 300 and 600", len(c.Facts), len(c.Held), len(c.Decisions))
	}
	for i, d := range h.decisions(t, ledger.DecisionQuery{}) {
		if want := counties(600)[i].Region; d.Region != want {
			t.Fatalf("decision %d is of region %s; want %s, as delivered", i, d.Region, want)
		}
	}
	statistics, err := h.Statistics(t.Context())
	if err != nil || statistics.Decisions != 600 || statistics.Held != 0 || statistics.Facts != 900 {
		t.Errorf("Statistics: %+v, %v; want 600 decisions, 900 facts and nothing that waits", statistics, err)
	}
}

func interruptDecisions(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 12))
	decision := fact.Run{Collector: "confirm", Start: h.clock.Now(), Attempt: 1, Origin: fact.Decided, By: "li", Reason: "seen"}
	delivered, err := h.Begin(t.Context(), decision)
	if err != nil {
		t.Fatal(err)
	}
	h.commitAll(t, fact.Delivery{Run: delivered, Decisions: []fact.Decision{confirmOf("360603", "2025-12", 1)}})
	if _, err := h.Begin(t.Context(), decision); err != nil { // and then the program was killed
		t.Fatal(err)
	}
	if n, err := h.InterruptRunning(t.Context(), h.clock.Now()); err != nil || n != 1 {
		t.Errorf("InterruptRunning: %d, %v; want the one that had not delivered", n, err)
	}
	runs := h.runs(t, ledger.RunQuery{})
	if runs[0].Outcome != fact.Interrupted || runs[1].Outcome != fact.Succeeded || runs[1].Error != "" || runs[1].End.IsZero() {
		t.Errorf("the runs are %+v; want the delivered one a success", runs[:2])
	}
}
