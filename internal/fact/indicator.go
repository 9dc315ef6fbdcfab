package fact

import (
	"fmt"
	"slices"
	"time"
)

// Kind says what a figure measures over its period, and so how figures of
// several periods or regions are put together.
type Kind uint8

// The kinds of indicator.
const (
	Stock     Kind = iota + 1 // the level at the period's end
	Flow                      // the period's own amount
	FlowYTD                   // the amount since 1 January
	RatioKind                 // numerator over denominator, both indicators of their own
)

var kindNames = [...]string{Stock: "stock", Flow: "flow", FlowYTD: "flow_ytd", RatioKind: "ratio"}

// String returns the name used in configuration and messages.
func (k Kind) String() string {
	if k < Stock || k > RatioKind {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// ParseKind reads a kind's name as String writes it.
func ParseKind(s string) (Kind, error) {
	for k := Stock; k <= RatioKind; k++ {
		if kindNames[k] == s {
			return k, nil
		}
	}
	return 0, fmt.Errorf("unknown kind %q: expected stock, flow, flow_ytd or ratio", s)
}

// Direction says whether more or less of an indicator is better.
type Direction uint8

// The directions.
const (
	MoreIsBetter Direction = iota + 1
	LessIsBetter
)

// String returns the name used in configuration and messages.
func (d Direction) String() string {
	switch d {
	case MoreIsBetter:
		return "more"
	case LessIsBetter:
		return "less"
	}
	return fmt.Sprintf("direction(%d)", uint8(d))
}

// Unit is what an indicator's figures are measured in. Figures are in base
// units: people not thousands, ratios from 0 to 1, seconds.
type Unit struct {
	ID    string
	Title Text
	// Counts marks units of whole things: a figure of 3.5 people is refused.
	Counts bool
}

// Dimension is a further split that an indicator declares beside the region.
type Dimension struct {
	Name   string
	Values []string
}

// Target is a figure to be reached. Region is the code it holds for; where it
// is empty, Level names the level all of whose regions share it.
type Target struct {
	Region string
	Level  Level
	// Value is to be reached in every period or, with Year, in those of that
	// year; of a flow with Year it is the sum of the year's.
	Value float64
	Year  int // 0 is every year
	// From and To are the ends of a straight path; Value is not used then. Before
	// From there is no target, after To it stays.
	From, To *Waypoint
	// Per multiplies Value, or the path, by the region's size.
	Per       Per
	Source    string // where the target is written
	Synthetic bool   // made up for the demo
}

// Waypoint is one end of a target's path: the value at the end of a period.
type Waypoint struct {
	Period Period
	Value  float64
}

// Per says what a target or a ranking is relative to.
type Per uint8

// What there is to be relative to.
const (
	PerRegion            Per = iota // the region as a whole
	PerVillage                      // each of its villages and communities
	PerTenThousandPeople            // each 10,000 of its people
)

// Size returns how many units of the basis a region has; ok is false where that
// is unknown.
func (p Per) Size(r *Region) (size float64, ok bool) {
	switch p {
	case PerVillage:
		return float64(r.Villages), r.Villages > 0
	case PerTenThousandPeople:
		return float64(r.Population) / 10_000, r.Population > 0
	}
	return 1, true
}

// MissingPolicy says what a roll-up does about regions that have not reported.
type MissingPolicy uint8

// The policies.
const (
	LeaveOut     MissingPolicy = iota // the sum of those that have
	CarryForward                      // the newest figure of each, at most Indicator.CarryPeriods old
	LikeForLike                       // only those that have reported this period and the one before
)

var policyNames = [...]string{LeaveOut: "leave_out", CarryForward: "carry_forward", LikeForLike: "like_for_like"}

// String returns the name used in configuration and labels.
func (p MissingPolicy) String() string {
	if p > LikeForLike {
		return fmt.Sprintf("policy(%d)", uint8(p))
	}
	return policyNames[p]
}

// ParseMissingPolicy reads a policy's name as String writes it.
func ParseMissingPolicy(s string) (MissingPolicy, error) {
	for p := LeaveOut; p <= LikeForLike; p++ {
		if policyNames[p] == s {
			return p, nil
		}
	}
	return 0, fmt.Errorf("unknown policy %q: expected leave_out, carry_forward or like_for_like", s)
}

// RankBy says what regions are ranked by.
type RankBy uint8

// What regions can be ranked by.
const (
	RankByValue RankBy = iota
	RankByAttainment
	RankPerVillage
	RankPerTenThousandPeople
	NotRanked // regions are not ranked: neither more nor less says that one is better
)

var rankByNames = [...]string{
	RankByValue: "value", RankByAttainment: "attainment", RankPerVillage: "per_village", RankPerTenThousandPeople: "per_10000_people", NotRanked: "none",
}

// String returns the name used in configuration and documents.
func (r RankBy) String() string {
	if r > NotRanked {
		return fmt.Sprintf("rank by(%d)", uint8(r))
	}
	return rankByNames[r]
}

// Roster says which of an indicator's regions must report it; the zero value is
// all of its levels within Indicator.Within. What is set must all hold.
type Roster struct {
	Regions []string // codes; none is every region
	Except  []string // codes that need not
	Classes []Class  // none is every class
	// MinVillages is how many villages a region must have at least.
	MinVillages int32
}

// Comparison names another indicator that says the same from another source.
type Comparison struct {
	With string // id
	// Tolerance is by how much the two may differ, as a share of the other.
	Tolerance float64
}

// Precision says how exactly a published figure was stated.
type Precision uint8

// The precisions.
const (
	Exact Precision = iota + 1
	AtLeast
	Nearest // rounded to a multiple of Published.Step
)

var precisionNames = [...]string{Exact: "exact", AtLeast: "at_least", Nearest: "nearest"}

// String returns the name used in configuration, labels and documents.
func (p Precision) String() string {
	if p < Exact || p > Nearest {
		return fmt.Sprintf("precision(%d)", uint8(p))
	}
	return precisionNames[p]
}

// Published is a figure as somebody published it, to reconcile against.
type Published struct {
	Region      string // code of the region it speaks for
	Period      Period
	Value       float64
	Precision   Precision
	Step        float64 // what a Nearest figure was rounded to
	PeriodBasis string  // whether the text states the period, or it is inferred
	FigureBasis string  // whether the number stands in the text, or was derived
	Citation    string
}

// Indicator is one KPI of the catalogue.
type Indicator struct {
	ID         string // snake_case; the metric is governance_<id>
	Title      Text
	Definition Text // one line
	Theme      string
	Unit       Unit
	Kind       Kind
	Direction  Direction
	// Levels are those that report. More than one only where each level has
	// its own things, never the same things again, so that they can be summed.
	Levels  []Level
	Cadence Cadence
	// Grace is how many working days after a period's end a report is due.
	Grace int
	// ExpiresAfter is for how many further periods a figure stays shown when
	// none follows it.
	ExpiresAfter int
	// Within limits the indicator to these regions and all below; empty is the
	// whole site.
	Within []string
	// Min and Max bound a believable figure, inclusive; nil is unbounded.
	Min, Max *float64
	// MaxStep is the largest believable change from the figure before, as a
	// share of it (0.5: half); nil is unlimited.
	MaxStep *float64
	// Numerator and Denominator are the indicators whose quotient a ratio is.
	Numerator, Denominator string
	// ProperFraction says that the numerator can't exceed the denominator.
	ProperFraction bool
	Dimensions     []Dimension
	Targets        []Target
	Published      []Published
	// ExpectedFrom is the first period that must be reported; zero is the first
	// that ended after the ledger's first configuration was accepted.
	ExpectedFrom Period
	Roster       Roster
	// Missing is what roll-ups do about missing regions; CarryPeriods is how old,
	// in periods, a carried figure may be.
	Missing      MissingPolicy
	CarryPeriods int
	RankBy       RankBy
	// SignOff says that a figure is provisional until somebody confirms it.
	SignOff bool
	// NeverFalls says that a figure below the one before is held, as one of kind
	// FlowYTD is within its year.
	NeverFalls bool
	// Detailed asks for the families of standing below county level too.
	Detailed bool
	// Compare names the same from another source; nil is none.
	Compare *Comparison
}

// Sources returns the ids of the indicators whose figures this one is made of:
// its own, or of a ratio the numerator's and the denominator's.
func (i *Indicator) Sources() []string {
	if i.Kind == RatioKind {
		return []string{i.Numerator, i.Denominator}
	}
	return []string{i.ID}
}

// FirstExpected returns the first period that must be reported: ExpectedFrom, or
// else the one that since falls into, in since's own location. It is zero where
// both are.
func (i *Indicator) FirstExpected(since time.Time) Period {
	switch {
	case !i.ExpectedFrom.IsZero():
		return i.Cadence.FirstFrom(i.ExpectedFrom)
	case since.IsZero():
		return Period{}
	}
	return PeriodAt(since, i.Cadence)
}

// LowestLevel is the lowest level that reports the indicator.
func (i *Indicator) LowestLevel() Level { return slices.Max(i.Levels) }

// Followed reports whether the standing of each region is followed, and not
// only that of the regions above them.
func (i *Indicator) Followed() bool { return i.Detailed || i.LowestLevel() <= County }

// StandsOut reports whether regions of the level are shown with more than their
// figure: below county level there are too many for families that only people read.
func (i *Indicator) StandsOut(l Level) bool { return i.Detailed || l <= County }

// HasLevel reports whether regions of the level report the indicator.
func (i *Indicator) HasLevel(l Level) bool { return slices.Contains(i.Levels, l) }

// HasDimensions reports whether d names the declared dimensions, all of them and
// no other. Figures from before the catalogue changed may not.
func (i *Indicator) HasDimensions(d Dimensions) bool {
	pairs := d.Pairs()
	return len(pairs) == len(i.Dimensions) && !slices.ContainsFunc(pairs, func(p Pair) bool {
		return !slices.ContainsFunc(i.Dimensions, func(declared Dimension) bool { return declared.Name == p.Name })
	})
}

// Theme groups indicators.
type Theme struct {
	ID    string
	Title Text
}
