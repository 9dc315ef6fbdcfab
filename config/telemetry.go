package config

import "time"

// Telemetry is how the program's own metrics are kept for queries.
type Telemetry struct {
	// Retention is how long they are kept.
	Retention time.Duration
	// Interval is how often they are taken.
	Interval time.Duration
}

type telemetryBlock struct {
	Self      *node          `yaml:",self"`
	Retention *time.Duration `yaml:"retention"`
	Interval  *time.Duration `yaml:"interval"`
}

// telemetry fills in what is left out; b is nil where all is.
func (l *loader) telemetry(b *telemetryBlock) Telemetry {
	t := Telemetry{Retention: 400 * 24 * time.Hour, Interval: time.Minute}
	if b == nil {
		return t
	}
	override(&t.Retention, b.Retention)
	override(&t.Interval, b.Interval)
	if b.Interval != nil && l.problems.has(b.Self, "interval") && (t.Interval < time.Second || t.Interval > 4*time.Minute) {
		// Queries look back five minutes for a sample.
		l.problems.refuse(b.Self.child("interval"), "must be from 1s to 4m, found %s", b.Self.child("interval").quote())
	}
	if b.Retention != nil && l.problems.has(b.Self, "retention") && t.Retention < 48*time.Hour {
		l.problems.refuse(b.Self.child("retention"), "must be at least 2d, found %s", b.Self.child("retention").quote())
	}
	return t
}
