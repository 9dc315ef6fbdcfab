package ledgertest

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func provenanceTests() tests {
	return tests{
		"a figure's provenance is its revisions with all that brought them": provenance,
		"provenances are of one region, in order":                           provenanceOrder,
	}
}

func (h *harness) provenances(t *testing.T, indicator, region string, period fact.Period) []fact.Provenance {
	t.Helper()
	list, err := h.Provenances(t.Context(), indicator, region, period)
	if err != nil {
		t.Fatalf("Provenances(%s, %s, %s): %v", indicator, region, period, err)
	}
	return list
}

// provenance follows one figure: collected, confirmed, held and released,
// rejected once, corrected and confirmed again.
func provenance(t *testing.T, h *harness) {
	run, err := h.Begin(t.Context(), fact.Run{Collector: "grids", Start: h.clock.Now(), Scheduled: h.clock.Now(), Attempt: 2, Origin: fact.History, By: "甲"})
	if err != nil {
		t.Fatal(err)
	}
	f := grids("360603", "2025-12", 41)
	f.Place = fact.Place{Part: "12月", Field: "amount", Row: 17}
	h.commit(t, fact.Delivery{Run: run, Target: "other", Rows: 9, Facts: []fact.Fact{grids("360681", "2025-12", 7)}})
	h.commit(t, fact.Delivery{Run: run, Target: "360603", Facts: []fact.Fact{f}, Rows: 3, QueryDigest: "q", InputDigest: "i",
		Rejections: []fact.Rejection{{Stage: "bounds"}}})
	h.end(t, run, fact.Succeeded)
	confirmed, _ := h.decide(t, "乙", only(confirmOf("360603", "2025-12", 1)))
	h.clock.advance(time.Hour)
	figure := doubtful("360603", "2025-12", 420)
	released, releaseRun := h.decide(t, "丙", only(fact.Decision{Action: fact.Release, Held: h.hold(t, figure)[0].ID}))
	h.decide(t, "丁", only(fact.Decision{Action: fact.Reject, Held: h.hold(t, doubtful("360603", "2025-12", 430))[0].ID}))
	corrected, correctRun := h.decide(t, "戊", correction("360603", "2025-12", 42))
	again, _ := h.decide(t, "己", only(confirmOf("360603", "2025-12", 0)))

	runs := map[int64]fact.Run{}
	for _, r := range h.runs(t, ledger.RunQuery{}) {
		runs[r.ID] = r
	}
	facts := h.history(t)[:3]
	delivered := func(run int64, accepted int) fact.Delivered {
		return fact.Delivered{Run: run, Recorded: h.clock.Now(), Accepted: accepted, Changed: accepted}
	}
	want := []fact.Provenance{
		{Fact: facts[0], Source: runs[run], Decisions: confirmed.Decisions, Delivery: fact.Delivered{Run: run, Target: "360603",
			Recorded: h.clock.Now().Add(-time.Hour), Rows: 3, Accepted: 1, Changed: 1, Rejected: 1, QueryDigest: "q", InputDigest: "i"}},
		{Fact: facts[1], Source: runs[releaseRun], Decisions: released.Decisions, Delivery: delivered(releaseRun, 1)},
		{Fact: facts[2], Source: runs[correctRun], Decisions: append(corrected.Decisions, again.Decisions...), Delivery: delivered(correctRun, 1)},
	}
	h.reopen()
	same(t, "the figure's provenance", h.provenances(t, "grids", "360603", f.Period), want)
	same(t, "that of all of the region", h.provenances(t, "grids", "360603", fact.Period{}), want)
	if want[0].Source.By != "甲" || want[0].Origin != fact.History || want[2].Source.By != "戊" || want[2].Origin != fact.Decided {
		t.Errorf("the sources are %+v and %+v; want those that were begun", want[0].Source, want[2].Source)
	}
}

func provenanceOrder(t *testing.T, h *harness) {
	var want []brief
	for _, period := range []string{"2024-12", "2025-01", "2025-Q1", "2025"} {
		for _, dimensions := range []fact.Dimensions{"", "sex=female", "sex=male"} {
			for revision := range int32(3) {
				want = append(want, brief{"grids", "360603", dimensions, period, float64(revision), revision + 1})
			}
		}
	}
	for revision := range 3 {
		var facts []fact.Fact
		for i := len(want) - 3; i >= 0; i -= 3 { // the last in order first
			for _, region := range []string{"3606", "360603", "360603001"} {
				f := grids(region, want[i].Period, float64(revision))
				f.Dimensions = want[i].Dimensions
				facts = append(facts, f)
			}
		}
		h.deliver(t, facts...)
	}
	briefly := func(list []fact.Provenance) []brief {
		var facts []fact.Fact
		for i := range list {
			facts = append(facts, list[i].Fact)
		}
		return briefs(facts)
	}
	same(t, "all of the region", briefly(h.provenances(t, "grids", "360603", fact.Period{})), want)
	same(t, "one period", briefly(h.provenances(t, "grids", "360603", grids("36", "2025-Q1", 0).Period)), want[18:27])
	same(t, "a period without figures", h.provenances(t, "grids", "360603", grids("36", "2025-Q2", 0).Period), []fact.Provenance{})
	same(t, "a region without figures", h.provenances(t, "grids", "360681", fact.Period{}), []fact.Provenance{})
	same(t, "an unknown indicator", h.provenances(t, "forms", "360603", fact.Period{}), []fact.Provenance{})
	if _, err := h.Provenances(t.Context(), "grids", "余江区", fact.Period{}); err == nil {
		t.Error("Provenances took a region that is no code")
	}
}
