package config

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

type indicatorBlock struct {
	Self         *node            `yaml:",self"`
	ID           string           `yaml:"id"`
	Title        textBlock        `yaml:"title"`
	Definition   textBlock        `yaml:"definition"`
	Theme        string           `yaml:"theme"`
	Unit         string           `yaml:"unit"`
	Kind         string           `yaml:"kind"`
	Direction    string           `yaml:"direction"`
	Levels       []string         `yaml:"levels"`
	Cadence      string           `yaml:"cadence"`
	Grace        int              `yaml:"grace_working_days"`
	ExpiresAfter int              `yaml:"expires_after_periods"`
	Within       []string         `yaml:"within,optional"`
	Bounds       *boundsBlock     `yaml:"bounds"`
	MaxStep      *float64         `yaml:"max_step"`
	Ratio        *ratioBlock      `yaml:"ratio"`
	Dimensions   []dimensionBlock `yaml:"dimensions,optional"`
	Targets      []targetBlock    `yaml:"targets,optional"`
	Published    []publishedBlock `yaml:"published,optional"`

	ExpectedFrom *string       `yaml:"expected_from"`
	Expected     *rosterBlock  `yaml:"expected"`
	Missing      *missingBlock `yaml:"missing_regions"`
	RankBy       *string       `yaml:"rank_by"`
	SignOff      bool          `yaml:"sign_off,optional"`
	NeverFalls   bool          `yaml:"never_falls,optional"`
	Detailed     bool          `yaml:"families_below_county,optional"`
	SameAs       *sameAsBlock  `yaml:"same_as"`

	index int             // in Config.Indicators
	aimed map[place]*node // the targets so far
}

type boundsBlock struct {
	Self *node    `yaml:",self"`
	Min  *float64 `yaml:"min"`
	Max  *float64 `yaml:"max"`
}

func (l *loader) loadIndicators(blocks []*indicatorBlock) {
	l.indicators = map[string]*indicatorBlock{}
	known := map[string]*node{}
	for i, b := range blocks {
		l.indicatorID(b.Self)
		l.unique(b.Self, "id", b.ID, known)
		if _, again := l.indicators[b.ID]; !again {
			l.indicators[b.ID] = b
		}
		b.index = i
		l.config.Indicators = append(l.config.Indicators, l.indicator(b))
	}
	for i, b := range blocks { // now that all are known
		l.ratio(b, &l.config.Indicators[i])
		l.carries(b, &l.config.Indicators[i])
		l.sameAs(b, &l.config.Indicators[i])
	}
}

func (l *loader) indicator(b *indicatorBlock) fact.Indicator {
	in := fact.Indicator{
		ID: b.ID, Title: l.text(&b.Title), Definition: l.text(&b.Definition), Theme: b.Theme,
		Grace: b.Grace, ExpiresAfter: b.ExpiresAfter, Within: b.Within, MaxStep: b.MaxStep,
	}
	in.Kind = enumerated(l, b.Self, "kind", fact.ParseKind)
	in.Direction = enumerated(l, b.Self, "direction", parseDirection)
	in.Cadence = enumerated(l, b.Self, "cadence", fact.ParseCadence)
	in.Levels = words(l, b.Self.child("levels"), fact.ParseLevel)
	in.Unit = l.unitOf(b, in.Kind)
	if b.Theme != "" && l.themes[b.Theme] == nil {
		l.unknownReference(b.Self.child("theme"), "theme", meant(b.Theme, l.themes))
	}
	l.atLeast(b.Self, "grace_working_days", b.Grace, 0)
	l.atLeast(b.Self, "expires_after_periods", b.ExpiresAfter, 1)
	l.codes(b.Self.child("within"), "for the whole site")
	if b.Bounds != nil {
		in.Min, in.Max = l.bounds(b.Bounds)
	}
	if b.MaxStep != nil && l.problems.has(b.Self, "max_step") && *b.MaxStep <= 0 {
		l.problems.refuse(b.Self.child("max_step"), "must be more than 0, found %v; leave it out to allow any step", *b.MaxStep)
	}
	in.Dimensions = l.dimensions(b.Dimensions)
	l.follow(b, &in)
	in.Targets = l.targets(b, &in)
	in.Published = l.published(b, &in)
	return in
}

