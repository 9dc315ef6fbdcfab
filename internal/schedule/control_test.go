package schedule_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/govkpi/govkpi/internal/schedule"
)

func TestSchedulerNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		due := func(name, want string) {
			t.Helper()
			next, ok := s.Next(name)
			if got := s.since(next); ok != (want != "") || ok && got != want {
				t.Errorf("%s is due %s (%v), want %s", name, got, ok, want)
			}
		}
		x, y := s.job("x", "0 1 * * *", 10*time.Minute, 1), s.job("y", "5 1 * * *", time.Minute, 0)
		x.Retry = schedule.Retry{Attempts: 2, Backoff: 5 * time.Minute, Window: time.Hour}
		due("x", "")
		s.play(x, y)
		due("x", "1h0m0s")
		due("z", "")
		s.until(time.Hour + 7*time.Minute)
		due("x", "25h0m0s")
		due("y", "1h5m0s") // since when it waits
		s.until(time.Hour + 13*time.Minute)
		due("x", "1h15m0s")
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestSkippedHook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var left atomic.Int32
		s := newStage(t, 1)
		s.Scheduler = schedule.New(schedule.Options{
			Parallel: 1, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Skipped: func(name string) {
				s.Next(name)
				left.Add(1)
			},
		})
		s.play(s.job("x", "*/10 * * * *", 15*time.Minute, 0))
		s.until(59 * time.Minute)
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if left.Load() != 2 {
			t.Errorf("%d left out, want 2", left.Load())
		}
	})
}

func TestStopLetsRunsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		s.play(s.job("x", "10 * * * *", 5*time.Minute, 0), s.job("waiting", "11 * * * *", 0, 0))
		s.until(12 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(s.start); took != 15*time.Minute {
			t.Errorf("it stopped after %s, want 15m, when the run ended", took)
		}
		s.until(5 * time.Hour)
		s.end("10m0s x, due 10m0s, attempt 1")
	})
}

// TestStopDropsRuns cancels what does not end. a and b give up; done does its work
// nevertheless; late is due only after the stop.
func TestStopDropsRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 3)
		b, a := s.job("b", "10 * * * *", time.Hour, 0), s.job("a", "10 * * * *", time.Hour, 0)
		b.Retry = schedule.Retry{Attempts: 9, Backoff: time.Second, Window: time.Hour}
		done := s.job("done", "10 * * * *", 0, 0)
		done.Run = func(ctx context.Context, _ schedule.Trigger) error {
			<-ctx.Done()
			<-time.After(time.Minute) // Stop waits for it
			return nil
		}
		late := s.job("late", "11 * * * *", 0, 0)
		late.Run = func(context.Context, schedule.Trigger) error {
			t.Error("a run began after Stop")
			return nil
		}
		s.play(b, a, done, late)
		s.until(10 * time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		for range 2 { // the second time says so again
			err := s.Stop(ctx)
			if err == nil || err.Error() != "the runs of a, b did not end in time and were dropped" {
				t.Errorf("error %v", err)
			}
		}
		if took := time.Since(s.start); took != 16*time.Minute {
			t.Errorf("it stopped after %s, want 16m", took)
		}
	})
}

// TestEndOfContext is a stop that nobody has asked for yet.
func TestEndOfContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		if err := s.Replace([]schedule.Job{s.job("x", "*/10 * * * *", 5*time.Minute, 0)}); err != nil {
			t.Fatal(err)
		}
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "seen"))
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(ctx); err == nil || !strings.Contains(err.Error(), "started or stopped before") {
			t.Errorf("a second start: error %v", err)
		}
		s.until(11 * time.Minute)
		cancel()
		s.until(time.Hour)
		s.end("10m0s x, due 10m0s, attempt 1") // and not cut off
	})
}

// TestClockPutForward is a machine that was suspended, or whose clock was wrong:
// within a minute it finds what was missed and runs it once.
func TestClockPutForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		s.play(s.job("x", "0 * * * *", 0, 0))
		s.until(90*time.Minute + 20*time.Second)
		s.clock.Store(int64(50 * time.Hour))
		s.until(3 * time.Hour)
		s.end(
			"1h0m0s x, due 1h0m0s, attempt 1",
			"1h31m0s x, due 51h0m0s, attempt 1",
			"2h0m0s x, due 52h0m0s, attempt 1",
			"3h0m0s x, due 53h0m0s, attempt 1")
	})
}

// TestClockPutBack notices at 1h3m what happened at 1h2m, and takes the step for a
// minute shorter: that is how much later the retry comes.
func TestClockPutBack(t *testing.T) {
	tests := map[string]struct {
		back time.Duration
		want []string
	}{
		"a little: nothing twice": {5 * time.Minute, []string{
			"1h0m0s x, due 1h0m0s, attempt 1", "1h6m0s x, due 1h0m0s, attempt 2", "2h5m0s x, due 2h0m0s, attempt 1",
		}},
		"much: as if it had been right": {1000*time.Hour + 30*time.Minute, []string{
			"1h0m0s x, due 1h0m0s, attempt 1", "1h6m0s x, due 1h0m0s, attempt 2", "1h30m0s x, due -999h0m0s, attempt 1", "2h30m0s x, due -998h0m0s, attempt 1",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, 1)
				job := s.job("x", "0 * * * *", 0, 1)
				job.Retry = schedule.Retry{Attempts: 2, Backoff: 5 * time.Minute, Window: 10 * time.Minute}
				s.play(job)
				s.until(time.Hour + 2*time.Minute + time.Second)
				s.clock.Store(-int64(test.back))
				s.until(2*time.Hour + 50*time.Minute)
				s.end(test.want...)
			})
		})
	}
}

// TestClockPutBackDuringARun keeps the window as long as it was.
func TestClockPutBackDuringARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 1)
		job := s.job("x", "0 * * * *", 5*time.Minute, 9)
		job.Retry = schedule.Retry{Attempts: 9, Backoff: time.Minute, Window: 10 * time.Minute}
		s.play(job)
		s.until(time.Hour + 2*time.Minute)
		s.clock.Store(-int64(20 * time.Minute))
		s.until(time.Hour + 50*time.Minute)
		s.end("1h0m0s x, due 1h0m0s, attempt 1", "1h6m0s x, due 1h0m0s, attempt 2")
	})
}
