package rules

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/notifier"
	promrules "github.com/prometheus/prometheus/rules"
)

// Alert is a firing or a resolved alert.
type Alert struct {
	Labels, Annotations map[string]string
	Value               float64
	// ActiveAt is since when the condition has held, FiredAt since when the alert
	// has fired.
	ActiveAt, FiredAt time.Time
	// ResolvedAt is zero while it fires.
	ResolvedAt time.Time
}

func alertOf(a *promrules.Alert) Alert {
	return Alert{
		Labels: a.Labels.Map(), Annotations: a.Annotations.Map(), Value: a.Value,
		ActiveAt: a.ActiveAt, FiredAt: a.FiredAt, ResolvedAt: a.ResolvedAt,
	}
}

// notify hands alerts to the Alertmanagers and to whoever receives them here.
// Both are told the same again and again while an alert fires, and for a quarter
// of an hour after it has been resolved.
func (m *Manager) notify(ctx context.Context, _ string, alerts ...*promrules.Alert) {
	if len(alerts) == 0 {
		return
	}
	sent := make([]*notifier.Alert, 0, len(alerts))
	received := make([]Alert, 0, len(alerts))
	for _, a := range alerts {
		until := a.ResolvedAt
		if until.IsZero() {
			until = a.ValidUntil
		}
		sent = append(sent, &notifier.Alert{
			Labels: a.Labels, Annotations: a.Annotations, StartsAt: a.FiredAt, EndsAt: until, GeneratorURL: m.source(a),
		})
		received = append(received, alertOf(a))
	}
	m.outbox.sender.Send(sent...)
	if m.options.Receive != nil {
		m.options.Receive(ctx, received)
	}
}

// source is where a reader of the alert looks further: the figure's explanation,
// else the page on the alert. The expression itself helps nobody.
func (m *Manager) source(a *promrules.Alert) string {
	for _, annotation := range []string{annotationExplain, annotationPage} {
		if link := a.Annotations.Get(annotation); link != "" {
			return link
		}
	}
	return m.options.ExternalURL
}
