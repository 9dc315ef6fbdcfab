package config

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

type dimensionBlock struct {
	Self   *node    `yaml:",self"`
	Name   string   `yaml:"name"`
	Values []string `yaml:"values"`
}

func (l *loader) dimensions(blocks []dimensionBlock) []fact.Dimension {
	var dimensions []fact.Dimension
	known := map[string]*node{}
	for i := range blocks {
		b := &blocks[i]
		if l.problems.has(b.Self, "name") {
			l.dimensionName(b.Self.child("name"))
		}
		l.unique(b.Self, "name", b.Name, known)
		var values []string
		for _, entry := range l.texts(b.Self.child("values")) {
			if slices.Contains(values, entry.value) {
				l.problems.refuse(entry, "%s stands twice", entry.quote())
			}
			values = append(values, entry.value)
		}
		dimensions = append(dimensions, fact.Dimension{Name: b.Name, Values: values})
	}
	return dimensions
}
