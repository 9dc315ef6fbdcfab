// Package schedule decides when each collector runs: on its cron spec, once more
// after a run was missed, again after a failure, never twice at the same time.
//
// It reads specs and the time, and hands a Trigger to a job's Run. What a run
// does is not its business.
package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options are what a Scheduler is made from. All are required.
type Options struct {
	// Parallel is how many runs may be under way at once, at least 1.
	Parallel int
	Now      func() time.Time
	Log      *slog.Logger
	// Skipped is called when a job was due while its last run was still under
	// way.
	Skipped func(job string)
}

// Job is something to be run on a schedule.
type Job struct {
	Name string
	Spec Spec
	// LastRun is when the job last ran to an end, as far as anybody knows; zero
	// is never. A firing since then was missed and is caught up, once.
	LastRun time.Time
	Retry   Retry
	// Run does the job and returns when it is done; an error is a failure. It
	// returns soon after its context has ended.
	Run func(ctx context.Context, trigger Trigger) error
}

// Retry says what follows a failure.
type Retry struct {
	Attempts int           // at most so many, the first included
	Backoff  time.Duration // before the second attempt; doubled before each further one
	Window   time.Duration // counted from the first attempt; none begins after it
}

// Trigger says why a job runs.
type Trigger struct {
	Scheduled time.Time // when it was due: for a run caught up, the time it missed
	Attempt   int       // counts from 1
}

// Scheduler runs jobs. Its methods are safe for concurrent use.
type Scheduler struct {
	Options
	wake chan struct{} // tells the loop that something has changed; holds one

	mu      sync.Mutex
	jobs    map[string]*entry
	waiting []*entry // due, but all places are taken
	running int
	runs    sync.WaitGroup
	base    context.Context // of every run
	cancel  context.CancelFunc
	ended   chan struct{} // closed when the loop has ended; nil before Start
	stop    context.CancelFunc
}

// entry is a job and where it stands.
type entry struct {
	Job
	due       time.Time // when it runs next, or is tried again; zero is never
	scheduled time.Time // of the run at hand
	began     time.Time // first attempt of the run at hand
	attempt   int       // of the run at hand; 0 is none
	running   bool
	gone      bool // removed while running
}

// New returns a Scheduler without jobs. Nothing runs until Start.
func New(o Options) *Scheduler {
	return &Scheduler{Options: o, wake: make(chan struct{}, 1), jobs: map[string]*entry{}}
}

// Replace makes these the jobs. A new one that was never run, or whose last run
// is longer ago than its schedule, is due at once; one that was there before
// keeps its next time unless its spec has changed. A run under way goes on with
// the job it began as, also when that job is gone.
func (s *Scheduler) Replace(jobs []Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	kept := map[string]bool{}
	for _, job := range jobs {
		kept[job.Name] = true
		e, ok := s.jobs[job.Name]
		switch {
		case !ok || e.gone && !e.running:
			e = &entry{Job: job}
			e.due, e.scheduled = first(job, now)
			s.jobs[job.Name] = e
		case e.Spec.String() != job.Spec.String():
			e.due = job.Spec.Next(now)
			if !e.running && !slices.Contains(s.waiting, e) {
				e.attempt, e.scheduled = 0, time.Time{} // of the old spec
			}
		}
		e.Job, e.gone = job, false
	}
	for name, e := range s.jobs {
		if kept[name] {
			continue
		}
		e.gone = true
		if !e.running {
			delete(s.jobs, name)
		}
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(e *entry) bool { return e.gone })
	s.notify()
}

// first returns when a new job runs, and for which firing.
func first(job Job, now time.Time) (due, scheduled time.Time) {
	if job.LastRun.IsZero() {
		return now, now
	}
	if missed := job.Spec.Next(job.LastRun); !missed.IsZero() && !missed.After(now) {
		return now, missed
	}
	next := job.Spec.Next(now)
	return next, next
}

// Next returns when a job runs next, or is tried again after a failure; false
// where there is no such job, or it never will.
func (s *Scheduler) Next(job string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.jobs[job]
	if !ok || e.gone || e.due.IsZero() {
		return time.Time{}, false
	}
	return e.due, true
}

// Start begins to run jobs. It must be called once. The end of ctx does not end
// runs: Stop does.
func (s *Scheduler) Start(ctx context.Context) {
	loop, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.mu.Lock()
	s.base, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.stop, s.ended = stop, make(chan struct{})
	s.mu.Unlock()
	go s.loop(loop)
}

// Stop begins no further run and waits for those under way until ctx ends; then
// it cancels them and waits until they have returned. The error names them.
func (s *Scheduler) Stop(ctx context.Context) error {
	s.stop()
	<-s.ended
	done := make(chan struct{})
	go func() {
		s.runs.Wait()
		close(done)
	}()
	defer s.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	names := s.runningNames()
	s.cancel()
	<-done
	if len(names) == 0 { // they ended at the last moment
		return nil
	}
	return fmt.Errorf("runs of %s were dropped: they did not end in time", strings.Join(names, ", "))
}

func (s *Scheduler) runningNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name, e := range s.jobs {
		if e.running {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s *Scheduler) notify() {
	select {
	case s.wake <- struct{}{}:
	default: // it has been told already
	}
}