// follow reads who must report an indicator from when on, what regions are
// compared by, and what is asked of a figure before it counts.
func (l *loader) follow(b *indicatorBlock, in *fact.Indicator) {
	in.ExpectedFrom = l.expectedFrom(b, in.Cadence)
	if b.Expected != nil {
		in.Roster = l.roster(b.Expected, in)
	}
	if b.Missing != nil {
		in.Missing, in.CarryPeriods = l.missingRegions(b.Missing)
	}
	in.SignOff, in.NeverFalls, in.Detailed = b.SignOff, b.NeverFalls, b.Detailed
	in.RankBy = l.rankBy(b.Self, in)
	switch {
	case !in.SignOff:
	case in.Kind == fact.RatioKind:
		l.problems.refuseKey(b.Self.child("sign_off"), "a ratio is never collected; let its numerator and denominator be signed off")
	case len(in.Levels) > 0 && !in.Followed():
		l.problems.refuseKey(b.Self.child("sign_off"), "the standing of each %s is not followed without families_below_county: true, so that confirmed figures would stay provisional; ask for it, or leave sign_off out", in.LowestLevel())
	}
	switch {
	case !in.NeverFalls || in.Kind == 0 || in.Kind == fact.Stock:
	case in.Kind == fact.RatioKind:
		l.problems.refuseKey(b.Self.child("never_falls"), "a ratio is never collected; ask it of its numerator and denominator")
	case in.Kind == fact.Flow:
		l.problems.refuseKey(b.Self.child("never_falls"), "only a stock may never fall; a flow begins anew with every period")
	default:
		l.problems.refuseKey(b.Self.child("never_falls"), "only a stock may never fall; a %s is held to that within its year anyway", in.Kind)
	}
	if in.Detailed && len(in.Levels) > 0 && in.LowestLevel() <= fact.County {
		l.problems.refuseKey(b.Self.child("families_below_county"), "no level below county reports the indicator; leave it out")
	}
}

// unitOf also holds units and kinds together.
func (l *loader) unitOf(b *indicatorBlock, kind fact.Kind) fact.Unit {
	unit, known := l.units[b.Unit]
	n := b.Self.child("unit")
	switch {
	case b.Unit == "":
	case !known:
		l.unknownReference(n, "unit", meant(b.Unit, l.units))
	case kind == fact.RatioKind && b.Unit != ratioUnit:
		l.problems.refuse(n, "an indicator of kind ratio has the unit %s, not %s", ratioUnit, n.quote())
	case kind != 0 && kind != fact.RatioKind && b.Unit == ratioUnit:
		l.problems.refuse(n, "the unit %s is for indicators of kind ratio, this one is a %s", ratioUnit, kind)
	}
	return unit
}

func (l *loader) bounds(b *boundsBlock) (lowest, highest *float64) {
	switch {
	case b.Min == nil && b.Max == nil:
		if b.Self.kind == mapping && len(b.Self.children) == 0 {
			l.problems.refuse(b.Self, "has neither min nor max; leave it out to allow any figure")
		}
	case b.Min != nil && b.Max != nil && *b.Min > *b.Max && l.problems.has(b.Self, "min") && l.problems.has(b.Self, "max"):
		l.problems.refuse(b.Self.child("min"), "must not be more than max, %v", *b.Max)
	}
	return b.Min, b.Max
}

// codes refuses what can't be a list of regions; absent says what it is to leave
// the list out.
func (l *loader) codes(n *node, absent string) {
	if n != nil && n.kind == list && len(n.children) == 0 {
		l.problems.refuse(n, "must not be empty; leave it out %s", absent)
	}
	var codes []string
	for _, entry := range l.texts(n) {
		if slices.Contains(codes, entry.value) {
			l.problems.refuse(entry, "%s stands twice", entry.quote())
		}
		codes = append(codes, entry.value)
		l.regionCode(entry)
	}
}

// texts returns the entries of a list of texts that could be decoded.
func (l *loader) texts(n *node) []*node {
	if n == nil || n.kind != list {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.children), func(entry *node) bool { return entry.kind != text || l.problems.refused[entry] })
}

// atLeast refuses a number under its smallest.
func (l *loader) atLeast(in *node, key string, value, smallest int) {
	if l.problems.has(in, key) && value < smallest {
		l.problems.refuse(in.child(key), "must be at least %d, found %d", smallest, value)
	}
}

// enumerated reads the text under a key as one of a few words.
func enumerated[T any](l *loader, in *node, key string, parse func(string) (T, error)) T {
	var none T
	if !l.problems.has(in, key) {
		return none
	}
	v, _ := parsed(l, in.child(key), parse)
	return v
}

// parsed reads a text; what is wrong with it is parse's to say.
func parsed[T any](l *loader, n *node, parse func(string) (T, error)) (T, bool) {
	v, err := parse(n.value)
	if err != nil {
		reason := err.Error()
		if n.secret { // parse quotes what came from the environment
			reason = "the value is none of those allowed here"
		}
		l.problems.refuse(n, "%s", reason)
		return v, false
	}
	return v, true
}

// words reads a list of a few words, and refuses those that stand twice.
func words[T comparable](l *loader, n *node, parse func(string) (T, error)) []T {
	var values []T
	for _, entry := range l.texts(n) {
		v, ok := parsed(l, entry, parse)
		switch {
		case !ok:
		case slices.Contains(values, v):
			l.problems.refuse(entry, "%s stands twice", entry.quote())
		default:
			values = append(values, v)
		}
	}
	return values
}

// unknownReference refuses a name of something that no file defines.
func (l *loader) unknownReference(n *node, what, advice string) {
	if !l.incomplete {
		l.problems.refuse(n, "there is no %s %s%s", what, n.quote(), advice)
	}
}
