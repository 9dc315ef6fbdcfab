package schedule

import "time"

// admit plans what a collector has to do that the scheduler has not known yet.
func (e *entry) admit(now time.Time) {
	switch missed, ok := e.Spec.last(e.LastRun, now); {
	case e.LastRun.IsZero():
		e.fire(now)
	case ok:
		e.fire(missed)
	case e.LastRun.After(now): // the clock was ahead when it ran
		e.due = e.Spec.Next(now)
	default:
		e.due = e.Spec.Next(e.LastRun)
	}
}

// fire plans a run that was due at the time, and with it the firing after.
func (e *entry) fire(scheduled time.Time) {
	e.next = &request{Trigger: Trigger{Scheduled: scheduled, Attempt: 1}, at: scheduled}
	e.advance(scheduled)
}

func (e *entry) advance(fired time.Time) {
	e.fired, e.due = fired, e.Spec.Next(fired)
}

// waits reports whether a first attempt is due that has not begun.
func (e *entry) waits(now time.Time) bool {
	return e.next != nil && e.next.Attempt == 1 && !e.next.at.After(now)
}

// firing returns the newest firing that is due, if one is.
func (e *entry) firing(now time.Time) (time.Time, bool) {
	if e.due.IsZero() || e.due.After(now) {
		return time.Time{}, false
	}
	if newer, ok := e.Spec.last(e.due, now); ok {
		return newer, true
	}
	return e.due, true
}

// reschedule goes over to a spec that differs.
func (e *entry) reschedule(spec Spec, now time.Time) {
	e.due = spec.Next(now)
	if e.next != nil && e.next.Attempt > 1 && !e.beforeDue(e.next.at) {
		e.next = nil
	}
}

func (e *entry) beforeDue(t time.Time) bool { return e.due.IsZero() || t.Before(e.due) }

// retry plans the attempt after one that has failed, and returns when it is;
// false if there is none: no attempts are left, or the window or the time until
// the next firing is too short.
func (e *entry) retry(failed *request, now time.Time) (time.Time, bool) {
	if failed.Attempt >= e.Retry.Attempts || e.next != nil {
		return time.Time{}, false
	}
	pause := e.Retry.Backoff
	for range failed.Attempt - 1 {
		if pause > e.Retry.Window { // and before it overflows
			return time.Time{}, false
		}
		pause *= 2
	}
	at := now.Add(pause)
	if at.After(e.windowEnd(failed)) || !e.beforeDue(at) {
		return time.Time{}, false
	}
	e.next = &request{
		Trigger: Trigger{Scheduled: failed.Scheduled, Attempt: failed.Attempt + 1},
		at:      at, began: failed.began,
	}
	return at, true
}

// windowEnd is when the last attempt of a run that has begun may start.
func (e *entry) windowEnd(r *request) time.Time { return r.began.Add(e.Retry.Window) }

// A firing is not repeated when the clock is put back by less than this.
const smallStep = time.Hour

// setBack follows a clock that was put back by a step: pauses and windows stay as
// long as they were, to a minute, and firings are planned anew.
func (e *entry) setBack(now time.Time, step time.Duration) {
	if e.next != nil {
		e.next.setBack(step)
	}
	from := now
	if e.fired.After(now) && e.fired.Sub(now) < smallStep {
		from = e.fired
	}
	e.due = e.Spec.Next(from)
}

func (r *request) setBack(step time.Duration) {
	r.at = r.at.Add(-step)
	if !r.began.IsZero() {
		r.began = r.began.Add(-step)
	}
}
