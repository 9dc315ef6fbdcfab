package config

import (
	"github.com/govkpi/govkpi/internal/fact"
)

// targetBlock is a target within its indicator.
type targetBlock struct {
	Self      *node   `yaml:",self"`
	Level     *string `yaml:"level"`
	Region    *string `yaml:"region"`
	Value     float64 `yaml:"value"`
	Source    string  `yaml:"source"`
	Synthetic *bool   `yaml:"synthetic"`
}

// overlayBlock is a target that stands apart from its indicator.
type overlayBlock struct {
	Self      *node   `yaml:",self"`
	Indicator string  `yaml:"indicator"`
	Level     *string `yaml:"level"`
	Region    *string `yaml:"region"`
	Value     float64 `yaml:"value"`
	Source    string  `yaml:"source"`
	Synthetic *bool   `yaml:"synthetic"`
}

func (b *overlayBlock) target() targetBlock {
	return targetBlock{Self: b.Self, Level: b.Level, Region: b.Region, Value: b.Value, Source: b.Source, Synthetic: b.Synthetic}
}

// place is what a target is for; an indicator has one target for each.
type place struct {
	region string
	level  fact.Level
}

func (l *loader) targets(b *indicatorBlock) []fact.Target {
	var targets []fact.Target
	b.aimed = map[place]*node{}
	for i := range b.Targets {
		targets = append(targets, l.target(&b.Targets[i], b.aimed))
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
		in.Targets = append(in.Targets, l.target(&target, indicator.aimed))
	}
}

func (l *loader) target(b *targetBlock, aimed map[place]*node) fact.Target {
	t := fact.Target{Value: b.Value, Source: b.Source, Synthetic: b.Synthetic != nil && *b.Synthetic}
	switch level, region := b.Self.child("level"), b.Self.child("region"); {
	case b.Self.kind != mapping:
		return t
	case level != nil && region != nil:
		l.problems.refuseKey(region, "a target is for one region or for a level, not both")
		return t
	case level == nil && region == nil:
		l.problems.at(b.Self.key, `%s"level" or "region" is missing`, b.Self.label())
		return t
	case region != nil && l.problems.has(b.Self, "region"):
		l.regionCode(region)
		t.Region = *b.Region
	case level != nil:
		t.Level = enumerated(l, b.Self, "level", fact.ParseLevel)
	}
	at := place{t.Region, t.Level}
	if at == (place{}) {
		return t
	}
	if first, again := aimed[at]; again {
		l.problems.at(b.Self.at, "%sthe indicator has a target for this already, at %s:%d", b.Self.label(), first.at.file.name, first.at.line)
		return t
	}
	aimed[at] = b.Self
	return t
}
