package ledger

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/govkpi/govkpi/internal/fact"
)

// Records are what a Timeline reads of a store.
type Records interface {
	Facts(ctx context.Context, query FactQuery, each func(fact.Fact) error) error
	Decisions(ctx context.Context, query DecisionQuery) ([]fact.Decision, error)
	Held(ctx context.Context, query HeldQuery) ([]fact.HeldFact, error)
}

// Timeline holds every revision of the indicators that it follows in memory, 40
// bytes each, with when it was recorded and confirmed; and the held figures of
// all indicators. It is a projection: OpenTimeline rebuilds it from the store,
// Apply advances it by what a commit returned.
//
// The zero value follows nothing and has no store. It is safe for concurrent use;
// readers wait for nobody. Nothing handed to Apply is kept but its strings.
type Timeline struct {
	store    Records
	applying sync.Mutex // held while the next state is built; readers go on

	mu      sync.RWMutex
	tracks  map[string]blocks[track] // by id, of the followed indicators
	held    map[string][]fact.HeldFact
	changed map[string]uint64 // by indicator, the version of its newest change
	version uint64
}

// OpenTimeline reads the history of the indicators, and all held figures. It
// keeps the store for Follow.
func OpenTimeline(ctx context.Context, store Records, indicators []string) (*Timeline, error) {
	t := &Timeline{store: store}
	held, err := store.Held(ctx, HeldQuery{})
	if err != nil {
		return nil, fmt.Errorf("read the held figures from the ledger: %w", err)
	}
	slices.Reverse(held) // by id, so that each goes to the end
	t.Apply(fact.Committed{Held: held})
	if err := t.Follow(ctx, indicators); err != nil {
		return nil, err
	}
	return t, nil
}

// Follow makes the timeline one of these indicators: it reads the history of
// those that are new and forgets those that are no longer named. On an error it
// stays as it was. What is applied meanwhile waits for it.
func (t *Timeline) Follow(ctx context.Context, indicators []string) error {
	t.applying.Lock()
	defer t.applying.Unlock()
	next := make(map[string]blocks[track], len(indicators))
	var news []string
	for _, indicator := range slices.Compact(slices.Sorted(slices.Values(indicators))) {
		known, ok := t.tracks[indicator] // only written under applying
		if !ok {
			news = append(news, indicator)
			if t.store != nil {
				var err error
				if known, err = history(ctx, t.store, indicator); err != nil {
					return err
				}
			}
		}
		next[indicator] = known
	}
	for indicator := range t.tracks {
		if _, still := next[indicator]; !still {
			news = append(news, indicator)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tracks = next
	t.touch(news)
	return nil
}

// history reads all that was recorded of one indicator.
func history(ctx context.Context, store Records, indicator string) (blocks[track], error) {
	var news newMarks
	err := store.Facts(ctx, FactQuery{Indicators: []string{indicator}, AllRevisions: true}, func(f fact.Fact) error {
		news = append(news, markOf(&f))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the history of indicator %s from the ledger: %w", indicator, err)
	}
	decisions, err := store.Decisions(ctx, DecisionQuery{Indicator: indicator})
	if err != nil {
		return nil, fmt.Errorf("read the decisions on indicator %s from the ledger: %w", indicator, err)
	}
	for i := range decisions {
		if decisions[i].Action == fact.Confirm {
			news = append(news, confirmationOf(&decisions[i]))
		}
	}
	return news.applyTo(nil), nil
}

// Apply advances the timeline by what a commit returned. Commits may be applied
// in any order, also twice; also a confirmation before what it confirms. What it
// copies is proportional to the series that change, not to the timeline.
func (t *Timeline) Apply(committed fact.Committed) {
	t.applying.Lock()
	defer t.applying.Unlock()

	tracks := map[string]blocks[track]{}
	for indicator, news := range t.newsOf(&committed) {
		tracks[indicator] = news.applyTo(t.tracks[indicator])
	}
	held := map[string][]fact.HeldFact{}
	for i := range committed.Held {
		indicator := committed.Held[i].Indicator
		list, copied := held[indicator]
		if !copied {
			list = slices.Clone(t.held[indicator])
		}
		held[indicator] = withHeld(list, &committed.Held[i])
	}
	if len(tracks) == 0 && len(held) == 0 {
		return
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == nil {
		t.held = map[string][]fact.HeldFact{}
	}
	maps.Copy(t.tracks, tracks)
	maps.Copy(t.held, held)
	t.touch(slices.Collect(maps.Keys(tracks)))
	t.touch(slices.Collect(maps.Keys(held)))
}

// touch gives indicators that have changed a new version. The caller holds mu.
func (t *Timeline) touch(indicators []string) {
	if t.changed == nil {
		t.changed = map[string]uint64{}
	}
	t.version++
	for _, indicator := range indicators {
		t.changed[indicator] = t.version
	}
}

// newsOf returns what was recorded of followed indicators. A delivery of grids,
// which nobody follows, is passed over at the price of a comparison each.
func (t *Timeline) newsOf(committed *fact.Committed) map[string]newMarks {
	all := map[string]newMarks{}
	for start, end := range stretches(committed.Facts) {
		indicator := committed.Facts[start].Indicator
		if _, followed := t.tracks[indicator]; !followed {
			continue
		}
		for i := start; i < end; i++ {
			all[indicator] = append(all[indicator], markOf(&committed.Facts[i]))
		}
	}
	for i := range committed.Decisions {
		d := &committed.Decisions[i]
		if _, followed := t.tracks[d.Indicator]; followed && d.Action == fact.Confirm {
			all[d.Indicator] = append(all[d.Indicator], confirmationOf(d))
		}
	}
	return all
}

// withHeld enters a held figure into a list ordered by id, or in the place of
// what was known of it. Nothing that is closed ever waits again.
func withHeld(list []fact.HeldFact, h *fact.HeldFact) []fact.HeldFact {
	i, found := slices.BinarySearchFunc(list, h.ID, func(known fact.HeldFact, id int64) int { return cmp.Compare(known.ID, id) })
	switch {
	case !found:
		return slices.Insert(list, i, *h)
	case list[i].Waits():
		list[i] = *h
	}
	return list
}

// Tracks yields every series of a followed indicator, sorted by region and
// dimensions, as they were when it was called. Marks are shared and must not be
// changed. Of an indicator that isn't followed there is none.
func (t *Timeline) Tracks(indicator string) iter.Seq[fact.Track] {
	t.mu.RLock()
	defer t.mu.RUnlock()
	tracks := t.tracks[indicator]
	return func(yield func(fact.Track) bool) {
		for _, block := range tracks {
			for i := range block {
				if len(block[i].Marks) > 0 && !yield(block[i].Track) {
					return
				}
			}
		}
	}
}

// Held returns the held figures of an indicator, followed or not, those that
// wait and those that no longer do, by id: the oldest first. The list is shared
// and must not be changed.
func (t *Timeline) Held(indicator string) []fact.HeldFact {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clip(t.held[indicator])
}

// Version changes whenever anything of the indicator does; it is 0 while there
// is nothing.
func (t *Timeline) Version(indicator string) uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.changed[indicator]
}

// Follows reports whether the timeline has the history of an indicator.
func (t *Timeline) Follows(indicator string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, followed := t.tracks[indicator]
	return followed
}
