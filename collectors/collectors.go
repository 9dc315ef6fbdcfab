// Package collectors is the contract of what pulls figures from a source, and
// the Runner, which takes one pull through the gate into the ledger.
//
// It reads nothing itself: each kind of collector is a package below this one,
// which reads its source and hands readings on. A Runner hands those to the
// gate's intake and what the gate made of them to the ledger.
package collectors

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Collector pulls figures from one source. A Runner never calls it twice at the
// same time.
type Collector interface {
	// Collect pulls once and calls emit for every reading, in the source's
	// order. An error of emit ends the pull and is returned, wrapped or not.
	// What is emitted must not change afterwards; slices may be shared between
	// readings. On an error nothing of the pull is taken, so there is no need
	// to emit less than the source gave before it failed; the Summary then
	// counts what was read so far.
	//
	// Collect heeds ctx and returns soon after it is done. It leaves nothing
	// behind: no connection, no goroutine.
	Collect(ctx context.Context, request Request, emit func(fact.Reading) error) (Summary, error)
	// Ping checks that the source can be reached and answers, reading no
	// figures.
	Ping(ctx context.Context) error
}

// Request says what to pull.
type Request struct {
	// Since is the first period wanted; zero leaves it to the collector how far
	// it looks back. A collector that cannot be asked for history refuses any
	// other.
	Since fact.Period
	// Now is the time of the run, in the site's zone.
	Now time.Time
}

// Summary describes what a source answered. The digests are for provenance:
// SHA-256 in hex, the same for the same question and the same answer.
type Summary struct {
	Rows        int    // rows read, whether they yielded a reading or not
	QueryDigest string // of what was asked: the text of the query and its parameters
	InputDigest string // of all that was answered
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
}

// Kind makes collectors of one kind.
type Kind struct {
	// Name is what a source is given as its kind, and the key of the kind's own
	// block in sources and collectors.
	Name string
	// New checks the kind's blocks of a source and of a collector of it, and
	// makes that collector. It reaches for nothing outside; Ping does. Its
	// error joins all that is wrong with the blocks.
	New func(source, collector Options) (Collector, error)
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
