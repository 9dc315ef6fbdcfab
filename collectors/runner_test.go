package collectors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// pull is a collector made of a function.
type pull func(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error)

func (p pull) Collect(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
	return p(ctx, request, sink)
}

func (pull) Ping(context.Context, collectors.Target) error { return nil }

// memory is a ledger that remembers what it was told, in order.
type memory struct {
	mu         sync.Mutex
	events     []string
	deliveries []fact.Delivery
	ended      []fact.Run
	targets    []fact.TargetRun
	earlier    []fact.Delivered
	asked      []fact.DeliveryQuery
	changed    int // how many facts of a delivery it calls new

	beginErr, commitErr, endErr error
}

func (m *memory) Begin(ctx context.Context, run fact.Run) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, "begin "+string(run.Outcome))
	return 7, errors.Join(ctx.Err(), m.beginErr)
}

func (m *memory) Commit(ctx context.Context, delivery fact.Delivery) (fact.Committed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, "commit")
	if err := errors.Join(ctx.Err(), m.commitErr); err != nil {
		return fact.Committed{}, err
	}
	m.deliveries = append(m.deliveries, delivery)
	return fact.Committed{Facts: delivery.Facts[:min(m.changed, len(delivery.Facts))]}, nil
}

func (m *memory) Deliveries(_ context.Context, _ string, query fact.DeliveryQuery) ([]fact.Delivered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, query)
	return m.earlier, nil
}

func (m *memory) End(ctx context.Context, run fact.Run, targets ...fact.TargetRun) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.targets = targets
	m.events = append(m.events, "end "+string(run.Outcome))
	if err := errors.Join(ctx.Err(), m.endErr); err != nil {
		return err
	}
	m.ended = append(m.ended, run)
	return nil
}

// sieve is an intake that rejects what has no region.
type sieve struct {
	facts      []fact.Fact
	regions    []fact.RegionFact
	held       []fact.HeldFact
	rejections []fact.Rejection
	closed     func() // called on Close
	closeErr   error
}

func (s *sieve) Add(r fact.Reading) error {
	switch r.Region {
	case "full":
		return errors.New("no room for more")
	case "":
		s.rejections = append(s.rejections, fact.Rejection{Reading: r, Stage: "region-resolved"})
	case "doubtful":
		s.held = append(s.held, fact.HeldFact{Key: fact.Key{Indicator: r.Indicator, Region: r.Region}, Stage: "step-plausible"})
	default:
		s.facts = append(s.facts, fact.Fact{Indicator: r.Indicator, Region: r.Region})
	}
	return nil
}

func (s *sieve) AddRegion(e fact.RegionEntry) error {
	s.regions = append(s.regions, fact.RegionFact{Region: fact.Region{Code: e.Code}})
	return nil
}

func (s *sieve) Close(context.Context) (fact.Verdict, error) {
	if s.closed != nil {
		s.closed()
	}
	return fact.Verdict{Facts: s.facts, Regions: s.regions, Held: s.held, Rejections: s.rejections}, s.closeErr
}

// bench is a Runner with all that it is made of.
type bench struct {
	collectors.Runner
	memory   *memory
	sieve    *sieve
	log      *bytes.Buffer
	observed []string
	opened   []string // for which targets
}

func newBench() *bench {
	b := &bench{memory: &memory{}, sieve: &sieve{}, log: &bytes.Buffer{}}
	clock := time.Date(2026, 1, 10, 22, 0, 0, 0, time.UTC)
	b.Runner = collectors.Runner{
		Ledger: b.memory,
		Open: func(target collectors.Target) collectors.Intake {
			b.opened = append(b.opened, target.Code)
			return b.sieve
		},
		Zone:   time.FixedZone("site", 8*3600),
		Now:    func() time.Time { clock = clock.Add(time.Second); return clock },
		Log:    slog.New(slog.NewTextHandler(b.log, nil)),
		Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2", "***") },
		Observe: func(ended collectors.Ended) {
			b.observed = append(b.observed, fmt.Sprintf("%s %d %v", ended.Run.Outcome, ended.Run.ID, ended.Rejections))
		},
	}
	return b
}

