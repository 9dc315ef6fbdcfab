package config

import (
	"net/url"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

type alertsBlock struct {
	Self        *node                  `yaml:",self"`
	URL         string                 `yaml:"url"`
	Pages       string                 `yaml:"pages"`
	Interval    time.Duration          `yaml:"interval"`
	Stale       bool                   `yaml:"stale_figures,optional"`
	Provisional bool                   `yaml:"provisional_figures,optional"`
	Target      *behindTargetBlock     `yaml:"behind_target"`
	Peers       *behindPeersBlock      `yaml:"behind_peers"`
	Stalled     *stalledBlock          `yaml:"stalled"`
	Overdue     *overdueBlock          `yaml:"overdue"`
	Coverage    *coverageBlock         `yaml:"coverage"`
	Totals      *raisedBlock           `yaml:"totals_disagree"`
	Held        *raisedBlock           `yaml:"held"`
	Rejected    *rejectedBlock         `yaml:"rejected"`
	SourceDown  *sourceDownBlock       `yaml:"source_down"`
	Missed      *missedBlock           `yaml:"missed_schedule"`
	Indicators  []indicatorAlertsBlock `yaml:"indicators,optional"`
}

// indicatorAlertsBlock is what holds for one indicator in the place of the
// general settings.
type indicatorAlertsBlock struct {
	Self      *node              `yaml:",self"`
	Indicator string             `yaml:"indicator"`
	Off       []string           `yaml:"off,optional"`
	Target    *behindTargetBlock `yaml:"behind_target"`
	Peers     *behindPeersBlock  `yaml:"behind_peers"`
	Stalled   *stalledBlock      `yaml:"stalled"`
	Overdue   *overdueBlock      `yaml:"overdue"`
	Coverage  *coverageBlock     `yaml:"coverage"`
	Totals    *raisedBlock       `yaml:"totals_disagree"`
	Held      *raisedBlock       `yaml:"held"`
}

type raisedBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
}

type behindTargetBlock struct {
	Self      *node         `yaml:",self"`
	For       time.Duration `yaml:"for"`
	Severity  string        `yaml:"severity"`
	Tolerance float64       `yaml:"tolerance"`
}

type behindPeersBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
	Distance float64       `yaml:"distance"`
	Share    float64       `yaml:"share"`
}

type stalledBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
	Periods  int           `yaml:"periods"`
}

type overdueBlock struct {
	Self     *node `yaml:",self"`
	Info     *int  `yaml:"info"`
	Warning  *int  `yaml:"warning"`
	Critical *int  `yaml:"critical"`
}

type coverageBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
	Below    float64       `yaml:"below"`
	Levels   []string      `yaml:"levels"`
}

type rejectedBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
	Window   time.Duration `yaml:"window"`
}

type sourceDownBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
	After    time.Duration `yaml:"after"`
}

type missedBlock struct {
	Self     *node         `yaml:",self"`
	For      time.Duration `yaml:"for"`
	Severity string        `yaml:"severity"`
	After    time.Duration `yaml:"after"`
}

// alerts reads the policy; nil is one without any alert.
func (l *loader) alerts(b *alertsBlock) *fact.AlertPolicy {
	if b == nil || b.Self == nil || b.Self.kind != mapping {
		return nil
	}
	p := &fact.AlertPolicy{
		URL: l.baseURL(b.Self, "url", b.URL), Pages: l.baseURL(b.Self, "pages", b.Pages),
		Interval: b.Interval, Stale: b.Stale, Provisional: b.Provisional, Indicators: map[string]fact.IndicatorAlerts{},
	}
	l.positive(b.Self, "interval", b.Interval)
	general := &indicatorAlertsBlock{
		Target: b.Target, Peers: b.Peers, Stalled: b.Stalled, Overdue: b.Overdue, Coverage: b.Coverage, Totals: b.Totals, Held: b.Held,
	}
	l.indicatorAlerts(general, &p.General)
	if r := b.Rejected; r != nil {
		l.positive(r.Self, "window", r.Window)
		p.Rejected = &fact.RejectedAlert{RaisedAlert: l.raised(r.Self, r.For), Window: r.Window}
	}
	if s := b.SourceDown; s != nil {
		l.positive(s.Self, "after", s.After)
		p.SourceDown = &fact.SourceDownAlert{RaisedAlert: l.raised(s.Self, s.For), After: s.After}
	}
	if m := b.Missed; m != nil {
		l.positive(m.Self, "after", m.After)
		p.Missed = &fact.MissedAlert{RaisedAlert: l.raised(m.Self, m.For), After: m.After}
	}
	l.alertOverrides(b, p)
	return p
}

