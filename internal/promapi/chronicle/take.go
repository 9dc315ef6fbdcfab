package chronicle

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/util/kahansum"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
)

// labelled is what a series is called: its labels with the name, or, where those
// may not be needed, in the form of Chapter.Walk without it.
type labelled struct {
	family  string
	built   labels.Labels
	encoded []byte
}

// get returns the value of a label other than the name; empty where there is none.
func (l *labelled) get(name string) (found string) {
	if !l.built.IsEmpty() {
		return l.built.Get(name)
	}
	eachLabel(l.encoded, func(n, value []byte) {
		if string(n) == name {
			found = string(value)
		}
	})
	return found
}

// build returns the labels with the name.
func (l *labelled) build(b *labels.ScratchBuilder) labels.Labels {
	if !l.built.IsEmpty() {
		return l.built
	}
	b.Reset()
	b.Add(nameLabel, l.family)
	eachLabel(l.encoded, func(name, value []byte) { b.Add(intern(name), string(value)) })
	b.Sort()
	return b.Labels()
}

// eachName calls each for the names of the labels.
func (l *labelled) eachName(each func(name string)) {
	if l.built.IsEmpty() {
		each(nameLabel)
		eachLabel(l.encoded, func(name, _ []byte) { each(string(name)) })
	}
	l.built.Range(func(label labels.Label) { each(label.Name) })
}

// eachLabel calls each for the labels that Chapter.Walk describes.
func eachLabel(encoded []byte, each func(name, content []byte)) {
	const separator = 0xFF
	for len(encoded) > 0 {
		name, rest, _ := bytes.Cut(encoded, []byte{separator})
		content, rest, _ := bytes.Cut(rest, []byte{separator})
		each(name, content)
		encoded = rest
	}
}

// callings keeps the labels of series that are asked about again and again, by what
// they are made of.
type callings struct {
	mu    sync.Mutex
	built map[string]labels.Labels
	key   []byte
}

// mostCallings is how many labels are kept, some 200 bytes each; whoever comes
// later builds his own.
const mostCallings = 50_000

func (c *callings) of(l labelled, b *labels.ScratchBuilder) labels.Labels {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.key = append(append(append(c.key[:0], l.family...), 0xFF), l.encoded...)
	built, ok := c.built[string(c.key)]
	if !ok {
		built = l.build(b)
		if len(c.built) < mostCallings {
			c.built[string(c.key)] = built
		}
	}
	return built
}

// collector makes series of what it takes.
type collector struct {
	selection promapi.Selection
	filter    *filter
	builder   labels.ScratchBuilder
	series    []promapi.Series
	sum       sum // of the last series, where the selection asks for it
}

func (c *collector) matcher() *filter { return c.filter }

func (c *collector) wants(label string) bool {
	return !c.selection.Project || slices.Contains(c.selection.Only, label)
}

func (c *collector) take(l labelled, steps []promapi.Step, counts bool) error {
	all := l.build(&c.builder)
	if !c.filter.labels(all.Get) {
		return nil
	}
	return c.add(all, steps, counts)
}

func (c *collector) takeAgain(steps []promapi.Step) error {
	last := &c.series[len(c.series)-1]
	if c.selection.Sum {
		if !c.sum.begun {
			c.sum = sum{begun: true}
			c.sum.add(valueAt(last.Steps, c.selection.To))
		}
		c.sum.add(valueAt(steps, c.selection.To))
		last.Steps = []promapi.Step{{From: c.selection.From, Value: c.sum.value()}}
		return nil
	}
	return c.add(last.Labels, steps, false)
}

func (c *collector) add(all labels.Labels, steps []promapi.Step, counts bool) error {
	if limit := c.selection.Limit; limit > 0 && len(c.series) >= limit {
		return promapi.ErrTooMany
	}
	c.series = append(c.series, promapi.Series{Labels: all, Steps: steps, Counts: counts})
	c.sum = sum{}
	return nil
}

// sum adds up as the engine does: the order of the series then hardly matters.
type sum struct {
	begun           bool
	of, compensates float64
	n               int
}

func (s *sum) add(v float64) {
	if !value.IsStaleNaN(v) {
		s.n++
		s.of, s.compensates = kahansum.Inc(v, s.of, s.compensates)
	}
}

// value is StaleNaN where nothing was there to add up.
func (s *sum) value() float64 {
	if s.n == 0 {
		return math.Float64frombits(value.StaleNaN)
	}
	return s.of + s.compensates
}

// valueAt returns what is in force at an instant; StaleNaN where there is nothing.
func valueAt(steps []promapi.Step, at int64) float64 {
	for _, step := range slices.Backward(steps) {
		if step.From <= at {
			return step.Value
		}
	}
	return math.Float64frombits(value.StaleNaN)
}

// intern spares the names of labels that nearly every series has.
func intern(name []byte) string {
	for _, known := range [...]string{"indicator", "level", "code", "city", "county", "township", "village", "grid", "among", "policy"} {
		if string(name) == known {
			return known
		}
	}
	return string(name)
}

// figureWalk hands on the figures of one indicator. There may be a million of
// them, so what the regions of one parent have in common is worked out once.
type figureWalk struct {
	selection promapi.Selection
	family    string
	labelsOf  func(region string, dimensions fact.Dimensions) ([]byte, bool)
	region    func(code string) (*fact.Region, bool)
	taker     taker

	callings   *callings // nil where there are too many series to keep their labels
	builder    labels.ScratchBuilder
	arena      []promapi.Step
	parent     string // whose children the following is known of
	level      fact.Level
	dimensions fact.Dimensions
	excluded   bool // a label that they share does not match
	alike      bool // nobody asks about a label that they don't share
	taken      bool // and one of them was taken
}