// emitting emits one reading a region and then ends with err.
func emitting(err error, regions ...string) pull {
	return func(_ context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
		for i, region := range regions {
			if err := sink.Add(fact.Reading{Indicator: "grids", Region: region}); err != nil {
				return collectors.Summary{Rows: i + 1}, fmt.Errorf("row %d: %w", i+1, err)
			}
		}
		return collectors.Summary{Rows: len(regions), QueryDigest: "asked", InputDigest: "answered"}, err
	}
}

func TestRunCommitsWhatTheGateDecided(t *testing.T) {
	b := newBench()
	b.memory.changed = 1
	scheduled := time.Date(2026, 1, 10, 21, 59, 0, 0, time.UTC)
	run, err := b.Run(t.Context(),
		collectors.Job{Name: "elder-care", Collector: emitting(nil, "360603", "", "360602", ""), Deadline: time.Minute},
		collectors.Trigger{Scheduled: scheduled, Attempt: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := fact.Run{
		ID: 7, Collector: "elder-care", Scheduled: scheduled, Attempt: 2, Outcome: fact.Succeeded,
		Start: time.Date(2026, 1, 10, 22, 0, 1, 0, time.UTC), End: time.Date(2026, 1, 10, 22, 0, 2, 0, time.UTC),
		Rows: 4, Accepted: 2, Changed: 1, Rejected: 2,
	}
	if diff := cmp.Diff(want, run); diff != "" {
		t.Errorf("the run returned (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]fact.Run{want}, b.memory.ended); diff != "" {
		t.Errorf("the run recorded (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"begin running", "commit", "end success"}, b.memory.events); diff != "" {
		t.Errorf("the ledger was asked (-want +got):\n%s", diff)
	}
	delivery := fact.Delivery{Run: 7, Facts: b.sieve.facts, Rejections: b.sieve.rejections, Rows: 4, QueryDigest: "asked", InputDigest: "answered"}
	if diff := cmp.Diff([]fact.Delivery{delivery}, b.memory.deliveries, cmpopts.EquateComparable(fact.Value{}, fact.Period{})); diff != "" {
		t.Errorf("the delivery (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"success 7 map[region-resolved:2]"}, b.observed); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
	line := `level=INFO msg="run ended" collector=elder-care run=7 attempt=2 outcome=success rows=4 accepted=2 changed=1 rejected=2 duration=1s`
	if !strings.Contains(b.log.String(), line) {
		t.Errorf("logged %q, want %q in it", b.log, line)
	}
}

func TestRunHandsTheCollectorItsRequest(t *testing.T) {
	b := newBench()
	since, err := fact.ParsePeriod("2025-01")
	if err != nil {
		t.Fatal(err)
	}
	var got collectors.Request
	keep := func(_ context.Context, request collectors.Request, _ collectors.Sink) (collectors.Summary, error) {
		got = request
		return collectors.Summary{}, nil
	}
	if _, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(keep), Deadline: time.Minute}, collectors.Trigger{Attempt: 1, Since: since}); err != nil {
		t.Fatal(err)
	}
	if got.Since != since {
		t.Errorf("since %s, want %s", got.Since, since)
	}
	if want := "2026-01-11 06:00:01"; got.Now.Format(time.DateTime) != want {
		t.Errorf("now %s, want %s in the site's zone", got.Now.Format(time.DateTime), want)
	}
}

func TestRunFails(t *testing.T) {
	tests := map[string]struct {
		collector pull
		prepare   func(*bench)
		rows      int
		want      string // the run's error
		events    []string
	}{
		"the source": {
			collector: emitting(errors.New("password hunter2 is wrong"), "360603"), rows: 1,
			want: "password *** is wrong", events: []string{"begin running", "end failure"},
		},
		"the intake": {
			collector: emitting(nil, "360603", "full"), rows: 2,
			want: "row 2: no room for more", events: []string{"begin running", "end failure"},
		},
		"the gate": {
			collector: emitting(nil, "360603"), rows: 1,
			prepare: func(b *bench) { b.sieve.closeErr = errors.New("history is unreadable") },
			want:    "pass the readings through the gate: history is unreadable", events: []string{"begin running", "end failure"},
		},
		"a panic": {
			collector: func(context.Context, collectors.Request, collectors.Sink) (collectors.Summary, error) {
				panic("no hunter2 here")
			},
			want: "panic: no *** here; this is a fault of the program, the log has the place", events: []string{"begin running", "end failure"},
		},
		"a panic of the gate": {
			collector: emitting(nil, "360603"),
			prepare:   func(b *bench) { b.sieve.closed = func() { panic("index out of range") } }, rows: 1,
			want: "panic: index out of range; this is a fault of the program, the log has the place", events: []string{"begin running", "end failure"},
		},
		"the begin": {
			collector: emitting(nil, "360603"),
			prepare:   func(b *bench) { b.memory.beginErr = errors.New("disk full") },
			want:      "record the start of the run: disk full", events: []string{"begin running"},
		},
		"the commit": {
			collector: emitting(nil, "360603"), rows: 1,
			prepare: func(b *bench) { b.memory.commitErr = errors.New("disk full") },
			want:    "commit the delivery: disk full", events: []string{"begin running", "commit", "end failure"},
		},
		"the end": {
			collector: emitting(nil, "360603"), rows: 1,
			prepare: func(b *bench) { b.memory.endErr = errors.New("disk full") },
			want:    "record the end of the run: disk full", events: []string{"begin running", "commit", "end success"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			if test.prepare != nil {
				test.prepare(b)
			}
			run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: test.collector, Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if run.Outcome != fact.Failed || run.Error != test.want || run.Rows != test.rows || run.End.IsZero() {
				t.Errorf("run %+v, want a failed one of %d rows with error %q", run, test.rows, test.want)
			}
			if diff := cmp.Diff(test.events, b.memory.events); diff != "" {
				t.Errorf("the ledger was asked (-want +got):\n%s", diff)
			}
			if len(b.observed) != 1 || !strings.HasPrefix(b.observed[0], "failure") {
				t.Errorf("observed %q, want one failure", b.observed)
			}
			if log := b.log.String(); strings.Contains(log, "hunter2") || !strings.Contains(log, "level=ERROR") {
				t.Errorf("logged %q, want an error without the secret", log)
			}
		})
	}
}

func TestRunLogsWhereItPanicked(t *testing.T) {
	b := newBench()
	stumble := func(context.Context, collectors.Request, collectors.Sink) (collectors.Summary, error) {
		var nobody *fact.Reading
		return collectors.Summary{}, errors.New(nobody.Region)
	}
	if _, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(stumble), Deadline: time.Minute}, collectors.Trigger{Attempt: 1}); err == nil {
		t.Fatal("no error")
	}
	if !strings.Contains(b.log.String(), "runner_test.go") {
		t.Errorf("logged %q, want the place of the panic", b.log)
	}
}

func TestRunErrorKeepsItsCauseButNotItsText(t *testing.T) {
	b := newBench()
	cause := fmt.Errorf("hunter2: %w", context.DeadlineExceeded)
	_, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: emitting(cause), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v does not tell its cause", err)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %q tells the secret", err)
		}
	}
}

