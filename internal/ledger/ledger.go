// Package ledger is the record of truth: the contract of an append-only store
// of facts, collected regions, runs, rejections and configurations, and the
// Head, which holds the newest figures of that store in memory.
//
// It takes deliveries from the collectors' runs, after the gate, and hands the
// facts it accepted on to standing and exposition. Backends live in
// subpackages; ledgertest is the suite that any of them must pass.
package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// ErrNotFound is returned where a run or a configuration that was asked for by
// its id is not in the ledger.
var ErrNotFound = errors.New("not in the ledger")

// ErrConflict is wrapped by the error of Commit where a decision can't be taken
// as things are.
var ErrConflict = errors.New("it can't be decided")

// Store is what a backend offers. All methods are safe for concurrent use;
// writers wait for each other, readers never wait for a writer. A method that
// returns nil has made its change durable: it survives a kill or a power cut.
// Times are kept to the millisecond and come back in UTC.
type Store interface {
	// Begin records that a run has started, with its Origin, By and Reason, and
	// returns its id, which is greater than any before it. Run.ID is ignored.
	Begin(ctx context.Context, run fact.Run) (int64, error)
	// Commit takes all of a delivery, or on an error nothing. A fact whose
	// value equals the newest revision of the same indicator, region,
	// dimensions and period adds nothing; one that differs becomes the next
	// revision; entries of a register are kept in the same way, by code. It
	// returns what was new or revised, in no particular order, with Revision,
	// Recorded and Run set; it may lie in the arrays of the delivery, which on
	// success belong to Commit and on an error are as they were. Recorded never
	// goes backwards within a ledger.
	//
	// A source that is refused at every run would fill the ledger with the same
	// rejections. Where the newest of the collector's earlier runs that delivered
	// the target did so with the same digests, both known, and as many
	// rejections, Commit deletes those: the new ones say it of the same rows, by
	// the rules of now. What deliveries and runs counted stays.
	//
	// Held figures are kept beside the facts. One whose key waits already with the
	// same value adds nothing; one with another value takes its place, and so does
	// a fact of that key, new or not: what waited is closed as superseded, or as
	// corrected where a decision of the delivery corrects it.
	//
	// Decisions are taken in their order, after the facts. Confirm needs the newest
	// revision of the figure (Revision 0 stands for it) and not to be confirmed
	// already; Release and Reject need Held to wait; Release makes a fact of it,
	// which the caller leaves out of Facts; Correct belongs to a fact of the same
	// delivery and key, and is refused where that adds nothing. Overruled of Reject
	// and Correct is set from what the ledger has. A decision that can't be taken is
	// an ErrConflict, in words for whoever decided, and nothing is committed.
	//
	// The run must be running (ErrNotFound where there is none such) and can
	// deliver each target once. Two facts of one delivery with the same key, or
	// two regions with one code, are an error: the gate must have refused one.
	// So is a value that isn't finite, and a code that isn't 2 to 18 digits; -0
	// is kept as 0.
	Commit(ctx context.Context, delivery fact.Delivery) (fact.Committed, error)
	// End records how the run with run.ID went: its end, outcome, counts and
	// error; and of a run with targets, how each of them went (TargetRun.Run is
	// ignored). It returns ErrNotFound where there is none such, and an error
	// where the run has ended already, where two targets have one name, or where
	// one has none.
	End(ctx context.Context, run fact.Run, targets ...fact.TargetRun) error
	// InterruptRunning marks every run that is still recorded as running as
	// interrupted, and returns how many there were. A program calls it once,
	// before its first run. The run of a decision that was delivered is no such
	// run: nothing is left of it to do, and it is marked as a success.
	InterruptRunning(ctx context.Context, now time.Time) (int, error)

	// Facts calls each for every fact that the query selects, as the ledger
	// was when Facts was called, until each returns an error, which it returns
	// unchanged. They are ordered by indicator, period, region (as a number:
	// shorter codes first), dimensions and revision. each must not call the
	// store.
	Facts(ctx context.Context, query FactQuery, each func(fact.Fact) error) error
	// Held returns held figures, the newest first.
	Held(ctx context.Context, query HeldQuery) ([]fact.HeldFact, error)
	// Decisions returns decisions, the newest first.
	Decisions(ctx context.Context, query DecisionQuery) ([]fact.Decision, error)
	// Provenances returns every revision of the figures of an indicator and region
	// with where it came from, ordered by period, dimensions and revision. A zero
	// period is all. Cheap for one region, however large the ledger.
	Provenances(ctx context.Context, indicator, region string, period fact.Period) ([]fact.Provenance, error)

	// Runs returns the newest runs first.
	Runs(ctx context.Context, query RunQuery) ([]fact.Run, error)
	// Targets returns how a run went for each of its targets, in the order they
	// were given to End; none for a run without, or one that has not ended.
	Targets(ctx context.Context, run int64) ([]fact.TargetRun, error)
	// LastSuccesses returns, by target, when each target of a collector was last
	// pulled without an error: the end of its newest success. Targets that never
	// succeeded are not in it. Cheap, however many runs there were.
	LastSuccesses(ctx context.Context, collector string) (map[string]time.Time, error)
	// LastOutcomes returns, for each target that a collector ever had, how it
	// went when it last succeeded or failed, whichever run that was in: a run in
	// which a target was interrupted, or that was killed before it could record
	// any, doesn't count. Targets that never came to either are not in it. They
	// are ordered by target, shorter ones first, as codes are. Cheap, however
	// many runs there were.
	LastOutcomes(ctx context.Context, collector string) ([]fact.TargetRun, error)
	// Deliveries returns the deliveries of a collector that the query selects,
	// those of the newest run first, and those of one run newest first. Cheap
	// for a target, an input digest or a limit, however many there were.
	Deliveries(ctx context.Context, collector string, query fact.DeliveryQuery) ([]fact.Delivered, error)
	// Regions calls each for the newest revision of every collected entry of a
	// register, ordered by code (shorter first); see Facts. knownBy leaves out what
	// was recorded after it; zero is nothing.
	Regions(ctx context.Context, knownBy time.Time, each func(fact.RegionFact) error) error
	// Rejections returns those of the newest delivery first, and those of one
	// delivery in its order. Those that a later delivery repeated are that
	// one's: see Commit.
	Rejections(ctx context.Context, query RejectionQuery) ([]fact.Rejection, error)
	// PruneRejections deletes rejections recorded before the time and returns
	// how many. But for those that Commit finds repeated, nothing else in a
	// ledger is ever deleted.
	PruneRejections(ctx context.Context, before time.Time) (int, error)

	// Accept records a configuration as in force from its time on, or from
	// that of the one before where it names an earlier time, and reports
	// whether it differs from the one in force before; the same digest again
	// adds nothing.
	Accept(ctx context.Context, configuration Configuration) (changed bool, err error)
	// ConfigurationAt returns the configuration in force at t, with its files,
	// or ErrNotFound.
	ConfigurationAt(ctx context.Context, t time.Time) (Configuration, error)
	// Configurations lists all, newest first, without their files.
	Configurations(ctx context.Context) ([]Configuration, error)

	// Statistics counts what the ledger holds; cheap enough for every scrape.
	Statistics(ctx context.Context) (Statistics, error)
	// Check reads the whole ledger and returns every inconsistency it finds,
	// one sentence each; none is a sound ledger.
	Check(ctx context.Context) ([]string, error)
	// Backup writes a consistent copy to a new file while the ledger is in
	// use. It refuses to overwrite.
	Backup(ctx context.Context, file string) error
	// Close waits for the writer and closes the store.
	Close() error
}

