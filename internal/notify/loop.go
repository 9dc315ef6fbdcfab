package notify

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// settle is how long after a start the digest waits: the rules must have been
	// evaluated, and Alertmanager must have had its say.
	settle = 5 * time.Minute
	// atMost is how long the loop sleeps: a clock that was set, a machine that was
	// suspended and what another process has stored are noticed by then.
	atMost = 15 * time.Second
	// sendWithin is how long one attempt may take.
	sendWithin = 30 * time.Second
)

// loop makes digests and starts workers until ctx ends.
func (n *Notifier) loop(ctx context.Context) {
	for {
		wait := n.step(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-n.wake:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// step does what is due and returns how long there is nothing to do.
func (n *Notifier) step(ctx context.Context) time.Duration {
	now := n.options.Now()
	if err := n.fire(ctx, now); err != nil && ctx.Err() == nil {
		n.options.Log.ErrorContext(ctx, "the digest could not be made; trying again in a moment", "err", err)
	}
	wait := atMost
	for name, channel := range n.settings.Load().Channels {
		if at, idle := n.due(name); idle && !at.After(now) {
			n.running.Go(func() { n.work(ctx, name, channel) })
		} else if idle {
			wait = min(wait, at.Sub(now))
		}
	}
	return wait
}

// due says when a channel is to be looked at, and takes it where that is now.
func (n *Notifier) due(channel string) (at time.Time, idle bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy[channel] {
		return time.Time{}, false
	}
	now := n.options.Now()
	at = n.again[channel]
	if now.Add(atMost).Before(at) { // another process may have put something in
		at = now.Add(atMost)
	}
	if !at.After(now) {
		n.busy[channel] = true
	}
	return at, true
}

// work sends what a channel has due, and says when to look again.
func (n *Notifier) work(ctx context.Context, name string, channel Channel) {
	next, err := n.Deliver(ctx, name, channel)
	if err != nil && ctx.Err() == nil {
		n.options.Log.ErrorContext(ctx, "the queue of messages fails; trying again in a moment", "channel", name, "err", err)
	}
	if next.IsZero() {
		next = n.options.Now().Add(atMost)
	}
	n.mu.Lock()
	delete(n.busy, name)
	n.again[name] = next
	n.mu.Unlock()
	n.rouse() // to sleep no longer than until then
}

// fire makes the digest if it is due. One that was missed today is made up for;
// those of other days are past.
func (n *Notifier) fire(ctx context.Context, now time.Time) error {
	s := n.settings.Load()
	if n.fired.IsZero() || n.fired.After(now) { // the first start, or a clock that was put back
		return n.setFired(ctx, now)
	}
	latest, pending := lastFiring(s, n.fired, now)
	if !pending || now.Before(n.started.Add(settle)) {
		return nil
	}
	if days(latest.In(s.Zone)) == days(now.In(s.Zone)) && (s.Working == nil || s.Working(now)) {
		alerts, asOf := n.Firing()
		report, err := n.Send(ctx, alerts, asOf)
		if err != nil {
			return err
		}
		n.options.Log.InfoContext(ctx, "digest made", "alerts", len(alerts), "messages", report.New, "already_there", report.Kept+report.Replaced)
	}
	return n.setFired(ctx, now)
}

func (n *Notifier) setFired(ctx context.Context, at time.Time) error {
	if err := n.options.Memory.SetFired(ctx, at); err != nil {
		return fmt.Errorf("note when the digest was made: %w", err)
	}
	n.fired = at
	return nil
}

// mostFirings bounds how many missed firings are looked through; a schedule has
// one or two a day.
const mostFirings = 10_000

// lastFiring returns the newest firing after one time and up to another.
func lastFiring(s *Settings, after, now time.Time) (latest time.Time, found bool) {
	if day := now.Add(-48 * time.Hour); after.Before(day) {
		after = day
	}
	for range mostFirings {
		next := s.Schedule.Next(after)
		if next.IsZero() || next.After(now) {
			break
		}
		latest, found, after = next, true, next
	}
	return latest, found
}

// Deliver sends what a channel has due, one message after the other, and returns
// when it has more; zero is when something is put in. Only who has the store to
// send from may call it.
func (n *Notifier) Deliver(ctx context.Context, name string, channel Channel) (time.Time, error) {
	for {
		m, next, err := n.options.Store.Claim(ctx, name)
		if err != nil || m == nil {
			return next, err //nolint:wrapcheck // the caller says it
		}
		if err := n.attempt(ctx, channel, *m); err != nil {
			return time.Time{}, err
		}
		if err := ctx.Err(); err != nil {
			return time.Time{}, err
		}
	}
}

// attempt sends a claimed message and settles what became of it. An attempt that
// has begun may end although the program is told to: half a minute is less than
// a doubt.
func (n *Notifier) attempt(ctx context.Context, channel Channel, m Message) error {
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithTimeout(ctx, sendWithin)
	err := channel.Send(sending, m)
	cancel()
	now := n.options.Now()
	s := n.settings.Load()
	m, pause := s.Retry.outcome(m, err, now)
	if s.Redact != nil {
		m.Error = s.Redact(m.Error)
	}
	n.metrics.settled(m)
	log := n.options.Log.With("message", m.ID, "channel", m.Channel, "city", m.City, "day", m.Day, "attempt", m.Attempts)
	switch m.State {
	case Sent:
		log.InfoContext(ctx, "message sent")
	case Pending:
		log.WarnContext(ctx, "message not delivered; trying again", "next", m.Next, "err", m.Error)
	default:
		log.ErrorContext(ctx, "message given up; see govkpi notify queue", "state", m.State, "err", m.Error)
	}
	return n.options.Store.Settle(ctx, m, pause) //nolint:wrapcheck // the caller says it
}

// outcome is what becomes of a message after an attempt.
func (r Retry) outcome(m Message, err error, now time.Time) (settled Message, pause time.Time) {
	m.Changed, m.Error = now, ""
	var wait *WaitError
	switch {
	case err == nil:
		m.State = Sent
		return m, pause
	case errors.As(err, &wait):
		m.Attempts-- // it was not the message that was refused
		pause = now.Add(wait.For)
		m.State, m.Next = Pending, pause
	case errors.Is(err, ErrRefused):
		m.State = Failed
	case errors.Is(err, ErrDoubtful):
		m.State = Doubtful
	default:
		m.State, m.Next = Pending, now.Add(r.pause(m.Attempts))
	}
	m.Error = err.Error()
	if m.State == Pending && m.Next.After(m.Stored.Add(r.Window)) {
		m.State = Failed
	}
	return m, pause
}

// pause is how long to wait after so many attempts.
func (r Retry) pause(attempts int) time.Duration {
	d := r.Backoff
	for i := 1; i < attempts && d < r.Longest; i++ {
		d *= 2
	}
	return min(d, r.Longest)
}