func TestRunIsDroppedWholeWhenStopped(t *testing.T) {
	tests := map[string]func(b *bench, stop func()) collectors.Collector{
		"while the source delivers": func(_ *bench, stop func()) collectors.Collector {
			return pull(func(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
				stop()
				return emitting(nil, "360603")(ctx, request, sink)
			})
		},
		"while the gate decides": func(b *bench, stop func()) collectors.Collector {
			b.sieve.closed = stop
			return emitting(nil, "360603")
		},
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			run, err := b.Run(ctx, collectors.Job{Name: "a", Collector: prepare(b, stop), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
			if !errors.Is(err, collectors.ErrStopped) {
				t.Errorf("error %v, want ErrStopped", err)
			}
			if want := "stopped before all was taken"; run.Outcome != fact.Interrupted || run.Error != want {
				t.Errorf("run %+v, want an interrupted one with %q", run, want)
			}
			if diff := cmp.Diff([]string{"begin running", "end interrupted"}, b.memory.events); diff != "" {
				t.Errorf("the ledger was asked (-want +got):\n%s", diff)
			}
			if len(b.memory.ended) != 1 {
				t.Error("the end was not recorded: it must not share the context that ended")
			}
			if !strings.Contains(b.log.String(), "level=WARN") {
				t.Errorf("logged %q, want a warning", b.log)
			}
		})
	}
}