// FactQuery selects facts. The zero value selects the newest revision of
// everything.
type FactQuery struct {
	Indicators []string // ids; empty is all
	Region     string   // code; empty is all
	// From and To bound the periods by their first day, inclusive; a zero
	// Period is unbounded.
	From, To fact.Period
	// AllRevisions includes superseded revisions.
	AllRevisions bool
	// KnownBy leaves out what was recorded after it; zero is nothing. Superseded
	// is then what was superseded by then.
	KnownBy time.Time
}

// HeldQuery selects held figures. Empty fields select all.
type HeldQuery struct {
	ID        int64
	Indicator string
	Region    string // code
	Period    fact.Period
	Waiting   bool // only those nobody has decided on
	Limit     int  // at most so many; 0 is no limit
}

// DecisionQuery selects decisions. Empty fields select all.
type DecisionQuery struct {
	Indicator string
	Region    string // code
	Period    fact.Period
	Limit     int // at most so many; 0 is no limit
}

// RunQuery selects runs.
type RunQuery struct {
	Collector string // empty is all
	Limit     int    // at most so many; 0 is no limit
	// LastFinished selects only the newest ended run of each collector.
	LastFinished bool
}

// RejectionQuery selects rejections.
type RejectionQuery struct {
	Collector string // empty is all
	Indicator string // id; empty is all
	// Written selects those whose region is written in one of these ways; none is
	// all.
	Written []string
	Run     int64 // 0 is all
	Limit   int   // at most so many; 0 is no limit
	// LastFinished selects only those of each collector's newest ended run, and
	// those of that run which a running one has repeated by now.
	LastFinished bool
}

// Configuration is an accepted configuration: the files it was read from, with
// references to secrets but without their values.
type Configuration struct {
	Digest   string    // SHA-256 over names and contents, hex
	Accepted time.Time // in force from then on
	Files    []ConfigurationFile
}

// ConfigurationFile is one file of a configuration.
type ConfigurationFile struct {
	Name    string
	Content []byte
}

// Statistics describes the size of a ledger.
type Statistics struct {
	Bytes      int64 // on disk, with what the backend keeps beside the main file
	Facts      int64 // all revisions
	Regions    int64 // collected entries of registers, all revisions
	Runs       int64
	Rejections int64
	Held       int64 // figures that wait
	Decisions  int64
}
