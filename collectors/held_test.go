package collectors_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// What the gate did not believe is delivered as such, counted, and neither
// accepted nor rejected.
func TestRunDeliversWhatIsHeld(t *testing.T) {
	b := newBench()
	var ended collectors.Ended
	b.Observe = func(e collectors.Ended) { ended = e }
	run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: emitting(nil, "360603", "doubtful", "doubtful", ""), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	if run.Accepted != 1 || run.Rejected != 1 || run.Held != 2 || ended.Held["step-plausible"] != 2 || len(b.memory.deliveries[0].Held) != 2 {
		t.Errorf("accepted %d, rejected %d, held %v, delivered %+v", run.Accepted, run.Rejected, ended.Held, b.memory.deliveries[0].Held)
	}
	if !strings.Contains(b.log.String(), " held=2") {
		t.Errorf("logged %q", b.log)
	}
}

// A file that is refused as a whole leaves nothing waiting.
func TestRefusedPartHoldsNothing(t *testing.T) {
	b := newBench()
	var receipts []collectors.Receipt
	collect := func(ctx context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
		for _, region := range []string{"doubtful", ""} {
			if err := sink.Add(fact.Reading{Region: region}); err != nil {
				return collectors.Summary{}, err
			}
		}
		receipt, err := sink.Deliver(ctx, collectors.Part{Name: "a.xlsx", Whole: true})
		receipts = append(receipts, receipt)
		return collectors.Summary{}, err
	}
	if _, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(collect), Deadline: time.Minute}, collectors.Trigger{Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	if r := receipts[0]; r.Taken || len(r.Held) != 0 || len(b.memory.deliveries[0].Held) != 0 {
		t.Errorf("taken %v, held %v, delivered %v", r.Taken, r.Held, b.memory.deliveries[0].Held)
	}
}

func TestOriginOfARun(t *testing.T) {
	since, err := fact.ParsePeriod("2024-01")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		trigger collectors.Trigger
		want    fact.Origin
	}{
		"by schedule":   {collectors.Trigger{Scheduled: time.Unix(1, 0)}, fact.Pulled},
		"asked for":     {collectors.Trigger{}, fact.Pulled},
		"of the past":   {collectors.Trigger{Since: since}, fact.History},
		"from a person": {collectors.Trigger{Import: true, By: "li", Reason: "paper"}, fact.Imported},
	} {
		b := newBench()
		run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: emitting(nil), Deadline: time.Minute}, tc.trigger)
		if err != nil {
			t.Fatal(err)
		}
		if run.Origin != tc.want || run.By != tc.trigger.By || run.Reason != tc.trigger.Reason {
			t.Errorf("%s: origin %s by %q for %q, want %s", name, run.Origin, run.By, run.Reason, tc.want)
		}
	}
}

// What somebody has found wrong before is left out of a file, and refuses none.
func TestPartIsTakenWithoutWhatWasOverruled(t *testing.T) {
	b := newBench()
	b.sieve.rejections = []fact.Rejection{{Stage: fact.StageNotOverruled}}
	var receipt collectors.Receipt
	collect := func(ctx context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
		if err := sink.Add(fact.Reading{Region: "360603"}); err != nil {
			return collectors.Summary{}, err
		}
		var err error
		receipt, err = sink.Deliver(ctx, collectors.Part{Name: "a.xlsx", Whole: true})
		return collectors.Summary{}, err
	}
	if _, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(collect), Deadline: time.Minute}, collectors.Trigger{Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	if !receipt.Taken || receipt.Accepted != 1 || len(receipt.Rejections) != 1 || len(b.memory.deliveries[0].Facts) != 1 {
		t.Errorf("got %+v and %+v, want the other figure taken", receipt, b.memory.deliveries[0])
	}
}

// lockCounter counts how often it was locked, and what happened meanwhile.
type lockCounter struct {
	memory *memory
	inside []string
	before int
}

func (l *lockCounter) Lock() { l.before = len(l.memory.events) }

func (l *lockCounter) Unlock() { l.inside = append(l.inside, l.memory.events[l.before:]...) }

// Nothing can be decided between the gate and the ledger.
func TestDecidingWaitsForADelivery(t *testing.T) {
	b := newBench()
	lock := &lockCounter{memory: b.memory}
	b.Deciding = lock
	b.sieve.closed = func() { b.memory.events = append(b.memory.events, "judge") }
	if _, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: emitting(nil, "360603"), Deadline: time.Minute}, collectors.Trigger{Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lock.inside, ", "); got != "judge, commit" {
		t.Errorf("while nobody can decide: %s; want judge, commit", got)
	}
}
