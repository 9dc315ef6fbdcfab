package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// ErrStopped is wrapped by the error of a run that was given up because its
// context ended, as it does when the program stops. Nothing of such a run was
// taken.
var ErrStopped = errors.New("stopped before anything was taken")

const (
	// patience is how long a collector may take to return once its context is
	// done. One that blocks for longer is left behind: it must not hold up a
	// shutdown, or the other collectors, for ever.
	patience = 10 * time.Second
	// closing is how long recording the end of a run may take, although the
	// run's own context may be over by then.
	closing = 10 * time.Second
)

// Ledger is where a run is recorded and its delivery kept. Its errors follow
// the contract of internal/ledger.
type Ledger interface {
	Begin(ctx context.Context, run fact.Run) (int64, error)
	Commit(ctx context.Context, delivery fact.Delivery) ([]fact.Fact, error)
	End(ctx context.Context, run fact.Run) error
}

// Intake is the gate's side of one run: it takes readings and says in the end
// which are facts. One goroutine uses it.
type Intake interface {
	Add(reading fact.Reading) error
	Close(ctx context.Context) ([]fact.Fact, []fact.Rejection, error)
}

// Runner takes runs from the source to the ledger. All fields are required. It
// is safe for concurrent use where its fields are, by runs of different
// collectors.
type Runner struct {
	Ledger Ledger
	// Open returns a fresh intake for one run.
	Open func(ctx context.Context) Intake
	// Zone is the site's zone, in which collectors are told the time.
	Zone *time.Location
	Now  func() time.Time
	Log  *slog.Logger
	// Redact takes secrets out of a text. Every text that comes from a
	// collector passes through it before it is logged, recorded or returned.
	Redact func(string) string
	// Observe is called once a run has ended, with how many of its readings
	// each stage of the gate rejected.
	Observe func(run fact.Run, rejectionsByStage map[string]int)
}

// Job is what to run.
type Job struct {
	Name      string // the collector's
	Collector Collector
	Deadline  time.Duration // for the pull and the gate; more than zero
}

// Trigger is why a run takes place.
type Trigger struct {
	Scheduled time.Time   // when it was due; zero for a run somebody asked for
	Attempt   int         // counts from 1
	Since     fact.Period // see Request.Since
}

// Run pulls once, passes the readings through the gate and commits what it
// accepted and rejected, all of it or nothing. It returns the run as recorded;
// the error is not nil exactly if the run did not succeed, and its text is
// Run.Error.
//
// The ledger's write transaction is opened only once the source has delivered
// and the gate has decided, so a slow source keeps nobody from writing. A run
// whose ctx ends before that is dropped whole, is recorded as interrupted and returns
// ErrStopped; from then on it is finished whatever happens to ctx. A panic of
// the collector is an error of the run.
func (r *Runner) Run(ctx context.Context, job Job, trigger Trigger) (fact.Run, error) {
	run := fact.Run{
		Collector: job.Name, Scheduled: trigger.Scheduled, Attempt: trigger.Attempt,
		Start: r.Now(), Outcome: fact.Running,
	}
	rejections := map[string]int{}
	id, err := r.Ledger.Begin(ctx, run)
	if err != nil {
		return r.finish(ctx, run, rejections, notBegun(ctx, err))
	}
	run.ID = id
	request := Request{Since: trigger.Since, Now: run.Start.In(r.Zone)}
	delivery, err := r.pull(ctx, job, request)
	delivery.Run = id
	run.Rows = delivery.Rows
	if err == nil {
		run.Changed, err = r.commit(ctx, delivery)
	}
	if err == nil {
		run.Accepted, run.Rejected = len(delivery.Facts), len(delivery.Rejections)
		for i := range delivery.Rejections {
			rejections[delivery.Rejections[i].Stage]++
		}
	}
	return r.finish(ctx, run, rejections, err)
}

func notBegun(ctx context.Context, err error) error {
	err = fmt.Errorf("record the start of the run: %w", err)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	return err
}

// commit can't be stopped half-way by a shutdown: what has been pulled and
// decided is worth the moment it takes.
func (r *Runner) commit(ctx context.Context, delivery fact.Delivery) (changed int, err error) {
	facts, err := r.Ledger.Commit(context.WithoutCancel(ctx), delivery)
	if err != nil {
		return 0, fmt.Errorf("commit the delivery: %w", err)
	}
	return len(facts), nil
}

