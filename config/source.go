package config

import (
	"reflect"

	"github.com/govkpi/govkpi/internal/fact"
)

// Source is a system that figures can be pulled from.
type Source struct {
	Name  string
	Title fact.Text
	// Kind is as written: which kinds there are is not known here.
	Kind string
	// Options is what only the kind understands: the block under the kind's name.
	Options *Block
	// Block is the whole entry, for errors with a position.
	Block *Block
}

type sourceBlock struct {
	Self  *node     `yaml:",self"`
	Name  string    `yaml:"name"`
	Title textBlock `yaml:"title"`
	Kind  string    `yaml:"kind"`
	Rest  []*node   `yaml:",rest"`
}

func (l *loader) loadSources(blocks []*sourceBlock) {
	l.sources = map[string]*sourceBlock{}
	known := map[string]*node{}
	for _, b := range blocks {
		l.kebab(b.Self, "name")
		l.unique(b.Self, "name", b.Name, known)
		if _, again := l.sources[b.Name]; !again {
			l.sources[b.Name] = b
		}
		l.config.Sources = append(l.config.Sources, Source{
			Name: b.Name, Title: l.text(&b.Title), Kind: b.Kind,
			Options: l.kindBlock(b.Self, b.Rest, b.Kind, reflect.TypeFor[sourceBlock]()), Block: l.block(b.Self),
		})
	}
}
