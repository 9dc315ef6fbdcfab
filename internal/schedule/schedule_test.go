package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/schedule"
)

// stage is a scheduler whose doings are written down, in a bubble whose clock
// begins at midnight, 1 January 2000, UTC.
type stage struct {
	*schedule.Scheduler
	t     *testing.T
	start time.Time
	clock atomic.Int64 // how far the machine's clock is off

	mu    sync.Mutex
	lines []string
}

func newStage(t *testing.T, parallel int) *stage {
	t.Helper()
	s := &stage{t: t, start: time.Now()}
	s.Scheduler = schedule.New(schedule.Options{
		Parallel: parallel,
		Now:      func() time.Time { return time.Now().Add(time.Duration(s.clock.Load())) },
		Log:      slog.New(slog.DiscardHandler),
		Skipped:  func(name string) { s.write("%s skipped", name) },
	})
	return s
}

// write notes something with the time that has really passed.
func (s *stage) write(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, fmt.Sprintf("%s ", time.Since(s.start))+fmt.Sprintf(format, args...))
}

// since writes a time as the tests do: after the start of the bubble.
func (s *stage) since(t time.Time) string {
	if t.IsZero() {
		return "asked for"
	}
	return t.Sub(s.start).String()
}

var errFailed = errors.New("the source is down")

// job takes so long, and fails the first so many times. Its last run is now:
// there is nothing to catch up.
func (s *stage) job(name, spec string, takes time.Duration, failures int) schedule.Job {
	s.t.Helper()
	runs := 0
	return schedule.Job{
		Name: name, Spec: parse(s.t, spec, time.UTC), LastRun: s.start, Retry: schedule.Retry{Attempts: 1},
		Run: func(ctx context.Context, trigger schedule.Trigger) error {
			s.write("%s, due %s, attempt %d", name, s.since(trigger.Scheduled), trigger.Attempt)
			select {
			case <-ctx.Done():
				s.write("%s cut off", name)
				return ctx.Err()
			case <-time.After(takes):
			}
			if runs++; runs <= failures {
				return errFailed
			}
			return nil
		},
	}
}

// play starts the scheduler with the jobs.
func (s *stage) play(jobs ...schedule.Job) {
	s.t.Helper()
	if err := s.Replace(jobs); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

// until lets time pass.
func (s *stage) until(after time.Duration) {
	<-time.After(time.Until(s.start.Add(after)))
	synctest.Wait()
}

// end stops the scheduler and compares what happened.
func (s *stage) end(want ...string) {
	s.t.Helper()
	if err := s.Stop(s.t.Context()); err != nil {
		s.t.Error(err)
	}
	s.wrote(want...)
}

func (s *stage) wrote(want ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(want, s.lines); diff != "" {
		s.t.Errorf("what happened (-want +got):\n%s", diff)
	}
}

// play runs the jobs for a time and compares what happened.
func play(t *testing.T, parallel int, jobs func(*stage) []schedule.Job, until time.Duration, want ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, parallel)
		s.play(jobs(s)...)
		s.until(until)
		s.end(want...)
	})
}

func TestFirings(t *testing.T) {
	play(t, 2, func(s *stage) []schedule.Job {
		return []schedule.Job{s.job("hourly", "30 * * * *", time.Second, 0), s.job("often", "@every 50m", time.Second, 0)}
	}, 2*time.Hour,
		"30m0s hourly, due 30m0s, attempt 1",
		"50m0s often, due 50m0s, attempt 1",
		"1h30m0s hourly, due 1h30m0s, attempt 1",
		"1h40m0s often, due 1h40m0s, attempt 1")
}

