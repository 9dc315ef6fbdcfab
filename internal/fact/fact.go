package fact

import (
	"slices"
	"strings"
	"time"
)

func sortPairs(p []Pair) {
	slices.SortFunc(p, func(a, b Pair) int { return strings.Compare(a.Name, b.Name) })
}

// Fact is an accepted reading. Facts are never changed or deleted: a corrected
// figure is a further Fact with the next Revision.
type Fact struct {
	Indicator  string
	Region     string // code
	Dimensions Dimensions
	Period     Period
	Value      float64
	// Revision counts from 1; the ledger assigns it.
	Revision int32
	// Recorded is when the ledger committed the fact, UTC, in milliseconds
	// since the Unix epoch.
	Recorded int64
	// Run is the run that brought it.
	Run int64
	// Place is where in the source's answer it stood.
	Place Place
}

// Rejection is a refused reading: kept, counted and shown.
type Rejection struct {
	Reading Reading
	// Stage is the gate's stage that refused it; each has its page in
	// docs/stages.
	Stage string
	// Reason is one sentence for the person who mends the source.
	Reason Text
	// Run and Collector say whose delivery it was in; Recorded is when. The
	// ledger sets them.
	Run       int64
	Collector string
	Recorded  time.Time
}

// Delivery is what one target of one run delivered, after the gate. It is the
// unit of commit: the ledger takes all of it or nothing.
type Delivery struct {
	Run        int64
	Target     string // which of a run's targets; empty for a run with one
	Facts      []Fact
	Rejections []Rejection
	Rows       int // rows read, before the gate
	// QueryDigest identifies what was asked (SHA-256 of the query text and its
	// parameters), InputDigest what was answered (SHA-256 of all rows). Hex.
	QueryDigest string
	InputDigest string
}

// Outcome is how a run ended.
type Outcome string

// The outcomes. A run that has not ended yet is Running; one that the program
// stopped, or did not live to see the end of, is Interrupted.
const (
	Running     Outcome = "running"
	Succeeded   Outcome = "success"
	Failed      Outcome = "failure"
	Interrupted Outcome = "interrupted"
)

// Run is one pull of one collector from its source.
type Run struct {
	ID        int64
	Collector string
	Scheduled time.Time // when it was due; zero for a run somebody asked for
	Start     time.Time
	End       time.Time // zero while it is running
	Outcome   Outcome
	Attempt   int    // counts from 1
	Rows      int    // rows read
	Accepted  int    // readings accepted, changed or not
	Changed   int    // facts that were new or revised
	Rejected  int    // readings refused
	Error     string // in words; empty unless Failed or Interrupted
}
