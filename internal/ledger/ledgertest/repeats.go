package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func repeatTests() tests {
	return tests{
		"rejections that a delivery repeats are kept once":          repeatedRejections,
		"a delivery that isn't taken deletes nothing":               repeatNotTaken,
		"what a running run repeats counts as the last run's still": repeatsWhileRunning,
		"what a running run refuses otherwise is not the last run's": func(t *testing.T, h *harness) {
			for name, change := range map[string]func(*fact.Delivery){
				"of other rows":    func(d *fact.Delivery) { d.InputDigest = "i2" },
				"by another query": func(d *fact.Delivery) { d.QueryDigest = "q2" },
				"fewer":            func(d *fact.Delivery) { d.Rejections = d.Rejections[:1] },
				"another file":     func(d *fact.Delivery) { d.Target = "x" },
			} {
				h.end(t, h.refuse(t, name, refused("last")), fact.Succeeded)
				running := refused("running")
				change(&running)
				h.refuse(t, name, running)
				last := h.rejections(t, ledger.RejectionQuery{Collector: name, LastFinished: true})
				if len(last) != 2 || last[0].Stage != "last.1" {
					t.Errorf("%s: the last run's rejections are %+v; want its own two", name, last)
				}
			}
		},
		"what a running run refuses, by unknown digests, neither": func(t *testing.T, h *harness) {
			for name, change := range map[string]func(*fact.Delivery){
				"query": func(d *fact.Delivery) { d.QueryDigest = "" },
				"rows":  func(d *fact.Delivery) { d.InputDigest = "" },
			} {
				last, running := refused("last"), refused("running")
				change(&last)
				change(&running)
				h.end(t, h.refuse(t, name, last), fact.Succeeded)
				h.refuse(t, name, running)
				if n := len(h.rejections(t, ledger.RejectionQuery{Collector: name, LastFinished: true})); n != 2 {
					t.Errorf("without a digest of the %s: %d rejections of the last run; want its own two", name, n)
				}
			}
		},
		"a run that falls behind takes nothing from a later one": repeatsOfLateRun,
		"a repeated rejection expires by its newest copy":        pruneRepeated,
	}
}

// refused is a delivery of a file with two refused readings. The stages say
// which delivery of a test it was.
func refused(name string) fact.Delivery {
	return fact.Delivery{Target: "360603/12月.xlsx", QueryDigest: "q", InputDigest: "i", Rows: 5,
		Rejections: []fact.Rejection{{Stage: name + ".1"}, {Stage: name + ".2"}}}
}

// refuse commits a delivery in a run of its own, which it doesn't end.
func (h *harness) refuse(t *testing.T, collector string, d fact.Delivery) int64 {
	t.Helper()
	d.Run = h.begin(t, collector)
	h.commit(t, d)
	return d.Run
}

func repeatedRejections(t *testing.T, h *harness) {
	first := []string{"first.1", "first.2"}
	second := []string{"second.1", "second.2"}
	both := append(append([]string{}, second...), first...)
	for name, c := range map[string]struct {
		collector string // of the second delivery, where it isn't the first one's
		change    func(first, second *fact.Delivery)
		between   func(*fact.Delivery) // makes a delivery between the two of the first
		want      []string
	}{
		"the same again":           {want: second},
		"the same without targets": {change: func(a, b *fact.Delivery) { a.Target, b.Target = "", "" }, want: second},
		"by another collector":     {collector: "other", want: both},
		"of another target":        {change: func(_, b *fact.Delivery) { b.Target = "360603/11月.xlsx" }, want: both},
		"by another query":         {change: func(_, b *fact.Delivery) { b.QueryDigest = "q2" }, want: both},
		"of other rows":            {change: func(_, b *fact.Delivery) { b.InputDigest = "i2" }, want: both},
		"by unknown queries":       {change: func(a, b *fact.Delivery) { a.QueryDigest, b.QueryDigest = "", "" }, want: both},
		"of unknown rows":          {change: func(a, b *fact.Delivery) { a.InputDigest, b.InputDigest = "", "" }, want: both},
		"with fewer of them": {
			change: func(_, b *fact.Delivery) { b.Rejections = b.Rejections[:1] }, want: append([]string{"second.1"}, first...)},
		"with more of them": {change: func(a, _ *fact.Delivery) { a.Rejections = a.Rejections[:1] }, want: append(second[:2:2], "first.1")},
		"with none":         {change: func(_, b *fact.Delivery) { b.Rejections = nil }, want: first},
		"after other rows": {
			between: func(d *fact.Delivery) { d.InputDigest = "i2" }, want: append(append(second[:2:2], "between.1", "between.2"), first...)},
		"after a clean delivery":    {between: func(d *fact.Delivery) { d.Rejections = nil }, want: both},
		"after another file":        {between: func(d *fact.Delivery) { d.Target, d.Rejections = "x", nil }, want: second},
		"after the same in between": {between: func(*fact.Delivery) {}, want: second},
	} {
		t.Run(name, func(t *testing.T) {
			// A collector for each case, so that one ledger does for all.
			earlier, later := refused("first"), refused("second")
			if c.change != nil {
				c.change(&earlier, &later)
			}
			h.end(t, h.refuse(t, name, earlier), fact.Succeeded)
			if c.between != nil {
				d := refused("between")
				c.between(&d)
				h.end(t, h.refuse(t, name, d), fact.Failed)
			}
			h.end(t, h.refuse(t, name+c.collector, later), fact.Succeeded)
			var got []string
			for _, collector := range []string{name + "other", name} {
				for _, r := range h.rejections(t, ledger.RejectionQuery{Collector: collector}) {
					got = append(got, r.Stage)
				}
			}
			same(t, "rejections", got, c.want)
			list := h.deliveries(t, name, fact.DeliveryQuery{})
			if n := len(list); list[n-1].Rejected != len(earlier.Rejections) {
				t.Errorf("the first delivery has %d rejections on its record; want %d", list[n-1].Rejected, len(earlier.Rejections))
			}
		})
	}
	statistics, err := h.Statistics(t.Context())
	if all := len(h.rejections(t, ledger.RejectionQuery{})); err != nil || statistics.Rejections != int64(all) {
		t.Errorf("Statistics: %+v, %v; want %d rejections", statistics, err, all)
	}
}

