package schedule

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// The clock is read again at least this often: a machine that was suspended, or
// a clock that was set, must not hold a run up for hours.
const longestSleep = time.Minute

// loop fires what is due until ctx ends.
func (s *Scheduler) loop(ctx context.Context) {
	defer close(s.ended)
	for ctx.Err() == nil {
		timer := time.NewTimer(s.fireDue())
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = nil
}

// fireDue takes everything that is due, begins what there is room for, and
// returns how long nothing further will be due.
func (s *Scheduler) fireDue() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	sleep := longestSleep
	for _, e := range s.jobs {
		if e.gone || e.due.IsZero() {
			continue
		}
		if !e.due.After(now) {
			s.fire(e, now)
		}
		if !e.due.IsZero() {
			sleep = min(sleep, e.due.Sub(now))
		}
	}
	s.dispatch()
	return max(sleep, 0)
}

// fire puts a due job among those that wait for a place.
func (s *Scheduler) fire(e *entry, now time.Time) {
	due := e.due
	e.due = e.Spec.Next(now)
	if e.running || slices.Contains(s.waiting, e) {
		s.Log.Warn("skipped a run: the last one is still under way", "job", e.Name, "due", due)
		s.Skipped(e.Name)
		return
	}
	if e.attempt == 0 { // not a further attempt of the run at hand
		if e.scheduled.IsZero() {
			e.scheduled = due
		}
		e.began = now
	}
	e.attempt++
	s.waiting = append(s.waiting, e)
}

// dispatch begins the runs that waited longest, as far as there are places.
func (s *Scheduler) dispatch() {
	slices.SortStableFunc(s.waiting, func(a, b *entry) int {
		return cmp.Or(a.scheduled.Compare(b.scheduled), cmp.Compare(a.Name, b.Name))
	})
	for s.running < s.Parallel && len(s.waiting) > 0 {
		e := s.waiting[0]
		s.waiting = s.waiting[1:]
		e.running = true
		s.running++
		run, trigger := e.Run, Trigger{Scheduled: e.scheduled, Attempt: e.attempt}
		s.runs.Go(func() { s.ran(e, run(s.base, trigger)) })
	}
}

// ran frees the place of a run that has ended, and lets it be tried again where
// it failed and may be.
func (s *Scheduler) ran(e *entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	e.running = false
	if at, again := e.retry(s.Now(), err); again && !e.gone {
		s.Log.Info("a run failed and is tried again", "job", e.Name, "attempt", e.attempt+1, "of", e.Retry.Attempts, "at", at)
		e.due = at
	} else {
		e.attempt, e.scheduled = 0, time.Time{}
	}
	if e.gone {
		delete(s.jobs, e.Name)
	}
	s.notify()
}

// retry returns when the next attempt is: never at or after the next firing,
// which begins a run of its own.
func (e *entry) retry(now time.Time, err error) (time.Time, bool) {
	if err == nil || e.attempt >= e.Retry.Attempts {
		return time.Time{}, false
	}
	at := now.Add(e.Retry.Backoff << (e.attempt - 1))
	if at.Before(now) || at.After(e.began.Add(e.Retry.Window)) || (!e.due.IsZero() && !at.Before(e.due)) {
		return time.Time{}, false
	}
	return at, true
}
