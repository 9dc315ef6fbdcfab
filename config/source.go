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

	// block is the name under which the kind's block stands: the kind, unless one
	// of the two is misspelt.
	block string
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
		b.block = b.Kind
		if other := misnamed(b.Rest, b.Kind, reflect.TypeFor[sourceBlock]()); other != nil {
			kind := b.Self.child("kind")
			l.problems.refuse(kind, "%s has no block of that name, but there is %q: they must be the same", kind.quote(), other.name)
			b.block = other.name
		}
		l.config.Sources = append(l.config.Sources, Source{
			Name: b.Name, Title: l.text(&b.Title), Kind: b.Kind,
			Options: l.kindBlock(b.Self, b.Rest, b.block, reflect.TypeFor[sourceBlock]()), Block: l.block(b.Self),
		})
	}
}
