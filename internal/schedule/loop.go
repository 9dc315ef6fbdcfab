package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// longestSleep bounds how late a firing can be after the clock was stepped or the
// machine was suspended.
const longestSleep = time.Minute

// loop looks at the clock whenever something is due or has changed, until ctx
// ends. base is the context of the runs, which lives on.
func (s *Scheduler) loop(ctx, base context.Context) {
	defer close(s.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.mu.Lock()
			s.state = stopped
			s.mu.Unlock()
			return
		case <-s.halt:
			return
		case <-s.wake:
		case <-timer.C:
		}
		sleep, skipped := s.step(base)
		timer.Reset(sleep)
		for _, name := range skipped {
			s.options.Log.WarnContext(ctx, "collector left out: its run before has not ended", "collector", name)
			if s.options.Skipped != nil {
				s.options.Skipped(name)
			}
		}
	}
}

// step does what is due, and returns for how long there is nothing to do and
// which collectors had to be left out.
func (s *Scheduler) step(base context.Context) (sleep time.Duration, skipped []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != started {
		return longestSleep, nil
	}
	now := s.clock()
	if step := s.seen.Sub(now); step > 0 {
		s.setBack(now, step)
	}
	s.seen = now
	for _, name := range s.names() {
		e := s.entries[name]
		scheduled, due := e.firing(now)
		if !due {
			continue
		}
		if s.running[name] != nil || e.waits(now) {
			e.advance(scheduled)
			skipped = append(skipped, name)
		} else {
			e.fire(scheduled)
		}
	}
	s.startWaiting(base, now)
	return s.sleep(now), skipped
}

func (s *Scheduler) setBack(now time.Time, step time.Duration) {
	s.options.Log.Warn("the clock was put back; schedules are planned anew", "by", step)
	for _, e := range s.entries {
		e.setBack(now, step)
	}
	for _, r := range s.running {
		r.setBack(step)
	}
}

// startWaiting starts what is due while there are places, the longest due first.
func (s *Scheduler) startWaiting(base context.Context, now time.Time) {
	var waiting []*entry
	for name, e := range s.entries {
		switch {
		case e.next == nil || e.next.at.After(now) || s.running[name] != nil:
		case e.next.Attempt > 1 && now.After(e.windowEnd(e.next)):
			s.options.Log.WarnContext(base, "collector not tried again: no place was free in its window", "collector", name)
			e.next = nil
		default:
			waiting = append(waiting, e)
		}
	}
	slices.SortFunc(waiting, byTime)
	for _, e := range waiting[:max(0, min(len(waiting), s.options.Parallel-len(s.running)))] {
		s.start(base, e, now)
	}
}

// sleep returns the time until something is due, or until the clock has to be
// read again. What waits for a place is woken by a run that ends.
func (s *Scheduler) sleep(now time.Time) time.Duration {
	sleep := longestSleep
	for _, e := range s.entries {
		if !e.due.IsZero() {
			sleep = min(sleep, e.due.Sub(now))
		}
		if e.next != nil && e.next.at.After(now) {
			sleep = min(sleep, e.next.at.Sub(now))
		}
	}
	return sleep
}

// start runs the entry's request in a goroutine of its own.
func (s *Scheduler) start(base context.Context, e *entry, now time.Time) {
	r, job := e.next, e.Job
	e.next = nil
	if r.Attempt == 1 {
		r.began = now
	}
	s.running[job.Name] = r
	trigger := r.Trigger
	s.runs.Go(func() {
		err := run(base, job, trigger)
		s.finish(job.Name, r, err, base.Err() != nil)
	})
}

// run turns a panic into an error, so that one collector can't end the program.
func run(ctx context.Context, job Job, trigger Trigger) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return job.Run(ctx, trigger)
}

// finish makes room for others and plans a retry, but not of a run that Stop has
// cut off.
func (s *Scheduler) finish(name string, r *request, err error, cut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, name)
	defer s.rouse()
	if err == nil {
		return
	}
	log := s.options.Log.With("collector", name, "attempt", r.Attempt, "err", err)
	if cut {
		s.dropped = append(s.dropped, name)
		if !errors.Is(err, context.Canceled) {
			log.Error("run failed while it was being stopped")
		}
		return
	}
	if e := s.entries[name]; e != nil && s.state == started {
		if at, again := e.retry(r, s.clock()); again {
			log.Warn("run failed", "again", at)
			return
		}
	}
	log.Error("run failed; not tried again before it is next due")
}
