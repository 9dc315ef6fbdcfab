package app_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	promrules "github.com/prometheus/prometheus/rules"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// The rules name whom the demo's story makes late or lag, and nobody else.
func TestAlertsNameWhomTheSampleMakesLag(t *testing.T) {
	for _, day := range []string{"2026-05-22", "2026-08-22", "2026-11-22"} {
		t.Run(day, func(t *testing.T) {
			s := newDemoSite(t, instant(t, day+"T12:00:00+08:00"))
			alerts := s.raised(t)
			figure := func(a *promrules.Alert) string { return a.Labels.Get("indicator") + " in " + a.Labels.Get("code") }
			compareNamed(t, "ReportOverdue", s.overdue(t), named(alerts, fact.ReportOverdue, figure))
			compareNamed(t, "FigureHeld", s.held(), named(alerts, fact.FigureHeld, figure))
			compareNamed(t, "RegionBehindTarget", slices.Sorted(slices.Values(s.story.Lagging)),
				named(alerts, fact.RegionBehindTarget, func(a *promrules.Alert) string { return a.Labels.Get("code") }))
		})
	}
}

// named lists, once each and sorted, whom the alerts of a kind name.
func named(alerts []*promrules.Alert, kind fact.AlertKind, whom func(*promrules.Alert) string) []string {
	all := map[string]bool{}
	for _, a := range alerts {
		if a.Labels.Get("alertname") == string(kind) {
			all[whom(a)] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// compareNamed prints precision and recall, and fails where they are not 1.
func compareNamed(t *testing.T, what string, want, got []string) {
	t.Helper()
	right := 0
	for _, name := range got {
		if slices.Contains(want, name) {
			right++
		}
	}
	t.Logf("%s: %d should be named, %d are: precision %.3g, recall %.3g", what, len(want), len(got),
		float64(right)/float64(max(1, len(got))), float64(right)/float64(max(1, len(want))))
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("%s names others than the sample does (-sample +rules):\n%s", what, diff)
	}
}

// overdue are the figures of the story that are late and whose due date, by the
// calendar, has passed.
func (s *demoSite) overdue(t *testing.T) []string {
	t.Helper()
	all := map[string]bool{}
	for _, l := range s.story.Late {
		at := slices.IndexFunc(s.config.Indicators, func(i fact.Indicator) bool { return i.ID == l.Indicator })
		due, _ := s.config.Calendar.Due(l.Period, s.config.Indicators[at].Grace)
		if !due.After(s.now) && !slices.Contains(s.story.Held, l) {
			all[l.Indicator+" in "+l.Region] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (s *demoSite) held() []string {
	var all []string
	for _, h := range s.story.Held {
		all = append(all, h.Indicator+" in "+h.Region)
	}
	return all
}

// What the rules say comes through Alertmanager's webhook to the digests: the
// sentences, the figures, and the due date, from which days are counted.
func TestWhatRulesSayIsInTheDigest(t *testing.T) {
	s := newDemoSite(t, instant(t, "2026-11-22T12:00:00+08:00"))
	alerts := s.raised(t)
	n, err := app.OpenNotifications(t.Context(), app.NotifyOptions{
		Config: withNotify(t, example(t), "https://robot.example/send?key=693a91f6-key"), Data: t.TempDir(), Now: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
	recorder := httptest.NewRecorder()
	n.Handler().ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(webhookOf(t, alerts))))
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %s", recorder.Code, recorder.Body)
	}
	received, asOf := n.Alerts()
	for _, a := range received {
		if a.ZH == "" || a.EN == "" || (a.Due.IsZero() == (a.Name == string(fact.ReportOverdue))) {
			t.Errorf("%s lost a sentence or its due date: %+v", a.Name, a)
		}
	}
	var text strings.Builder
	for _, c := range n.Compose(received, asOf) {
		for _, m := range c.Messages[:min(1, len(c.Messages))] {
			fmt.Fprintf(&text, "%s\n\n", m.Body)
		}
	}
	const golden = "testdata/digests.txt"
	if *update {
		write(t, "testdata", "digests.txt", text.String())
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

// webhookOf is what an Alertmanager posts of alerts.
func webhookOf(t *testing.T, alerts []*promrules.Alert) string {
	t.Helper()
	type posted struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
		StartsAt    time.Time         `json:"startsAt"`
	}
	body := struct {
		Version string   `json:"version"`
		Alerts  []posted `json:"alerts"`
	}{Version: "4"}
	for _, a := range alerts {
		body.Alerts = append(body.Alerts, posted{"firing", a.Labels.Map(), a.Annotations.Map(), a.ActiveAt})
	}
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
