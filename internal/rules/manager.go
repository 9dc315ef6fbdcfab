package rules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
)

// Options are what a Manager works with. All but Alertmanagers, Receive,
// Registerer, Outage and Now are required.
type Options struct {
	Engine *promql.Engine
	// Queryable answers the rules' expressions. What the rules record, and which
	// alerts are active since when, goes to Appendable and must be in Queryable
	// again, also after a restart: `for` goes on from there.
	Queryable  storage.Queryable
	Appendable storage.AppendableV2
	Groups     []rulefmt.RuleGroup // of Generate
	// ExternalURL is where people reach the program.
	ExternalURL   string
	Alertmanagers []Alertmanager
	// Receive is told of firing and of resolved alerts, repeatedly, by several
	// goroutines at once; it must not keep them waiting.
	Receive    func(ctx context.Context, alerts []Alert)
	Log        *slog.Logger
	Registerer prometheus.Registerer
	// Outage is for how long the program may have been away for `for` to go on;
	// 0 is a day.
	Outage time.Duration
	// Now is the clock that the storage goes by; nil is the system's. Where it shows
	// another day, as in a demo of the past, rules are evaluated for that day; `for`
	// does not go on after a restart then.
	Now func() time.Time
}

func (o *Options) validate() error {
	switch {
	case o.Engine == nil:
		return errors.New("rules need a PromQL engine: Options.Engine is nil")
	case o.Queryable == nil || o.Appendable == nil:
		return errors.New("rules need a storage to ask and one to write to: Options.Queryable or Options.Appendable is nil")
	case o.Log == nil:
		return errors.New("rules need a logger: Options.Log is nil")
	}
	return nil
}

// Manager evaluates rules, each group at its interval, and sends the alerts that
// they raise. It is what web/api/v1 calls a RulesRetriever. All methods are safe
// for concurrent use.
type Manager struct {
	options Options
	outbox  *outbox
	loader  *loader
	rules   *promrules.Manager
	cancel  context.CancelFunc

	lifecycle sync.Mutex
	started   bool
	stopped   bool
	done      chan struct{}
}

// New makes a manager that does nothing until Start.
func New(o Options) (*Manager, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	external, err := url.Parse(o.ExternalURL)
	if err != nil {
		return nil, fmt.Errorf("the external address of the rules cannot be read: %w", err)
	}
	if o.Outage <= 0 {
		o.Outage = 24 * time.Hour
	}
	m := &Manager{options: o, loader: &loader{parser: newParser()}, done: make(chan struct{})}
	if m.outbox, err = newOutbox(o.Alertmanagers, o.Registerer, o.Log); err != nil {
		return nil, err
	}
	var ctx context.Context
	ctx, m.cancel = context.WithCancel(context.Background())
	m.rules = promrules.NewManager(&promrules.ManagerOptions{
		NameValidationScheme: model.UTF8Validation,
		ExternalURL:          external,
		QueryFunc:            promrules.EngineQueryFunc(o.Engine, o.Queryable),
		NotifyFunc:           m.notify,
		Context:              ctx,
		AppendableV2:         o.Appendable,
		Queryable:            o.Queryable,
		Logger:               o.Log,
		Registerer:           o.Registerer,
		OutageTolerance:      o.Outage,
		ResendDelay:          resend(o.Groups),
		GroupLoader:          m.loader,
		Parser:               m.loader.parser,
	})
	if err := m.loader.swap(o.Groups); err != nil {
		m.cancel()
		return nil, err
	}
	return m, nil
}

// resend is after how long a firing alert is sent again: at every second
// evaluation. It is then valid for six of them, so that a restart, after which
// `for` is restored with the third evaluation, resolves nothing.
func resend(groups []rulefmt.RuleGroup) time.Duration {
	longest := time.Minute
	if len(groups) > 0 {
		longest = time.Duration(slices.MaxFunc(groups, func(a, b rulefmt.RuleGroup) int { return int(a.Interval - b.Interval) }).Interval)
	}
	return longest * 3 / 2
}

// Start evaluates and sends until Stop. It does not wait.
func (m *Manager) Start() error {
	m.lifecycle.Lock()
	defer m.lifecycle.Unlock()
	if m.started || m.stopped {
		return errors.New("the rules have been started or stopped before: make a new manager")
	}
	where, err := m.outbox.configure(m.options.Alertmanagers)
	if err != nil {
		return err
	}
	if err := m.update(); err != nil {
		return err
	}
	m.started = true
	go m.outbox.run()
	m.outbox.targets <- where
	go func() {
		defer close(m.done)
		m.rules.Run()
	}()
	return nil
}

// Stop ends the evaluation, then sends what is queued. It waits for both until
// the context ends.
func (m *Manager) Stop(ctx context.Context) error {
	m.lifecycle.Lock()
	defer m.lifecycle.Unlock()
	if m.stopped || !m.started {
		m.stopped = true
		m.cancel()
		return nil
	}
	m.stopped = true
	go func() {
		m.rules.Stop()
		m.cancel()
		m.outbox.sender.Stop()
	}()
	for _, done := range []chan struct{}{m.done, m.outbox.done} {
		select {
		case <-done:
		case <-ctx.Done():
			m.cancel()
			return fmt.Errorf("the rules did not stop in time; alerts may be unsent: %w", ctx.Err())
		}
	}
	return nil
}

// Reload takes other groups and other Alertmanagers. Groups that are as before go
// on undisturbed, and alerts of a changed rule stay active. On an error all stays
// as it was.
func (m *Manager) Reload(groups []rulefmt.RuleGroup, to []Alertmanager) error {
	m.lifecycle.Lock()
	defer m.lifecycle.Unlock()
	if m.stopped {
		return errors.New("the rules have been stopped")
	}
	for n := range to {
		if _, _, err := to[n].config(); err != nil {
			return err
		}
	}
	if err := m.loader.swap(groups); err != nil {
		return err
	}
	where, err := m.outbox.configure(to)
	if err != nil {
		return err
	}
	m.options.Alertmanagers = to
	if !m.started {
		return nil
	}
	m.outbox.targets <- where
	return m.update()
}

// update lets the rules be those of the loader.
func (m *Manager) update() error {
	if err := m.rules.Update(time.Minute, m.loader.names(), labels.EmptyLabels(), m.options.ExternalURL, m.evaluate); err != nil {
		return fmt.Errorf("load the rules: %w", err)
	}
	return nil
}

// evaluate evaluates a group that is due at an instant of the system's clock.
func (m *Manager) evaluate(ctx context.Context, g *promrules.Group, at time.Time) {
	const late = time.Hour // and not another day
	if m.options.Now != nil {
		if now := m.options.Now(); now.Sub(at).Abs() > late {
			at = now
		}
	}
	promrules.DefaultEvalIterationFunc(ctx, g, at)
}

// RuleGroups returns the groups as they are evaluated, sorted by name; none
// before Start.
func (m *Manager) RuleGroups() []*promrules.Group { return m.rules.RuleGroups() }

// AlertingRules returns all rules with their alerts.
func (m *Manager) AlertingRules() []*promrules.AlertingRule { return m.rules.AlertingRules() }

// Firing returns the alerts that fire now.
func (m *Manager) Firing() []Alert {
	var firing []Alert
	for _, rule := range m.rules.AlertingRules() {
		for _, a := range rule.ActiveAlerts() {
			if a.State == promrules.StateFiring {
				firing = append(firing, alertOf(a))
			}
		}
	}
	return firing
}
