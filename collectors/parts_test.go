package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// file is a part that some tests deliver.
type file struct {
	name    string
	regions []string // "" is rejected by the sieve
	reject  bool     // by the collector itself
}

// folder delivers files, each whole, and then fails with err.
func folder(receipts *[]collectors.Receipt, err error, files ...file) pull {
	return func(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
		for _, f := range files {
			if _, addErr := emitting(nil, f.regions...)(ctx, request, sink); addErr != nil {
				return collectors.Summary{}, addErr
			}
			if f.reject {
				if rejectErr := sink.Reject(fact.Rejection{Stage: fact.StageFileReadable}); rejectErr != nil {
					return collectors.Summary{}, rejectErr
				}
			}
			receipt, deliverErr := sink.Deliver(ctx, collectors.Part{Name: f.name, Whole: true, Summary: collectors.Summary{Rows: len(f.regions), InputDigest: f.name}})
			if deliverErr != nil {
				return collectors.Summary{}, deliverErr
			}
			*receipts = append(*receipts, receipt)
		}
		return collectors.Summary{}, err
	}
}

// fresh gives every delivery a sieve of its own.
func (b *bench) fresh() *bench {
	b.Open = func(collectors.Target) collectors.Intake { return &sieve{} }
	return b
}

// committed writes the deliveries one a line, sorted.
func (m *memory) committed() []string {
	var lines []string
	for _, d := range m.deliveries {
		lines = append(lines, fmt.Sprintf("%q: %d rows, %d facts, %d rejections", d.Target, d.Rows, len(d.Facts), len(d.Rejections)))
	}
	slices.Sort(lines)
	return lines
}

func TestPartsStandOrFallByThemselves(t *testing.T) {
	b := newBench().fresh()
	b.memory.changed = 1
	var receipts []collectors.Receipt
	files := folder(&receipts, nil,
		file{name: "good.xlsx", regions: []string{"360602", "360603"}},
		file{name: "wrong.xlsx", regions: []string{"360602", ""}},
		file{name: "broken.xlsx", reject: true})
	run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: files, Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
	if err != nil {
		t.Fatal(err)
	}
	if run.Rows != 4 || run.Accepted != 2 || run.Changed != 1 || run.Rejected != 2 {
		t.Errorf("run %+v, want 4 rows, 2 accepted, 1 changed, 2 rejected", run)
	}
	want := []string{
		`"broken.xlsx": 0 rows, 0 facts, 1 rejections`,
		`"good.xlsx": 2 rows, 2 facts, 0 rejections`,
		`"wrong.xlsx": 2 rows, 0 facts, 1 rejections`,
	}
	if diff := cmp.Diff(want, b.memory.committed()); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	for i, taken := range []bool{true, false, false} {
		if receipts[i].Taken != taken || len(receipts[i].Rejections) == 0 != taken {
			t.Errorf("receipt %d: %+v, want taken %v", i, receipts[i], taken)
		}
	}
	if diff := cmp.Diff([]string{"success 7 map[file-readable:1 region-resolved:1]"}, b.observed); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

// An expectation that a file which can't be read does not meet would be a second
// fault for the same thing.
func TestTheGateIsNotAskedAboutAFileThatCannotBeRead(t *testing.T) {
	tests := map[string]struct {
		part file
		want int // rejections
	}{
		"not readable":     {file{name: "broken.xlsx", reject: true}, 1},
		"known by content": {file{name: "copy.xlsx"}, 0},
		"read":             {file{name: "good.xlsx", regions: []string{"360602"}}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.Open = func(collectors.Target) collectors.Intake {
				return &sieve{rejections: []fact.Rejection{{Stage: "regions-expected"}}}
			}
			var receipts []collectors.Receipt
			run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: folder(&receipts, nil, test.part), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
			if err != nil || run.Rejected != test.want {
				t.Errorf("run %+v, error %v; want %d rejections", run, err, test.want)
			}
		})
	}
}

