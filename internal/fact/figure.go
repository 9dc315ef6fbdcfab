package fact

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
	// Previous is the figure of the period just before Period.
	Previous Optional
	Target   Optional
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
}

// Point is one figure of a series.
type Point struct {
	Period   Period
	Value    float64
	Revision int32
}
