package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

// notifyCommands are govkpi notify ….
type notifyCommands struct {
	Preview notifyPreviewCommand `cmd:"" help:"Print what would be sent, city by city; nothing is sent or stored."`
	Send    notifySendCommand    `cmd:"" help:"Send today's digests now. Who has got today's already gets no other."`
	Queue   notifyQueueCommand   `cmd:"" help:"List messages with their state, the newest first."`
	Retry   notifyRetryCommand   `cmd:"" help:"Send a message again that failed or is doubtful."`
}

// alertSource says which alerts to tell of.
type alertSource struct {
	Config string `help:"Configuration with the section notify." type:"existingfile" required:""`
	Alerts string `help:"File with alerts: a webhook of Alertmanager, or an answer of its /api/v2/alerts or of Prometheus' /api/v1/alerts. Without it and --server, those that a running govkpi has received." type:"existingfile" xor:"alerts"`
	Server string `help:"Ask a running govkpi or a Prometheus which alerts fire, such as http://127.0.0.1:9600." xor:"alerts"`
	login
}

// with does something with the queue. Who only looks makes none: its files might
// belong to a user other than the server's.
func (s alertSource) with(env *environment, look bool, work func(n *app.Notifications) error) (err error) {
	cfg, err := config.LoadFile(s.Config, systemOptions())
	if err != nil {
		return err
	}
	n, err := app.OpenNotifications(env.ctx, app.NotifyOptions{Config: cfg, Now: env.now, Log: env.log, Look: look})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop(context.WithoutCancel(env.ctx))) }()
	return work(n)
}

// read returns the alerts that were asked for, and when they were last heard of.
func (s alertSource) read(env *environment, n *app.Notifications) (alerts []app.Alert, asOf time.Time, err error) {
	var content []byte
	switch {
	case s.Alerts != "":
		if content, err = os.ReadFile(s.Alerts); err != nil {
			return nil, asOf, fmt.Errorf("--alerts: %w", err)
		}
	case s.Server != "":
		server, err := s.client(s.Server)
		if err != nil {
			return nil, asOf, err
		}
		if content, err = server.get(env.ctx, "/api/v1/alerts"); err != nil {
			return nil, asOf, err
		}
	default:
		alerts, asOf = n.Alerts()
		return alerts, asOf, nil
	}
	if alerts, err = app.DecodeAlerts(content); err != nil {
		return nil, asOf, fmt.Errorf("read the alerts: %w", err)
	}
	return alerts, env.now(), nil
}

// get returns the body of an answer of status 200.
func (c *client) get(ctx context.Context, path string) ([]byte, error) {
	answer, status, err := c.ask(ctx, http.MethodGet, path, "", nil)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusUnauthorized:
		return nil, errors.New("the server wants a login, and this one is missing or wrong: see --user and --password-file")
	case status != http.StatusOK:
		return nil, fmt.Errorf("the server answers %s with status %d", path, status)
	}
	return answer, nil
}

// notifyPreviewCommand is govkpi notify preview.
type notifyPreviewCommand struct {
	City string `help:"Only of this city, by code or name."`
	alertSource
}

// Run prints the messages.
func (c *notifyPreviewCommand) Run(env *environment) error {
	return c.with(env, true, func(n *app.Notifications) error {
		alerts, asOf, err := c.read(env, n)
		if err != nil {
			return err
		}
		printed := false
		for _, one := range n.Compose(alerts, asOf) {
			if c.City != "" && c.City != one.Region.Code && c.City != one.Region.Name {
				continue
			}
			if one.Unheard {
				env.say("== %s (%s): nobody gets it; add a route under notify.routes\n", one.Region.Name, one.Region.Code)
				printed = true
			}
			for _, m := range one.Messages {
				env.say("== %s (%s) to %s, %d bytes", m.City, m.Region, receiver(m.Channel, m.To), len(m.Body))
				env.say("%s\n", m.Body)
				printed = true
			}
		}
		if !printed {
			env.say("Nothing to say.")
		}
		return nil
	})
}

func receiver(channel, to string) string {
	if to == "" {
		return channel
	}
	return channel + " " + to
}

// notifySendCommand is govkpi notify send.
type notifySendCommand struct{ alertSource }

