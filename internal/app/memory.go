package app

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// memory is what is held of a ledger beside it: projections that can be thrown
// away and read again.
type memory struct {
	head     *ledger.Head
	timeline *ledger.Timeline
	// overruled are the values that people found wrong.
	overruled *ledger.Overrulings
	// since is when the ledger's first configuration was accepted; reports are
	// expected from then on.
	since time.Time
}

// openMemory reads a ledger; the timeline is of no indicator yet.
func openMemory(ctx context.Context, store ledger.Store, now func() time.Time) (m *memory, err error) {
	m = &memory{}
	if m.head, err = ledger.OpenHead(ctx, store); err != nil {
		return nil, err
	}
	if m.timeline, err = ledger.OpenTimeline(ctx, store, nil); err != nil {
		return nil, err
	}
	if m.overruled, err = ledger.OpenOverrulings(ctx, store); err != nil {
		return nil, err
	}
	m.since, err = firstAccepted(ctx, store, now)
	return m, err
}

// emptyMemory is that of no ledger.
func emptyMemory(now func() time.Time) *memory {
	return &memory{head: &ledger.Head{}, timeline: &ledger.Timeline{}, overruled: &ledger.Overrulings{}, since: now()}
}

// firstAccepted is when the ledger began to expect reports: now for a new one.
func firstAccepted(ctx context.Context, store ledger.Store, now func() time.Time) (time.Time, error) {
	accepted, err := store.Configurations(ctx)
	if err != nil || len(accepted) == 0 {
		return now(), err
	}
	return accepted[len(accepted)-1].Accepted, nil
}

// apply moves on with what a commit returned. The head comes last: who sees its
// version change finds the others changed.
func (m *memory) apply(committed fact.Committed) {
	m.timeline.Apply(committed)
	m.overruled.Apply(committed)
	m.head.Apply(committed.Facts)
}

// followed are the ids of the indicators whose every region's standing is
// followed.
func followed(indicators []fact.Indicator) []string {
	var ids []string
	for i := range indicators {
		if indicators[i].Followed() && indicators[i].Kind != fact.RatioKind {
			ids = append(ids, indicators[i].ID)
		}
	}
	return ids
}