func (f *figureWalk) walk(ctx context.Context, courses iter.Seq[fact.Course]) error {
	n := 0
	for course := range courses {
		if n++; n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !f.taker.matcher().value("code", course.Region) {
			continue
		}
		region, ok := f.region(course.Region)
		if !ok {
			continue
		}
		if err := f.take(region, &course); err != nil {
			return err
		}
	}
	return nil
}

func (f *figureWalk) take(region *fact.Region, course *fact.Course) error {
	if region.Parent != f.parent || region.Level != f.level || course.Dimensions != f.dimensions {
		f.meet(region, course)
	}
	if f.excluded {
		return nil
	}
	steps := f.steps(course.Spells)
	if len(steps) == 0 {
		return nil
	}
	if f.alike && f.taken {
		err := f.taker.takeAgain(steps)
		if f.selection.Sum { // nobody holds on to them
			f.arena = f.arena[:len(f.arena)-len(steps)]
		}
		return err
	}
	encoded, ok := f.labelsOf(course.Region, course.Dimensions)
	if !ok {
		return nil
	}
	f.taken = true
	l := labelled{family: f.family, encoded: encoded}
	if f.callings != nil {
		l.built = f.callings.of(l, &f.builder)
	}
	return f.taker.take(l, steps, false)
}

// meet works out what a region has in common with its siblings: every label but
// those of its own code and name.
func (f *figureWalk) meet(region *fact.Region, course *fact.Course) {
	f.parent, f.level, f.dimensions = region.Parent, region.Level, course.Dimensions
	f.excluded, f.alike, f.taken = false, false, false
	encoded, ok := f.labelsOf(course.Region, course.Dimensions)
	if !ok {
		f.excluded = true // as all of its level, or with these dimensions, are
		return
	}
	l, own := labelled{encoded: encoded}, [...]string{"code", region.Level.String()}
	f.alike = !f.taker.wants(own[0]) && !f.taker.wants(own[1])
	for _, m := range f.taker.matcher().rest {
		if slices.Contains(own[:], m.Name) {
			f.alike = false
			continue
		}
		f.excluded = f.excluded || !m.Matches(l.get(m.Name))
	}
}

// arenaSteps is how many steps are made room for at once.
const arenaSteps = 8192

// steps makes steps of the spells that reach into the selection's time.
func (f *figureWalk) steps(spells []fact.Spell) []promapi.Step {
	s := &f.selection
	if len(f.arena)+2*len(spells) > cap(f.arena) {
		f.arena = make([]promapi.Step, 0, max(arenaSteps, 2*len(spells)))
	}
	start := len(f.arena)
	for i := range spells {
		spell := &spells[i]
		if spell.End <= s.From || spell.Begin > s.To || spell.Begin >= spell.End {
			continue
		}
		f.arena = append(f.arena, promapi.Step{From: spell.Begin, Value: spell.Value})
		if spell.End <= s.To && (i+1 == len(spells) || spells[i+1].Begin > spell.End) {
			f.arena = append(f.arena, promapi.Step{From: spell.End, Value: math.Float64frombits(value.StaleNaN)})
		}
	}
	return f.arena[start:len(f.arena):len(f.arena)]
}

// names collects the values of one label, or the names of all.
type names struct {
	filter *filter
	label  string // "" collects names
	found  map[string]struct{}
	last   string
}

func (n *names) matcher() *filter { return n.filter }

func (n *names) wants(label string) bool { return label == n.label }

func (*names) takeAgain([]promapi.Step) error { return nil }

func (n *names) take(l labelled, _ []promapi.Step, _ bool) error {
	if !n.filter.labels(l.get) {
		return nil
	}
	switch n.label {
	case "":
		l.eachName(func(name string) { n.found[name] = struct{}{} })
		return nil
	case nameLabel:
		n.found[l.family] = struct{}{}
		return nil
	}
	found := l.get(n.label)
	if found == "" || found == n.last {
		return nil
	}
	n.last = found
	n.found[found] = struct{}{}
	if len(n.found) > MostValues {
		return fmt.Errorf("the label %s has more than %d values: %w: name a city, a county or another label with match[]", n.label, MostValues, promapi.ErrTooMany)
	}
	return nil
}

// MostValues is how many values of a label are answered: no list of that length is
// read by people.
const MostValues = 100_000

// LabelValues implements promapi.Source.
func (c *Chronicle) LabelValues(ctx context.Context, name string, s promapi.Selection) ([]string, error) {
	return c.collect(ctx, name, s)
}

// LabelNames implements promapi.Source.
func (c *Chronicle) LabelNames(ctx context.Context, s promapi.Selection) ([]string, error) {
	return c.collect(ctx, "", s)
}

func (c *Chronicle) collect(ctx context.Context, label string, s promapi.Selection) ([]string, error) {
	n := &names{filter: newFilter(s.Matchers), label: label, found: map[string]struct{}{}}
	// Nobody looks at a value: to work out what stood in a time without a beginning
	// would take many seconds.
	s.Listing = true
	if err := c.each(ctx, s, n); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(n.found)), nil
}