// baseURL refuses what no path can be put behind.
func (l *loader) baseURL(in *node, key, value string) string {
	if !l.problems.has(in, key) {
		return ""
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.RawQuery != "" || parsed.Fragment != "" {
		l.problems.refuse(in.child(key), "%s is no address to put paths behind: expected one such as https://kpi.example.org", in.child(key).quote())
		return ""
	}
	return strings.TrimRight(value, "/")
}

func (l *loader) raised(in *node, lasting time.Duration) fact.RaisedAlert {
	return fact.RaisedAlert{For: lasting, Severity: enumerated(l, in, "severity", fact.ParseSeverity)}
}

// alertOverrides reads what single indicators have in the place of the general
// settings.
func (l *loader) alertOverrides(b *alertsBlock, p *fact.AlertPolicy) {
	known := map[string]*node{}
	for i := range b.Indicators {
		own := &b.Indicators[i]
		l.unique(own.Self, "indicator", own.Indicator, known)
		if l.problems.has(own.Self, "indicator") && l.indicators[own.Indicator] == nil {
			l.unknownReference(own.Self.child("indicator"), "indicator", meant(own.Indicator, l.indicators))
		}
		if own.Self.kind == mapping && len(own.Self.children) == 1 {
			l.problems.at(own.Self.key, "%snothing differs from the general settings; name an alert, or leave the entry out", own.Self.label())
		}
		alerts := p.General
		l.indicatorAlerts(own, &alerts)
		l.alertsOff(own, &alerts)
		p.Indicators[own.Indicator] = alerts
	}
}

// indicatorAlerts puts what a block has into the settings.
func (l *loader) indicatorAlerts(b *indicatorAlertsBlock, into *fact.IndicatorAlerts) {
	if t := b.Target; t != nil {
		l.share(t.Self, "tolerance", t.Tolerance)
		into.BehindTarget = &fact.BehindTargetAlert{RaisedAlert: l.raised(t.Self, t.For), Tolerance: t.Tolerance}
	}
	if p := b.Peers; p != nil {
		l.share(p.Self, "share", p.Share)
		if l.problems.has(p.Self, "distance") && p.Distance < 1 {
			l.problems.refuse(p.Self.child("distance"), "must be at least 1, found %v: 1 is the bound of the lowest quartile itself", p.Distance)
		}
		into.BehindPeers = &fact.BehindPeersAlert{RaisedAlert: l.raised(p.Self, p.For), Distance: p.Distance, Share: p.Share}
	}
	if s := b.Stalled; s != nil {
		l.atLeast(s.Self, "periods", s.Periods, 1)
		into.Stalled = &fact.StalledAlert{RaisedAlert: l.raised(s.Self, s.For), Periods: s.Periods}
	}
	if b.Overdue != nil {
		into.Overdue = l.overdueAlert(b.Overdue)
	}
	if b.Coverage != nil {
		into.Coverage = l.coverageAlert(b.Coverage)
	}
	if t := b.Totals; t != nil {
		into.Totals = new(l.raised(t.Self, t.For))
	}
	if h := b.Held; h != nil {
		into.Held = new(l.raised(h.Self, h.For))
	}
}

// share refuses what is no share below 1.
func (l *loader) share(in *node, key string, value float64) {
	if l.problems.has(in, key) && (value < 0 || value >= 1) {
		l.problems.refuse(in.child(key), "must be from 0 to below 1, found %v", value)
	}
}

// overdueAlert reads after how many working days an overdue report is how urgent.
func (l *loader) overdueAlert(b *overdueBlock) *fact.OverdueAlert {
	if b.Self.kind == mapping && len(b.Self.children) == 0 {
		l.problems.refuse(b.Self, "must not be empty; name a severity and after how many working days it begins")
	}
	const most = 60 // the rules look back no further
	last, a := -1, &fact.OverdueAlert{Info: fact.Never, Warning: fact.Never, Critical: fact.Never}
	for _, step := range []struct {
		key   string
		value *int
		into  *int
	}{{"info", b.Info, &a.Info}, {"warning", b.Warning, &a.Warning}, {"critical", b.Critical, &a.Critical}} {
		if step.value == nil || !l.problems.has(b.Self, step.key) {
			continue
		}
		switch n := *step.value; {
		case n < 0 || n > most:
			l.problems.refuse(b.Self.child(step.key), "must be from 0 to %d working days, found %d", most, n)
		case n <= last:
			l.problems.refuse(b.Self.child(step.key), "must be more than the %d working days of the severity before, found %d", last, n)
		default:
			last, *step.into = n, n
		}
	}
	return a
}

func (l *loader) coverageAlert(b *coverageBlock) *fact.CoverageAlert {
	if l.problems.has(b.Self, "below") && (b.Below <= 0 || b.Below > 1) {
		l.problems.refuse(b.Self.child("below"), "must be above 0 and at most 1, found %v", b.Below)
	}
	a := &fact.CoverageAlert{RaisedAlert: l.raised(b.Self, b.For), Below: b.Below}
	n := b.Self.child("levels")
	for _, level := range words(l, n, fact.ParseLevel) {
		switch level {
		case fact.Province:
			a.Province = true
		case fact.City:
			a.City = true
		default:
			l.problems.refuse(n, "only province and city are watched, not %s", level)
		}
	}
	return a
}

// alertsOff switches alerts of one indicator off.
func (l *loader) alertsOff(b *indicatorAlertsBlock, alerts *fact.IndicatorAlerts) {
	for _, kind := range words(l, b.Self.child("off"), parseIndicatorAlert) {
		switch kind {
		case fact.RegionBehindTarget:
			alerts.BehindTarget = nil
		case fact.RegionBehindPeers:
			alerts.BehindPeers = nil
		case fact.RegionStalled:
			alerts.Stalled = nil
		case fact.ReportOverdue:
			alerts.Overdue = nil
		case fact.CoverageLow:
			alerts.Coverage = nil
		case fact.TotalsDisagree:
			alerts.Totals = nil
		case fact.FigureHeld:
			alerts.Held = nil
		}
	}
}