func TestPartsBeforeAFailureStay(t *testing.T) {
	b := newBench().fresh()
	var receipts []collectors.Receipt
	run, err := b.Run(t.Context(), collectors.Job{
		Name: "a", Deadline: time.Minute,
		Collector: folder(&receipts, errors.New("the folder is gone"), file{name: "good.xlsx", regions: []string{"360602"}}),
	}, collectors.Trigger{Attempt: 1})
	if err == nil || run.Outcome != fact.Failed || run.Accepted != 1 || run.Rows != 1 {
		t.Errorf("run %+v, error %v; want a failed one that took one figure", run, err)
	}
}

func TestNothingIsDeliveredForAnUnchangedSource(t *testing.T) {
	tests := map[string]struct {
		regions   []string
		delivered int
	}{
		"nothing read":              {nil, 0},
		"something was read anyway": {[]string{"360602"}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench().fresh()
			unchanged := false
			b.Observe = func(e collectors.Ended) { unchanged = e.Unchanged }
			source := func(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
				_, err := emitting(nil, test.regions...)(ctx, request, sink)
				return collectors.Summary{Unchanged: true}, err
			}
			if _, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(source), Deadline: time.Minute}, collectors.Trigger{Attempt: 1}); err != nil {
				t.Fatal(err)
			}
			if len(b.memory.deliveries) != test.delivered || !unchanged {
				t.Errorf("%d deliveries, unchanged %v; want %d, true", len(b.memory.deliveries), unchanged, test.delivered)
			}
		})
	}
}

func counties(n int) []collectors.Target {
	targets := make([]collectors.Target, n)
	for i := range targets {
		targets[i] = collectors.Target{Code: fmt.Sprint(360100 + i), Name: fmt.Sprintf("县%d", i), Level: fact.County}
	}
	return targets
}

// fanOut is a job over counties whose n-th attempt at a target goes as each says.
func fanOut(targets int, each func(ctx context.Context, target collectors.Target, attempt int) error) collectors.Job {
	var mu sync.Mutex
	attempts := map[string]int{}
	source := func(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
		mu.Lock()
		attempts[request.Target.Code]++
		attempt := attempts[request.Target.Code]
		mu.Unlock()
		if err := each(ctx, request.Target, attempt); err != nil {
			return collectors.Summary{Rows: 1}, err
		}
		return emitting(nil, request.Target.Code)(ctx, request, sink)
	}
	return collectors.Job{
		Name: "a", Collector: pull(source), Deadline: time.Minute, FanOut: true, Targets: counties(targets), Parallel: 10,
		Retry: collectors.Retry{Attempts: 3, Backoff: 10 * time.Second, Window: time.Hour},
	}
}

// realTime lets the bench tell the time of the bubble that it runs in.
func (b *bench) realTime() *bench {
	b.Now = time.Now
	return b
}

func TestFanOutPullsSomeTargetsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		var now, most atomic.Int32
		job := fanOut(100, func(context.Context, collectors.Target, int) error {
			running := now.Add(1)
			for before := most.Load(); running > before && !most.CompareAndSwap(before, running); before = most.Load() {
			}
			<-time.After(200 * time.Millisecond)
			now.Add(-1)
			return nil
		})
		start := time.Now()
		run, err := b.Run(t.Context(), job, collectors.Trigger{Attempt: 1})
		if err != nil || run.Accepted != 100 || run.Rows != 100 {
			t.Errorf("run %+v, error %v; want 100 accepted", run, err)
		}
		if took := time.Since(start); took != 2*time.Second || most.Load() != 10 {
			t.Errorf("took %s with %d at once; want 2s with 10", took, most.Load())
		}
		if len(b.memory.targets) != 100 || b.memory.targets[99].Target != "360199" || b.memory.targets[99].Outcome != fact.Succeeded {
			t.Errorf("recorded %d targets, want 100 in their order", len(b.memory.targets))
		}
	})
}

func TestOneTargetsFailureHidesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		job := fanOut(100, func(ctx context.Context, target collectors.Target, attempt int) error {
			switch target.Code {
			case "360103":
				return errors.New("password hunter2 is wrong")
			case "360105":
				<-ctx.Done()
				return ctx.Err()
			case "360107":
				if attempt < 3 {
					return errors.New("502")
				}
			}
			return nil
		})
		run, err := b.Run(t.Context(), job, collectors.Trigger{Attempt: 1})
		want := "2 of 100 targets failed: 县3 (360103), 县5 (360105). 县3 (360103): password *** is wrong. " +
			"县5 (360105): the deadline of 1m0s has passed; nothing was taken: context deadline exceeded"
		if err == nil || err.Error() != want || run.Outcome != fact.Partial || run.Error != want || run.Accepted != 98 {
			t.Errorf("run %+v, error %v; want a partial one with %q", run, err, want)
		}
		for i, want := range map[int]fact.TargetRun{
			0: {Outcome: fact.Succeeded, Attempts: 1, Rows: 1, Accepted: 1},
			3: {Outcome: fact.Failed, Attempts: 3, Rows: 1, Error: "password *** is wrong"},
			7: {Outcome: fact.Succeeded, Attempts: 3, Rows: 1, Accepted: 1},
		} {
			got := b.memory.targets[i]
			if got.End.Before(got.Start) || got.Start.IsZero() {
				t.Errorf("target %s ran from %s to %s", got.Target, got.Start, got.End)
			}
			want.Run, want.Target, want.Start, want.End = 7, job.Targets[i].Code, got.Start, got.End
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("target %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

func TestFanOutEnds(t *testing.T) {
	tests := map[string]struct {
		targets int
		each    func(stop func()) func(context.Context, collectors.Target, int) error
		retry   collectors.Retry
		outcome fact.Outcome
		want    string
		took    time.Duration
	}{
		"all fail": {
			targets: 5, outcome: fact.Failed,
			each: func(func()) func(context.Context, collectors.Target, int) error {
				return func(context.Context, collectors.Target, int) error { return errors.New("no route") }
			},
			want: "5 of 5 targets failed: 县0 (360100), 县1 (360101), 县2 (360102), 县3 (360103), 县4 (360104). " +
				"县0 (360100): no route. 县1 (360101): no route. 县2 (360102): no route",
		},
		"the window ends the retries": {
			targets: 1, outcome: fact.Failed, retry: collectors.Retry{Attempts: 100, Backoff: 10 * time.Second, Window: time.Minute},
			each: func(func()) func(context.Context, collectors.Target, int) error {
				return func(context.Context, collectors.Target, int) error { return errors.New("no route") }
			},
			want: "1 of 1 targets failed: 县0 (360100). 县0 (360100): no route",
			took: 30 * time.Second, // attempts at 0, 10 and 30 s; the next would be at 70
		},
		"it is stopped": {
			targets: 50, outcome: fact.Interrupted,
			each: func(stop func()) func(context.Context, collectors.Target, int) error {
				return func(ctx context.Context, target collectors.Target, _ int) error {
					if target.Code == "360102" {
						stop()
					}
					<-ctx.Done()
					return ctx.Err()
				}
			},
			want: "stopped before all was taken",
		},
		"no targets": {
			outcome: fact.Failed,
			each:    func(func()) func(context.Context, collectors.Target, int) error { return nil },
			want:    "the register has none of the regions that for_each names: nothing was pulled; if a collector brings them, it must run first",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench().fresh().realTime()
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				job := fanOut(test.targets, test.each(stop))
				job.Retry = test.retry
				job.Parallel = 50
				start := time.Now()
				run, err := b.Run(ctx, job, collectors.Trigger{Attempt: 1})
				if err == nil || err.Error() != test.want || run.Outcome != test.outcome {
					t.Errorf("run %s, error %v; want %s, %s", run.Outcome, err, test.outcome, test.want)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
			})
		})
	}
}

