package collectors

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// tally is what one attempt at one target brought.
type tally struct {
	rows        int // of what was delivered
	undelivered int // further rows that were read
	accepted    int
	changed     int
	rejected    int
	rejections  map[string]int // by stage
	held        map[string]int // by stage
	unchanged   bool
	err         error
}

func (t *tally) ended(run fact.Run) Ended {
	run.Rows, run.Accepted, run.Changed, run.Rejected, run.Held = t.rows+t.undelivered, t.accepted, t.changed, t.rejected, sum(t.held)
	return Ended{Run: run, Rejections: t.rejections, Held: t.held, Unchanged: t.unchanged}
}

// count adds what was counted by stage.
func count(to, more map[string]int) {
	for stage, n := range more {
		to[stage] += n
	}
}

// add counts what a further attempt at the same target brought.
func (t *tally) add(more tally) {
	t.rows += more.rows
	t.undelivered = more.undelivered
	t.accepted += more.accepted
	t.changed += more.changed
	t.rejected += more.rejected
	count(t.rejections, more.rejections)
	count(t.held, more.held)
	t.unchanged, t.err = more.unchanged, more.err
}

// targetPull is how a run went for one target, over all attempts.
type targetPull struct {
	tally
	record fact.TargetRun
}

// pullEach pulls for all targets, some at once, and returns how it went for
// each, in their order. A target that waits for its next attempt holds up no
// other.
func (r *Runner) pullEach(ctx context.Context, job Job, run int64, request Request) []targetPull {
	pulls := make([]targetPull, len(job.Targets))
	places := make(chan struct{}, job.Parallel)
	var all sync.WaitGroup
	for i, target := range job.Targets {
		all.Go(func() {
			request := request
			request.Target = target
			pulls[i] = r.pullTarget(ctx, job, run, request, places)
		})
	}
	all.Wait()
	return pulls
}

// pullTarget pulls for one target until an attempt succeeds or its retries are
// used up.
func (r *Runner) pullTarget(ctx context.Context, job Job, run int64, request Request, places chan struct{}) targetPull {
	p := targetPull{
		tally:  tally{rejections: map[string]int{}, held: map[string]int{}},
		record: fact.TargetRun{Run: run, Target: request.Target.Code},
	}
	if request.Target.Unknown != "" {
		p.err = errors.New(request.Target.Unknown)
		return r.endTarget(ctx, job, request.Target, p)
	}
	receipts := map[string]Receipt{}
	for backoff := job.Retry.Backoff; ; backoff *= 2 {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			p.err = ErrStopped
			return r.endTarget(ctx, job, request.Target, p)
		}
		if p.record.Attempts == 0 {
			p.record.Start = r.Now()
		} else if r.Now().Sub(p.record.Start) > job.Retry.Window { // the place was long in coming
			<-places
			return r.endTarget(ctx, job, request.Target, p)
		}
		p.record.Attempts++
		p.add(r.pull(ctx, job, run, request, receipts))
		<-places
		if p.err == nil || errors.Is(p.err, errLeftBehind) || p.record.Attempts >= job.Retry.Attempts ||
			r.Now().Add(backoff).Sub(p.record.Start) > job.Retry.Window {
			return r.endTarget(ctx, job, request.Target, p)
		}
		if !wait(ctx, backoff) {
			p.err = fmt.Errorf("%w; the last attempt failed: %w", ErrStopped, p.err)
			return r.endTarget(ctx, job, request.Target, p)
		}
	}
}

// wait returns false where ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *Runner) endTarget(ctx context.Context, job Job, target Target, p targetPull) targetPull {
	p.record.End, p.record.Outcome = r.Now(), fact.Succeeded
	if p.record.Attempts == 0 {
		p.record.Start = p.record.End
	}
	p.record.Rows, p.record.Accepted, p.record.Changed, p.record.Rejected = p.rows+p.undelivered, p.accepted, p.changed, p.rejected
	if p.err == nil {
		return p
	}
	p.record.Outcome, p.record.Error = fact.Failed, r.Redact(p.err.Error())
	if errors.Is(p.err, ErrStopped) {
		p.record.Outcome = fact.Interrupted
		return p
	}
	r.Log.WarnContext(ctx, "target failed", "collector", job.Name, "run", p.record.Run, "target", target.String(),
		"attempts", p.record.Attempts, "err", p.record.Error)
	return p
}

