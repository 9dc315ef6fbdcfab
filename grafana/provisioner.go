package grafana

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ProvisionerOptions are what a Provisioner is made from; all are required.
type ProvisionerOptions struct {
	// Target returns the Grafana to keep and what it should have, according to the
	// configuration in force. It is called at every run.
	Target   func(ctx context.Context) (*Remote, Desired, error)
	Registry prometheus.Registerer
	Now      func() time.Time
	Log      *slog.Logger
}

// Provisioner applies at the times that its caller chooses, and shows what it
// found. It never forces and never prunes: that is for people. Its methods are
// safe for concurrent use.
type Provisioner struct {
	ProvisionerOptions
	running sync.Mutex

	objects    *prometheus.GaugeVec
	successful *prometheus.GaugeVec // without labels: they are missing before the first run
	ended      *prometheus.GaugeVec
	succeeded  *prometheus.GaugeVec
}

// NewProvisioner registers the metrics. They have no series before the first Run.
func NewProvisioner(o ProvisionerOptions) (*Provisioner, error) {
	if o.Target == nil || o.Registry == nil || o.Now == nil || o.Log == nil {
		return nil, errors.New("grafana: ProvisionerOptions are all required")
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	}
	p := &Provisioner{
		ProvisionerOptions: o,
		objects:            gauge("govkpi_grafana_objects", "Folders, data sources, dashboards and playlists as the last apply left them in Grafana, by state: create, update, drift, orphan, refused or unchanged (Grafana 对象数)", "state"),
		successful:         gauge("govkpi_grafana_last_apply_successful", "Whether the last apply to Grafana went well, 0 or 1; drift alone is no failure (最近一次应用到 Grafana 是否成功)"),
		ended:              gauge("govkpi_grafana_last_apply_timestamp_seconds", "When the last apply to Grafana ended, in seconds since the Unix epoch (最近一次应用到 Grafana 的时间)"),
		succeeded:          gauge("govkpi_grafana_last_apply_success_timestamp_seconds", "When an apply to Grafana last went well, in seconds since the Unix epoch (最近一次成功应用到 Grafana 的时间)"),
	}
	for _, c := range []prometheus.Collector{p.objects, p.successful, p.ended, p.succeeded} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("grafana: register metrics: %w", err)
		}
	}
	return p, nil
}

// Run plans and applies once, after a Run that is under way. What somebody
// changed by hand is left alone, logged and counted, and is no error.
func (p *Provisioner) Run(ctx context.Context) error {
	p.running.Lock()
	defer p.running.Unlock()
	plan, err := p.run(ctx)
	at := float64(p.Now().UnixMilli()) / 1000
	p.ended.WithLabelValues().Set(at)
	if err != nil {
		p.successful.WithLabelValues().Set(0)
	} else {
		p.successful.WithLabelValues().Set(1)
		p.succeeded.WithLabelValues().Set(at)
	}
	if plan != nil {
		for _, verb := range Verbs() {
			p.objects.WithLabelValues(string(verb)).Set(float64(plan.Count(verb)))
		}
	}
	return err
}

// run returns the plan with what was done counted as unchanged.
func (p *Provisioner) run(ctx context.Context) (*Plan, error) {
	remote, desired, err := p.Target(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := remote.Plan(ctx, desired, How{})
	if err != nil {
		return nil, err
	}
	for i := range plan.Items {
		if one := &plan.Items[i]; one.Left() || one.Verb == Orphan {
			p.Log.WarnContext(ctx, "grafana is not as it should be; govkpi grafana plan says how", "state", one.Verb, "kind", one.Kind, "uid", one.UID, "notes", one.Notes)
		}
	}
	done := map[string]bool{}
	err = remote.Apply(ctx, plan, func(d Done) {
		if d.Err == nil {
			done[d.Item.key] = true
			p.Log.InfoContext(ctx, "applied to grafana", "state", d.Item.Verb, "kind", d.Item.Kind, "uid", d.Item.UID)
		}
	})
	after := &Plan{Server: plan.Server}
	for _, one := range plan.Items {
		if done[one.key] {
			one.Verb = Unchanged
		}
		after.Items = append(after.Items, one)
	}
	return after, err
}
