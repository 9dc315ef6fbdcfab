package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// ErrStopped is wrapped by the error of a run that was given up because its
// context ended, as it does when the program stops. What it had delivered by
// then stays.
var ErrStopped = errors.New("stopped before all was taken")

const (
	// patience is how long a collector may take to return once its context is
	// done. One that blocks for longer is left behind: it must not hold up a
	// shutdown, or the other collectors, for ever.
	patience = 10 * time.Second
	// closing is how long recording the end of a run may take, although the
	// run's own context may be over by then.
	closing = 10 * time.Second
)

// Ledger is where a run is recorded and its deliveries are kept. Its methods
// follow the contract of internal/ledger.
type Ledger interface {
	Begin(ctx context.Context, run fact.Run) (int64, error)
	Commit(ctx context.Context, delivery fact.Delivery) (fact.Committed, error)
	End(ctx context.Context, run fact.Run, targets ...fact.TargetRun) error
	Deliveries(ctx context.Context, collector string, query fact.DeliveryQuery) ([]fact.Delivered, error)
}

// Intake is the gate's side of one delivery: it takes readings and entries and
// says in the end which are facts. One goroutine uses it.
type Intake interface {
	Add(reading fact.Reading) error
	AddRegion(entry fact.RegionEntry) error
	Close(ctx context.Context) (fact.Verdict, error)
}

// Runner takes runs from the source to the ledger. All fields but Deciding are
// required. It is safe for concurrent use where its fields are, by runs of
// different collectors.
type Runner struct {
	Ledger Ledger
	// Open returns a fresh intake for one delivery of a target (zero without
	// fan-out).
	Open func(target Target) Intake
	// Zone is the site's zone, in which collectors are told the time.
	Zone *time.Location
	Now  func() time.Time
	Log  *slog.Logger
	// Redact takes secrets out of a text. Every text that comes from a
	// collector passes through it before it is logged, recorded or returned.
	Redact func(string) string
	// Observe is called once a run has ended.
	Observe func(Ended)
	// Deciding, where it is set, is locked from when the gate judges a delivery
	// until that is committed: what people decide meanwhile would be overlooked.
	Deciding sync.Locker
}

// Ended describes a run that has ended.
type Ended struct {
	Run fact.Run
	// Targets is how it went for each target, in the job's order; none without
	// fan-out.
	Targets []fact.TargetRun
	// Rejections counts what was refused by the stage that did, Held what waits for
	// a person by the stage that did not believe it.
	Rejections map[string]int
	Held       map[string]int
	// Unchanged says that the source had nothing new, for no target.
	Unchanged bool
}

// Job is what to run.
type Job struct {
	Name      string // the collector's
	Collector Collector
	// Deadline is for one attempt at one target, the gate included; more than
	// zero.
	Deadline time.Duration
	// FanOut says that the collector is pulled once for each of Targets.
	FanOut  bool
	Targets []Target
	// Parallel is how many targets may be pulled at once, at least one.
	Parallel int
	// Retry is for each of the targets. Without fan-out a run is one attempt:
	// whoever calls the Runner tries again.
	Retry Retry
	// Hanging remembers, from run to run, which attempts have never returned:
	// their source is not asked again meanwhile. Nil remembers nothing.
	Hanging *Hanging
}

// Retry says what follows a target's failed attempt.
type Retry struct {
	Attempts int           // at most so many, the first included
	Backoff  time.Duration // before the second attempt; it doubles with each further one
	Window   time.Duration // counted from the first attempt; none begins after it
}

// Trigger is why a run takes place.
type Trigger struct {
	Scheduled time.Time   // when it was due; zero for a run somebody asked for
	Attempt   int         // counts from 1
	Since     fact.Period // see Request.Since
	DryRun    bool        // see Request.DryRun; the Ledger then keeps nothing
	// Import says that By brings figures of the past, for the Reason given.
	Import     bool
	By, Reason string
}

// origin is how what the run brings came about.
func (t Trigger) origin() fact.Origin {
	switch {
	case t.Import:
		return fact.Imported
	case !t.Since.IsZero():
		return fact.History
	}
	return fact.Pulled
}

