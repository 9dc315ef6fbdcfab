package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/notify/channel"
	"github.com/govkpi/govkpi/internal/notify/queue"
	"github.com/govkpi/govkpi/internal/schedule"
)

// NotifyFile is the name of the queue of messages in the ledger's folder.
const NotifyFile = "notify.db"

// ErrNoNotify is returned where a configuration tells nobody of alerts.
var ErrNoNotify = errors.New(`the configuration has no section "notify": see docs/notify.md`)

// Notifications are what tells people of alerts: the queue and what fills it.
type Notifications struct {
	queue    *queue.Queue
	notifier *notify.Notifier
	settings notify.Settings
	now      func() time.Time
	log      *slog.Logger
}

// NotifyOptions are what Notifications are made from. All are required unless
// they say otherwise.
type NotifyOptions struct {
	Config *config.Config
	// Data is the ledger's folder; empty is the one that the configuration names.
	Data     string
	Now      func() time.Time
	Log      *slog.Logger
	Registry prometheus.Registerer // nil shows no metrics
	// Look makes no queue where there is none: what is put into it is gone at the
	// end.
	Look bool
}

// OpenNotifications opens the queue beside the ledger. Nothing is sent until
// Start or Deliver. It returns ErrNoNotify where nobody is to be told.
func OpenNotifications(ctx context.Context, o NotifyOptions) (*Notifications, error) {
	settings, err := notifySettings(o.Config, o.Now)
	if err != nil {
		return nil, err
	}
	if o.Data == "" {
		o.Data = o.Config.Ledger.Path
	}
	file := filepath.Join(o.Data, NotifyFile)
	if _, err := os.Stat(file); o.Look && errors.Is(err, fs.ErrNotExist) {
		file = queue.Empty
	}
	q, err := queue.Open(ctx, file, o.Now)
	if err != nil {
		return nil, err
	}
	notifier, err := notify.New(ctx, notify.Options{Store: q, Memory: q, Settings: settings, Now: o.Now, Log: o.Log, Registry: o.Registry})
	if err != nil {
		return nil, errors.Join(err, q.Close())
	}
	return &Notifications{queue: q, notifier: notifier, settings: settings, now: o.Now, log: o.Log}, nil
}

// Start makes digests at their time and sends what is in the queue, until Stop.
func (n *Notifications) Start(ctx context.Context) error {
	if err := n.takeSending(ctx); err != nil {
		return err
	}
	return n.notifier.Start(ctx)
}

// Stop lets what is being sent come to its end until ctx ends, and closes the
// queue.
func (n *Notifications) Stop(ctx context.Context) error {
	return errors.Join(n.notifier.Stop(ctx), n.queue.Close())
}

// CheckNotify refuses what Use would refuse; a configuration without the section
// is fine.
func CheckNotify(cfg *config.Config, now func() time.Time) error {
	if _, err := notifySettings(cfg, now); err != nil && !errors.Is(err, ErrNoNotify) {
		return err
	}
	return nil
}

// Use puts another configuration's section in force.
func (n *Notifications) Use(ctx context.Context, cfg *config.Config) error {
	settings, err := notifySettings(cfg, n.now)
	if err != nil {
		return err
	}
	return n.notifier.Use(ctx, settings)
}

// Receive takes alerts from the rules.
func (n *Notifications) Receive(ctx context.Context, alerts []notify.Alert) error {
	return n.notifier.Receive(ctx, alerts)
}

// Handler takes Alertmanager's webhook.
func (n *Notifications) Handler() http.Handler { return n.notifier.Handler() }

// Alerts returns the alerts that were received and still hold.
func (n *Notifications) Alerts() ([]notify.Alert, time.Time) { return n.notifier.Firing() }

// Compose writes what would be sent for alerts; see notify.Notifier.
func (n *Notifications) Compose(alerts []notify.Alert, asOf time.Time) []notify.Composed {
	return n.notifier.Compose(alerts, asOf)
}

// Send puts the digests of alerts into the queue.
func (n *Notifications) Send(ctx context.Context, alerts []notify.Alert, asOf time.Time) (notify.Report, error) {
	return n.notifier.Send(ctx, alerts, asOf)
}

// ErrSending is wrapped by the error of Deliver where a running govkpi sends.
var ErrSending = queue.ErrSending

