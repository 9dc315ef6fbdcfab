package chronicle

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
)

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

// collector makes series of what it takes.
type collector struct {
	selection promapi.Selection
	filter    *filter
	builder   labels.ScratchBuilder
	series    []promapi.Series
}

func (c *collector) matcher() *filter { return c.filter }

func (c *collector) wants(label string) bool {
	return !c.selection.Project || slices.Contains(c.selection.Only, label)
}

func (c *collector) take(family string, encoded []byte, steps []promapi.Step, counts bool) error {
	c.builder.Reset()
	c.builder.Add(nameLabel, family)
	eachLabel(encoded, func(name, value []byte) { c.builder.Add(intern(name), string(value)) })
	c.builder.Sort()
	all := c.builder.Labels()
	if !c.filter.labels(all.Get) {
		return nil
	}
	return c.add(all, steps, counts)
}

func (c *collector) takeAgain(steps []promapi.Step) error {
	return c.add(c.series[len(c.series)-1].Labels, steps, false)
}

func (c *collector) add(all labels.Labels, steps []promapi.Step, counts bool) error {
	if limit := c.selection.Limit; limit > 0 && len(c.series) >= limit {
		return promapi.ErrTooMany
	}
	c.series = append(c.series, promapi.Series{Labels: all, Steps: steps, Counts: counts})
	return nil
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
		return f.taker.takeAgain(steps)
	}
	encoded, ok := f.labelsOf(course.Region, course.Dimensions)
	if !ok {
		return nil
	}
	f.taken = true
	return f.taker.take(f.family, encoded, steps, false)
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
	own := [...]string{"code", region.Level.String()}
	f.alike = !f.taker.wants(own[0]) && !f.taker.wants(own[1])
	for _, m := range f.taker.matcher().rest {
		if slices.Contains(own[:], m.Name) {
			f.alike = false
			continue
		}
		f.excluded = f.excluded || !m.Matches(labelOf(encoded, m.Name))
	}
}

// labelOf returns the value of a label; empty where there is none.
func labelOf(encoded []byte, name string) (found string) {
	eachLabel(encoded, func(n, value []byte) {
		if string(n) == name {
			found = string(value)
		}
	})
	return found
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

// listed is the selection of whoever lists series or their labels, and looks at no
// value: what stood is taken from the end of the time asked about, because working
// out all of a time without a beginning would take many seconds.
func listed(s promapi.Selection) promapi.Selection {
	s.Listing = true
	return s
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

func (n *names) take(family string, encoded []byte, _ []promapi.Step, _ bool) error {
	if !n.filter.labels(func(name string) string { return labelOf(encoded, name) }) {
		return nil
	}
	switch n.label {
	case "":
		n.found[nameLabel] = struct{}{}
		eachLabel(encoded, func(name, _ []byte) { n.found[string(name)] = struct{}{} })
		return nil
	case nameLabel:
		n.found[family] = struct{}{}
		return nil
	}
	found := labelOf(encoded, n.label)
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
	s = listed(s)
	if err := c.each(ctx, s, n); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(n.found)), nil
}
