package config

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// targetBlock is a target within its indicator.
type targetBlock struct {
	Self      *node      `yaml:",self"`
	Level     *string    `yaml:"level"`
	Region    *string    `yaml:"region"`
	Value     *float64   `yaml:"value"`
	Path      *pathBlock `yaml:"path"`
	Year      *int       `yaml:"year"`
	Per       *string    `yaml:"per"`
	Source    string     `yaml:"source"`
	Synthetic *bool      `yaml:"synthetic"`
}

// overlayBlock is a target that stands apart from its indicator.
type overlayBlock struct {
	Self      *node      `yaml:",self"`
	Indicator string     `yaml:"indicator"`
	Level     *string    `yaml:"level"`
	Region    *string    `yaml:"region"`
	Value     *float64   `yaml:"value"`
	Path      *pathBlock `yaml:"path"`
	Year      *int       `yaml:"year"`
	Per       *string    `yaml:"per"`
	Source    string     `yaml:"source"`
	Synthetic *bool      `yaml:"synthetic"`
}

// pathBlock is a target that moves from one value to another.
type pathBlock struct {
	Self *node         `yaml:",self"`
	From waypointBlock `yaml:"from"`
	To   waypointBlock `yaml:"to"`
}

type waypointBlock struct {
	Self   *node   `yaml:",self"`
	Period string  `yaml:"period"`
	Value  float64 `yaml:"value"`
}

func (b *overlayBlock) target() targetBlock {
	return targetBlock{
		Self: b.Self, Level: b.Level, Region: b.Region, Value: b.Value, Path: b.Path,
		Year: b.Year, Per: b.Per, Source: b.Source, Synthetic: b.Synthetic,
	}
}

// place is what a target is for; an indicator has one target for each.
type place struct {
	region string
	level  fact.Level
	year   int // 0 is every year that has no target of its own
}

func (l *loader) targets(b *indicatorBlock, in *fact.Indicator) []fact.Target {
	var targets []fact.Target
	b.aimed = map[place]*node{}
	for i := range b.Targets {
		targets = append(targets, l.target(&b.Targets[i], in, b.aimed))
	}
	return targets
}

// loadOverlay adds the targets that stand apart to their indicators.
func (l *loader) loadOverlay(blocks []*overlayBlock) {
	for _, b := range blocks {
		if !l.problems.has(b.Self, "indicator") {
			continue
		}
		indicator, known := l.indicators[b.Indicator]
		if !known {
			l.unknownReference(b.Self.child("indicator"), "indicator", meant(b.Indicator, l.indicators))
			continue
		}
		target := b.target()
		in := &l.config.Indicators[indicator.index]
		in.Targets = append(in.Targets, l.target(&target, in, indicator.aimed))
	}
}

func (l *loader) target(b *targetBlock, in *fact.Indicator, aimed map[place]*node) fact.Target {
	t := fact.Target{Source: b.Source, Synthetic: b.Synthetic != nil && *b.Synthetic}
	if b.Self.kind != mapping {
		return t
	}
	l.targetValue(b, &t)
	l.targetYear(b, &t)
	if !l.targetPlace(b, &t) {
		return t
	}
	l.targetPer(b, &t, in)
	at := place{t.Region, t.Level, t.Year}
	if first, again := aimed[at]; again {
		l.problems.at(b.Self.at, "%sthe indicator has a target for this already, at %s:%d", b.Self.label(), first.at.file.name, first.at.line)
		return t
	}
	aimed[at] = b.Self
	return t
}

// targetPlace reads which region or level a target is for; ok is false where
// that can't be told.
func (l *loader) targetPlace(b *targetBlock, t *fact.Target) (ok bool) {
	switch level, region := b.Self.child("level"), b.Self.child("region"); {
	case level != nil && region != nil:
		l.problems.refuseKey(region, "a target is for one region or for a level, not both")
		return false
	case level == nil && region == nil:
		l.problems.at(b.Self.key, `%s"level" or "region" is missing`, b.Self.label())
		return false
	case region != nil && l.problems.has(b.Self, "region"):
		l.regionCode(region)
		t.Region = *b.Region
	case level != nil:
		t.Level = enumerated(l, b.Self, "level", fact.ParseLevel)
	}
	return t.Region != "" || t.Level != 0
}

// targetValue reads the one value of a target, or its path.
func (l *loader) targetValue(b *targetBlock, t *fact.Target) {
	switch value, path := b.Self.child("value"), b.Self.child("path"); {
	case value != nil && path != nil:
		l.problems.refuseKey(path, "a target has one value or a path, not both")
	case value == nil && path == nil:
		l.problems.at(b.Self.key, `%s"value" or "path" is missing`, b.Self.label())
	case b.Value != nil:
		t.Value = *b.Value
	case b.Path != nil && b.Path.Self.kind == mapping:
		t.From, t.To = l.waypoint(&b.Path.From), l.waypoint(&b.Path.To)
		from, to := t.From.Period, t.To.Period
		if !from.IsZero() && !to.IsZero() && !to.End(time.UTC).After(from.End(time.UTC)) {
			n := b.Path.To.Self.child("period")
			l.problems.refuse(n, "%s must end after %s does, where the path begins", n.quote(), from)
		}
	}
}

func (l *loader) waypoint(b *waypointBlock) *fact.Waypoint {
	return &fact.Waypoint{Period: enumerated(l, b.Self, "period", fact.ParsePeriod), Value: b.Value}
}

// targetYear reads the year that a target is for. A path has years of its own.
func (l *loader) targetYear(b *targetBlock, t *fact.Target) {
	if b.Year == nil || !l.problems.has(b.Self, "year") {
		return
	}
	n := b.Self.child("year")
	if b.Path != nil {
		l.problems.refuseKey(n, "a path says by its periods when it holds; leave the year out")
		return
	}
	if _, err := fact.ParsePeriod(n.value); err != nil {
		l.problems.refuse(n, "%s is no year: expected one such as 2025", n.written)
		return
	}
	t.Year = *b.Year
}

// targetPer reads what a target is relative to.
func (l *loader) targetPer(b *targetBlock, t *fact.Target, in *fact.Indicator) {
	t.Per = enumerated(l, b.Self, "per", parsePer)
	n := b.Self.child("per")
	switch {
	case t.Per == fact.PerRegion:
	case in.Kind == fact.RatioKind:
		l.problems.refuseKey(n, "the target of a ratio is a ratio, the same for small regions and large ones")
	case t.Level != 0:
		l.sized(n, t.Per, l.concerned(in, t.Level))
	default:
		l.sized(n, t.Per, func(yield func(*fact.Region) bool) {
			if r := l.regionAt(t.Region); r != nil {
				yield(r)
			}
		})
	}
}
