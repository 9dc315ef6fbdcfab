package ledgertest

import (
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func targetTests() tests {
	return tests{
		"a run keeps how each of its targets went": targetRoundTrip,
		"targets that can't be kept leave the run running": func(t *testing.T, h *harness) {
			good := fact.TargetRun{Target: "360601", Outcome: fact.Succeeded}
			run := h.begin(t, "grids")
			for name, bad := range map[string]fact.TargetRun{
				"without a name":      {Outcome: fact.Succeeded},
				"there twice":         good,
				"without an outcome":  {Target: "360602"},
				"still running":       {Target: "360602", Outcome: fact.Running},
				"partial in itself":   {Target: "360602", Outcome: fact.Partial},
				"of no known outcome": {Target: "360602", Outcome: "well"},
			} {
				if err := h.End(t.Context(), fact.Run{ID: run, End: h.clock.Now(), Outcome: fact.Partial}, good, bad); err == nil {
					t.Errorf("End took a target %s", name)
				}
			}
			same(t, "targets", h.targets(t, run), []fact.TargetRun{})
			same(t, "last successes", h.lastSuccesses(t, "grids"), map[string]time.Time{})
			h.end(t, run, fact.Succeeded, good)
			if err := h.End(t.Context(), fact.Run{ID: run, End: h.clock.Now(), Outcome: fact.Succeeded}, fact.TargetRun{Target: "360603", Outcome: fact.Failed}); err == nil {
				t.Error("End took a second end with another target")
			}
			if n := len(h.targets(t, run)); n != 1 {
				t.Errorf("%d targets; want the one the run ended with", n)
			}
		},
		"a run without targets has none": func(t *testing.T, h *harness) {
			other := h.begin(t, "other")
			h.end(t, other, fact.Succeeded, fact.TargetRun{Target: "360601", Outcome: fact.Succeeded})
			run := h.begin(t, "grids")
			same(t, "while it is running", h.targets(t, run), []fact.TargetRun{})
			h.end(t, run, fact.Succeeded)
			same(t, "after it has ended", h.targets(t, run), []fact.TargetRun{})
			same(t, "of an unknown run", h.targets(t, run+100), []fact.TargetRun{})
		},
		"when each target last succeeded":             lastSuccesses,
		"how each target last went":                   lastOutcomes,
		"a run without targets hides no last outcome": lastOutcomesAfterKill,
	}
}

func (h *harness) targets(t *testing.T, run int64) []fact.TargetRun {
	t.Helper()
	targets, err := h.Targets(t.Context(), run)
	if err != nil {
		t.Fatalf("Targets(%d): %v", run, err)
	}
	return targets
}

func (h *harness) lastSuccesses(t *testing.T, collector string) map[string]time.Time {
	t.Helper()
	successes, err := h.LastSuccesses(t.Context(), collector)
	if err != nil {
		t.Fatalf("LastSuccesses(%s): %v", collector, err)
	}
	return successes
}

func (h *harness) lastOutcomes(t *testing.T, collector string) []fact.TargetRun {
	t.Helper()
	outcomes, err := h.LastOutcomes(t.Context(), collector)
	if err != nil {
		t.Fatalf("LastOutcomes(%s): %v", collector, err)
	}
	return outcomes
}

func targetRoundTrip(t *testing.T, h *harness) {
	run := h.begin(t, "grids")
	begun := h.clock.Now()
	want := []fact.TargetRun{
		{Target: "360681", Start: begun.Add(time.Millisecond), End: begun.Add(time.Minute), Outcome: fact.Failed, Attempts: 3,
			Rows: 4, Accepted: 3, Changed: 2, Rejected: 1, Error: "the source answers 503 “忙”"},
		{Target: "360603", Start: begun, End: begun.Add(time.Second), Outcome: fact.Succeeded, Attempts: 1, Rows: 1 << 40, Accepted: 1 << 33},
		{Target: "余江区 a/b", Outcome: fact.Interrupted, Error: "its turn never came"}, // has no times
	}
	for i := range 700 { // more than any batch, and not in the order of names
		want = append(want, fact.TargetRun{Target: strconv.Itoa(700 - i), Start: begun, End: begun, Outcome: fact.Failed, Rows: i})
	}
	h.end(t, run, fact.Partial, want...)
	again := h.begin(t, "grids")
	h.end(t, again, fact.Failed, want[1], want[0])
	h.reopen()
	for i := range want {
		want[i].Run = run
	}
	same(t, "targets", h.targets(t, run), want)
	want[0].Run, want[1].Run = again, again
	same(t, "targets of the second run", h.targets(t, again), []fact.TargetRun{want[1], want[0]})
	if runs := h.runs(t, ledger.RunQuery{}); len(runs) != 2 || runs[1].Outcome != fact.Partial {
		t.Errorf("runs are %+v; want two, the first partial", runs)
	}
}

func lastSuccesses(t *testing.T, h *harness) {
	begun := h.clock.Now()
	at := func(hour int) time.Time { return begun.Add(time.Duration(hour) * time.Hour) }
	for hour, outcomes := range []map[string]fact.Outcome{
		{"a": fact.Succeeded, "b": fact.Succeeded, "never": fact.Failed, "gone": fact.Succeeded},
		{"a": fact.Succeeded, "b": fact.Failed, "never": fact.Interrupted},
		{"a": fact.Succeeded, "b": fact.Succeeded},
		{"a": fact.Interrupted, "b": fact.Succeeded},
		{"a": fact.Failed, "b": fact.Failed},
	} {
		run := h.begin(t, "grids")
		var targets []fact.TargetRun
		for name, outcome := range outcomes {
			targets = append(targets, fact.TargetRun{Target: name, Start: at(hour), End: at(hour).Add(time.Minute), Outcome: outcome})
		}
		h.end(t, run, fact.Partial, targets...)
		// Another collector's targets of the same names are others.
		other := h.begin(t, "other")
		h.end(t, other, fact.Succeeded, fact.TargetRun{Target: "a", Start: at(hour), End: at(hour + 100), Outcome: fact.Succeeded})
		h.end(t, h.begin(t, "whole"), fact.Succeeded)
	}
	h.reopen()
	for collector, want := range map[string]map[string]time.Time{
		"grids":   {"a": at(2).Add(time.Minute), "b": at(3).Add(time.Minute), "gone": at(0).Add(time.Minute)},
		"other":   {"a": at(104)},
		"whole":   {},
		"unknown": {},
	} {
		same(t, "last successes of "+collector, h.lastSuccesses(t, collector), want)
	}
}

func lastOutcomes(t *testing.T, h *harness) {
	begun := h.clock.Now()
	outcome := func(hour int, name string, outcome fact.Outcome) fact.TargetRun {
		r := fact.TargetRun{Target: name, Outcome: outcome, Attempts: 1 + hour, Rows: 4, Accepted: 3, Changed: 2, Rejected: 1}
		switch outcome {
		case fact.Interrupted:
			r.Error = "its turn never came" // has no times
		case fact.Failed:
			r.Error = "the source answers 503"
			fallthrough
		default:
			r.Start = begun.Add(time.Duration(hour) * time.Hour)
			r.End = r.Start.Add(time.Minute)
		}
		return r
	}
	const ok, failed, interrupted = fact.Succeeded, fact.Failed, fact.Interrupted
	// What becomes of a target hour by hour; empty where it isn't one.
	outcomes := map[string][]fact.Outcome{
		"360681":       {failed, ok, ok, ok},
		"360603":       {ok, ok, ok, failed},
		"3606":         {ok, failed, ok, interrupted},
		"360603001":    {failed, failed, interrupted, interrupted},
		"360602":       {ok, failed, "", ""}, // left
		"360604":       {"", "", "", ok},     // new
		"360605":       {"", interrupted, interrupted, interrupted},
		"余江区 a/b":      {failed, "", failed, ""},
		"360602000000": {interrupted, ok, "", interrupted},
	}
	runs := make([]int64, 4)
	for hour := range runs {
		runs[hour] = h.begin(t, "grids")
		var targets []fact.TargetRun
		for name, each := range outcomes {
			if each[hour] != "" {
				targets = append(targets, outcome(hour, name, each[hour]))
			}
		}
		h.end(t, runs[hour], fact.Partial, targets...)
		// Another collector's targets of the same names are others.
		h.end(t, h.begin(t, "other"), fact.Failed, outcome(hour, "360681", failed))
		h.end(t, h.begin(t, "whole"), fact.Succeeded)
	}
	h.reopen()
	var want []fact.TargetRun
	for _, w := range []struct {
		hour int
		name string
	}{{2, "3606"}, {1, "360602"}, {3, "360603"}, {3, "360604"}, {3, "360681"}, {1, "360603001"}, {1, "360602000000"}, {2, "余江区 a/b"}} {
		r := outcome(w.hour, w.name, outcomes[w.name][w.hour])
		r.Run = runs[w.hour]
		want = append(want, r)
	}
	same(t, "last outcomes", h.lastOutcomes(t, "grids"), want)
	other := outcome(3, "360681", failed)
	other.Run = runs[3] + 1
	same(t, "last outcomes of the other", h.lastOutcomes(t, "other"), []fact.TargetRun{other})
	same(t, "last outcomes without targets", h.lastOutcomes(t, "whole"), []fact.TargetRun{})
	same(t, "last outcomes of nobody", h.lastOutcomes(t, "unknown"), []fact.TargetRun{})
}

func lastOutcomesAfterKill(t *testing.T, h *harness) {
	at := h.clock.Now()
	run := h.begin(t, "grids")
	want := []fact.TargetRun{
		{Run: run, Target: "360601", Start: at, End: at, Outcome: fact.Failed, Error: "no answer"},
		{Run: run, Target: "360602", Start: at, End: at, Outcome: fact.Succeeded},
	}
	h.end(t, run, fact.Partial, want...)
	killed := h.begin(t, "grids")
	h.commit(t, fact.Delivery{Run: killed, Target: "360601", Facts: counties(2)})
	same(t, "while a run goes on", h.lastOutcomes(t, "grids"), want)
	h.reopen()
	if n, err := h.InterruptRunning(t.Context(), h.clock.Now()); err != nil || n != 1 {
		t.Fatalf("InterruptRunning: %d, %v; want 1", n, err)
	}
	same(t, "after a kill", h.lastOutcomes(t, "grids"), want)
	h.end(t, h.begin(t, "grids"), fact.Failed) // it came to no targets
	same(t, "after a run that came to no targets", h.lastOutcomes(t, "grids"), want)
	next := h.begin(t, "grids")
	want[0] = fact.TargetRun{Run: next, Target: "360601", Start: at, End: at, Outcome: fact.Succeeded}
	h.end(t, next, fact.Interrupted, want[0], fact.TargetRun{Target: "360602", Outcome: fact.Interrupted})
	same(t, "after an interrupted run", h.lastOutcomes(t, "grids"), want)
}