// TestStart begins with collectors that never ran, that missed something, and
// that did not; and with one whose last run lies in the future, as the clock was
// wrong then.
func TestStart(t *testing.T) {
	play(t, 1, func(s *stage) []schedule.Job {
		jobs := []schedule.Job{
			s.job("new", "@daily", 0, 0), s.job("missed many", "15 * * * *", 0, 0), s.job("missed one", "0 6 * * *", 0, 0),
			s.job("missed an interval", "@every 7h", 0, 0), s.job("missed none", "45 6 * * *", 0, 0), s.job("from the future", "20 * * * *", 0, 0),
		}
		for i, last := range []time.Duration{0, -1000 * time.Hour, -19 * time.Hour, -20 * time.Hour, -17 * time.Hour, 1000 * time.Hour} {
			jobs[i].LastRun = s.start.Add(last)
		}
		jobs[0].LastRun = time.Time{}
		return jobs
	}, time.Hour+10*time.Minute,
		"0s missed one, due -18h0m0s, attempt 1",
		"0s missed an interval, due -6h0m0s, attempt 1",
		"0s missed many, due -45m0s, attempt 1",
		"0s new, due 0s, attempt 1",
		"15m0s missed many, due 15m0s, attempt 1",
		"20m0s from the future, due 20m0s, attempt 1",
		"1h0m0s missed an interval, due 1h0m0s, attempt 1")
}

func TestNoOverlap(t *testing.T) {
	play(t, 5, func(s *stage) []schedule.Job {
		return []schedule.Job{s.job("slow", "*/10 * * * *", 25*time.Minute, 0)}
	}, time.Hour-time.Second,
		"10m0s slow, due 10m0s, attempt 1",
		"20m0s slow skipped",
		"30m0s slow skipped",
		"40m0s slow, due 40m0s, attempt 1",
		"50m0s slow skipped")
}

// TestParallel has one place for three: the longest due goes first.
func TestParallel(t *testing.T) {
	play(t, 1, func(s *stage) []schedule.Job {
		return []schedule.Job{
			s.job("a", "*/20 * * * *", 15*time.Minute, 0), s.job("b", "12 * * * *", 15*time.Minute, 0), s.job("c", "11 * * * *", 15*time.Minute, 0),
			s.job("z", "10 * * * *", 15*time.Minute, 0),
		}
	}, time.Hour+14*time.Minute,
		"10m0s z, due 10m0s, attempt 1",
		"25m0s c, due 11m0s, attempt 1",
		"40m0s a skipped", // at 20m it was due and is waiting
		"40m0s b, due 12m0s, attempt 1",
		"55m0s a, due 20m0s, attempt 1",
		"1h0m0s a skipped",
		"1h10m0s z, due 1h10m0s, attempt 1")
}

func TestRetries(t *testing.T) {
	tests := map[string]struct {
		spec     string
		retry    schedule.Retry
		takes    time.Duration
		failures int
		want     []string
	}{
		"until it works, twice as long each time": {
			"0 6 * * *", schedule.Retry{Attempts: 5, Backoff: 30 * time.Second, Window: time.Hour}, time.Minute, 3,
			[]string{"6h0m0s x, due 6h0m0s, attempt 1", "6h1m30s x, due 6h0m0s, attempt 2", "6h3m30s x, due 6h0m0s, attempt 3", "6h6m30s x, due 6h0m0s, attempt 4"},
		},
		"never": {
			"0 6 * * *", schedule.Retry{Attempts: 1}, 0, 9, []string{"6h0m0s x, due 6h0m0s, attempt 1"},
		},
		"no more than attempts": {
			"0 6 * * *", schedule.Retry{Attempts: 2, Backoff: time.Minute, Window: time.Hour}, 0, 9,
			[]string{"6h0m0s x, due 6h0m0s, attempt 1", "6h1m0s x, due 6h0m0s, attempt 2"},
		},
		"not after the window": {
			"0 6 * * *", schedule.Retry{Attempts: 9, Backoff: time.Minute, Window: 7 * time.Minute}, 0, 9,
			[]string{"6h0m0s x, due 6h0m0s, attempt 1", "6h1m0s x, due 6h0m0s, attempt 2", "6h3m0s x, due 6h0m0s, attempt 3", "6h7m0s x, due 6h0m0s, attempt 4"},
		},
		"not after so many doublings": {
			"0 6 * * *", schedule.Retry{Attempts: 1000, Backoff: time.Nanosecond, Window: time.Nanosecond}, 0, 9,
			[]string{"6h0m0s x, due 6h0m0s, attempt 1", "6h0m0.000000001s x, due 6h0m0s, attempt 2"},
		},
		"not when it is next due": {
			"0,10 6 * * *", schedule.Retry{Attempts: 9, Backoff: 5 * time.Minute, Window: time.Hour}, 0, 2,
			[]string{"6h0m0s x, due 6h0m0s, attempt 1", "6h5m0s x, due 6h0m0s, attempt 2", "6h10m0s x, due 6h10m0s, attempt 1"},
		},
		"not by a run that ended after it was next due": {
			"0,10 6 * * *", schedule.Retry{Attempts: 2, Backoff: time.Minute, Window: time.Hour}, 12 * time.Minute, 1,
			[]string{"6h0m0s x, due 6h0m0s, attempt 1", "6h10m0s x skipped", "6h13m0s x, due 6h0m0s, attempt 2"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			play(t, 1, func(s *stage) []schedule.Job {
				job := s.job("x", test.spec, test.takes, test.failures)
				job.Retry = test.retry
				return []schedule.Job{job}
			}, 23*time.Hour, test.want...)
		})
	}
}

