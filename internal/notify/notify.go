package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Store keeps messages over restarts. Its methods are safe for concurrent use,
// and every one that changes something has done so for good when it returns.
type Store interface {
	// Put stores pending messages, as those of their Key. One that is there
	// already and still pending gets the new text; any other stays as it is.
	Put(ctx context.Context, messages []Message) (Stored, error)
	// Claim marks the next due message of a channel as Sending and returns it, or
	// nil and when to ask again; zero is when something has been Put.
	Claim(ctx context.Context, channel string) (*Message, time.Time, error)
	// Settle says what became of a claimed message: its State, Next and Error. The
	// channel sends nothing before pause; zero is at once.
	Settle(ctx context.Context, m Message, pause time.Time) error
	// Abandon makes Failed what waits for a channel that is none of those known,
	// and returns how many there were.
	Abandon(ctx context.Context, known []string) (int, error)
	// Summary counts the messages and says how old the oldest pending one is.
	Summary(ctx context.Context) (Summary, error)
}

// Memory keeps over restarts what has been heard, and when the digest was last
// made.
type Memory interface {
	// Remember stores alerts in the place of those of the same identity, and drops
	// others.
	Remember(ctx context.Context, heard []Heard, forget []Heard) error
	Remembered(ctx context.Context) ([]Heard, error)
	// Fired is when the digest was last made; SetFired says so. Zero is never.
	Fired(ctx context.Context) (time.Time, error)
	SetFired(ctx context.Context, at time.Time) error
}

// Stored says what Put did.
type Stored struct{ New, Replaced, Kept int }

// Summary counts messages by state.
type Summary struct {
	Messages map[State]int
	Oldest   time.Time // when the oldest pending or sending one was stored; zero is none
}

// Schedule says when the digest is made.
type Schedule interface {
	// Next is the first firing after a time; zero is never.
	Next(after time.Time) time.Time
}

// Retry says what follows a message that could not be delivered.
type Retry struct {
	Backoff time.Duration // before the second attempt; it doubles with each further one
	Longest time.Duration // but never exceeds this
	Window  time.Duration // from when the message was stored; none begins after it
}

// Route brings the digests of some regions to people.
type Route struct {
	Regions []string // codes; empty is all
	Channel string   // a key of Settings.Channels
	To      []string // addresses; empty where the channel has none
	Mention []string
}

// Settings are what a reload may change. A Notifier changes nothing in them.
type Settings struct {
	Cities   []Region // that have digests, in the order of the register; not the site
	Site     Region   // gets what belongs to none of them
	Zone     *time.Location
	Schedule Schedule
	// Working reports whether a day is worked on; nil makes digests every day.
	Working func(time.Time) bool
	// ChronicAfter is for how many days somebody is newly late.
	ChronicAfter int
	// SaysNothing sends a message also where there is nothing to say.
	SaysNothing bool
	Wording     Wording
	// ForgetAfter is for how long an alert counts as firing of which nothing more
	// is heard.
	ForgetAfter time.Duration
	Retry       Retry
	Channels    map[string]Channel
	Routes      []Route
	// Redact takes secrets out of an error before it is stored; nil leaves it.
	Redact func(string) string
}

// Options are what a Notifier is made from. All are required, but for the
// Registry.
type Options struct {
	Store    Store
	Memory   Memory
	Settings Settings
	Now      func() time.Time
	Log      *slog.Logger
	Registry prometheus.Registerer // nil shows no metrics
}

func (o Options) validate() error {
	for name, missing := range map[string]bool{
		"Store": o.Store == nil, "Memory": o.Memory == nil, "Now": o.Now == nil, "Log": o.Log == nil,
		"Settings.Zone": o.Settings.Zone == nil, "Settings.Schedule": o.Settings.Schedule == nil,
	} {
		if missing {
			return fmt.Errorf("notify: option %s is required", name)
		}
	}
	return o.Settings.validate()
}

// validate refuses routes that can't be gone.
func (s Settings) validate() error {
	for _, r := range s.Routes {
		channel, ok := s.Channels[r.Channel]
		if !ok {
			return fmt.Errorf("notify: a route leads to the channel %q, which is none", r.Channel)
		}
		if err := r.Check(channel.Format()); err != nil {
			return fmt.Errorf("notify: %w", err)
		}
	}
	return nil
}

