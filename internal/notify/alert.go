package notify

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// The labels that a digest reads; any others only tell alerts apart.
const (
	LabelSeverity  = "severity" // critical, warning or info
	LabelLevel     = "level"
	LabelCode      = "code"
	LabelCity      = "city"
	LabelCounty    = "county"
	LabelIndicator = "indicator"
	LabelTheme     = "theme"
)

// Alert is a rule that holds for somebody now, or that no longer does. It is
// plain data; who receives it changes nothing in it.
type Alert struct {
	Name string // of the rule, such as ReportOverdue
	// Labels are all labels but the name; with it they identify the alert.
	Labels map[string]string
	// ZH and EN say in a sentence what is the matter; empty is nothing.
	ZH, EN string
	// Value, Target, Gap and Rank are as people read them, with their unit
	// ("12 个", "第 93/100"); empty is none.
	Value, Target, Gap, Rank string
	// Due is when what is late was due; zero where nothing is.
	Due time.Time
	// Since is from when on the rule has held.
	Since time.Time
	// Resolved is when it ceased to; zero while it holds. One in the future is
	// until when it counts as firing if nothing more is heard of it.
	Resolved time.Time
}

// firing reports whether the alert holds at a time.
func (a Alert) firing(at time.Time) bool { return a.Resolved.IsZero() || a.Resolved.After(at) }

// identity is the same for two alerts that are one.
func (a Alert) identity() string {
	var b strings.Builder
	b.WriteString(a.Name)
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		b.WriteString("\xff" + name + "\xff" + a.Labels[name])
	}
	return b.String()
}

// same reports whether an alert says what another says of the same thing. The
// end of one that is still firing moves with every report and says nothing.
func (a Alert) same(b Alert) bool {
	return maps.Equal(a.Labels, b.Labels) && a.Name == b.Name && a.ZH == b.ZH && a.EN == b.EN &&
		a.Value == b.Value && a.Target == b.Target && a.Gap == b.Gap && a.Rank == b.Rank &&
		a.Due.Equal(b.Due) && a.Since.Equal(b.Since)
}

// severity orders alerts: the gravest first.
func (a Alert) severity() int {
	switch a.Labels[LabelSeverity] {
	case "critical":
		return 0
	case "warning":
		return 1
	case "info":
		return 3
	}
	return 2 // a word that we don't know is graver than what is said to be little
}

// lateSince is from when on somebody is late: when the report was due, or else
// since the rule has held.
func (a Alert) lateSince() time.Time {
	if !a.Due.IsZero() && a.Due.Before(a.Since) {
		return a.Due
	}
	return a.Since
}

// daysLate counts the midnights in the zone between the begin of the lateness
// and now: the same on all of a day, whenever the digest is sent.
func (a Alert) daysLate(now time.Time) int {
	since := a.lateSince().In(now.Location())
	return max(0, days(now)-days(since))
}

// days numbers the days of a calendar.
func days(t time.Time) int {
	year, month, day := t.Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// byIdentity sorts alerts that rank the same.
func byIdentity(a, b Alert) int { return cmp.Compare(a.identity(), b.identity()) }
