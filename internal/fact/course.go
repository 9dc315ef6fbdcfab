package fact

// Course is how the figure of one series ran: what is shown of it over time, each
// period in its newest revision.
type Course struct {
	Region     string // code, of today
	Dimensions Dimensions
	// Spells are ordered by time, and do not overlap.
	Spells []Spell
}

// Spell is a figure and for how long it is the one that is shown, in milliseconds
// since the Unix epoch: from the end of its period up to, not including, the end
// of the next one with a figure, or until it expires.
type Spell struct {
	Value      float64
	Begin, End int64
}

// Instant is one at which something that stands of an indicator may change, in
// milliseconds since the Unix epoch.
type Instant struct {
	At int64
	// Records counts what was recorded at it; none where it is the clock that
	// changes something.
	Records int
}
