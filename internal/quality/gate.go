package quality

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Regions is the register of divisions.
type Regions interface {
	// Resolve finds the region of one of the levels (none: any) that a source
	// wrote as a code or a name, and that lies in all regions that within
	// names. An error that has a method Explain() fact.Text refuses the
	// reading; any other is a failure.
	Resolve(written string, levels []fact.Level, within []string) (*fact.Region, error)
	// Above returns the region of the level that the code lies in, or that it
	// names itself.
	Above(code string, level fact.Level) (*fact.Region, bool)
}

// History is what the ledger already holds: newest revisions only. The last
// result but one tells whether there is a figure.
type History interface {
	// Before returns the newest figure of a period before p, of its cadence.
	Before(ctx context.Context, indicator, region string, d fact.Dimensions, p fact.Period) (float64, bool, error)
	// At returns the figure of the period p.
	At(ctx context.Context, indicator, region string, d fact.Dimensions, p fact.Period) (float64, bool, error)
}

// Options are what a Gate needs; all are required.
type Options struct {
	Indicators []fact.Indicator // the catalogue, kept and never changed
	Regions    Regions
	History    History
	// Zone is the site's: it says when a period has ended.
	Zone *time.Location
	Now  func() time.Time
}

// Gate turns readings into facts or rejections. It is safe for concurrent use
// if its Regions and History are.
type Gate struct {
	options    Options
	indicators map[string]*fact.Indicator
	fractions  []fraction
}

// New returns a gate for the catalogue.
func New(o Options) *Gate {
	g := &Gate{options: o, indicators: make(map[string]*fact.Indicator, len(o.Indicators))}
	for i := range o.Indicators {
		g.indicators[o.Indicators[i].ID] = &o.Indicators[i]
	}
	g.fractions = properFractions(o.Indicators, g.indicators)
	return g
}

// stages is the gate: the order is the one in which a reading meets them. What
// a stage finds, the later ones rely on.
func (g *Gate) stages(c clock) []stage {
	named := names{g.options.Regions}
	earlier := past{g.options.History}
	return []stage{
		{id: "indicator-known", reading: indicatorKnown{g.indicators}},
		{id: "region-resolved", reading: regionResolved{g.options.Regions, map[namesAbove]*fact.Region{}}},
		{id: "region-in-scope", reading: regionInScope{g.options.Regions, named}},
		{id: "period-parsed", reading: periodParsed{c}},
		{id: "period-cadence", reading: periodCadence{c}},
		{id: "period-ended", reading: periodEnded{c}},
		{id: "dimensions-declared", reading: dimensionsDeclared{map[declared]fact.Dimensions{}}},
		{id: "value-present", reading: valuePresent{}},
		{id: "value-number", reading: valueNumber{}},
		{id: "value-finite", reading: valueFinite{}},
		{id: "value-whole", reading: valueWhole{}},
		{id: "value-not-negative", reading: valueNotNegative{}},
		{id: "value-in-bounds", reading: valueInBounds{}},

		{id: "delivered-once", delivery: deliveredOnce{named}},
		{id: "fraction-proper", delivery: fractionProper{g.fractions, earlier, named}},
		{id: "step-plausible", delivery: stepPlausible{g.indicators, earlier, named}},
	}
}

// stage is one entry of the gate: exactly one of reading and delivery is set.
type stage struct {
	id       string
	reading  readingStage
	delivery deliveryStage
	last     fact.Text // the reason it gave last
}

// reason returns a reason that shares its text with the one before it where they
// are the same: a fault that runs through a column is held once, not per row.
func (s *stage) reason(r *fact.Text) fact.Text {
	if *r != s.last {
		s.last = *r
	}
	return s.last
}

// A readingStage looks at one reading, with what the stages before it found.
type readingStage interface {
	// check adds what it finds to the candidate, or returns the reason to
	// refuse it. An error is a failure of our own and ends the run.
	check(c *candidate) (*fact.Text, error)
}

// A deliveryStage looks at all that is left of a delivery.
type deliveryStage interface {
	// check calls refuse with the index of each fact that it objects to.
	check(ctx context.Context, d *delivery, refuse func(i int32, reason *fact.Text)) error
}

// Stages returns the ids of all stages, in order.
func Stages() []string {
	var ids []string
	for _, s := range new(Gate).stages(clock{}) {
		ids = append(ids, s.id)
	}
	return ids
}

// clock is the instant that a whole delivery is judged at.
type clock struct {
	zone  *time.Location
	ended [fact.Yearly + 1]fact.Period // the last ended period of each cadence
}

func newClock(now time.Time, zone *time.Location) clock {
	c := clock{zone: zone}
	for cadence := fact.Daily; cadence <= fact.Yearly; cadence++ {
		c.ended[cadence] = fact.LastEnded(now.In(zone), cadence)
	}
	return c
}