// Run sends the messages, or has the running program send them.
func (c *notifySendCommand) Run(env *environment) error {
	return c.with(env, false, func(n *app.Notifications) error {
		alerts, asOf, err := c.read(env, n)
		if err != nil {
			return err
		}
		report, err := n.Send(env.ctx, alerts, asOf)
		if err != nil {
			return err
		}
		env.say("%s put into the queue, %d replaced that had not been sent, %d left as they were.", counted(report.New, "message"), report.Replaced, report.Kept)
		err = n.Deliver(env.ctx)
		if errors.Is(err, app.ErrSending) {
			env.say("The govkpi that is running sends them.")
			return nil
		}
		if err != nil {
			return err
		}
		return c.report(env, n)
	})
}

// report fails where not all were sent: a script must notice.
func (c *notifySendCommand) report(env *environment, n *app.Notifications) error {
	messages, err := n.Messages(env.ctx)
	if err != nil {
		return err
	}
	open := 0
	for _, m := range slices.Backward(messages) {
		if m.State == "sent" {
			continue
		}
		open++
		env.warn("message %d, %s to %s: %s: %s", m.ID, m.City, receiver(m.Channel, m.To), m.State, m.Error)
	}
	if open > 0 {
		env.warn("%s not sent: what is pending goes with the next govkpi serve or notify send, the rest with notify retry", counted(open, "message"))
		return errReported
	}
	env.say("All are sent.")
	return nil
}

// notifyQueueCommand is govkpi notify queue.
type notifyQueueCommand struct {
	Data   string `help:"Folder with the ledger." required:"" type:"existingdir"`
	State  string `help:"Only those in this state: ${enum}." enum:",pending,sending,sent,failed,doubtful" default:""`
	Body   bool   `help:"With the text of each."`
	Format string `help:"How to print: ${enum}." enum:"text,csv,json" default:"text"`
}

// Run lists the queue.
func (c *notifyQueueCommand) Run(env *environment) error {
	messages, err := app.QueuedMessages(env.ctx, c.Data, c.State, env.now)
	if err != nil {
		return err
	}
	t := &table{header: []string{"id", "day", "city", "channel", "to", "state", "attempts", "next", "error"}, numbers: map[int]bool{0: true, 6: true}}
	type row struct {
		ID       int64     `json:"id"`
		Day      string    `json:"day"`
		Region   string    `json:"region"`
		City     string    `json:"city"`
		Channel  string    `json:"channel"`
		To       string    `json:"to,omitempty"`
		State    string    `json:"state"`
		Attempts int       `json:"attempts"`
		Stored   time.Time `json:"stored"`
		Changed  time.Time `json:"changed"`
		Error    string    `json:"error,omitempty"`
		Body     string    `json:"body"`
	}
	rows := []row{}
	for _, m := range messages {
		next := ""
		if m.State == "pending" {
			next = m.Next.UTC().Format(time.RFC3339)
		}
		t.add(fmt.Sprint(m.ID), m.Day, m.City, m.Channel, m.To, string(m.State), fmt.Sprint(m.Attempts), next, m.Error)
		rows = append(rows, row{m.ID, m.Day, m.Region, m.City, m.Channel, m.To, string(m.State), m.Attempts, m.Stored.UTC(), m.Changed.UTC(), m.Error, m.Body})
	}
	switch c.Format {
	case "json":
		return writeJSON(env.stdout, rows)
	case "csv":
		return t.csv(env.stdout)
	}
	if err := t.text(env.stdout); err != nil {
		return err
	}
	for _, r := range rows {
		if c.Body {
			env.say("\n== %d\n%s", r.ID, r.Body)
		}
	}
	return nil
}

// notifyRetryCommand is govkpi notify retry.
type notifyRetryCommand struct {
	ID   int64  `arg:"" help:"Message, by its number in govkpi notify queue."`
	Data string `help:"Folder with the ledger." required:"" type:"existingdir"`
}

// Run puts a message back into the queue.
func (c *notifyRetryCommand) Run(env *environment) error {
	m, err := app.RetryMessage(env.ctx, c.Data, c.ID, env.now)
	if err != nil {
		return err
	}
	env.say("Message %d, %s to %s, waits again: a running govkpi sends it within a quarter of a minute, else the next notify send.", m.ID, m.City, receiver(m.Channel, m.To))
	return nil
}