func repeatNotTaken(t *testing.T, h *harness) {
	first := h.refuse(t, "files", refused("first"))
	again := refused("again")
	again.Run = first
	if _, err := h.Commit(t.Context(), again); err == nil {
		t.Error("Commit took a target of a run twice")
	}
	again.Run = h.begin(t, "files")
	ctx, cancel := context.WithCancel(t.Context())
	h.clock.onNext(cancel)
	if _, err := h.Commit(ctx, again); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v; want context.Canceled", err)
	}
	assertRejections(t, h, "first.1", "first.2")
	h.commit(t, again)
	assertRejections(t, h, "again.1", "again.2")
}

// repeatsWhileRunning has a run of two files, and the next one from its begin to
// its end: at no time are refused readings missing from those of the last run.
func repeatsWhileRunning(t *testing.T, h *harness) {
	file := func(run int64, name string) {
		d := refused(fmt.Sprintf("%s of %d", name, run))
		d.Run, d.Target = run, name
		d.Rejections = d.Rejections[:1]
		h.commit(t, d)
	}
	last := func(want ...string) {
		t.Helper()
		var got []string
		for _, r := range h.rejections(t, ledger.RejectionQuery{LastFinished: true}) {
			got = append(got, r.Stage)
		}
		same(t, "rejections of the last run", got, want)
	}
	h.end(t, h.refuse(t, "other", refused("other")), fact.Succeeded)
	first := h.begin(t, "files")
	file(first, "a")
	file(first, "b")
	last("other.1", "other.2") // the first run has not ended, and repeats nothing
	h.end(t, first, fact.Succeeded)
	last("b of 2.1", "a of 2.1", "other.1", "other.2")
	second := h.begin(t, "files")
	last("b of 2.1", "a of 2.1", "other.1", "other.2")
	file(second, "a")
	file(second, "c")
	last("a of 3.1", "b of 2.1", "other.1", "other.2") // c is new
	file(second, "b")
	last("b of 3.1", "a of 3.1", "other.1", "other.2")
	h.end(t, second, fact.Succeeded)
	last("b of 3.1", "c of 3.1", "a of 3.1", "other.1", "other.2")
	third := h.begin(t, "files")
	file(third, "c")
	if _, err := h.InterruptRunning(t.Context(), h.clock.Now()); err != nil {
		t.Fatal(err)
	}
	last("c of 4.1", "other.1", "other.2") // the third run is the last now
	assertRejections(t, h, "c of 4.1", "b of 3.1", "a of 3.1", "other.1", "other.2")
}

func repeatsOfLateRun(t *testing.T, h *harness) {
	late, later := refused("late"), refused("later")
	late.Run = h.begin(t, "files")
	later.Run = h.begin(t, "files")
	h.commit(t, later)
	h.end(t, later.Run, fact.Succeeded)
	h.commit(t, late)
	h.end(t, late.Run, fact.Succeeded)
	assertRejections(t, h, "late.1", "late.2", "later.1", "later.2")
	if n := len(h.rejections(t, ledger.RejectionQuery{LastFinished: true})); n != 2 {
		t.Errorf("%d rejections of the last run; want the two of the later run", n)
	}
}

func pruneRepeated(t *testing.T, h *harness) {
	begun := h.clock.Now()
	for _, name := range []string{"first", "second", "third"} {
		h.end(t, h.refuse(t, "files", refused(name)), fact.Succeeded)
		h.clock.advance(time.Hour)
	}
	for _, step := range []struct {
		before time.Duration
		want   int
		left   []string
	}{
		{2 * time.Hour, 0, []string{"third.1", "third.2"}},
		{3 * time.Hour, 2, nil},
	} {
		if n, err := h.PruneRejections(t.Context(), begun.Add(step.before)); err != nil || n != step.want {
			t.Errorf("PruneRejections before %v: %d, %v; want %d", step.before, n, err, step.want)
		}
		assertRejections(t, h, step.left...)
	}
	// The counts stay, and what was pruned is told again by the next run.
	h.end(t, h.refuse(t, "files", refused("fourth")), fact.Succeeded)
	assertRejections(t, h, "fourth.1", "fourth.2")
	for _, d := range h.deliveries(t, "files", fact.DeliveryQuery{}) {
		if d.Rejected != 2 {
			t.Errorf("the delivery of run %d has %d rejections on its record; want 2", d.Run, d.Rejected)
		}
	}
}
