package fact

import "fmt"

// Origin says how a fact came into the ledger. Its names are stored there and
// must not change.
type Origin uint8

// The origins. What came as history or by import never counts as late.
const (
	Pulled   Origin = iota // by a run that asked for the newest figures
	History                // by a run that asked for figures of the past
	Imported               // from a file of past figures
	Decided                // by a person's decision: a release or a correction
)

var originNames = [...]string{Pulled: "pull", History: "history", Imported: "import", Decided: "decision"}

// String returns the name used in ledgers and messages.
func (o Origin) String() string {
	if o > Decided {
		return fmt.Sprintf("origin(%d)", uint8(o))
	}
	return originNames[o]
}

// ParseOrigin reads an origin's name as String writes it.
func ParseOrigin(s string) (Origin, error) {
	for o := Pulled; o <= Decided; o++ {
		if originNames[o] == s {
			return o, nil
		}
	}
	return 0, fmt.Errorf("unknown origin %q: expected pull, history, import or decision", s)
}

// State says how far a figure can be trusted. Each has its page in docs/states.
type State uint8

// The states. A figure that is held is not shown; it stands beside the one that
// is.
const (
	Provisional State = iota + 1 // its indicator asks for sign-off, and nobody has confirmed it yet
	Confirmed                    // confirmed, or of an indicator that asks for no sign-off
	Corrected                    // the same, and not the first revision
	Held                         // not believed until somebody releases it
)

var stateNames = [...]string{Provisional: "provisional", Confirmed: "confirmed", Corrected: "corrected", Held: "held"}

// String returns the name used in documents and messages.
func (s State) String() string {
	if s < Provisional || s > Held {
		return fmt.Sprintf("state(%d)", uint8(s))
	}
	return stateNames[s]
}

// StateOf returns the state of a figure that is shown; unconfirmed says that its
// indicator asks for sign-off and that nobody has confirmed this revision.
func StateOf(unconfirmed bool, revision int32) State {
	switch {
	case unconfirmed:
		return Provisional
	case revision > 1:
		return Corrected
	}
	return Confirmed
}

// Weaker returns which of the states of two shown figures says less for what is
// made of both.
func (s State) Weaker(other State) State {
	switch {
	case s == Provisional || other == Provisional:
		return Provisional
	case s == Corrected || other == Corrected:
		return Corrected
	}
	return Confirmed
}

// Key says which figure is meant, whatever its revision.
type Key struct {
	Indicator  string
	Region     string // code
	Dimensions Dimensions
	Period     Period
}

// Key returns which figure the fact is a revision of.
func (f *Fact) Key() Key {
	return Key{Indicator: f.Indicator, Region: f.Region, Dimensions: f.Dimensions, Period: f.Period}
}

// HeldFact is a figure that the gate did not believe and nobody has decided on,
// or once was: not shown, not lost.
type HeldFact struct {
	ID int64 // set by the ledger
	Key
	Value float64
	Place Place
	// Stage is the gate's stage that held it, Reason why.
	Stage  string
	Reason Text
	// Run and Recorded are as those of a Fact.
	Run      int64
	Recorded int64
	// Closed is when it stopped waiting, in milliseconds since the Unix epoch; 0
	// while it waits.
	Closed  int64
	Closing Closing
}

// Waits reports whether nobody has decided on it yet.
func (h *HeldFact) Waits() bool { return h.Closed == 0 }

// Closing says how a held figure stopped waiting. Its values are stored in
// ledgers and must not change.
type Closing string

// The ways to stop waiting. The zero value is waiting.
const (
	ByRelease Closing = "released"
	ByReject  Closing = "rejected"
	// BySource: the source sent another figure in its place.
	BySource Closing = "superseded"
	// ByCorrection: a person filed the right figure.
	ByCorrection Closing = "corrected"
)

// Action is what a person decided on. Its values are stored in ledgers, and are
// the names of the commands; they must not change.
type Action string

// The actions.
const (
	Confirm Action = "confirm" // the figure is right as it stands
	Release Action = "release" // the held figure is right: it becomes a fact
	Reject  Action = "reject"  // the held figure is wrong
	Correct Action = "correct" // the figure is another
)

// Decision is what a person decided on a figure, with a name and a reason. It is
// never changed or deleted; another decision can follow.
type Decision struct {
	ID int64 // set by the ledger
	Key
	Action Action
	// Revision is the one that was confirmed, or that the decision made; 0 for a
	// rejected figure.
	Revision int32
	// Held is the id of the figure that was released or rejected, else 0.
	Held int64
	// Overruled is the value that was found wrong: what was rejected, or what was
	// corrected. A source that says it again is not followed.
	Overruled Optional
	// Run is the record of the decision; By, Reason and Recorded are that run's.
	// The ledger sets them.
	Run      int64
	By       string
	Reason   string
	Recorded int64
}

// Provenance is one revision of a figure with all that is known of how it came.
type Provenance struct {
	Fact
	Source   Run
	Delivery Delivered
	// Decisions on this revision, in their order.
	Decisions []Decision
}

// Track is all that a ledger recorded of one series.
type Track struct {
	Region     string // code
	Dimensions Dimensions
	// Marks are sorted by period, then by revision.
	Marks []Mark
}

// Mark is one revision of one figure of a Track.
type Mark struct {
	Period    Period
	Value     float64
	Recorded  int64 // see Fact.Recorded
	Confirmed int64 // when this revision was confirmed, as Recorded; 0 is not
	Revision  int32
	Origin    Origin
}