// Check says why a route can't be gone to a channel of the format; nil is that it
// can.
func (r Route) Check(f Format) error {
	switch {
	case f.Addressed && len(r.To) == 0:
		return fmt.Errorf("the channel %s needs addresses under to", r.Channel)
	case !f.Addressed && len(r.To) > 0:
		return fmt.Errorf("the channel %s has no addresses: leave to out, or give each receiver a channel of its own", r.Channel)
	}
	return nil
}

// Notifier receives alerts, makes the digests when they are due and has them
// sent. Its methods are safe for concurrent use.
type Notifier struct {
	options  Options
	settings atomic.Pointer[Settings]
	heard    *hearsay
	metrics  *metrics

	wake    chan struct{}
	running sync.WaitGroup
	cancel  context.CancelFunc // nil before Start
	fired   time.Time          // when the digest was last made; the loop's own

	mu      sync.Mutex
	started time.Time
	busy    map[string]bool      // channels with a worker
	again   map[string]time.Time // when a channel is to be looked at again
}

// New reads what was heard before the last end of the program. Nothing is made
// or sent until Start.
func New(ctx context.Context, o Options) (*Notifier, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	remembered, err := o.Memory.Remembered(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the alerts heard so far: %w", err)
	}
	n := &Notifier{
		options: o, heard: newHearsay(o.Memory, remembered),
		wake: make(chan struct{}, 1), busy: map[string]bool{}, again: map[string]time.Time{},
	}
	n.settings.Store(&o.Settings)
	if n.metrics, err = newMetrics(o.Registry, o.Store, n.heard, o.Now); err != nil {
		return nil, err
	}
	return n, nil
}

// Use puts other settings in force. What waits for a channel that they lack
// becomes Failed.
func (n *Notifier) Use(ctx context.Context, s Settings) error {
	if err := s.validate(); err != nil {
		return err
	}
	n.settings.Store(&s)
	err := n.abandon(ctx)
	n.rouse()
	return err
}

// Receive takes alerts: firing ones take the place of what was heard of them
// before, resolved ones end it. Those that are not named stay as they are. It
// returns once they are stored.
func (n *Notifier) Receive(ctx context.Context, alerts []Alert) error {
	if err := n.heard.take(ctx, alerts, n.options.Now(), n.settings.Load().ForgetAfter); err != nil {
		return fmt.Errorf("store the alerts that were received: %w", err)
	}
	return nil
}

// Firing returns the alerts that are firing now, and when any was last heard of.
func (n *Notifier) Firing() ([]Alert, time.Time) {
	return n.heard.firing(n.options.Now(), n.settings.Load().ForgetAfter)
}

// Handler takes Alertmanager's webhook: POST of JSON, version 4. It answers 200
// once the alerts are stored, so that Alertmanager tries again otherwise.
func (n *Notifier) Handler() http.Handler { return webhookHandler{n} }

// Start makes digests and sends messages until Stop. It returns at once. The
// store must be this program's alone to send from.
func (n *Notifier) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cancel != nil {
		return errors.New("notify: it has been started already")
	}
	if err := n.abandon(ctx); err != nil {
		return err
	}
	var err error
	if n.fired, err = n.options.Memory.Fired(ctx); err != nil {
		return fmt.Errorf("read when the digest was last made: %w", err)
	}
	n.started = n.options.Now()
	ctx, n.cancel = context.WithCancel(context.WithoutCancel(ctx))
	n.running.Go(func() { n.loop(ctx) })
	return nil
}

// Stop lets what is being sent come to its end until ctx ends, and then cuts it
// off; what was cut off is Doubtful.
func (n *Notifier) Stop(ctx context.Context) error {
	n.mu.Lock()
	cancel := n.cancel
	n.mu.Unlock()
	if cancel == nil {
		return nil
	}
	cancel()
	done := make(chan struct{})
	go func() {
		n.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		// Every send has a deadline of its own, and the store marks what is open.
		return fmt.Errorf("messages are still being sent: %w", ctx.Err())
	}
}

// abandon gives up what waits for channels that are gone.
func (n *Notifier) abandon(ctx context.Context) error {
	var known []string
	for name := range n.settings.Load().Channels {
		known = append(known, name)
	}
	gone, err := n.options.Store.Abandon(ctx, known)
	if err != nil {
		return fmt.Errorf("give up messages of channels that are gone: %w", err)
	}
	if gone > 0 {
		n.options.Log.WarnContext(ctx, "messages wait for channels that the configuration no longer has; they are kept as failed", "messages", gone)
	}
	return nil
}

// rouse lets the loop look again at once.
func (n *Notifier) rouse() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}
