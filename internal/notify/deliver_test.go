package notify_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// The receiver is away for an hour: everything arrives after it, once.
func TestAnHourAway(t *testing.T) {
	g := &group{format: markdown()}
	o := newOffice(t, g)
	back := o.clock.Now().Add(time.Hour)
	g.setAnswer(func(notify.Message) error {
		if o.clock.Now().Before(back) {
			return errors.New("connection refused")
		}
		return nil
	})
	o.send(t, everyCity(t))
	o.deliver(t, 3*time.Hour)
	if got := o.states(t); got[notify.Sent] != 11 || len(got) != 1 {
		t.Errorf("states %v", got)
	}
	seen := map[string]bool{}
	for _, m := range g.messages() {
		if seen[m.City] {
			t.Errorf("%s got two", m.City)
		}
		seen[m.City] = true
	}
	if late := o.clock.Now().Sub(back); late > 11*time.Minute {
		t.Errorf("the last came %s after the receiver was back", late)
	}
	if g.attempts > 11*14 {
		t.Errorf("%d attempts in an hour: that is no backing off", g.attempts)
	}
}

// everyCity has one late county in each city.
func everyCity(t testing.TB) []notify.Alert {
	t.Helper()
	var alerts []notify.Alert
	for _, c := range jiangxi() {
		alerts = append(alerts, overdue(t, c.Name, "某县", c.Code[:4]+"21", "meals", 1))
	}
	return alerts
}

// The program ends and starts again at every possible moment but between an
// attempt and its receipt.
func TestRestarts(t *testing.T) {
	g := &group{format: markdown()}
	o := newOffice(t, g)
	g.setAnswer(func(notify.Message) error { return errors.New("connection refused") })
	o.send(t, everyCity(t))
	o.deliver(t, 10*time.Minute)
	if len(g.messages()) != 0 {
		t.Fatal("something has arrived")
	}
	restart := func() {
		if err := o.queue.Close(); err != nil {
			t.Fatal(err)
		}
		o.Notifier, o.queue = open(t, o.file, o.clock, settings(t, g))
		if doubtful, err := o.queue.TakeSending(t.Context()); err != nil || doubtful > 0 {
			t.Fatalf("%d in doubt, %v", doubtful, err)
		}
	}
	restart()
	g.setAnswer(nil)
	o.deliver(t, time.Hour)
	restart()
	o.send(t, everyCity(t)) // as after a catch-up
	o.deliver(t, time.Hour)
	if got := len(g.messages()); got != 11 {
		t.Errorf("%d messages have arrived, want 11", got)
	}
}

// A program that ends between an attempt and its receipt leaves a doubt, which
// nobody resolves but a person.
func TestDoubt(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	o.send(t, everyCity(t)[:1])
	if m, _, err := o.queue.Claim(t.Context(), "robot"); m == nil || err != nil {
		t.Fatal("nothing to send", err)
	}
	if err := o.queue.Close(); err != nil {
		t.Fatal(err)
	}
	o.Notifier, o.queue = open(t, o.file, o.clock, settings(t, o.group))
	if doubtful, err := o.queue.TakeSending(t.Context()); err != nil || doubtful != 1 {
		t.Fatalf("%d in doubt, %v", doubtful, err)
	}
	o.send(t, everyCity(t)[:1])
	o.deliver(t, time.Hour)
	if o.group.attempts != 0 {
		t.Error("what may have arrived was sent again")
	}
	messages, err := o.queue.Messages(t.Context(), notify.Doubtful)
	if err != nil || len(messages) != 1 || !strings.Contains(messages[0].Error, "may have arrived or not") {
		t.Fatalf("messages %+v, %v", messages, err)
	}
	if _, err := o.queue.Retry(t.Context(), messages[0].ID); err != nil {
		t.Fatal(err)
	}
	o.deliver(t, time.Hour)
	if got := o.states(t); got[notify.Sent] != 1 || len(got) != 1 {
		t.Errorf("states %v", got)
	}
}

func TestOutcomes(t *testing.T) {
	tests := map[string]struct {
		err      error
		state    notify.State
		attempts int // within 13 hours
	}{
		"taken":    {nil, notify.Sent, 1},
		"refused":  {fmt.Errorf("%w: bad address", notify.ErrRefused), notify.Failed, 1},
		"doubtful": {fmt.Errorf("%w: timeout", notify.ErrDoubtful), notify.Doubtful, 1},
		"away":     {errors.New("connection refused"), notify.Failed, 76},
		"waits":    {&notify.WaitError{For: time.Hour, Reason: "errcode 45009"}, notify.Failed, 13},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := &group{format: markdown(), answer: func(notify.Message) error { return test.err }}
			o := newOffice(t, g)
			o.send(t, everyCity(t)[:1])
			o.deliver(t, 13*time.Hour)
			messages, err := o.queue.Messages(t.Context())
			if err != nil || len(messages) != 1 {
				t.Fatal(messages, err)
			}
			m := messages[0]
			if m.State != test.state || g.attempts != test.attempts {
				t.Errorf("%s after %d attempts, want %s after %d", m.State, g.attempts, test.state, test.attempts)
			}
			if test.err != nil && !strings.Contains(m.Error, test.err.Error()) {
				t.Errorf("error %q", m.Error)
			}
		})
	}
}