// Deliver sends what is due in the queue, for a command: where a govkpi runs,
// that one sends it.
func (n *Notifications) Deliver(ctx context.Context) error {
	if err := n.takeSending(ctx); err != nil {
		return err
	}
	var failed []error
	for name, c := range n.settings.Channels {
		_, err := n.notifier.Deliver(ctx, name, c)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

func (n *Notifications) takeSending(ctx context.Context) error {
	doubtful, err := n.queue.TakeSending(ctx)
	if err != nil {
		return err
	}
	if doubtful > 0 {
		n.log.WarnContext(ctx, "the program ended while it was sending; whether these arrived is not known: see govkpi notify queue", "messages", doubtful)
	}
	return nil
}

// Messages lists the queue, the newest first.
func (n *Notifications) Messages(ctx context.Context) ([]notify.Message, error) {
	return n.queue.Messages(ctx)
}

// QueuedMessages lists the queue in a ledger's folder, the newest first; of one
// state, or of all where it is empty.
func QueuedMessages(ctx context.Context, data, state string, now func() time.Time) (messages []notify.Message, err error) {
	err = withQueue(ctx, data, now, func(q *queue.Queue) (err error) {
		var states []notify.State
		if state != "" {
			states = append(states, notify.State(state))
		}
		messages, err = q.Messages(ctx, states...)
		return err
	})
	return messages, err
}

// RetryMessage has a message sent again that failed or is doubtful.
func RetryMessage(ctx context.Context, data string, id int64, now func() time.Time) (m notify.Message, err error) {
	err = withQueue(ctx, data, now, func(q *queue.Queue) (err error) {
		m, err = q.Retry(ctx, id)
		return err
	})
	return m, err
}

func withQueue(ctx context.Context, data string, now func() time.Time, do func(*queue.Queue) error) error {
	file := filepath.Join(data, NotifyFile)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no queue of messages %s: name the folder that the server keeps its data in", file)
	}
	q, err := queue.Open(ctx, file, now)
	if err != nil {
		return err
	}
	return errors.Join(do(q), q.Close())
}

// Alert is a rule that holds for somebody now.
type Alert = notify.Alert

// DecodeAlerts reads what Alertmanager or Prometheus says is firing.
func DecodeAlerts(content []byte) ([]Alert, error) { return notify.DecodeAny(content) }

// notifySettings makes channels and routes of a configuration.
func notifySettings(cfg *config.Config, now func() time.Time) (notify.Settings, error) {
	c := cfg.Notify
	if c == nil {
		return notify.Settings{}, ErrNoNotify
	}
	s := notify.Settings{
		Zone: cfg.Site.Zone, Site: notify.Region{Code: cfg.Site.Region}, ChronicAfter: c.ChronicAfterDays, SaysNothing: c.SaysNothing,
		Wording:     notify.Wording{Title: titles(cfg.Indicators), Notice: cfg.Site.Notice.ZH, Link: c.Link},
		ForgetAfter: c.ForgetAfter, Retry: notify.Retry{Backoff: c.Retry.Backoff, Longest: c.Retry.Longest, Window: c.Retry.Window},
		Channels: map[string]notify.Channel{}, Redact: cfg.Secrets.Redact,
	}
	spec, err := schedule.Parse(c.Schedule, cfg.Site.Zone)
	if err != nil {
		return s, c.Block.Errorf("schedule", "%w", err)
	}
	s.Schedule = spec
	if c.WorkingDaysOnly {
		s.Working = cfg.Calendar.Working
	}
	for i := range cfg.Regions {
		switch r := &cfg.Regions[i]; {
		case r.Code == cfg.Site.Region:
			s.Site.Name = r.Name
		case r.Level == fact.City:
			s.Cities = append(s.Cities, notify.Region{Code: r.Code, Name: r.Name})
		}
	}
	err = joinRoutes(&s, c, now)
	return s, err
}

// joinRoutes makes the channels and the routes to them, and refuses all that is
// wrong with them at once.
func joinRoutes(s *notify.Settings, c *config.Notify, now func() time.Time) error {
	var refused []error
	for _, one := range c.Channels {
		made, err := channel.New(one.Kind, one.Options, now)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		s.Channels[one.Name] = made
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	for _, r := range c.Routes {
		route := notify.Route{Regions: r.Regions, Channel: r.Channel, To: r.To, Mention: r.Mention}
		if err := route.Check(s.Channels[r.Channel].Format()); err != nil {
			refused = append(refused, r.Block.Errorf("to", "%w", err))
		}
		s.Routes = append(s.Routes, route)
	}
	return errors.Join(refused...)
}

// titles returns what finds an indicator's Chinese title.
func titles(indicators []fact.Indicator) func(id string) string {
	known := make(map[string]string, len(indicators))
	for i := range indicators {
		known[indicators[i].ID] = indicators[i].Title.ZH
	}
	return func(id string) string { return known[id] }
}