// A part that was delivered before a target's attempt failed is not delivered
// again by the next attempt.
func TestRetriedTargetDeliversEachPartOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		var receipts []collectors.Receipt
		attempt := 0
		source := func(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
			attempt++
			files := []file{{name: "wrong.xlsx", regions: []string{""}}}
			if attempt > 1 {
				return folder(&receipts, nil, append(files, file{name: "late.xlsx", regions: []string{"360100"}})...)(ctx, request, sink)
			}
			return folder(&receipts, errors.New("the folder is gone"), files...)(ctx, request, sink)
		}
		run, err := b.Run(t.Context(), collectors.Job{
			Name: "a", Collector: pull(source), Deadline: time.Minute, FanOut: true, Targets: counties(1), Parallel: 1,
			Retry: collectors.Retry{Attempts: 2, Backoff: time.Second, Window: time.Minute},
		}, collectors.Trigger{Attempt: 1})
		if err != nil || run.Accepted != 1 || run.Rejected != 1 {
			t.Errorf("run %+v, error %v", run, err)
		}
		want := []string{`"360100/late.xlsx": 1 rows, 1 facts, 0 rejections`, `"360100/wrong.xlsx": 1 rows, 0 facts, 1 rejections`}
		if diff := cmp.Diff(want, b.memory.committed()); diff != "" {
			t.Errorf("deliveries (-want +got):\n%s", diff)
		}
		if len(receipts) != 3 || receipts[1].Taken || len(receipts[1].Rejections) != 1 {
			t.Errorf("receipts %+v: the second attempt wants to know what became of the file", receipts)
		}
	})
}

func TestATargetSeesItsOwnDeliveriesOnly(t *testing.T) {
	earlier := []fact.Delivered{
		{Target: "360101/a.xlsx"}, {Target: "360100/b.xlsx"}, {Target: "360100"}, {Target: "3601001/c.xlsx"}, {Target: "360100/x/d.xlsx"},
	}
	tests := map[string]struct {
		query fact.DeliveryQuery
		asked fact.DeliveryQuery
		want  []string
	}{
		"by name":    {fact.DeliveryQuery{Target: "b.xlsx", Limit: 1}, fact.DeliveryQuery{Target: "360100/b.xlsx", Limit: 1}, []string{"b.xlsx"}},
		"by content": {fact.DeliveryQuery{InputDigest: "abc", Limit: 2}, fact.DeliveryQuery{InputDigest: "abc"}, []string{"b.xlsx", ""}},
		"all":        {fact.DeliveryQuery{}, fact.DeliveryQuery{}, []string{"b.xlsx", "", "x/d.xlsx"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench().fresh()
			b.memory.earlier = slices.Clone(earlier)
			var got []string
			source := func(ctx context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
				found, err := sink.Delivered(ctx, test.query)
				for _, d := range found {
					got = append(got, d.Target)
				}
				return collectors.Summary{}, err
			}
			_, err := b.Run(t.Context(), collectors.Job{
				Name: "a", Collector: pull(source), Deadline: time.Minute, FanOut: true, Targets: counties(1), Parallel: 1,
			}, collectors.Trigger{Attempt: 1})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]fact.DeliveryQuery{test.asked}, b.memory.asked); diff != "" {
				t.Errorf("asked the ledger (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("got (-want +got):\n%s", diff)
			}
		})
	}
}

// A collector that was left behind in one attempt can't deliver into the next.
func TestALateDeliveryIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		release, late := make(chan struct{}), make(chan error, 1)
		hanging := func(_ context.Context, _ collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
			<-release
			_, err := sink.Deliver(context.WithoutCancel(t.Context()), collectors.Part{Name: "a.xlsx"}) //nolint:contextcheck // one that does not end
			late <- err
			return collectors.Summary{}, err
		}
		_, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: pull(hanging), Deadline: time.Minute}, collectors.Trigger{Attempt: 1})
		if err == nil || !strings.Contains(err.Error(), "left behind") {
			t.Errorf("error %v, want that the collector was left behind", err)
		}
		close(release)
		if err := <-late; err == nil || len(b.memory.deliveries) > 0 {
			t.Errorf("a late delivery gives %v, and %d were committed", err, len(b.memory.deliveries))
		}
	})
}

func TestALongCommitIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		b.Ledger = slowLedger{b.memory}
		run, err := b.Run(t.Context(), collectors.Job{Name: "a", Collector: emitting(nil, "360100"), Deadline: time.Second}, collectors.Trigger{Attempt: 1})
		if err != nil || run.Accepted != 1 {
			t.Errorf("run %+v, error %v; want success: all was pulled in time", run, err)
		}
	})
}