// Run pulls once, for each of the job's targets, passes the readings through the
// gate and commits what it accepted and rejected: all of a delivery or nothing
// of it. It returns the run as recorded; the error is not nil exactly if the run
// did not succeed, and its text is Run.Error. A run that failed for some of its
// targets only is recorded as partial.
//
// The ledger's write transaction is opened only once the source has delivered
// and the gate has decided, so a slow source keeps nobody from writing. A run
// whose ctx ends before that is given up, is recorded as interrupted and returns
// ErrStopped; a commit that has begun is finished whatever happens to ctx. A
// panic of the collector is an error of the run.
func (r *Runner) Run(ctx context.Context, job Job, trigger Trigger) (fact.Run, error) {
	run := fact.Run{
		Collector: job.Name, Scheduled: trigger.Scheduled, Attempt: trigger.Attempt,
		Start: r.Now(), Outcome: fact.Running, Origin: trigger.origin(), By: trigger.By, Reason: trigger.Reason,
	}
	id, err := r.Ledger.Begin(ctx, run)
	if err != nil {
		return r.finish(ctx, Ended{Run: run}, notBegun(ctx, err))
	}
	run.ID = id
	request := Request{Since: trigger.Since, Now: run.Start.In(r.Zone), DryRun: trigger.DryRun}
	if !job.FanOut {
		pulled := r.pull(ctx, job, id, request, map[string]Receipt{})
		return r.finish(ctx, pulled.ended(run), pulled.err)
	}
	ended, err := summarize(run, job.Targets, r.pullEach(ctx, job, id, request))
	return r.finish(ctx, ended, err)
}

func notBegun(ctx context.Context, err error) error {
	err = fmt.Errorf("record the start of the run: %w", err)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return err
}

// finish records, logs and reports the end of a run.
func (r *Runner) finish(ctx context.Context, ended Ended, err error) (fact.Run, error) {
	run := &ended.Run
	run.End = r.Now()
	if run.Outcome == fact.Running {
		run.Outcome = fact.Succeeded
	}
	if err != nil {
		err = CleanError(err, r.Redact)
		run.Error = err.Error()
		if run.Outcome != fact.Partial {
			run.Outcome = fact.Failed
		}
		if errors.Is(err, ErrStopped) {
			run.Outcome = fact.Interrupted // so that the next start catches it up
		}
	}
	if run.ID != 0 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if endErr := r.Ledger.End(ctx, *run, ended.Targets...); endErr != nil {
			// The facts may be in the ledger already. The run is reported as
			// failed, and the same figures again will change nothing.
			err = CleanError(errors.Join(err, fmt.Errorf("record the end of the run: %w", endErr)), r.Redact)
			run.Outcome, run.Error = fact.Failed, err.Error()
		}
	}
	r.log(ctx, ended, errors.Is(err, ErrStopped))
	r.Observe(ended)
	return *run, err
}

func (r *Runner) log(ctx context.Context, ended Ended, stopped bool) {
	run := &ended.Run
	level, attributes := slog.LevelInfo, []any{
		"collector", run.Collector, "run", run.ID, "attempt", run.Attempt, "outcome", run.Outcome,
		"rows", run.Rows, "accepted", run.Accepted, "changed", run.Changed, "rejected", run.Rejected,
		"duration", run.End.Sub(run.Start),
	}
	if run.Held > 0 {
		attributes = append(attributes, "held", run.Held)
	}
	if run.Error != "" {
		level, attributes = slog.LevelError, append(attributes, "err", run.Error)
	}
	if stopped {
		level = slog.LevelWarn
	}
	r.Log.Log(ctx, level, "run ended", attributes...)
}

func sum(byStage map[string]int) int {
	n := 0
	for _, count := range byStage {
		n += count
	}
	return n
}

// How many causes a summary of failed targets quotes. It names all of them.
const mostCauses = 3

// summarize adds up how a run went for its targets.
func summarize(run fact.Run, targets []Target, pulls []targetPull) (Ended, error) {
	ended := Ended{Run: run, Rejections: map[string]int{}, Held: map[string]int{}, Unchanged: len(pulls) > 0}
	var names, causes []string
	stopped := false
	for i := range pulls {
		p := &pulls[i]
		ended.Targets = append(ended.Targets, p.record)
		ended.Run.Rows += p.record.Rows
		ended.Run.Accepted += p.record.Accepted
		ended.Run.Changed += p.record.Changed
		ended.Run.Rejected += p.record.Rejected
		ended.Run.Held += sum(p.held)
		count(ended.Rejections, p.rejections)
		count(ended.Held, p.held)
		ended.Unchanged = ended.Unchanged && p.unchanged && p.err == nil
		if p.err == nil {
			continue
		}
		stopped = stopped || errors.Is(p.err, ErrStopped)
		names = append(names, targets[i].String())
		if len(causes) < mostCauses {
			causes = append(causes, targets[i].String()+": "+p.record.Error)
		}
	}
	switch {
	case stopped:
		return ended, ErrStopped
	case len(targets) == 0:
		return ended, errors.New("the register has none of the regions that for_each names: nothing was pulled; if a collector brings them, it must run first")
	case len(names) == 0:
		return ended, nil
	case len(names) < len(targets):
		ended.Run.Outcome = fact.Partial
	}
	return ended, fmt.Errorf("%d of %d targets failed: %s. %s", len(names), len(targets), strings.Join(names, ", "), strings.Join(causes, ". "))
}
