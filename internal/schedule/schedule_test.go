package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/schedule"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

// book records what ran; times are since the bubble's start, midnight UTC, 8:00
// in the site's zone.
type book struct {
	mu      sync.Mutex
	lines   []string
	start   time.Time
	skipped []string
}

func newBook() *book { return &book{start: time.Now()} }

func (b *book) write(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, fmt.Sprintf("%s ", time.Since(b.start))+fmt.Sprintf(format, args...))
}

func (b *book) skip(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.skipped = append(b.skipped, name)
}

func (b *book) scheduler(parallel int) *schedule.Scheduler {
	return schedule.New(schedule.Options{Parallel: parallel, Now: time.Now, Log: slog.New(slog.DiscardHandler), Skipped: b.skip})
}

// job takes so long for each run, and fails the first so many attempts.
func (b *book) job(t *testing.T, name, spec string, takes time.Duration, failures int) schedule.Job {
	t.Helper()
	parsed, err := schedule.Parse(spec, shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return schedule.Job{
		Name: name, Spec: parsed, LastRun: time.Now(), Retry: schedule.Retry{Attempts: 1},
		Run: func(ctx context.Context, trigger schedule.Trigger) error {
			b.write("%s begins, scheduled %s, attempt %d", name, trigger.Scheduled.Sub(b.start), trigger.Attempt)
			select {
			case <-time.After(takes):
			case <-ctx.Done():
				b.write("%s is dropped", name)
				return ctx.Err()
			}
			if failures--; failures >= 0 {
				return errors.New("no luck")
			}
			return nil
		},
	}
}

func (b *book) want(t *testing.T, lines ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if diff := cmp.Diff(lines, b.lines); diff != "" {
		t.Errorf("what ran (-want +got):\n%s", diff)
	}
}

// play runs the jobs for so long, then stops.
func play(t *testing.T, s *schedule.Scheduler, d time.Duration, jobs ...schedule.Job) {
	t.Helper()
	s.Replace(jobs)
	s.Start(t.Context())
	time.Sleep(d)
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFiresInTheSitesZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		play(t, b.scheduler(1), 26*time.Hour, b.job(t, "daily", "30 9 * * *", time.Minute, 0))
		b.want(t, "1h30m0s daily begins, scheduled 1h30m0s, attempt 1", "25h30m0s daily begins, scheduled 25h30m0s, attempt 1")
	})
}

func TestNewAndMissedRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		never := b.job(t, "never", "0 0 1 * *", 0, 0)
		never.LastRun = time.Time{}
		missed := b.job(t, "missed", "0 0 * * *", 0, 0)
		missed.LastRun = time.Now().Add(-72 * time.Hour) // three firings ago
		ahead := b.job(t, "ahead", "0 0 * * *", 0, 0)
		ahead.LastRun = time.Now().Add(time.Hour) // the clock was put back
		play(t, b.scheduler(1), time.Minute, never, missed, ahead)
		b.want(t, "0s missed begins, scheduled -56h0m0s, attempt 1", "0s never begins, scheduled 0s, attempt 1")
	})
}

func TestDoesNotOverlapItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		play(t, b.scheduler(4), 11*time.Minute, b.job(t, "slow", "@every 5m", 7*time.Minute, 0))
		b.want(t, "5m0s slow begins, scheduled 5m0s, attempt 1")
		if !slices.Equal(b.skipped, []string{"slow"}) {
			t.Errorf("skipped %v, want the firing at 10 minutes", b.skipped)
		}
	})
}

func TestPlacesGoToWhoIsDueFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		jobs := []schedule.Job{
			b.job(t, "first", "1 8 * * *", 10*time.Minute, 0),
			b.job(t, "third", "3 8 * * *", time.Minute, 0),
			b.job(t, "second", "2 8 * * *", time.Minute, 0),
		}
		play(t, b.scheduler(1), 20*time.Minute, jobs...)
		b.want(t,
			"1m0s first begins, scheduled 1m0s, attempt 1",
			"11m0s second begins, scheduled 2m0s, attempt 1",
			"12m0s third begins, scheduled 3m0s, attempt 1")
	})
}

func TestRetries(t *testing.T) {
	for name, test := range map[string]struct {
		retry    schedule.Retry
		failures int
		want     []string
	}{
		"until it succeeds, waiting twice as long each time": {
			schedule.Retry{Attempts: 5, Backoff: time.Minute, Window: time.Hour}, 2,
			[]string{"30m0s x begins, scheduled 30m0s, attempt 1", "31m0s x begins, scheduled 30m0s, attempt 2", "33m0s x begins, scheduled 30m0s, attempt 3"},
		},
		"as often as it may": {
			schedule.Retry{Attempts: 2, Backoff: time.Minute, Window: time.Hour}, 9,
			[]string{"30m0s x begins, scheduled 30m0s, attempt 1", "31m0s x begins, scheduled 30m0s, attempt 2"},
		},
		"within its window": {
			schedule.Retry{Attempts: 9, Backoff: time.Minute, Window: 2 * time.Minute}, 9,
			[]string{"30m0s x begins, scheduled 30m0s, attempt 1", "31m0s x begins, scheduled 30m0s, attempt 2"},
		},
		"not past the next firing": {
			schedule.Retry{Attempts: 9, Backoff: 40 * time.Minute, Window: 9 * time.Hour}, 2,
			[]string{"30m0s x begins, scheduled 30m0s, attempt 1", "1h10m0s x begins, scheduled 30m0s, attempt 2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBook()
				job := b.job(t, "x", "30 * * * *", 0, test.failures)
				job.Retry = test.retry
				play(t, b.scheduler(1), 89*time.Minute, job)
				b.want(t, test.want...)
			})
		})
	}
}

func TestAFailingJobLeavesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		failing := b.job(t, "failing", "1 8 * * *", 0, 1)
		failing.Retry = schedule.Retry{Attempts: 2, Backoff: 10 * time.Minute, Window: time.Hour}
		play(t, b.scheduler(1), time.Hour, failing, b.job(t, "other", "5 8 * * *", 0, 0))
		b.want(t,
			"1m0s failing begins, scheduled 1m0s, attempt 1",
			"5m0s other begins, scheduled 5m0s, attempt 1",
			"11m0s failing begins, scheduled 1m0s, attempt 2")
	})
}

func TestReplace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		s := b.scheduler(4)
		s.Replace([]schedule.Job{b.job(t, "kept", "@every 10m", 0, 0), b.job(t, "removed", "1 8 * * *", 5*time.Minute, 0), b.job(t, "moved", "0 9 * * *", 0, 0)})
		s.Start(t.Context())
		time.Sleep(2 * time.Minute)
		added := b.job(t, "added", "0 0 1 1 *", 0, 0)
		added.LastRun = time.Time{}
		s.Replace([]schedule.Job{b.job(t, "kept", "@every 10m", 0, 0), b.job(t, "moved", "30 8 * * *", 0, 0), added})
		synctest.Wait()
		if _, ok := s.Next("removed"); ok {
			t.Error("a removed job has a next time")
		}
		if next, ok := s.Next("moved"); !ok || !next.Equal(b.start.Add(30*time.Minute)) {
			t.Errorf("moved is next at %s, %v; want 8:30", next, ok)
		}
		time.Sleep(29 * time.Minute)
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		b.want(t,
			"1m0s removed begins, scheduled 1m0s, attempt 1",
			"2m0s added begins, scheduled 2m0s, attempt 1",
			"10m0s kept begins, scheduled 10m0s, attempt 1",
			"20m0s kept begins, scheduled 20m0s, attempt 1",
			"30m0s kept begins, scheduled 30m0s, attempt 1",
			"30m0s moved begins, scheduled 30m0s, attempt 1")
	})
}

func TestAJobThatComesBackWhileItsRunGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		s := b.scheduler(4)
		job := b.job(t, "x", "1 8 * * *", 10*time.Minute, 0)
		s.Replace([]schedule.Job{job})
		s.Start(t.Context())
		time.Sleep(2 * time.Minute)
		s.Replace(nil)
		back := job
		back.LastRun = time.Time{}
		s.Replace([]schedule.Job{back})
		time.Sleep(time.Hour)
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		b.want(t, "1m0s x begins, scheduled 1m0s, attempt 1")
	})
}

func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		s := b.scheduler(1)
		s.Replace([]schedule.Job{b.job(t, "short", "1 8 * * *", 3*time.Minute, 0), b.job(t, "waiting", "2 8 * * *", 0, 0)})
		s.Start(t.Context())
		time.Sleep(150 * time.Second)
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		b.want(t, "1m0s short begins, scheduled 1m0s, attempt 1")
		if got := time.Since(b.start); got != 4*time.Minute {
			t.Errorf("stopped after %s, want 4m, when the run had ended", got)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		s := b.scheduler(1)
		s.Replace([]schedule.Job{b.job(t, "endless", "1 8 * * *", 1000*time.Hour, 0)})
		s.Start(t.Context())
		time.Sleep(2 * time.Minute)
		within, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		err := s.Stop(within)
		if err == nil || !strings.Contains(err.Error(), "runs of endless were dropped") {
			t.Errorf("got %v, want an error that names what was dropped", err)
		}
		b.want(t, "1m0s endless begins, scheduled 1m0s, attempt 1", "2m30s endless is dropped")
	})
}

func TestAClockThatIsSetForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		var mu sync.Mutex
		var ahead time.Duration
		s := schedule.New(schedule.Options{Parallel: 1, Log: slog.New(slog.DiscardHandler), Skipped: b.skip, Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(ahead)
		}})
		s.Replace([]schedule.Job{b.job(t, "noon", "0 12 * * *", 0, 0)})
		s.Start(t.Context())
		time.Sleep(90 * time.Second)
		mu.Lock()
		ahead = 5 * time.Hour
		mu.Unlock()
		time.Sleep(time.Minute)
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		b.want(t, "2m0s noon begins, scheduled 4h0m0s, attempt 1")
	})
}