// finish records, logs and reports the end of a run.
func (r *Runner) finish(ctx context.Context, run fact.Run, rejections map[string]int, err error) (fact.Run, error) {
	run.End, run.Outcome = r.Now(), fact.Succeeded
	if err != nil {
		err = CleanError(err, r.Redact)
		run.Outcome, run.Error = fact.Failed, err.Error()
		if errors.Is(err, ErrStopped) {
			run.Outcome = fact.Interrupted // so that the next start catches it up
		}
	}
	if run.ID != 0 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if endErr := r.Ledger.End(ctx, run); endErr != nil {
			// The facts may be in the ledger already. Reported as failed the
			// run is tried again, and the same figures again change nothing.
			err = CleanError(errors.Join(err, fmt.Errorf("record the end of the run: %w", endErr)), r.Redact)
			run.Outcome, run.Error = fact.Failed, err.Error()
		}
	}
	r.log(ctx, run, errors.Is(err, ErrStopped))
	r.Observe(run, rejections)
	return run, err
}

func (r *Runner) log(ctx context.Context, run fact.Run, stopped bool) {
	level, attributes := slog.LevelInfo, []any{
		"collector", run.Collector, "run", run.ID, "attempt", run.Attempt, "outcome", run.Outcome,
		"rows", run.Rows, "accepted", run.Accepted, "changed", run.Changed, "rejected", run.Rejected,
		"duration", run.End.Sub(run.Start),
	}
	if run.Error != "" {
		level, attributes = slog.LevelError, append(attributes, "error", run.Error)
	}
	if stopped {
		level = slog.LevelWarn
	}
	r.Log.Log(ctx, level, "run ended", attributes...)
}

type pulled struct {
	delivery fact.Delivery
	err      error
}

// pull collects and gates under the job's deadline.
func (r *Runner) pull(ctx context.Context, job Job, request Request) (fact.Delivery, error) {
	limited, cancel := context.WithTimeout(ctx, job.Deadline)
	defer cancel()
	result := make(chan pulled, 1)
	go func() {
		p := pulled{err: errors.New("the collector ended its goroutine; this is a fault of its program")}
		defer func() { result <- p }()
		p.delivery, p.err = r.collect(limited, job, request)
	}()
	var p pulled
	select {
	case p = <-result:
	case <-limited.Done():
		p = r.await(result)
	}
	switch {
	case ctx.Err() != nil:
		return fact.Delivery{Rows: p.delivery.Rows}, ErrStopped
	case limited.Err() != nil && p.err != nil:
		return p.delivery, fmt.Errorf("the deadline of %s has passed; nothing was taken: %w", job.Deadline, p.err)
	case limited.Err() != nil:
		return fact.Delivery{Rows: p.delivery.Rows}, fmt.Errorf("the deadline of %s has passed; nothing was taken", job.Deadline)
	}
	return p.delivery, p.err
}

// await gives a collector whose context is done the time to return.
func (r *Runner) await(result <-chan pulled) pulled {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case p := <-result:
		return p
	case <-timer.C:
		return pulled{err: fmt.Errorf("the collector did not return within a further %s and was left behind: is its source a folder or host that hangs?", patience)}
	}
}

// collect runs in a goroutine of its own, the only one that uses the intake.
func (r *Runner) collect(ctx context.Context, job Job, request Request) (delivery fact.Delivery, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v; this is a fault of the program, the log has the place", cause)
			r.Log.ErrorContext(ctx, "pull panicked", "collector", job.Name,
				"panic", r.Redact(fmt.Sprint(cause)), "stack", r.Redact(string(debug.Stack())))
		}
	}()
	intake := r.Open(ctx)
	summary, err := job.Collector.Collect(ctx, request, func(reading fact.Reading) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return intake.Add(reading)
	})
	delivery = fact.Delivery{Rows: summary.Rows, QueryDigest: summary.QueryDigest, InputDigest: summary.InputDigest}
	if err != nil {
		return delivery, err //nolint:wrapcheck // the collector knows best what it was doing
	}
	delivery.Facts, delivery.Rejections, err = intake.Close(ctx)
	if err != nil {
		return delivery, fmt.Errorf("pass the readings through the gate: %w", err)
	}
	return delivery, nil
}
