package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/standing"
)

// loadedPast holds what was recorded of indicators that are not followed, of which
// only few are looked at.
type loadedPast struct {
	ids      []string // the one used last comes last
	versions map[string]uint64
	timeline map[string]*ledger.Timeline
}

const (
	// mostLoaded is how many indicators that are not followed are held at once.
	mostLoaded = 3
	// mostRecords is how much of one of them, in revisions: 40 bytes each.
	mostRecords = 1_000_000
)

var errTooLarge = errors.New("too large")

// load reads the past of an indicator that is not followed.
func (a *archive) load(ctx context.Context, id string) error {
	if a.memory.timeline.Follows(id) {
		return nil
	}
	a.loading.Lock()
	defer a.loading.Unlock()
	version := a.memory.head.VersionOf(id)
	if a.isLoaded(id, version) {
		return nil
	}
	timeline, err := ledger.OpenTimeline(ctx, &limited{Records: a.store, left: mostRecords}, []string{id})
	if errors.Is(err, errTooLarge) {
		return fmt.Errorf("it has more than %d figures, so that its reports, ranks and roll-ups are answered for now only: %w", mostRecords, errTooLarge)
	}
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	past := &a.loaded
	if past.versions == nil {
		past.versions, past.timeline = map[string]uint64{}, map[string]*ledger.Timeline{}
	}
	past.ids = append(slices.DeleteFunc(past.ids, func(have string) bool { return have == id }), id)
	past.versions[id], past.timeline[id] = version, timeline
	if len(past.ids) > mostLoaded {
		delete(past.versions, past.ids[0])
		delete(past.timeline, past.ids[0])
		past.ids = past.ids[1:]
	}
	return nil
}

func (a *archive) isLoaded(id string, version uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	have, ok := a.loaded.versions[id]
	return ok && have == version
}

// limited reads a ledger until that becomes too much.
type limited struct {
	ledger.Records
	left int
}

// Facts implements ledger.Records.
func (l *limited) Facts(ctx context.Context, query ledger.FactQuery, each func(fact.Fact) error) error {
	return l.Records.Facts(ctx, query, func(f fact.Fact) error {
		if l.left--; l.left < 0 {
			return errTooLarge
		}
		return each(f)
	})
}

// tracks joins what is followed and what was loaded.
func (a *archive) tracks() standing.Tracks { return archiveTracks{a} }

type archiveTracks struct{ *archive }

func (t archiveTracks) of(id string) *ledger.Timeline {
	if t.memory.timeline.Follows(id) {
		return t.memory.timeline
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if loaded := t.loaded.timeline[id]; loaded != nil {
		return loaded
	}
	return t.memory.timeline // which has the held figures of all
}

// Tracks implements standing.Tracks.
func (t archiveTracks) Tracks(id string) iter.Seq[fact.Track] { return t.of(id).Tracks(id) }

// Held implements standing.Tracks.
func (t archiveTracks) Held(id string) []fact.HeldFact { return t.memory.timeline.Held(id) }

// Version implements standing.Tracks.
func (t archiveTracks) Version(id string) uint64 { return t.of(id).Version(id) }
