package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/notify"
	"github.com/govkpi/govkpi/internal/promapi"
	"github.com/govkpi/govkpi/internal/rules"
)

// alerting is what raises alerts and what tells people of them. Either may be
// missing.
type alerting struct {
	manager       *rules.Manager
	notifications *Notifications
}

// errNotAtReload is what a reload says that would add or remove a part.
var errNotAtReload = errors.New("the sections alerts and notify can be changed by a reload, but not added or removed: restart the program")

// buildAlerting makes what the configuration asks for. It needs all of it, with
// the regions.
func (a *App) buildAlerting(ctx context.Context, cfg *config.Config, registry *prometheus.Registry) error {
	notifications, err := OpenNotifications(ctx, NotifyOptions{Config: cfg, Data: a.Data, Now: a.Now, Log: a.Log, Registry: registry})
	switch {
	case errors.Is(err, ErrNoNotify):
	case err != nil:
		return err
	default:
		a.alerting.notifications = notifications
		a.teardowns.push("notifications", notifications.Stop)
	}
	groups, err := RuleGroups(cfg)
	if err != nil || cfg.Alerts == nil {
		return err
	}
	a.alerting.manager, err = rules.New(rules.Options{
		Engine: a.queries.engine, Queryable: a.queries.queryable, Appendable: a.queries.store,
		Groups: groups, ExternalURL: cfg.Alerts.URL, Alertmanagers: alertmanagersOf(cfg), Receive: a.receive, Log: a.Log, Now: a.Now,
	})
	return err
}

// start begins to evaluate and to send.
func (a *App) startAlerting(ctx context.Context) error {
	if n := a.alerting.notifications; n != nil {
		if err := n.Start(ctx); err != nil {
			return err
		}
	}
	m := a.alerting.manager
	if m == nil {
		return nil
	}
	if err := m.Start(); err != nil {
		return err
	}
	a.teardowns.push("rules", m.Stop)
	return nil
}

// receive hands the alerts of our own rules to the digests.
func (a *App) receive(ctx context.Context, raised []rules.Alert) {
	n := a.alerting.notifications
	if n == nil {
		return
	}
	alerts := make([]notify.Alert, len(raised))
	for i, r := range raised {
		alerts[i] = notify.FromRule(r.Labels, r.Annotations)
		alerts[i].Since, alerts[i].Resolved = r.ActiveAt, r.ResolvedAt
	}
	if err := n.Receive(ctx, alerts); err != nil {
		a.Log.ErrorContext(ctx, "alerts can't be taken for the digests; the rules will say them again", "alerts", len(alerts), "err", err)
	}
}

// checkAlerting refuses at a reload what useAlerting could not put in force. It
// returns the rules.
func (a *App) checkAlerting(cfg *config.Config) ([]rules.Group, error) {
	if (cfg.Alerts == nil) != (a.alerting.manager == nil) || (cfg.Notify == nil) != (a.alerting.notifications == nil) {
		return nil, errNotAtReload
	}
	groups, err := RuleGroups(cfg)
	return groups, errors.Join(err, CheckNotify(cfg, a.Now))
}

// useAlerting puts another configuration's alerts in force.
func (a *App) useAlerting(ctx context.Context, cfg *config.Config, groups []rules.Group) error {
	var err error
	if m := a.alerting.manager; m != nil {
		err = m.Reload(groups, alertmanagersOf(cfg))
	}
	if n := a.alerting.notifications; n != nil {
		err = errors.Join(err, n.Use(ctx, cfg))
	}
	return err
}

func alertmanagersOf(cfg *config.Config) []rules.Alertmanager {
	all := make([]rules.Alertmanager, len(cfg.Alertmanagers))
	for i, m := range cfg.Alertmanagers {
		all[i] = rules.Alertmanager{
			URL: m.URL, Timeout: m.Timeout, User: m.User, Password: m.Password, Token: m.Token,
			CA: m.CA, Certificate: m.Certificate, Key: m.Key, ServerName: m.ServerName,
		}
	}
	return all
}

// retriever lists the rules for the API; nil where there are none.
func (l *alerting) retriever() promapi.RulesRetriever {
	if l.manager == nil {
		return nil
	}
	return l.manager
}

// webhook takes what an Alertmanager sends; where nobody is told of alerts it
// says so.
func (l *alerting) webhook() http.Handler {
	if l.notifications == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "没有配置 notify，不接收告警。 The configuration has no section notify: alerts are not taken.", http.StatusNotFound)
		})
	}
	return l.notifications.Handler()
}

// ReviewQuestion says over which time a back-test goes, To exclusive.
type ReviewQuestion struct{ From, To time.Time }

// Review is what a back-test found.
type Review = rules.Review

// Review says whom the alert rules of the reader's configuration would have named,
// month by month, by what was known then. It begins when the ledger did, where
// that is later than asked for: before, nothing was known of anybody.
func (r *Reader) Review(ctx context.Context, q ReviewQuestion) (*Review, error) {
	groups, err := RuleGroups(r.Config)
	if err != nil {
		return nil, err
	}
	if groups == nil {
		return nil, errNoAlerts
	}
	began, err := firstAccepted(ctx, r.Store, r.now)
	switch {
	case err != nil:
		return nil, err
	case !began.Before(q.To):
		return nil, fmt.Errorf("nothing was known before %s, when the ledger's first configuration was accepted: ask for a later time", began.In(r.Config.Site.Zone).Format(time.DateTime))
	case began.After(q.From):
		q.From = began
	}
	asked, err := r.asking(ctx)
	if err != nil {
		return nil, err
	}
	review, err := rules.Backtest(promapi.WithKnownThen(ctx), rules.Question{
		Engine: asked.engine, Queryable: asked.queryable, Groups: groups, From: q.From, To: q.To, Zone: r.Config.Site.Zone,
	})
	return review, errors.Join(err, asked.end())
}
