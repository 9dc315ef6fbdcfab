package config

import "github.com/govkpi/govkpi/internal/fact"

// ratioUnit is the unit of ratios, and of nothing else.
const ratioUnit = "ratio"

type unitBlock struct {
	Self   *node     `yaml:",self"`
	ID     string    `yaml:"id"`
	Title  textBlock `yaml:"title"`
	Counts bool      `yaml:"counts"`
}

func (l *loader) loadUnits(blocks []*unitBlock) {
	l.units = map[string]fact.Unit{}
	known := map[string]*node{}
	for _, b := range blocks {
		l.kebab(b.Self, "id")
		l.unique(b.Self, "id", b.ID, known)
		if b.ID == ratioUnit && b.Counts {
			l.problems.refuse(b.Self.child("counts"), "must be false for %s: a ratio counts no whole things", ratioUnit)
		}
		unit := fact.Unit{ID: b.ID, Title: l.text(&b.Title), Counts: b.Counts}
		l.units[b.ID] = unit
		l.config.Units = append(l.config.Units, unit)
	}
}