// A robot that has had enough is left alone as a whole, and no attempt counts.
func TestRateLimited(t *testing.T) {
	g := &group{format: markdown()}
	o := newOffice(t, g)
	until := o.clock.Now().Add(time.Minute)
	g.setAnswer(func(notify.Message) error {
		if o.clock.Now().Before(until) {
			return &notify.WaitError{For: time.Minute, Reason: "45009"}
		}
		return nil
	})
	o.send(t, everyCity(t))
	o.deliver(t, 0)
	if g.attempts != 1 {
		t.Errorf("%d attempts at a robot that has had enough", g.attempts)
	}
	o.deliver(t, 2*time.Minute)
	if len(g.messages()) != 11 {
		t.Errorf("%d messages after the pause", len(g.messages()))
	}
}

// No minute sees more than twenty attempts, also over a restart.
func TestTwentyAMinute(t *testing.T) {
	g := &group{format: notify.Format{Addressed: true}}
	o := &office{file: filepath.Join(t.TempDir(), "notify.db"), clock: &clock{now: morning(t)}, group: g}
	s := settings(t, g)
	for i := range 5 {
		s.Routes[0].To = append(s.Routes[0].To, fmt.Sprintf("%d@x.cn", i))
	}
	o.Notifier, o.queue = open(t, o.file, o.clock, s)
	var at []time.Time
	g.setAnswer(func(notify.Message) error {
		at = append(at, o.clock.Now())
		o.clock.add(100 * time.Millisecond)
		return nil
	})
	o.send(t, everyCity(t))
	o.deliver(t, 0)
	o.Notifier, o.queue = open(t, o.file, o.clock, s)
	o.deliver(t, time.Hour)
	if len(at) != 55 {
		t.Fatalf("%d attempts, want 55", len(at))
	}
	for i := 20; i < len(at); i++ {
		if at[i].Sub(at[i-20]) < time.Minute {
			t.Fatalf("attempts %d to %d within %s", i-20, i, at[i].Sub(at[i-20]))
		}
	}
	if took := at[54].Sub(at[0]); took > 3*time.Minute {
		t.Errorf("55 messages took %s", took)
	}
}

// What has not been sent gets the newer text; what was sent keeps its own.
func TestTextOfADay(t *testing.T) {
	g := &group{format: markdown()}
	o := newOffice(t, g)
	o.send(t, everyCity(t)[:1])
	if report := o.send(t, append(everyCity(t)[:1], behind(t, "南昌市", "进贤县", "360124", "grids", 2))); report.Stored != (notify.Stored{Replaced: 1}) {
		t.Errorf("report %+v", report)
	}
	o.deliver(t, 0)
	if report := o.send(t, everyCity(t)[:1]); report.Stored != (notify.Stored{Kept: 1}) {
		t.Errorf("report %+v", report)
	}
	o.deliver(t, time.Hour)
	messages, err := o.queue.Messages(t.Context())
	if err != nil || len(messages) != 1 || len(g.messages()) != 1 {
		t.Fatal(messages, len(g.messages()), err)
	}
	if got := g.messages()[0].Body; !strings.Contains(got, "进贤县") || got != messages[0].Body {
		t.Errorf("sent %q, kept %q", got, messages[0].Body)
	}
	o.clock.add(24 * time.Hour)
	if report := o.send(t, everyCity(t)[:1]); report.New != 1 {
		t.Errorf("the next day brings %+v", report)
	}
}

func TestChannelThatIsGone(t *testing.T) {
	o := newOffice(t, &group{format: markdown()})
	o.send(t, everyCity(t))
	s := settings(t, o.group)
	s.Channels = map[string]notify.Channel{"other": o.group}
	s.Routes = []notify.Route{{Channel: "other"}}
	if err := o.Use(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if got := o.states(t); got[notify.Failed] != 11 {
		t.Errorf("states %v", got)
	}
}

func TestErrorsAreRedacted(t *testing.T) {
	o := newOffice(t, &group{format: markdown(), answer: func(notify.Message) error { return errors.New("the key 12345 is wrong") }})
	s := settings(t, o.group)
	s.Redact = func(text string) string { return strings.ReplaceAll(text, "12345", "[redacted]") }
	if err := o.Use(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	o.send(t, everyCity(t)[:1])
	o.deliver(t, 0)
	messages, err := o.queue.Messages(t.Context())
	if err != nil || messages[0].Error != "the key [redacted] is wrong" {
		t.Errorf("messages %+v, %v", messages, err)
	}
}

func TestRoutesThatCannotBeGone(t *testing.T) {
	robot, mail := &group{format: markdown()}, &group{format: notify.Format{Addressed: true}}
	tests := map[string]struct {
		route notify.Route
		want  string
	}{
		"nowhere":             {notify.Route{Channel: "pigeon"}, `a route leads to the channel "pigeon", which is none`},
		"mail to nobody":      {notify.Route{Channel: "mail"}, "the channel mail needs addresses under to"},
		"a robot's addresses": {notify.Route{Channel: "robot", To: []string{"a@x.cn"}}, "the channel robot has no addresses"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, robot)
			s := settings(t, robot)
			s.Channels["mail"], s.Routes = mail, []notify.Route{test.route}
			if err := o.Use(t.Context(), s); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}
