package fact

import (
	"fmt"
	"time"
)

// Optional is a number that may be missing; the zero value is missing.
type Optional struct {
	Value float64
	OK    bool
}

// Some is a number that is there.
func Some(v float64) Optional { return Optional{Value: v, OK: true} }

// Figure is the newest figure of one indicator in one region, with what follows
// from it directly. It is what gets exposed.
type Figure struct {
	Region     string // code
	Dimensions Dimensions
	Period     Period
	Value      float64
	Revision   int32
	State      State
	// Previous is the figure of the period just before Period, YearAgo that of the
	// same period a year before.
	Previous Optional
	YearAgo  Optional
	// Unchanged is for how many further periods up to Period the figure has been
	// the same, each of them reported: 0 where it moved last. Missing where the
	// period before was not reported.
	Unchanged Optional
	Target    Optional
	// Attainment is how much of the target is reached; 1 is all of it.
	Attainment Optional
}

// Reconciliation sets a published figure against our own total for the same
// region and period.
type Reconciliation struct {
	Indicator string
	Published Published
	// Total is our figure; missing while nothing has been collected for it.
	Total Optional
	// Gap is how far Total lies outside what the published figure's precision
	// allows: 0 where they agree, negative where ours is lower. Missing with
	// Total.
	Gap Optional
}

// Series is the newest state of one indicator in one region.
type Series struct {
	Region     string // code
	Dimensions Dimensions
	Newest     Point
	Previous   Point // the newest before Newest; its Period is zero where there is none
	Before     Point // the newest before Previous, likewise
}

// Point is one figure of a series.
type Point struct {
	Period   Period
	Value    float64
	Revision int32
}

// Report says whether a region that is expected to report an indicator has done
// so.
type Report struct {
	Region string // code
	// Period is the one now due: the newest that has ended. Due is when its
	// report is, exclusive: a report is in time before it.
	Period   Period
	Due      time.Time
	Reported bool
	// Owed is the oldest period whose report is missing since the newest that was
	// reported, or since the first expected one; zero where none is. OwedDue is
	// when its report was due; the region is overdue from then on.
	Owed    Period
	OwedDue time.Time
	// WeekendsOnly says that the calendar knows no holidays of a year that Due or
	// OwedDue lies in.
	WeekendsOnly bool
	Held         int // held figures of the region that wait
}

// Overdue is for how long the region has been overdue at now; 0 where it is not.
func (r *Report) Overdue(now time.Time) time.Duration {
	if r.Owed.IsZero() {
		return 0
	}
	return max(0, now.Sub(r.OwedDue))
}

// Scope says whom a region is ranked among.
type Scope uint8

// The scopes.
const (
	AmongAll   Scope = iota + 1 // all of its level
	AmongCity                   // those of the same city
	AmongClass                  // those of the same class: district, county-level city, county
)

// String returns the name used in labels.
func (s Scope) String() string {
	switch s {
	case AmongAll:
		return "all"
	case AmongCity:
		return "city"
	case AmongClass:
		return "class"
	}
	return fmt.Sprintf("scope(%d)", uint8(s))
}

// Ranking is a region's place among its peers at the common period; regions
// without a figure of it, or without a peer, have none.
type Ranking struct {
	Region string // code
	Scope  Scope
	Rank   int // 1 is the best; those that are equal share the better rank
	Peers  int // how many are ranked, the region included
	// Quartile is 1 for the best quarter of the peers and 4 for the last; 0 where
	// there are fewer than four of them.
	Quartile int
	Period   Period  // the common one
	Measure  float64 // what was compared, see RankBy
}

// Rollup is an indicator's figure for a region and all that lies in it, at the
// period that is common to the site.
type Rollup struct {
	Region string // code
	Period Period
	Value  Optional // missing where nobody has reported
	// Previous is the same of the period before; under LikeForLike of the same
	// regions.
	Previous Optional
	Policy   MissingPolicy
	// Reported of Expected regions have reported the period; Carried further ones
	// are in Value with an older figure; Compared are in it under LikeForLike.
	Reported int
	Carried  int
	Compared int
	Expected int
}

// Discrepancy sets a figure against that of another indicator which says the
// same from another source.
type Discrepancy struct {
	Indicator string
	Other     string
	Region    string // code
	Period    Period
	Value     float64
	OtherSays float64
	// Gap is how far Value lies outside what the tolerance allows: 0 where they
	// agree, negative where it is lower.
	Gap float64
}
