package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// The annotations that carry an alert's figures from a rule file, through
// Prometheus and Alertmanager, to a digest. internal/rules writes them.
const (
	AnnotationZH     = "summary_zh"
	AnnotationEN     = "summary_en"
	AnnotationValue  = "value"
	AnnotationTarget = "target"
	AnnotationGap    = "gap"
	AnnotationRank   = "rank"
	AnnotationDue    = "due_at" // RFC 3339
)

// wireAlert is an alert as Alertmanager's webhook, its API and Prometheus' API
// write it; each lacks what another has.
type wireAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    *time.Time        `json:"startsAt"`
	EndsAt      *time.Time        `json:"endsAt"`
	ActiveAt    *time.Time        `json:"activeAt"` // Prometheus
	// Status is a word in the webhook and a mapping in the API.
	Status json.RawMessage `json:"status"`
	State  string          `json:"state"` // Prometheus: pending or firing
}

// DecodeWebhook reads what Alertmanager posts to a webhook, version 4, and says
// how many alerts it left out. Keys that it doesn't know are let pass, since
// Alertmanager adds some without a new version; what it reads must be right.
func DecodeWebhook(content []byte) (alerts []Alert, truncated uint64, err error) {
	var body struct {
		Version         string       `json:"version"`
		GroupKey        string       `json:"groupKey"`
		TruncatedAlerts uint64       `json:"truncatedAlerts"`
		Alerts          *[]wireAlert `json:"alerts"`
	}
	switch err := decodeOne(content, &body); {
	case err != nil:
		return nil, 0, err
	case body.Version != "4":
		return nil, 0, fmt.Errorf("its version is %.20q, not 4", body.Version)
	case body.Alerts == nil:
		return nil, 0, errors.New("it has no alerts")
	}
	for i, w := range *body.Alerts {
		a, err := w.webhook()
		if err != nil {
			return nil, 0, fmt.Errorf("alert %d of %d: %w", i+1, len(*body.Alerts), err)
		}
		alerts = append(alerts, a)
	}
	return alerts, body.TruncatedAlerts, nil
}

// DecodeAny reads a webhook of Alertmanager, an answer of its /api/v2/alerts, or
// one of Prometheus' /api/v1/alerts. Of the latter two it returns what fires.
func DecodeAny(content []byte) ([]Alert, error) {
	if strings.HasPrefix(strings.TrimSpace(string(content[:min(len(content), 64)])), "[") {
		var list []wireAlert
		if err := decodeOne(content, &list); err != nil {
			return nil, err
		}
		return firingOf(list)
	}
	var kind struct {
		Version string `json:"version"`
		Status  string `json:"status"`
		Error   string `json:"error"`
		Data    *struct {
			Alerts []wireAlert `json:"alerts"`
		} `json:"data"`
	}
	switch err := decodeOne(content, &kind); {
	case err != nil:
		return nil, err
	case kind.Data != nil:
		return firingOf(kind.Data.Alerts)
	case kind.Version != "":
		alerts, _, err := DecodeWebhook(content)
		return alerts, err
	case kind.Error != "":
		return nil, fmt.Errorf("it is an error: %.200q", kind.Error)
	}
	return nil, errors.New("expected a webhook of Alertmanager, an answer of its /api/v2/alerts, or one of Prometheus' /api/v1/alerts")
}

// decodeOne reads one JSON value with nothing behind it.
func decodeOne(content []byte, into any) error {
	if !utf8.Valid(content) {
		return errors.New("it is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("it can't be read as JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands behind the JSON")
	}
	return nil
}

// webhook reads an alert of a webhook.
func (w wireAlert) webhook() (Alert, error) {
	var status string
	if err := json.Unmarshal(w.Status, &status); err != nil || status != "firing" && status != "resolved" {
		return Alert{}, errors.New("its status is neither firing nor resolved")
	}
	a, err := w.alert(w.StartsAt)
	if err != nil {
		return a, err
	}
	if status == "resolved" {
		if w.EndsAt == nil || w.EndsAt.IsZero() {
			return a, errors.New("it is resolved, but has no endsAt")
		}
		a.Resolved = *w.EndsAt
	}
	return a, nil
}

// firingOf reads the alerts of an API that fire and that nobody has silenced.
func firingOf(list []wireAlert) ([]Alert, error) {
	var alerts []Alert
	for i, w := range list {
		var status struct {
			State string `json:"state"`
		}
		if len(w.Status) > 0 {
			if err := json.Unmarshal(w.Status, &status); err != nil {
				return nil, fmt.Errorf("alert %d of %d: its status can't be read: %w", i+1, len(list), err)
			}
		}
		if w.State == "pending" || w.State == "inactive" || status.State == "suppressed" {
			continue
		}
		since := w.StartsAt
		if since == nil {
			since = w.ActiveAt
		}
		a, err := w.alert(since)
		if err != nil {
			return nil, fmt.Errorf("alert %d of %d: %w", i+1, len(list), err)
		}
		if w.EndsAt != nil {
			a.Resolved = *w.EndsAt
		}
		alerts = append(alerts, a)
	}
	return alerts, nil
}

// The most that is taken of one alert; rules make far less.
const (
	mostLabels   = 64
	longestValue = 4096 // bytes
)

func (w wireAlert) alert(since *time.Time) (Alert, error) {
	name := w.Labels["alertname"]
	switch {
	case name == "":
		return Alert{}, errors.New("it has no label alertname")
	case since == nil || since.IsZero():
		return Alert{}, errors.New("it does not say since when it has fired")
	case len(w.Labels) > mostLabels || len(w.Annotations) > mostLabels:
		return Alert{}, fmt.Errorf("it has more than %d labels or annotations", mostLabels)
	}
	for _, texts := range []map[string]string{w.Labels, w.Annotations} {
		for key, value := range texts {
			if len(key)+len(value) > longestValue {
				return Alert{}, fmt.Errorf("its label or annotation %.40q is longer than %d bytes", key, longestValue)
			}
		}
	}
	a := FromRule(w.Labels, w.Annotations)
	a.Since = *since
	return a, nil
}

// FromRule makes an alert of the labels and annotations that a rule gives it. A
// due date that can't be read is none.
func FromRule(labels, annotations map[string]string) Alert {
	a := Alert{
		Name: labels["alertname"], Labels: map[string]string{},
		ZH: annotations[AnnotationZH], EN: annotations[AnnotationEN], Value: annotations[AnnotationValue],
		Target: annotations[AnnotationTarget], Gap: annotations[AnnotationGap], Rank: annotations[AnnotationRank],
	}
	for key, value := range labels {
		if key != "alertname" && value != "" {
			a.Labels[key] = value
		}
	}
	if due, err := time.Parse(time.RFC3339, annotations[AnnotationDue]); err == nil {
		a.Due = due
	}
	return a
}
