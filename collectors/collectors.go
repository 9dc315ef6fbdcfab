// Package collectors is the contract of what pulls figures from a source, and
// the Runner, which takes one pull through the gate into the ledger.
//
// It reads nothing itself: each kind of collector is a package below this one,
// which reads its source and hands readings on. A Runner hands those to the
// gate's intake and what the gate made of them to the ledger.
package collectors

import (
	"context"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Collector pulls figures, or a register of regions, from one source. A Runner
// never calls it twice at the same time for the same target, but does for
// several targets at once.
type Collector interface {
	// Collect pulls once and hands the sink every reading, in the source's
	// order. An error of the sink ends the pull and is returned, wrapped or
	// not. What is handed over must not change afterwards; slices may be shared
	// between readings. On an error nothing that the sink has not delivered
	// yet is taken, so there is no need to hand over less than the source gave
	// before it failed; the Summary then counts what was read so far.
	//
	// Collect heeds ctx and returns soon after it is done. It leaves nothing
	// behind: no connection, no goroutine.
	Collect(ctx context.Context, request Request, sink Sink) (Summary, error)
	// Ping checks that the source of the target (zero without fan-out) can be
	// reached and answers, reading no figures.
	Ping(ctx context.Context, target Target) error
}

// Request says what to pull.
type Request struct {
	// Since is the first period wanted; zero leaves it to the collector how far
	// it looks back. A collector that cannot be asked for history refuses any
	// other.
	Since fact.Period
	// Now is the time of the run, in the site's zone.
	Now time.Time
	// Target is what is pulled for; zero for a collector that is not fanned out.
	Target Target
	// DryRun says that nothing will be kept: the collector leaves no receipt
	// and does not remember what it was answered.
	DryRun bool
}

// Sink takes what a collector reads. One goroutine uses it.
//
// A collector whose source answers as a whole hands everything over and returns;
// that is one delivery. One whose source comes in parts that stand or fall by
// themselves, as files do, ends each with Deliver.
type Sink interface {
	// Add takes a reading.
	Add(reading fact.Reading) error
	// AddRegion takes an entry of a register of regions.
	AddRegion(entry fact.RegionEntry) error
	// Reject takes what could not even be made a reading, such as a file that
	// can't be read, with its stage (fact.StageFileReadable and so on), place
	// and reason. It is kept, counted and shown as the gate's rejections are.
	Reject(rejection fact.Rejection) error
	// Deliver ends a part: it passes the gate and goes into the ledger before
	// Deliver returns. Each part of a run has its own name.
	Deliver(ctx context.Context, part Part) (Receipt, error)
	// Delivered returns what this collector has delivered before that the query
	// selects, newest first, at most so many. In a dry run, too.
	Delivered(ctx context.Context, query fact.DeliveryQuery) ([]fact.Delivered, error)
}

// Part describes one part of a pull, such as a file.
type Part struct {
	// Name tells the parts of a run apart; a file's path within its folder. It
	// stays the same from run to run.
	Name string
	// Whole takes all of the part or, if anything in it is rejected, nothing.
	Whole bool
	Summary
}

// Takes reports whether something of the part can be taken, although these were
// rejected: see Receipt.Taken.
func (p *Part) Takes(rejections []fact.Rejection) bool {
	return !p.Whole || !slices.ContainsFunc(rejections, func(r fact.Rejection) bool { return r.Stage != fact.StageNotOverruled })
}

// Receipt says what became of a part.
type Receipt struct {
	Accepted int // readings and entries that passed the gate and were taken
	Changed  int // of those, new or revised ones; 0 in a dry run
	// Rejections are in the source's order.
	Rejections []fact.Rejection
	// Held are readings that wait for a person's decision.
	Held []fact.HeldFact
	// Taken says that something was, or could have been, kept: false exactly
	// where a Whole part was refused for its Rejections. Those of the stage
	// not-overruled alone refuse none: they are left out of what is taken.
	Taken bool
}

// Summary describes what a source answered. The digests are for provenance:
// SHA-256 in hex, the same for the same question and the same answer.
type Summary struct {
	Rows        int    // rows read, whether they yielded a reading or not
	QueryDigest string // of what was asked: the text of the query and its parameters
	InputDigest string // of all that was answered
	// Unchanged says that the source answered that nothing has changed since
	// an earlier run whose delivery was taken without rejections. Nothing was
	// read, and the Runner delivers nothing.
	Unchanged bool
}

// Options is a block of configuration that only the kind understands. What it
// returns as an error says in which file, line and column.
type Options interface {
	// Decode fills a struct with yaml tags and refuses unknown keys.
	Decode(into any) error
	// Errorf makes an error at the position of a key, named by a path such as
	// "columns.region"; where there is no such key, at the nearest one above.
	Errorf(path, format string, args ...any) error
	// Secret returns the value of the key, or the content of the file that the
	// key with _file appended names; "" where neither is given.
	Secret(path string) (string, error)
	// Path makes a path written in the configuration absolute, or leaves it:
	// a relative one is taken from the folder of the configuration's root file.
	Path(written string) string
}

// Blocks are what a collector is configured with.
type Blocks struct {
	Source    Options // the kind's block of the source
	Collector Options // the kind's block of the collector
	// FanOut says that the collector runs once for each of several targets, so
	// that placeholders such as {region.code} have a value.
	FanOut bool
	// Indicator says why an indicator that the blocks name can't be collected;
	// nil where it can. Without it none is checked.
	Indicator func(id string) error
}

// Kind makes collectors of one kind.
type Kind struct {
	// Name is what a source is given as its kind, and the key of the kind's own
	// block in sources and collectors.
	Name string
	// New checks the kind's blocks of a source and of a collector of it, and
	// makes that collector. It reaches for nothing outside; Ping does. Its
	// error joins all that is wrong with the blocks.
	New func(blocks Blocks) (Collector, error)
}

// Kinds is a list of the kinds that a program offers.
type Kinds []Kind

// Lookup returns the kind of a name.
func (k Kinds) Lookup(name string) (Kind, bool) {
	for _, kind := range k {
		if kind.Name == name {
			return kind, true
		}
	}
	return Kind{}, false
}

// Names lists the kinds' names in their order, for messages.
func (k Kinds) Names() []string {
	names := make([]string, len(k))
	for i, kind := range k {
		names[i] = kind.Name
	}
	return names
}
