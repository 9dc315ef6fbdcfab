package notify_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/notify/queue"
)

// life runs a program from one moment on for so long, in a bubble of time.
type life struct {
	t    *testing.T
	file string
	g    *group
	s    notify.Settings
}

func (l life) run(d time.Duration, alerts ...notify.Alert) {
	l.t.Helper()
	q, err := queue.Open(l.t.Context(), l.file, time.Now)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	if _, err := q.TakeSending(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	n, err := notify.New(l.t.Context(), notify.Options{Store: q, Memory: q, Settings: l.s, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := n.Receive(l.t.Context(), alerts); err != nil {
		l.t.Fatal(err)
	}
	if err := n.Start(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
	time.Sleep(d) //nolint:forbidigo // the bubble's clock jumps
	if err := n.Stop(l.t.Context()); err != nil {
		l.t.Error(err)
	}
}

// sent says which days' messages arrived, and when.
func sent(g *group) string {
	var all []string
	for _, m := range g.messages() {
		all = append(all, m.Day)
	}
	return strings.Join(all, " ")
}

func inBubble(t *testing.T, until string, test func(t *testing.T, l life)) {
	t.Helper()
	zone := shanghai(t)
	synctest.Test(t, func(t *testing.T) {
		at, err := time.ParseInLocation("2006-01-02 15:04", until, zone)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(at)) //nolint:forbidigo // the bubble's clock jumps
		g := &group{format: markdown()}
		test(t, life{t: t, file: filepath.Join(t.TempDir(), "notify.db"), g: g, s: settings(t, g)})
	})
}

func late(t testing.TB) notify.Alert {
	t.Helper()
	return overdue(t, "鹰潭市", "余江区", "360603", "meals", 1)
}

func TestDigestAtItsTime(t *testing.T) {
	inBubble(t, "2026-01-15 07:00", func(t *testing.T, l life) {
		l.run(89*time.Minute, late(t))
		if got := sent(l.g); got != "" {
			t.Errorf("sent %s before its time", got)
		}
		l.run(2*time.Minute, late(t)) // until 08:31: the rules have had no time yet
		if got := sent(l.g); got != "" {
			t.Errorf("sent %s two minutes after a start", got)
		}
		l.run(5*time.Minute+20*time.Second, late(t))
		if got := sent(l.g); got != "2026-01-15" {
			t.Errorf("sent %q after the start has settled", got)
		}
		l.run(12*time.Hour, late(t))
		if got := sent(l.g); got != "2026-01-15" {
			t.Errorf("sent %q on the same day", got)
		}
		l.run(36*time.Hour, late(t))
		if got := sent(l.g); got != "2026-01-15 2026-01-16 2026-01-17" {
			t.Errorf("sent %q", got)
		}
	})
}

// A program that was down at the time of today's digest makes up for it, not for
// those of days that are past; and a first start makes up for nothing.
func TestMissedDigests(t *testing.T) {
	inBubble(t, "2026-01-15 09:00", func(t *testing.T, l life) {
		l.run(time.Hour, late(t))
		if got := sent(l.g); got != "" {
			t.Errorf("a first start made up for %s", got)
		}
		time.Sleep(3*24*time.Hour - 3*time.Hour) //nolint:forbidigo // the bubble's clock jumps: 18 January, 07:00
		l.run(time.Hour, late(t))
		if got := sent(l.g); got != "" {
			t.Errorf("made up for %s", got)
		}
		time.Sleep(2 * time.Hour) //nolint:forbidigo // the bubble's clock jumps: 18 January, 10:00
		l.run(time.Hour, late(t))
		if got := sent(l.g); got != "2026-01-18" {
			t.Errorf("sent %q", got)
		}
	})
}

func TestWorkingDays(t *testing.T) {
	inBubble(t, "2026-01-16 08:00", func(t *testing.T, l life) { // a Friday
		l.s.ForgetAfter = 30 * 24 * time.Hour
		l.s.Working = func(day time.Time) bool { return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday }
		l.run(73*time.Hour, late(t))
		if got := sent(l.g); got != "2026-01-16 2026-01-19" {
			t.Errorf("sent %q", got)
		}
	})
}

// The loop tries again what fails, and each channel on its own: a dead one holds
// nobody up.
func TestLoopRetries(t *testing.T) {
	inBubble(t, "2026-01-15 08:20", func(t *testing.T, l life) {
		dead := &group{format: markdown(), answer: func(notify.Message) error { return errors.New("connection refused") }}
		l.s.Channels["dead"] = dead
		l.s.Routes = append([]notify.Route{{Channel: "dead"}}, l.s.Routes...)
		back := time.Now().Add(time.Hour)
		l.g.setAnswer(func(notify.Message) error {
			if time.Now().Before(back) {
				return errors.New("connection refused")
			}
			return nil
		})
		l.run(65*time.Minute, late(t))
		l.run(6*time.Minute, late(t))
		if got := sent(l.g); got != "2026-01-15" {
			t.Errorf("sent %q", got)
		}
		if dead.attempts < 8 {
			t.Errorf("only %d attempts at the dead channel", dead.attempts)
		}
	})
}

// Another process may put messages in; they go within a quarter of a minute.
func TestLoopSeesWhatOthersPut(t *testing.T) {
	inBubble(t, "2026-01-15 09:00", func(t *testing.T, l life) {
		go func() {
			time.Sleep(time.Minute) //nolint:forbidigo // the bubble's clock jumps
			q, err := queue.Open(t.Context(), l.file, time.Now)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = q.Close() }()
			if _, err := q.TakeSending(t.Context()); !errors.Is(err, queue.ErrSending) {
				t.Errorf("a second process may send: %v", err)
			}
			m := notify.Message{Key: notify.Key{Channel: "robot", Region: "360600", Day: "2026-01-15"}, Stored: time.Now(), Next: time.Now(), Changed: time.Now()}
			if _, err := q.Put(t.Context(), []notify.Message{m}); err != nil {
				t.Error(err)
			}
		}()
		l.run(76 * time.Second)
		if got := fmt.Sprint(len(l.g.messages())); got != "1" {
			t.Errorf("%s messages were sent", got)
		}
	})
}
