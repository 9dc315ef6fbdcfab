package fact

import (
	"fmt"
	"time"
)

// Severity is how urgent an alert is.
type Severity string

// The severities, from the least urgent to the most.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// ParseSeverity reads a severity's name.
func ParseSeverity(s string) (Severity, error) {
	switch severity := Severity(s); severity {
	case Info, Warning, Critical:
		return severity, nil
	}
	return "", fmt.Errorf("unknown severity %q: expected info, warning or critical", s)
}

// AlertKind names an alert as rules, messages and pages do.
type AlertKind string

// The kinds of alert. The first seven are of an indicator, the others of a
// collector.
const (
	RegionBehindTarget      AlertKind = "RegionBehindTarget"
	RegionBehindPeers       AlertKind = "RegionBehindPeers"
	RegionStalled           AlertKind = "RegionStalled"
	ReportOverdue           AlertKind = "ReportOverdue"
	CoverageLow             AlertKind = "CoverageLow"
	TotalsDisagree          AlertKind = "TotalsDisagree"
	FigureHeld              AlertKind = "FigureHeld"
	FiguresRejected         AlertKind = "FiguresRejected"
	SourceDown              AlertKind = "SourceDown"
	CollectorMissedSchedule AlertKind = "CollectorMissedSchedule"
)

// AlertPolicy says which alerts there are, and when each is raised. An alert
// whose settings are nil is off.
type AlertPolicy struct {
	// URL is where people reach the program, and Pages where they read what an
	// alert means; neither ends with a slash.
	URL, Pages string
	// Interval is how often the rules are evaluated.
	Interval time.Duration
	// Stale asks for alerts on figures whose successor is overdue, Provisional for
	// alerts on figures that nobody has confirmed.
	Stale, Provisional bool
	// General holds for every indicator that is not in Indicators, by its id.
	General    IndicatorAlerts
	Indicators map[string]IndicatorAlerts

	Rejected   *RejectedAlert
	SourceDown *SourceDownAlert
	Missed     *MissedAlert
}

// Of returns the alerts of an indicator.
func (p *AlertPolicy) Of(indicator string) IndicatorAlerts {
	if own, ok := p.Indicators[indicator]; ok {
		return own
	}
	return p.General
}

// IndicatorAlerts are the alerts on one indicator.
type IndicatorAlerts struct {
	BehindTarget *BehindTargetAlert
	BehindPeers  *BehindPeersAlert
	Stalled      *StalledAlert
	Overdue      *OverdueAlert
	Coverage     *CoverageAlert
	Totals       *RaisedAlert
	Held         *RaisedAlert
}

// RaisedAlert is what every alert has: how long its condition must have held, and
// how urgent it is then.
type RaisedAlert struct {
	For      time.Duration
	Severity Severity
}

// BehindTargetAlert is raised where less than 1 - Tolerance of what should have
// been reached by now is.
type BehindTargetAlert struct {
	RaisedAlert
	Tolerance float64
}

// BehindPeersAlert is raised in the lowest quartile, where the figure is more
// than Distance times as far from the median as that quartile's bound, and at
// least Share of the median away from it.
type BehindPeersAlert struct {
	RaisedAlert
	Distance, Share float64
}

// StalledAlert is raised where the figure is short of its target and has not
// moved for so many periods.
type StalledAlert struct {
	RaisedAlert
	Periods int
}

// OverdueAlert is raised as soon as so many whole working days have gone by since
// a report was due; Never switches a severity off.
type OverdueAlert struct {
	Info, Warning, Critical int
}

// Never is a number of working days that never goes by.
const Never = -1

// CoverageAlert is raised where less than Below of the expected regions is in the
// roll-up of one of the levels.
type CoverageAlert struct {
	RaisedAlert
	Below          float64
	Province, City bool
}

// RejectedAlert is raised where a collector's readings were refused within the
// window.
type RejectedAlert struct {
	RaisedAlert
	Window time.Duration
}

// SourceDownAlert is raised where nothing has succeeded for so long, or ever.
type SourceDownAlert struct {
	RaisedAlert
	After time.Duration
}

// MissedAlert is raised where a run is late by so much, or was left out within as
// long before now.
type MissedAlert struct {
	RaisedAlert
	After time.Duration
}
