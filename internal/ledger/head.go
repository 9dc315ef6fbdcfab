package ledger

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/govkpi/govkpi/internal/fact"
)

// Head holds the two newest periods of every series of a ledger in memory: what
// the gate compares a new figure with, and what is exposed. It is a projection:
// OpenHead rebuilds it from the store, Apply advances it by what a commit
// returned.
//
// It is safe for concurrent use. A slice handed to Apply is not kept.
type Head struct {
	mu      sync.RWMutex
	series  map[string][]Series // by indicator id, sorted by region and dimensions
	version uint64
}

// Series is the newest state of one indicator in one region.
type Series struct {
	Region     string // code
	Dimensions fact.Dimensions
	Newest     Point
	Previous   Point // the newest before Newest; its Period is zero where there is none
}

// Point is one figure of a series.
type Point struct {
	Period   fact.Period
	Value    float64
	Revision int32
}

// OpenHead reads the whole store.
func OpenHead(ctx context.Context, store interface {
	Facts(context.Context, FactQuery, func(fact.Fact) error) error
}) (*Head, error) {
	h := &Head{series: map[string][]Series{}}
	const batch = 1 << 16
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

// Apply advances the head by facts as Commit returned them.
func (h *Head) Apply(facts []fact.Fact) {
	if len(facts) == 0 {
		return
	}
	byIndicator := map[string][]fact.Fact{}
	for _, part := range chunkByIndicator(facts) {
		id := part[0].Indicator
		byIndicator[id] = append(byIndicator[id], part...)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, part := range byIndicator {
		slices.SortFunc(part, compareFacts)
		h.series[id] = merge(h.series[id], part)
	}
	h.version++
}

// chunkByIndicator cuts facts where the indicator changes.
func chunkByIndicator(facts []fact.Fact) [][]fact.Fact {
	var parts [][]fact.Fact
	start := 0
	for i := 1; i <= len(facts); i++ {
		if i == len(facts) || facts[i].Indicator != facts[start].Indicator {
			parts = append(parts, facts[start:i])
			start = i
		}
	}
	return parts
}

func compareFacts(a, b fact.Fact) int {
	if c := compareKeys(a.Region, a.Dimensions, b.Region, b.Dimensions); c != 0 {
		return c
	}
	if c := a.Period.Compare(b.Period); c != 0 {
		return c
	}
	return int(a.Revision) - int(b.Revision)
}

func compareKeys(region string, dimensions fact.Dimensions, region2 string, dimensions2 fact.Dimensions) int {
	if c := strings.Compare(region, region2); c != 0 {
		return c
	}
	return strings.Compare(string(dimensions), string(dimensions2))
}

// merge returns a new slice: readers may still hold the old one.
func merge(old []Series, facts []fact.Fact) []Series {
	merged := make([]Series, 0, len(old)+len(facts))
	for len(facts) > 0 {
		f := &facts[0]
		for len(old) > 0 && compareKeys(old[0].Region, old[0].Dimensions, f.Region, f.Dimensions) < 0 {
			merged = append(merged, old[0])
			old = old[1:]
		}
		s := Series{Region: f.Region, Dimensions: f.Dimensions}
		if len(old) > 0 && old[0].Region == f.Region && old[0].Dimensions == f.Dimensions {
			s = old[0]
			old = old[1:]
		}
		for len(facts) > 0 && facts[0].Region == s.Region && facts[0].Dimensions == s.Dimensions {
			s.apply(&facts[0])
			facts = facts[1:]
		}
		merged = append(merged, s)
	}
	return append(merged, old...)
}

func (s *Series) apply(f *fact.Fact) {
	p := Point{Period: f.Period, Value: f.Value, Revision: f.Revision}
	switch c := f.Period.Compare(s.Newest.Period); {
	case s.Newest.Period.IsZero() || f.Period == s.Newest.Period:
		s.Newest = p
	case c > 0:
		s.Previous, s.Newest = s.Newest, p
	case s.Previous.Period.IsZero() || f.Period.Compare(s.Previous.Period) >= 0:
		s.Previous = p
	}
}

// Version changes whenever the head does.
func (h *Head) Version() uint64 {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.version
}

// Series yields all series of an indicator, sorted by region and dimensions, as
// they were when it was called.
func (h *Head) Series(indicator string) iter.Seq[Series] {
	h.mu.RLock()
	series := h.series[indicator]
	h.mu.RUnlock()
	return slices.Values(series)
}

// Lookup returns one series.
func (h *Head) Lookup(indicator, region string, dimensions fact.Dimensions) (Series, bool) {
	h.mu.RLock()
	series := h.series[indicator]
	h.mu.RUnlock()
	i, found := slices.BinarySearchFunc(series, Series{Region: region, Dimensions: dimensions}, func(a, b Series) int {
		return compareKeys(a.Region, a.Dimensions, b.Region, b.Dimensions)
	})
	if !found {
		return Series{}, false
	}
	return series[i], true
}