// pull makes one attempt at one target, under the job's deadline. Receipts are
// those of the run's earlier attempts at the target.
func (r *Runner) pull(ctx context.Context, job Job, run int64, request Request, receipts map[string]Receipt) tally {
	leave, free := job.Hanging.enter(request.Target.Code)
	if !free {
		return tally{err: fmt.Errorf("%w in an earlier attempt and has not returned yet; it is not asked again until then", errLeftBehind)}
	}
	limited, cancel := context.WithTimeout(ctx, job.Deadline)
	defer cancel()
	s := newSink(r, job.Name, run, request.Target, receipts)
	result := make(chan pulled, 1)
	go func() {
		p := pulled{err: errors.New("the collector ended its goroutine; this is a fault of its program")}
		defer func() {
			leave()
			result <- p
		}()
		p = r.collect(limited, job, request, s)
	}()
	var p pulled
	select {
	case p = <-result:
	case <-limited.Done():
		p = await(result, &s.delivering)
	}
	t := s.end(p.summary)
	switch {
	case ctx.Err() != nil && !p.done:
		t.err = ErrStopped
	case limited.Err() != nil && p.err != nil:
		t.err = fmt.Errorf("the deadline of %s has passed; %s: %w", job.Deadline, kept(receipts), p.err)
	default:
		t.err = p.err
	}
	return t
}

// kept says what is left of attempts of which the last one failed.
func kept(receipts map[string]Receipt) string {
	for _, receipt := range receipts {
		if receipt.Accepted > 0 {
			return "what had been delivered before stays"
		}
	}
	return "nothing was taken"
}

// Hanging remembers which targets of a collector are being pulled. A collector
// that was left behind stays in it until it returns, so that a source that hangs
// is not asked by more and more at once. Its zero value is ready for use; it is
// safe for concurrent use.
type Hanging struct {
	mu      sync.Mutex
	targets map[string]bool
}

var errLeftBehind = errors.New("the collector was left behind")

// enter reports whether nobody pulls the target; leave says that it is over.
func (h *Hanging) enter(target string) (leave func(), free bool) {
	if h == nil {
		return func() {}, true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.targets[target] {
		return nil, false
	}
	if h.targets == nil {
		h.targets = map[string]bool{}
	}
	h.targets[target] = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.targets, target)
	}, true
}

// pulled is what a collector's goroutine comes back with.
type pulled struct {
	summary Summary
	err     error
	done    bool // all of it was delivered
}

// await gives a collector whose context is done the time to return; longer
// while a delivery is on its way, which may be a large commit.
func await(result <-chan pulled, delivering *atomic.Bool) pulled {
	ticker := time.NewTicker(patience)
	defer ticker.Stop()
	for {
		select {
		case p := <-result:
			return p
		case <-ticker.C:
		}
		if delivering.Load() {
			continue
		}
		return pulled{err: fmt.Errorf("%w: it did not return within a further %s; is its source a folder or host that hangs?", errLeftBehind, patience)}
	}
}

// collect runs in a goroutine of its own, the only one that uses the sink.
func (r *Runner) collect(ctx context.Context, job Job, request Request, s *sink) (p pulled) {
	defer func() {
		if cause := recover(); cause != nil {
			p.err = fmt.Errorf("panic: %v; this is a fault of the program, the log has the place", cause)
			r.Log.ErrorContext(ctx, "pull panicked", "collector", job.Name,
				"panic", r.Redact(fmt.Sprint(cause)), "stack", r.Redact(string(debug.Stack())))
		}
	}()
	s.ctx = ctx
	p.summary, p.err = job.Collector.Collect(ctx, request, s)
	if p.err == nil {
		p.err = s.deliverRest(ctx, p.summary)
	}
	p.done = p.err == nil
	return p
}
