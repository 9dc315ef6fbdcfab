package schedule

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Trigger says what a run was started for.
type Trigger struct {
	// Scheduled is when the run was due: for a retry when its first attempt was,
	// for the first run of a new collector when it was started.
	Scheduled time.Time
	Attempt   int // counts from 1
}

// Retry says what happens after a run has failed.
type Retry struct {
	Attempts int // in all; 1 is never again
	// Backoff is the pause before the second attempt; each further one is twice
	// as long.
	Backoff time.Duration
	// Window is how long after its first attempt has started a run may still be
	// tried again.
	Window time.Duration
}

// Job is a collector as the scheduler sees it.
type Job struct {
	Name  string
	Spec  Spec
	Retry Retry
	// LastRun is when the collector's newest run was due, or where that is not
	// known when it started; zero if it never ran. It matters only where the
	// scheduler has not known the collector yet.
	LastRun time.Time
	// Run does it. An error asks for a retry. When ctx ends it has to return
	// soon, having either finished or left nothing behind.
	Run func(ctx context.Context, trigger Trigger) error
}

// Options are what a Scheduler needs.
type Options struct {
	Parallel int              // at most so many runs at once
	Now      func() time.Time // the clock; it may be stepped
	Log      *slog.Logger
	// Skipped is called when a firing is left out because the run before it has
	// not ended or not even begun. It may be nil, and is called without locks
	// held.
	Skipped func(collector string)
}

// Scheduler runs jobs when they are due. All methods are safe for concurrent
// use. Its life is New, Replace, Start, any number of Replace, Stop.
type Scheduler struct {
	options Options

	wake    chan struct{}      // holds at most one
	halt    chan struct{}      // closed by Stop
	ended   chan struct{}      // closed when the loop has ended
	cancel  context.CancelFunc // cancels all runs; nil before Start
	runs    sync.WaitGroup
	halting sync.Once

	mu      sync.Mutex
	entries map[string]*entry
	running map[string]*request // by name; also of collectors that were removed
	seen    time.Time           // the clock at the last look
	state   state
	dropped []string // whose runs were cut off by Stop
}

type state int

const (
	idle state = iota
	started
	stopped
)

// entry is a collector and what is planned for it.
type entry struct {
	Job
	due   time.Time // the spec's next firing; zero is never
	fired time.Time // the newest firing that was dealt with
	next  *request  // an attempt that waits for its time or for a place
}

// request is an attempt that was or is to be made.
type request struct {
	Trigger
	at    time.Time // when it may start; waiting ones start in this order
	began time.Time // when the first attempt started; zero before
}

// New makes a scheduler without jobs, which does nothing before Start.
func New(options Options) *Scheduler {
	return &Scheduler{
		options: options,
		wake:    make(chan struct{}, 1), halt: make(chan struct{}), ended: make(chan struct{}),
		entries: map[string]*entry{}, running: map[string]*request{},
	}
}

// clock reads the clock without its monotonic part, which neither a step nor a
// suspended machine would show in.
func (s *Scheduler) clock() time.Time { return s.options.Now().Round(0) }

// Start lets jobs run and returns at once: those that never ran and those whose
// run was missed since their LastRun run now, each once. The runs see the values
// of ctx. When ctx ends no new run starts, as after Stop, which is still needed
// to end the running ones. It refuses unusable options and a second call.
func (s *Scheduler) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.options.Parallel < 1:
		return fmt.Errorf("schedule: parallel is %d; at least one run must be possible", s.options.Parallel)
	case s.options.Now == nil || s.options.Log == nil:
		return errors.New("schedule: a clock and a log are required")
	case s.state != idle:
		return errors.New("schedule: the scheduler was started or stopped before")
	}
	s.state = started
	var base context.Context
	base, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.seen = s.clock()
	for _, e := range s.entries {
		e.admit(s.seen)
	}
	go s.loop(ctx, base)
	return nil
}

// Stop starts no new run, lets the running ones finish until ctx ends, then
// cancels those left and waits for them to return. The error names the
// collectors whose runs did not finish. It may be called more than once.
func (s *Scheduler) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.state = stopped
	begun := s.cancel != nil
	s.mu.Unlock()
	if !begun {
		return nil
	}
	s.halting.Do(func() { close(s.halt) })
	<-s.ended

	finished := make(chan struct{})
	go func() {
		s.runs.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
		s.cancel()
		<-finished
	}
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.dropped) == 0 {
		return nil
	}
	slices.Sort(s.dropped)
	return fmt.Errorf("the runs of %s did not end in time and were dropped", strings.Join(s.dropped, ", "))
}

// Replace puts these jobs in the place of those there are, or on an error
// changes nothing. Running runs go on and may finish, also of collectors that
// are gone; they go by the new job's Retry. New jobs start as at Start. A job
// that is known keeps its next firing, unless its spec has changed.
func (s *Scheduler) Replace(jobs []Job) error {
	if err := validate(jobs); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stopped {
		return errors.New("schedule: the scheduler was stopped")
	}
	entries := make(map[string]*entry, len(jobs))
	for _, job := range jobs {
		e, known := s.entries[job.Name]
		if !known {
			e = &entry{Job: job}
		}
		if s.state == started {
			now := s.clock()
			switch {
			case !known && s.running[job.Name] != nil: // it was gone for a while
				e.due = job.Spec.Next(now)
			case !known:
				e.admit(now)
			case !e.Spec.same(job.Spec):
				e.reschedule(job.Spec, now)
			}
		}
		e.Job = job
		entries[job.Name] = e
	}
	s.entries = entries
	s.rouse()
	return nil
}

func validate(jobs []Job) error {
	var faults []error
	names := map[string]bool{}
	for _, job := range jobs {
		switch {
		case job.Name == "" || job.Run == nil || job.Spec.IsZero():
			faults = append(faults, fmt.Errorf("job %q: a job needs a name, a schedule and something to run", job.Name))
		case names[job.Name]:
			faults = append(faults, fmt.Errorf("job %q stands twice", job.Name))
		case job.Retry.Attempts < 1:
			faults = append(faults, fmt.Errorf("job %q: %d attempts; 1 is never again", job.Name, job.Retry.Attempts))
		case job.Retry.Attempts > 1 && (job.Retry.Backoff <= 0 || job.Retry.Window <= 0):
			faults = append(faults, fmt.Errorf("job %q: attempts after the first need a backoff and a window", job.Name))
		}
		names[job.Name] = true
	}
	return errors.Join(faults...)
}

// Next returns when the collector's next attempt is due; in the past while it
// waits for a place. It is false for a collector that is unknown or never due,
// and before Start.
func (s *Scheduler) Next(name string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, known := s.entries[name]
	if !known {
		return time.Time{}, false
	}
	next := e.due
	if e.next != nil && (next.IsZero() || e.next.at.Before(next)) {
		next = e.next.at
	}
	return next, !next.IsZero()
}

func (s *Scheduler) names() []string { return slices.Sorted(maps.Keys(s.entries)) }

// rouse lets the loop look again.
func (s *Scheduler) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// byTime orders requests, those of one time by name so that the order is always
// the same.
func byTime(a, b *entry) int {
	return cmp.Or(a.next.at.Compare(b.next.at), strings.Compare(a.Name, b.Name))
}
