package ledger

import (
	"context"
	"fmt"
	"sync"

	"github.com/govkpi/govkpi/internal/fact"
)

// Overrulings knows which values of a figure people found wrong: what they
// rejected, and what they corrected away. A value that somebody released, or
// corrected a figure to, is wrong no longer. The newest decision on a value
// counts.
//
// It is a projection: OpenOverrulings rebuilds it from the store, Apply advances
// it by what a commit returned. The zero value overrules nothing. It is safe for
// concurrent use.
type Overrulings struct {
	mu      sync.RWMutex
	rulings map[claim]ruling
}

// claim says that a figure has a value.
type claim struct {
	fact.Key
	value float64
}

// ruling is the newest decision on a claim.
type ruling struct {
	fact.Decision
	wrong bool
}

// OpenOverrulings reads all decisions, and what they were on.
func OpenOverrulings(ctx context.Context, store Records) (*Overrulings, error) {
	decisions, err := store.Decisions(ctx, DecisionQuery{})
	if err != nil {
		return nil, fmt.Errorf("read people's decisions from the ledger: %w", err)
	}
	held, err := store.Held(ctx, HeldQuery{})
	if err != nil {
		return nil, fmt.Errorf("read the held figures from the ledger: %w", err)
	}
	corrected := map[fact.Key]bool{}
	all := fact.Committed{Decisions: decisions, Held: held}
	for i := range decisions {
		key := decisions[i].Key
		if decisions[i].Action != fact.Correct || corrected[key] {
			continue
		}
		corrected[key] = true
		query := FactQuery{Indicators: []string{key.Indicator}, Region: key.Region, From: key.Period, To: key.Period, AllRevisions: true}
		err := store.Facts(ctx, query, func(f fact.Fact) error {
			all.Facts = append(all.Facts, f)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read what figures were corrected to from the ledger: %w", err)
		}
	}
	o := &Overrulings{}
	o.Apply(all)
	return o, nil
}

// Apply advances the overrulings by what commits returned, in any order, also
// twice; but decisions together with the facts and the held figures that they
// made or closed.
func (o *Overrulings) Apply(committed fact.Committed) {
	if len(committed.Decisions) == 0 {
		return
	}
	about := evidenceOf(&committed)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.rulings == nil {
		o.rulings = map[claim]ruling{}
	}
	for _, d := range committed.Decisions {
		o.take(d, &about)
	}
}

// take enters one decision. What it found right comes last: a figure can be
// corrected to what was held.
func (o *Overrulings) take(d fact.Decision, about *evidence) {
	if d.Overruled.OK {
		o.rule(d.Overruled.Value, d, true)
	}
	switch d.Action {
	case fact.Release:
		if h, ok := about.held[d.Held]; ok {
			o.rule(h.Value, d, false)
		}
	case fact.Correct:
		for _, h := range about.corrected[d.Key] {
			if h.Closed == d.Recorded {
				o.rule(h.Value, d, true)
			}
		}
		if value, ok := about.values[revisionOf{d.Key, d.Revision}]; ok {
			o.rule(value, d, false)
		}
	case fact.Confirm, fact.Reject: // nothing else
	}
}

// evidence is what decisions speak of.
type evidence struct {
	values    map[revisionOf]float64
	held      map[int64]*fact.HeldFact      // by id
	corrected map[fact.Key][]*fact.HeldFact // closed by a correction
}

type revisionOf struct {
	fact.Key
	revision int32
}

func evidenceOf(committed *fact.Committed) evidence {
	about := evidence{map[revisionOf]float64{}, map[int64]*fact.HeldFact{}, map[fact.Key][]*fact.HeldFact{}}
	for i := range committed.Facts {
		f := &committed.Facts[i]
		about.values[revisionOf{f.Key(), f.Revision}] = f.Value
	}
	for i := range committed.Held {
		h := &committed.Held[i]
		about.held[h.ID] = h
		if h.Closing == fact.ByCorrection {
			about.corrected[h.Key] = append(about.corrected[h.Key], h)
		}
	}
	return about
}

func (o *Overrulings) rule(value float64, d fact.Decision, wrong bool) {
	c := claim{d.Key, value}
	if before, ok := o.rulings[c]; ok && before.ID > d.ID {
		return
	}
	o.rulings[c] = ruling{d, wrong}
}

// Find returns the decision that found the value wrong for the figure; false
// where none did, or a later one took it back.
func (o *Overrulings) Find(key fact.Key, value float64) (fact.Decision, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if r := o.rulings[claim{key, value}]; r.wrong {
		return r.Decision, true
	}
	return fact.Decision{}, false
}