// TestARetryWithoutAPlace is given up when its window ends while it waits.
func TestARetryWithoutAPlace(t *testing.T) {
	play(t, 1, func(s *stage) []schedule.Job {
		failing := s.job("failing", "0 6 * * *", 0, 1)
		failing.Retry = schedule.Retry{Attempts: 2, Backoff: 2 * time.Minute, Window: 10 * time.Minute}
		return []schedule.Job{failing, s.job("long", "1 6 * * *", time.Hour, 0)}
	}, 10*time.Hour,
		"6h0m0s failing, due 6h0m0s, attempt 1",
		"6h1m0s long, due 6h1m0s, attempt 1")
}

// TestAFiringReplacesARetry that has found no place since.
func TestAFiringReplacesARetry(t *testing.T) {
	play(t, 1, func(s *stage) []schedule.Job {
		failing := s.job("failing", "0,30 6 * * *", 0, 1)
		failing.Retry = schedule.Retry{Attempts: 2, Backoff: 2 * time.Minute, Window: 10 * time.Hour}
		return []schedule.Job{failing, s.job("long", "1 6 * * *", time.Hour, 0)}
	}, 10*time.Hour,
		"6h0m0s failing, due 6h0m0s, attempt 1",
		"6h1m0s long, due 6h1m0s, attempt 1",
		"7h1m0s failing, due 6h30m0s, attempt 1")
}

func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		job := s.job("x", "@daily", 0, 0)
		job.LastRun, job.Retry = time.Time{}, schedule.Retry{Attempts: 2, Backoff: time.Minute, Window: time.Hour}
		calm := job.Run
		job.Run = func(ctx context.Context, trigger schedule.Trigger) error {
			if trigger.Attempt == 1 {
				panic("no such column")
			}
			return calm(ctx, trigger)
		}
		s.play(job)
		s.until(time.Hour)
		s.end("1m0s x, due 0s, attempt 2")
	})
}

func TestReplace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 9)
		kept, changed, removed := s.job("kept", "@every 40m", 0, 0), s.job("changed", "30 * * * *", 0, 0), s.job("removed", "@every 20m", 5*time.Minute, 1)
		removed.Retry = schedule.Retry{Attempts: 2, Backoff: time.Minute, Window: time.Hour}
		s.play(kept, changed, removed)
		s.until(21 * time.Minute)
		changed.Spec = parse(t, "50 * * * *", time.UTC)
		added, missed := s.job("added", "@daily", 0, 0), s.job("missed", "10 * * * *", 0, 0)
		added.LastRun = time.Time{}
		if err := s.Replace([]schedule.Job{kept, changed, added, missed}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if _, ok := s.Next("removed"); ok {
			t.Error("a removed collector is due again")
		}
		s.until(time.Hour)
		s.mu.Lock()
		slices.Sort(s.lines[1:3]) // the two that begin at once do so in any order
		s.mu.Unlock()
		s.end(
			"20m0s removed, due 20m0s, attempt 1",
			"21m0s added, due 21m0s, attempt 1",
			"21m0s missed, due 10m0s, attempt 1",
			"40m0s kept, due 40m0s, attempt 1",
			"50m0s changed, due 50m0s, attempt 1")
	})
}

