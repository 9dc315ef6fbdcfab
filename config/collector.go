package config

import (
	"reflect"
	"time"
)

// Collector is a scheduled pull from one source.
type Collector struct {
	Name     string
	Source   string // the name of one of Config.Sources
	Schedule string // as written: what it means is not known here
	// Deadline is how long one attempt may take; of a collector with targets,
	// one attempt at one of them. So with Retry.
	Deadline time.Duration
	Retry    Retry
	ForEach  ForEach
	// Parallel is how many targets are pulled at once: at least 1 with ForEach,
	// 0 without.
	Parallel int
	Expect   Expect
	// Options is what only the source's kind understands: the block under the
	// kind's name.
	Options *Block
	// Block is the whole entry, for errors with a position.
	Block *Block
}

// Retry says what follows a failed attempt.
type Retry struct {
	Attempts int           // at most so many, the first included; 1 is never again
	Backoff  time.Duration // before the second attempt; it doubles with each further one
	Window   time.Duration // counted from the first attempt; none begins after it
}

type collectorBlock struct {
	Self     *node         `yaml:",self"`
	Name     string        `yaml:"name"`
	Source   string        `yaml:"source"`
	Schedule string        `yaml:"schedule"`
	Deadline time.Duration `yaml:"deadline"`
	Retry    retryBlock    `yaml:"retry"`
	ForEach  *node         `yaml:"for_each"`
	Parallel *int          `yaml:"parallel"`
	Expect   *expectBlock  `yaml:"expect"`
	Rest     []*node       `yaml:",rest"`
}

type retryBlock struct {
	Self     *node          `yaml:",self"`
	Attempts int            `yaml:"attempts"`
	Backoff  *time.Duration `yaml:"backoff"`
	Window   *time.Duration `yaml:"window"`
}

func (l *loader) loadCollectors(blocks []*collectorBlock) {
	known := map[string]*node{}
	for _, b := range blocks {
		l.kebab(b.Self, "name")
		l.unique(b.Self, "name", b.Name, known)
		l.decisionName(b.Self)
		l.oneLine(b.Self, "schedule")
		l.positive(b.Self, "deadline", b.Deadline)
		kind := ""
		if source, ok := l.sources[b.Source]; ok {
			kind = l.collectorsKind(b, source)
		} else if b.Source != "" {
			l.unknownReference(b.Self.child("source"), "source", meant(b.Source, l.sources))
		}
		forEach := ForEach{}
		forEach.Level, forEach.Regions = l.regionsOf(b.ForEach)
		l.config.Collectors = append(l.config.Collectors, Collector{
			Name: b.Name, Source: b.Source, Schedule: b.Schedule, Deadline: b.Deadline, Retry: l.retry(&b.Retry),
			ForEach: forEach, Parallel: l.parallel(b), Expect: l.expect(b.Expect, b.ForEach, forEach),
			Options: l.kindBlock(b.Self, b.Rest, kind, reflect.TypeFor[collectorBlock]()), Block: l.block(b.Self),
		})
	}
}

// collectorsKind returns the name under which a collector's block is looked for.
// Where the source's is misspelt, that has been said of the source already.
func (l *loader) collectorsKind(b *collectorBlock, source *sourceBlock) string {
	if source.block != source.Kind && b.Self.child(source.Kind) == nil {
		return source.block
	}
	other := misnamed(b.Rest, source.Kind, reflect.TypeFor[collectorBlock]())
	if other == nil {
		return source.Kind
	}
	l.problems.refuseKey(other, "the source is of kind %s, and the block must have that name", source.Self.child("kind").quote())
	return other.name
}

func (l *loader) retry(b *retryBlock) Retry {
	r := Retry{Attempts: b.Attempts}
	if b.Self == nil || b.Self.kind != mapping {
		return r
	}
	l.atLeast(b.Self, "attempts", b.Attempts, 1)
	again := l.problems.has(b.Self, "attempts") && b.Attempts > 1
	r.Backoff = l.pause(b.Self, "backoff", b.Backoff, again)
	r.Window = l.pause(b.Self, "window", b.Window, again)
	if l.problems.has(b.Self, "backoff") && l.problems.has(b.Self, "window") && r.Backoff > r.Window {
		l.problems.refuse(b.Self.child("backoff"), "must not be longer than the window, or nothing would be tried again")
	}
	return r
}

// pause reads a duration that more than one attempt needs.
func (l *loader) pause(in *node, key string, d *time.Duration, needed bool) time.Duration {
	if d != nil {
		l.positive(in, key, *d)
		return *d
	}
	if needed && in.child(key) == nil {
		l.problems.at(in.key, "%s%q is missing: more than one attempt needs it", in.label(), key)
	}
	return 0
}
