package quality

import (
	"context"
	"slices"
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
	// ResolveAt does the same as of the period p. What has been merged into
	// another since is then a region of its own, under the code and in the parent
	// of its time.
	ResolveAt(written string, levels []fact.Level, within []string, p fact.Period) (*fact.Region, error)
	// Above returns the region of the level that the code lies in, or that it
	// names itself. It knows today's codes.
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

// Overrulings are what persons decided about values of sources.
type Overrulings interface {
	// Find returns the decision by which the value was found wrong; false where
	// there is none.
	Find(key fact.Key, value float64) (fact.Decision, bool)
}

// Options are what a Gate needs; all but Configured, Retired and Overruled are
// required.
type Options struct {
	Indicators []fact.Indicator // the catalogue, kept and never changed
	// Regions are all divisions known, whether the configuration lists them or
	// an earlier delivery brought them.
	Regions Regions
	// Configured returns the region that the configuration lists under a code;
	// a delivered register can't change it. Nil is none.
	Configured func(code string) (*fact.Region, bool)
	// Retired returns the region that took the place of one whose code is of the
	// past; a delivered register can't bring such a code back, and figures of the
	// past count where the successor does. The successor may be nil where several
	// took its place. Nil is none.
	Retired func(code string) (successor *fact.Region, ok bool)
	History History
	// Overruled is asked about every reading that is to become a fact. Nil is
	// none.
	Overruled Overrulings
	// Zone is the site's: it says when a period has ended.
	Zone *time.Location
	Now  func() time.Time
}

// Gate turns readings into facts, held figures or rejections, and entries of
// registers into regions or rejections. It is safe for concurrent use if its
// Regions, Configured, Retired, History and Overruled are.
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

// stages is the gate for figures: the order is the one in which a reading meets
// them. What a stage finds, the later ones rely on.
func (g *Gate) stages(c clock, terms Terms) []stage {
	regions := &divisions{Regions: g.options.Regions, successors: g.options.Retired}
	named := names{regions}
	earlier := past{g.options.History}
	scope := regionInScope{regions, named}
	target := targetOf(regions, terms)
	period := &periodParsed{clock: c}
	series := inSeries{g.options.Indicators, earlier}
	return []stage{
		{id: "indicator-known", reading: indicatorKnown{g.indicators}, totals: true},
		{id: "region-resolved", reading: &regionResolved{regions, period, target, map[namesAbove]*fact.Region{}}, totals: true},
		{id: "region-of-target", reading: &regionOfTarget{target, named}, totals: true},
		{id: "region-in-scope", reading: scope},
		{id: "period-parsed", reading: period, totals: true},
		{id: "period-cadence", reading: periodCadence{c}, totals: true},
		{id: "period-ended", reading: periodEnded{c}, totals: true},
		{id: "dimensions-declared", reading: dimensionsDeclared{map[declared]fact.Dimensions{}}, totals: true},
		{id: "value-present", reading: valuePresent{}, totals: true},
		{id: "value-number", reading: valueNumber{}, totals: true},
		{id: "value-finite", reading: valueFinite{}, totals: true},
		{id: "value-whole", reading: valueWhole{}, totals: true},
		{id: "value-not-negative", reading: valueNotNegative{}, totals: true},
		{id: "value-in-bounds", reading: valueInBounds{}},

		{id: "delivered-once", delivery: deliveredOnce{named}},
		{id: "total-agrees", total: totalAgrees{regions, named}},
		{id: fact.StageNotOverruled, delivery: notOverruled{g.options.Overruled, c.zone, named}, waived: true},
		{id: "fraction-proper", delivery: fractionProper{g.fractions, earlier, named}},
		{id: "step-plausible", delivery: stepPlausible{series, named}, holds: true, waived: true},
		{id: "figure-falls", delivery: figureFalls{series, named}, holds: true, waived: true},

		{id: "regions-expected", closing: regionsExpected{terms, target, g.indicators, scope, named}, waived: true},
		{id: "column-drift", closing: columnDrift{}, waived: true},
	}
}

// entryStages is the gate for registers of regions, in the order in which an
// entry meets them.
func (g *Gate) entryStages(terms Terms) []entryStage {
	regions := &divisions{Regions: g.options.Regions}
	named := names{regions}
	known := knownRegions{regions, g.options.Configured}
	return []entryStage{
		{id: "entry-code", entry: entryCode{}},
		{id: "entry-level", entry: entryLevel{}},
		{id: "entry-name", entry: entryName{}},
		{id: "entry-parent", entry: entryParent{}},
		{id: "entry-fixed", entry: entryFixed{known, g.options.Retired}},

		{id: "entry-once", register: entryOnce{}},
		{id: "entry-parent-known", register: entryParentKnown{known}},
		{id: "entry-of-target", register: entryOfTarget{targetOf(regions, terms), named}},

		{id: "column-drift", closing: columnDrift{}},
	}
}

// Stages returns the ids of all stages, in order: those for figures, then those
// for registers of regions.
func Stages() []string {
	var (
		ids  []string
		none Gate
	)
	for _, s := range none.stages(clock{}, Terms{}) {
		ids = append(ids, s.id)
	}
	for _, s := range none.entryStages(Terms{}) {
		if !slices.Contains(ids, s.id) { // column-drift closes both
			ids = append(ids, s.id)
		}
	}
	return ids
}