// TestReplaceDuringARun changes what a collector does while it runs: the run ends
// as it began, the next goes by the new job; its failure by the new Retry.
func TestReplaceDuringARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		s.play(s.job("x", "10 * * * *", 5*time.Minute, 1))
		s.until(11 * time.Minute)
		after := s.job("x", "20 * * * *", time.Minute, 0)
		after.Retry = schedule.Retry{Attempts: 2, Backoff: 2 * time.Minute, Window: time.Hour}
		run := after.Run
		after.Run = func(ctx context.Context, trigger schedule.Trigger) error {
			s.write("the new x")
			return run(ctx, trigger)
		}
		if err := s.Replace([]schedule.Job{after}); err != nil {
			t.Fatal(err)
		}
		s.until(30 * time.Minute)
		s.end(
			"10m0s x, due 10m0s, attempt 1",
			"17m0s the new x",
			"17m0s x, due 10m0s, attempt 2",
			"20m0s the new x",
			"20m0s x, due 20m0s, attempt 1")
	})
}

// TestReplaceDropsARetry that a new spec overtakes.
func TestReplaceDropsARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		job := s.job("x", "10 * * * *", 0, 1)
		job.Retry = schedule.Retry{Attempts: 2, Backoff: 20 * time.Minute, Window: time.Hour}
		s.play(job)
		s.until(11 * time.Minute)
		job.Spec = parse(t, "15 * * * *", time.UTC)
		if err := s.Replace([]schedule.Job{job}); err != nil {
			t.Fatal(err)
		}
		s.until(time.Hour)
		s.end("10m0s x, due 10m0s, attempt 1", "15m0s x, due 15m0s, attempt 1")
	})
}

// TestBackWhileRunning removes a collector and brings it back before its run has
// ended: it does not run twice.
func TestBackWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 2)
		job := s.job("x", "10,15 * * * *", 10*time.Minute, 0)
		s.play(job)
		s.until(11 * time.Minute)
		for _, jobs := range [][]schedule.Job{nil, {job}} {
			if err := s.Replace(jobs); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		s.until(time.Hour)
		s.end("10m0s x, due 10m0s, attempt 1", "15m0s x skipped")
	})
}

func TestReplaceRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		good := s.job("x", "@daily", 0, 0)
		with := func(change func(*schedule.Job)) []schedule.Job {
			bad := good
			change(&bad)
			return []schedule.Job{bad}
		}
		tests := map[string]struct {
			jobs []schedule.Job
			want string
		}{
			"no name":     {with(func(j *schedule.Job) { j.Name = "" }), "needs a name"},
			"no spec":     {with(func(j *schedule.Job) { j.Spec = schedule.Spec{} }), "a schedule"},
			"nothing":     {with(func(j *schedule.Job) { j.Run = nil }), "something to run"},
			"no attempts": {with(func(j *schedule.Job) { j.Retry = schedule.Retry{} }), "0 attempts; 1 is never again"},
			"no backoff":  {with(func(j *schedule.Job) { j.Retry = schedule.Retry{Attempts: 2, Window: 1} }), "need a backoff and a window"},
			"no window":   {with(func(j *schedule.Job) { j.Retry = schedule.Retry{Attempts: 2, Backoff: 1} }), "need a backoff and a window"},
			"twice":       {[]schedule.Job{good, good}, `job "x" stands twice`},
		}
		s.play(good)
		for name, test := range tests {
			if err := s.Replace(test.jobs); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: error %v, want %q in it", name, err, test.want)
			}
		}
		if next, ok := s.Next("x"); !ok || s.since(next) != "24h0m0s" {
			t.Errorf("after refused jobs x is due %v, %v", next, ok)
		}
		s.end()
		if err := s.Replace([]schedule.Job{good}); err == nil {
			t.Error("a stopped scheduler took jobs")
		}
	})
}

func TestStartRefuses(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	tests := map[string]struct {
		options schedule.Options
		want    string
	}{
		"no places": {schedule.Options{Now: time.Now, Log: log}, "parallel is 0"},
		"no clock":  {schedule.Options{Parallel: 1, Log: log}, "a clock and a log are required"},
		"no log":    {schedule.Options{Parallel: 1, Now: time.Now}, "a clock and a log are required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := schedule.New(test.options)
			if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Errorf("stopping what never began: %v", err)
			}
		})
	}
}