func TestRunThatHasNotBegunIsStopped(t *testing.T) {
	b := newBench()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := b.Run(ctx, collectors.Job{Name: "a", Collector: emitting(nil), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
	if !errors.Is(err, collectors.ErrStopped) {
		t.Errorf("error %v, want ErrStopped", err)
	}
}

// stoppingLedger is told to stop at the moment it commits.
type stoppingLedger struct {
	*memory
	stop func()
}

func (l stoppingLedger) Commit(ctx context.Context, delivery fact.Delivery) (fact.Committed, error) {
	l.stop()
	return l.memory.Commit(ctx, delivery)
}

func TestRunFinishesACommitThatHasBegun(t *testing.T) {
	b := newBench()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b.Ledger = stoppingLedger{b.memory, stop}
	run, err := b.Run(ctx, collectors.Job{Name: "a", Collector: emitting(nil, "360603"), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
	if err != nil || run.Outcome != fact.Succeeded {
		t.Errorf("run %+v, error %v; want success", run, err)
	}
	if len(b.memory.deliveries) != 1 {
		t.Errorf("%d deliveries committed, want one", len(b.memory.deliveries))
	}
}

func TestRunHasADeadline(t *testing.T) {
	waiting := func(ctx context.Context, _ collectors.Request, _ collectors.Sink) (collectors.Summary, error) {
		<-ctx.Done()
		return collectors.Summary{Rows: 3}, fmt.Errorf("query: %w", ctx.Err())
	}
	careless := func(ctx context.Context, _ collectors.Request, _ collectors.Sink) (collectors.Summary, error) {
		<-ctx.Done()
		return collectors.Summary{Rows: 3}, nil
	}
	tests := map[string]struct {
		collector pull
		want      string
	}{
		"a collector that heeds it": {waiting, "the deadline of 5m0s has passed; nothing was taken: query: context deadline exceeded"},
		"one that calls it success": {careless, "the deadline of 5m0s has passed; nothing was taken: context deadline exceeded"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench()
				start := time.Now()
				run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: test.collector, Deadline: 5 * time.Minute}, collectors.Trigger{Attempt: 1})
				if err == nil || err.Error() != test.want {
					t.Errorf("error %v, want %q", err, test.want)
				}
				if run.Rows != 3 {
					t.Errorf("%d rows, want 3", run.Rows)
				}
				if took := time.Since(start); took != 5*time.Minute {
					t.Errorf("took %s, want 5m", took)
				}
				if diff := cmp.Diff([]string{"begin running", "end failure"}, b.memory.events); diff != "" {
					t.Errorf("the ledger was asked (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestRunLeavesAHangingCollectorBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		release := make(chan struct{})
		late := make(chan error, 1)
		hanging := func(_ context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
			<-release
			err := sink.Add(fact.Reading{Region: "360603"})
			late <- err
			return collectors.Summary{}, err
		}
		start := time.Now()
		_, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(hanging), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
		if err == nil || !strings.Contains(err.Error(), "left behind") {
			t.Errorf("error %v, want that the collector was left behind", err)
		}
		if took := time.Since(start); took != 70*time.Second {
			t.Errorf("took %s, want the deadline and ten seconds", took)
		}
		close(release)
		if err := <-late; err == nil {
			t.Error("a collector that was left behind can still emit")
		}
	})
}

func TestKinds(t *testing.T) {
	kinds := collectors.Kinds{{Name: "sqlquery"}, {Name: "workbook"}}
	if kind, ok := kinds.Lookup("workbook"); !ok || kind.Name != "workbook" {
		t.Errorf("lookup returned %q, %t", kind.Name, ok)
	}
	if _, ok := kinds.Lookup("telepathy"); ok {
		t.Error("found a kind that is not there")
	}
	if diff := cmp.Diff([]string{"sqlquery", "workbook"}, kinds.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
