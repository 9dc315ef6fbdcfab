package fact

import (
	"fmt"
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
	// Origin says how it came; the ledger sets it from its run.
	Origin Origin
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
	// Run and Collector say whose delivery it was in, Target which of theirs
	// (see Delivery), Recorded when. The ledger sets them.
	Run       int64
	Collector string
	Target    string
	Recorded  time.Time
}

// Delivery is what one target of one run delivered, after the gate. It is the
// unit of commit: the ledger takes all of it or nothing.
type Delivery struct {
	Run int64
	// Target says which of a run's targets and which part of it, such as 360603,
	// 360603/2025-12.xlsx or 2025-12.xlsx; empty for a run with one of neither.
	Target     string
	Facts      []Fact
	Regions    []RegionFact
	Held       []HeldFact
	Decisions  []Decision
	Rejections []Rejection
	Rows       int // rows read, before the gate
	// QueryDigest identifies what was asked (SHA-256 of the query text and its
	// parameters), InputDigest what was answered (SHA-256 of all rows). Hex.
	QueryDigest string
	InputDigest string
}

// RegionFact is an accepted entry of a collected register of regions. Like a
// Fact it is never changed or deleted: a region that is renamed or moved is a
// further RegionFact with the next Revision.
type RegionFact struct {
	Region         // Villages is not collected
	Revision int32 // counts from 1; the ledger assigns it
	Recorded int64 // see Fact.Recorded
	Run      int64
	Place    Place
}

// Verdict is what the gate made of a delivery.
type Verdict struct {
	Facts      []Fact
	Regions    []RegionFact
	Held       []HeldFact
	Rejections []Rejection
}

// Committed is what of a delivery was new to the ledger.
type Committed struct {
	Facts   []Fact
	Regions []RegionFact
	// Held are the figures that now wait, and those that no longer do.
	Held      []HeldFact
	Decisions []Decision
}

// Stages of rejections that arise before the gate, because nothing could be
// read. Each has its page in docs/stages as the gate's own have.
const (
	StageFileReadable = "file-readable" // a file that is no workbook, or locked, encrypted, cut off
	StageColumnsFound = "columns-found" // a table without the columns that the collector reads
	StageCellReadable = "cell-readable" // a cell that holds an error or what no figure can be
)

// StageNotOverruled is the gate's stage for a figure that a person has found
// wrong. It is no fault of whoever sends it again, beside others that are right.
const StageNotOverruled = "not-overruled"

// IntakeStages lists the stages before the gate.
func IntakeStages() []string {
	return []string{StageFileReadable, StageColumnsFound, StageCellReadable}
}

// DeliveryQuery selects earlier deliveries of a collector. Empty fields select
// all.
type DeliveryQuery struct {
	Target      string
	QueryDigest string
	InputDigest string
	Limit       int // at most so many; 0 is no limit
}

// Delivered is an earlier delivery, without what it delivered.
type Delivered struct {
	Run         int64
	Target      string
	Recorded    time.Time
	Rows        int
	Accepted    int
	Changed     int
	Rejected    int
	QueryDigest string
	InputDigest string
}

// Outcome is how a run ended.
type Outcome string

// The outcomes. A run that has not ended yet is Running; one that the program
// stopped, or did not live to see the end of, is Interrupted. One with several
// targets is Partial where some succeeded and others failed.
const (
	Running     Outcome = "running"
	Succeeded   Outcome = "success"
	Partial     Outcome = "partial"
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
	Origin    Origin // how it came about; the zero value is Pulled
	By        string // who asked for an import or a decision; else empty
	Reason    string // why, in the words of By
	Rows      int    // rows read
	Accepted  int    // readings accepted, changed or not
	Changed   int    // facts that were new or revised
	Rejected  int    // readings refused
	Held      int    // readings held; a ledger counts its deliveries
	Error     string // in words; empty unless Failed, Partial or Interrupted
}

// HeldNote is what a line about the run says of held readings: where there are
// some, and nothing else.
func (r *Run) HeldNote() string {
	if r.Held == 0 {
		return ""
	}
	return fmt.Sprintf(", %d held until somebody decides (govkpi held)", r.Held)
}

// TargetRun is how a run went for one of its targets.
type TargetRun struct {
	Run      int64
	Target   string // the region's code
	Start    time.Time
	End      time.Time
	Outcome  Outcome // Succeeded, Failed or Interrupted
	Attempts int
	Rows     int
	Accepted int
	Changed  int
	Rejected int
	Error    string // of the last attempt; empty where it succeeded
}
