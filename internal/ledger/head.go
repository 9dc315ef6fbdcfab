package ledger

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Head holds the three newest periods of every series of a ledger in memory:
// what the gate compares a new figure with, and what is exposed. Three, because
// while some regions have reported a new month, all are added up at the one
// before, and that is compared with the one before it. It is a projection:
// OpenHead rebuilds it from the store, Apply advances it by what a commit
// returned.
//
// The zero value is an empty head. It is safe for concurrent use. A slice handed
// to Apply is not kept.
type Head struct {
	applying sync.Mutex // held while the next state is built; readers go on

	mu      sync.RWMutex
	series  map[string]headOf // by indicator id
	version uint64
}

// headOf is the head of one indicator.
type headOf struct {
	series  blocks[fact.Series]
	version uint64 // of the head when these series changed last
}

// OpenHead reads the whole store.
func OpenHead(ctx context.Context, store interface {
	Facts(context.Context, FactQuery, func(fact.Fact) error) error
}) (*Head, error) {
	h := &Head{series: map[string]headOf{}}
	const batch = 1 << 14
	pending := make([]fact.Fact, 0, batch)
	err := store.Facts(ctx, FactQuery{}, func(f fact.Fact) error {
		if len(pending) == batch {
			h.Apply(pending)
			pending = pending[:0]
		}
		pending = append(pending, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the newest figures from the ledger: %w", err)
	}
	h.Apply(pending)
	return h, nil
}

// Apply advances the head by facts as Commit returned them, in any order. What
// it copies is proportional to the facts, not to the head.
func (h *Head) Apply(facts []fact.Fact) {
	if len(facts) == 0 {
		return
	}
	h.applying.Lock()
	defer h.applying.Unlock()

	next := map[string]headOf{}
	for indicator, order := range orderByIndicator(facts) {
		// Only Apply writes these, so they can be read here without h.mu.
		next[indicator] = headOf{h.series[indicator].series.apply(newFigures{facts, order}, len(order)), h.version + 1}
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	if h.series == nil {
		h.series = map[string]headOf{}
	}
	maps.Copy(h.series, next)
	h.version++
}

// orderByIndicator returns for each indicator the indexes of its facts, sorted
// by key, period and revision. Sorting indexes leaves the caller's slice alone
// and moves 4 bytes where a fact has 128.
func orderByIndicator(facts []fact.Fact) map[string][]int32 {
	orders := map[string][]int32{}
	for start, end := range stretches(facts) {
		indicator := facts[start].Indicator
		order := orders[indicator]
		for i := start; i < end; i++ {
			order = append(order, int32(i))
		}
		orders[indicator] = order
	}
	for _, order := range orders {
		compare := func(a, b int32) int { return compareFacts(&facts[a], &facts[b]) }
		if !slices.IsSortedFunc(order, compare) {
			slices.SortFunc(order, compare)
		}
	}
	return orders
}

// stretches yields where neighbours that are of one indicator begin and end.
func stretches(facts []fact.Fact) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		for start := 0; start < len(facts); {
			end := start + 1
			for end < len(facts) && facts[end].Indicator == facts[start].Indicator {
				end++
			}
			if !yield(start, end) {
				return
			}
			start = end
		}
	}
}

func compareFacts(a, b *fact.Fact) int {
	if c := keyOfFact(a).compare(keyOfFact(b)); c != 0 {
		return c
	}
	if c := a.Period.Compare(b.Period); c != 0 {
		return c
	}
	return int(a.Revision) - int(b.Revision)
}

func keyOfFact(f *fact.Fact) seriesKey { return seriesKey{f.Region, f.Dimensions} }

// newFigures takes series of three periods to their next state: facts, and the
// indexes of those of one indicator.
type newFigures struct {
	facts []fact.Fact
	order []int32
}

func (newFigures) key(s *fact.Series) seriesKey { return keyOfSeries(s) }

func keyOfSeries(s *fact.Series) seriesKey { return seriesKey{s.Region, s.Dimensions} }

func (n newFigures) changed(i int) seriesKey { return keyOfFact(&n.facts[n.order[i]]) }

func (n newFigures) start(i int) fact.Series {
	f := &n.facts[n.order[i]]
	return fact.Series{Region: f.Region, Dimensions: f.Dimensions}
}

func (n newFigures) advance(s fact.Series, from int) (fact.Series, int) {
	for ; from < len(n.order); from++ {
		f := &n.facts[n.order[from]]
		if f.Region != s.Region || f.Dimensions != s.Dimensions {
			break
		}
		apply(&s, f)
	}
	return s, from
}

// apply advances a series; it takes facts in any order: two runs may commit one
// after the other and still reach the head the other way round.
func apply(s *fact.Series, f *fact.Fact) {
	p := fact.Point{Period: f.Period, Value: f.Value, Revision: f.Revision}
	for _, have := range [...]*fact.Point{&s.Newest, &s.Previous, &s.Before} {
		if have.Period == p.Period {
			revise(have, p)
			return
		}
		if have.Period.IsZero() || later(p.Period, have.Period) {
			p, *have = *have, p // what stood here comes before it now
		}
		if p.Period.IsZero() {
			return
		}
	}
}

// later reports whether p ends after q. Where the catalogue changed the cadence
// a longer period begins before the shorter ones that it takes the place of; of
// two that end together the longer is the later.
func later(p, q fact.Period) bool {
	if p.Cadence() == q.Cadence() {
		return p.Compare(q) > 0
	}
	return cmp.Or(p.End(time.UTC).Compare(q.End(time.UTC)), cmp.Compare(p.Cadence(), q.Cadence())) > 0
}

func revise(p *fact.Point, q fact.Point) {
	if q.Revision > p.Revision {
		*p = q
	}
}

// Version changes whenever the head does.
func (h *Head) Version() uint64 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.version
}

// VersionOf changes whenever what the head has of an indicator does; it is 0
// while that is nothing.
func (h *Head) VersionOf(indicator string) uint64 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.series[indicator].version
}

// Series yields all series of an indicator, sorted by region and dimensions, as
// they were when it was called.
func (h *Head) Series(indicator string) iter.Seq[fact.Series] {
	series := h.blocks(indicator)
	return func(yield func(fact.Series) bool) {
		for _, block := range series {
			for i := range block {
				if !yield(block[i]) {
					return
				}
			}
		}
	}
}

// Lookup returns one series.
func (h *Head) Lookup(indicator, region string, dimensions fact.Dimensions) (fact.Series, bool) {
	s, found := h.blocks(indicator).find(seriesKey{region, dimensions}, keyOfSeries)
	if !found {
		return fact.Series{}, false
	}
	return *s, true
}

func (h *Head) blocks(indicator string) blocks[fact.Series] {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.series[indicator].series
}