type slowLedger struct{ *memory }

func (l slowLedger) Commit(ctx context.Context, delivery fact.Delivery) (fact.Committed, error) {
	<-time.After(time.Minute)
	return l.memory.Commit(ctx, delivery)
}

// A source that hangs is not asked by more and more attempts at once.
func TestAHangingTargetIsNotAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		release := make(chan struct{})
		var calls atomic.Int32
		hanging := func(context.Context, collectors.Request, collectors.Sink) (collectors.Summary, error) {
			calls.Add(1)
			<-release
			return collectors.Summary{}, nil
		}
		job := collectors.Job{
			Name: "a", Collector: pull(hanging), Deadline: time.Minute, FanOut: true, Targets: counties(1), Parallel: 1,
			Retry: collectors.Retry{Attempts: 5, Backoff: time.Second, Window: time.Hour}, Hanging: &collectors.Hanging{},
		}
		for range 3 {
			if _, err := b.Run(t.Context(), job, collectors.Trigger{Attempt: 1}); err == nil || !strings.Contains(err.Error(), "left behind") {
				t.Errorf("error %v, want that it was left behind", err)
			}
		}
		if calls.Load() != 1 {
			t.Errorf("asked %d times, want once", calls.Load())
		}
		close(release)
		synctest.Wait()
		if _, err := b.Run(t.Context(), job, collectors.Trigger{Attempt: 1}); err != nil || calls.Load() != 2 {
			t.Errorf("error %v after %d calls: it has let go", err, calls.Load())
		}
	})
}

func TestStoppedWhileItWaitsToTryAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		ctx, stop := context.WithCancel(t.Context())
		job := fanOut(2, func(_ context.Context, target collectors.Target, _ int) error {
			if target.Code == "360100" {
				return errors.New("no route")
			}
			return nil
		})
		time.AfterFunc(time.Second, stop)
		run, err := b.Run(ctx, job, collectors.Trigger{Attempt: 1})
		if !errors.Is(err, collectors.ErrStopped) || run.Outcome != fact.Interrupted {
			t.Errorf("run %s, error %v; want it interrupted, so that it is caught up", run.Outcome, err)
		}
		if got := b.memory.targets[0]; got.Outcome != fact.Interrupted || !strings.Contains(got.Error, "no route") {
			t.Errorf("target %+v", got)
		}
	})
}

// A place for a further attempt may come when the window is over.
func TestNoAttemptBeginsAfterTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench().fresh().realTime()
		var mu sync.Mutex
		first := map[string]time.Time{}
		job := fanOut(20, func(_ context.Context, target collectors.Target, attempt int) error {
			mu.Lock()
			if attempt == 1 {
				first[target.Code] = time.Now()
			}
			since := time.Since(first[target.Code])
			mu.Unlock()
			if since > time.Minute {
				t.Errorf("attempt %d at %s begins %s after the first", attempt, target.Code, since)
			}
			<-time.After(5 * time.Second) // the others wait meanwhile, in any order
			return errors.New("no route")
		})
		job.Parallel = 1
		job.Retry = collectors.Retry{Attempts: 5, Backoff: 5 * time.Second, Window: time.Minute}
		if _, err := b.Run(t.Context(), job, collectors.Trigger{Attempt: 1}); err == nil {
			t.Error("no error")
		}
	})
}

func TestATargetThatThereIsNotFails(t *testing.T) {
	b := newBench().fresh().realTime()
	job := fanOut(2, func(context.Context, collectors.Target, int) error { return nil })
	job.Targets[0] = collectors.Target{Code: "新村", Unknown: "the register has no region 新村"}
	run, err := b.Run(t.Context(), job, collectors.Trigger{Attempt: 1})
	if want := "1 of 2 targets failed: 新村. 新村: the register has no region 新村"; err == nil || err.Error() != want || run.Accepted != 1 {
		t.Errorf("run %+v, error %v; want %q", run, err, want)
	}
}
