package ledgertest

import (
	"errors"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func runTests() tests {
	return tests{
		"a run keeps all that is recorded of it": runRoundTrip,
		"ids of runs grow": func(t *testing.T, h *harness) {
			last := int64(0)
			for i := range 20 {
				if i == 10 {
					h.reopen()
				}
				id := h.begin(t, "grids")
				if id <= last {
					t.Fatalf("run %d follows run %d", id, last)
				}
				last = id
			}
		},
		"a run ends once": func(t *testing.T, h *harness) {
			id := h.begin(t, "grids")
			for _, outcome := range []fact.Outcome{fact.Running, "", "well"} {
				if err := h.End(t.Context(), fact.Run{ID: id, End: h.clock.Now(), Outcome: outcome}); err == nil {
					t.Errorf("End took the outcome %q", outcome)
				}
			}
			h.end(t, id, fact.Failed)
			if err := h.End(t.Context(), fact.Run{ID: id, End: h.clock.Now(), Outcome: fact.Succeeded}); err == nil {
				t.Error("End took a second end")
			}
			if runs := h.runs(t, ledger.RunQuery{}); len(runs) != 1 || runs[0].Outcome != fact.Failed {
				t.Errorf("runs are %+v; want one that failed", runs)
			}
			err := h.End(t.Context(), fact.Run{ID: id + 1, End: h.clock.Now(), Outcome: fact.Succeeded})
			if !errors.Is(err, ledger.ErrNotFound) {
				t.Errorf("End of an unknown run: %v; want ErrNotFound", err)
			}
		},
		"a run has an origin, and hands it to its facts": func(t *testing.T, h *harness) {
			for i, origin := range []fact.Origin{fact.Pulled, fact.History, fact.Imported, fact.Decided} {
				run, err := h.Begin(t.Context(), fact.Run{Collector: "grids", Start: h.clock.Now(), Origin: origin})
				if err != nil {
					t.Fatalf("Begin of origin %v: %v", origin, err)
				}
				for _, f := range h.commit(t, fact.Delivery{Run: run, Facts: []fact.Fact{grids("360603", "2025-12", float64(i))}}) {
					if f.Origin != origin {
						t.Errorf("Commit returned a fact of origin %v; want %v", f.Origin, origin)
					}
				}
				if runs := h.runs(t, ledger.RunQuery{Limit: 1}); runs[0].Origin != origin {
					t.Errorf("the run is of origin %v; want %v", runs[0].Origin, origin)
				}
				if f := h.history(t)[i]; f.Origin != origin {
					t.Errorf("the ledger has a fact of origin %v; want %v", f.Origin, origin)
				}
			}
			if _, err := h.Begin(t.Context(), fact.Run{Collector: "grids", Start: h.clock.Now(), Origin: 9}); err == nil {
				t.Error("Begin took an unknown origin")
			}
		},
		"a run that ended as partial has ended": func(t *testing.T, h *harness) {
			before, partial := h.begin(t, "grids"), h.begin(t, "grids")
			h.commit(t, fact.Delivery{Run: partial, Rejections: []fact.Rejection{{Stage: "bounds"}}})
			h.end(t, before, fact.Succeeded)
			h.end(t, partial, fact.Partial)
			running := h.begin(t, "grids")
			if runs := h.runs(t, ledger.RunQuery{LastFinished: true}); len(runs) != 1 || runs[0].ID != partial || runs[0].Outcome != fact.Partial {
				t.Errorf("the last finished are %+v; want run %d, partial", runs, partial)
			}
			if n := len(h.rejections(t, ledger.RejectionQuery{LastFinished: true})); n != 1 {
				t.Errorf("%d rejections of the last finished run; want 1", n)
			}
			if _, err := h.Commit(t.Context(), fact.Delivery{Run: partial, Target: "late"}); err == nil {
				t.Error("Commit took a delivery of a run that had ended as partial")
			}
			if n, err := h.InterruptRunning(t.Context(), h.clock.Now()); err != nil || n != 1 {
				t.Errorf("InterruptRunning: %d, %v; want run %d alone", n, err, running)
			}
		},
		"queries select runs":             runQueries,
		"unfinished runs are interrupted": interrupt,
	}
}

func (h *harness) runs(t *testing.T, query ledger.RunQuery) []fact.Run {
	t.Helper()
	runs, err := h.Runs(t.Context(), query)
	if err != nil {
		t.Fatalf("Runs(%+v): %v", query, err)
	}
	return runs
}

func runRoundTrip(t *testing.T, h *harness) {
	shanghai := time.FixedZone("CST", 8*3600)
	start := time.Date(2026, 1, 15, 14, 30, 0, 1e6, shanghai)
	want := fact.Run{
		Collector: "养老-care", Scheduled: start.Add(-time.Second), Start: start, Outcome: fact.Running, Attempt: 3,
		Origin: fact.Imported, By: "张三", Reason: "补录2024年各月，见《通知》第3号",
	}
	id, err := h.Begin(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	want.ID = id
	utc := func(r fact.Run) fact.Run {
		if !r.Scheduled.IsZero() {
			r.Scheduled = r.Scheduled.UTC()
		}
		r.Start = r.Start.UTC()
		return r
	}
	same(t, "while it is running", h.runs(t, ledger.RunQuery{}), []fact.Run{utc(want)})

	want.End, want.Outcome, want.Rows, want.Accepted, want.Changed, want.Rejected = start.Add(time.Minute).UTC(), fact.Failed, 100, 90, 80, 10
	want.Error = "source civil-affairs: connection refused"
	if err := h.End(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	asked := h.begin(t, "grids") // nobody scheduled it
	h.reopen()
	same(t, "after it has ended", h.runs(t, ledger.RunQuery{}), []fact.Run{
		{ID: asked, Collector: "grids", Start: h.clock.Now(), Outcome: fact.Running, Attempt: 1}, utc(want)})
}

func runQueries(t *testing.T, h *harness) {
	// The newest ended run of grids is the 3rd, of forms the 4th.
	ids := make([]int64, 7)
	for i, collector := range []string{"", "grids", "forms", "grids", "forms", "grids", "new"} {
		if i == 0 {
			continue
		}
		ids[i] = h.begin(t, collector)
		switch i {
		case 1, 2, 4:
			h.end(t, ids[i], fact.Succeeded)
		case 3:
			h.end(t, ids[i], fact.Failed)
		}
	}
	for name, c := range map[string]struct {
		query ledger.RunQuery
		want  []int
	}{
		"all":                                {ledger.RunQuery{}, []int{6, 5, 4, 3, 2, 1}},
		"the newest":                         {ledger.RunQuery{Limit: 2}, []int{6, 5}},
		"of a collector":                     {ledger.RunQuery{Collector: "grids"}, []int{5, 3, 1}},
		"the newest of a collector":          {ledger.RunQuery{Collector: "grids", Limit: 1}, []int{5}},
		"of an unknown collector":            {ledger.RunQuery{Collector: "old"}, nil},
		"the last ended of each":             {ledger.RunQuery{LastFinished: true}, []int{4, 3}},
		"the last ended of a collector":      {ledger.RunQuery{LastFinished: true, Collector: "grids"}, []int{3}},
		"the last ended of one without such": {ledger.RunQuery{LastFinished: true, Collector: "new"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got, want []int64
			for _, r := range h.runs(t, c.query) {
				got = append(got, r.ID)
			}
			for _, i := range c.want {
				want = append(want, ids[i])
			}
			same(t, "runs", got, want)
		})
	}
}

func interrupt(t *testing.T, h *harness) {
	done, delivered, started := h.begin(t, "a"), h.begin(t, "b"), h.begin(t, "c")
	h.end(t, done, fact.Succeeded)
	h.commit(t, fact.Delivery{Run: delivered, Target: "x", Facts: counties(3), Rows: 5, Rejections: []fact.Rejection{{Stage: "bounds"}}})
	h.commit(t, fact.Delivery{Run: delivered, Target: "y", Facts: counties(4), Regions: villages(2), Rows: 6})
	h.reopen()
	h.clock.advance(time.Hour)
	for i, want := range []int{2, 0} {
		n, err := h.InterruptRunning(t.Context(), h.clock.Now())
		if err != nil || n != want {
			t.Errorf("call %d interrupted %d runs, %v; want %d", i+1, n, err, want)
		}
	}
	runs := h.runs(t, ledger.RunQuery{})
	for i := range runs[:2] {
		if runs[i].Error == "" {
			t.Errorf("run %d doesn't say why it was interrupted", runs[i].ID)
		}
		runs[i].Error = ""
	}
	begun := h.clock.Now().Add(-time.Hour)
	same(t, "runs", runs, []fact.Run{
		{ID: started, Collector: "c", Start: begun, End: h.clock.Now(), Outcome: fact.Interrupted, Attempt: 1},
		// What it delivered stays, and is counted.
		{ID: delivered, Collector: "b", Start: begun, End: h.clock.Now(), Outcome: fact.Interrupted, Attempt: 1,
			Rows: 11, Accepted: 9, Changed: 6, Rejected: 1},
		{ID: done, Collector: "a", Start: begun, End: begun, Outcome: fact.Succeeded, Attempt: 1},
	})
	if n := len(h.history(t)); n != 4 {
		t.Errorf("%d facts; want the 4 that were committed", n)
	}
}
