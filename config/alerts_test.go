package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
)

func TestLoadAlerts(t *testing.T) {
	if c := load(t, tree(t)); c.Alerts != nil || c.Alertmanagers != nil {
		t.Errorf("a configuration without the section has alerts: %v, %v", c.Alerts, c.Alertmanagers)
	}
	c := load(t, with(tree(t), "catalogue/alerts.yaml", `
alerts:
  url: https://kpi.example.org/
  pages: https://docs.example.org/alerts
  interval: 5m
  provisional_figures: true
  behind_target: {tolerance: 0.1, for: 1d, severity: warning}
  overdue: {info: 0, critical: 10}
  coverage: {below: 0.9, levels: [city], for: 1d, severity: warning}
  held: {for: 0s, severity: info}
  source_down: {after: 2d, for: 1h, severity: critical}
  indicators:
    - {indicator: grids, off: [FigureHeld, ReportOverdue], behind_target: {tolerance: 0.05, for: 7d, severity: critical}}
`))
	day := 24 * time.Hour
	general := fact.IndicatorAlerts{
		BehindTarget: &fact.BehindTargetAlert{RaisedAlert: fact.RaisedAlert{For: day, Severity: fact.Warning}, Tolerance: 0.1},
		Overdue:      &fact.OverdueAlert{Info: 0, Warning: fact.Never, Critical: 10},
		Coverage:     &fact.CoverageAlert{RaisedAlert: fact.RaisedAlert{For: day, Severity: fact.Warning}, Below: 0.9, City: true},
		Held:         &fact.RaisedAlert{Severity: fact.Info},
	}
	grids := general
	grids.BehindTarget = &fact.BehindTargetAlert{RaisedAlert: fact.RaisedAlert{For: 7 * day, Severity: fact.Critical}, Tolerance: 0.05}
	grids.Held, grids.Overdue = nil, nil
	want := &fact.AlertPolicy{
		URL: "https://kpi.example.org", Pages: "https://docs.example.org/alerts", Interval: 5 * time.Minute, Provisional: true,
		General: general, Indicators: map[string]fact.IndicatorAlerts{"grids": grids},
		SourceDown: &fact.SourceDownAlert{RaisedAlert: fact.RaisedAlert{For: time.Hour, Severity: fact.Critical}, After: 2 * day},
	}
	if diff := cmp.Diff(want, c.Alerts); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func TestLoadAlertmanagers(t *testing.T) {
	c := load(t, with(tree(t), "catalogue/alerts.yaml", `
alertmanagers:
  - {url: "https://a.example.org/alerts/", timeout: 10s, bearer: {token_file: /run/secrets/grid-office}}
  - url: http://b.example.org:9093
    timeout: 5s
    basic_auth: {user: govkpi, password: "${PIN}"}
    tls: {ca: tls/ca.pem, certificate: /etc/a.pem, key: /etc/a.key, server_name: alerts}
`))
	want := []config.Alertmanager{
		{URL: "https://a.example.org/alerts", Timeout: 10 * time.Second, Token: fileURL},
		{
			URL: "http://b.example.org:9093", Timeout: 5 * time.Second, User: "govkpi", Password: "4711",
			CA: "tls/ca.pem", Certificate: "/etc/a.pem", Key: "/etc/a.key", ServerName: "alerts",
		},
	}
	if diff := cmp.Diff(want, c.Alertmanagers); diff != "" {
		t.Errorf("Alertmanagers (-want +got):\n%s", diff)
	}
	if got := c.Secrets.Redact("refused: " + fileURL); got == "refused: "+fileURL {
		t.Error("the token is not kept out of messages")
	}
}
