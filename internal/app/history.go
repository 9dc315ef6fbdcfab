package app

import (
	"context"
	"sync"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// history answers the gate's questions about earlier figures: from the head
// where it can, else from the ledger, a whole period of an indicator at a time,
// because a delivery of history asks about all of its regions.
type history struct {
	head    *ledger.Head
	facts   factReader
	formers map[string][]string // see register

	mu      sync.Mutex
	version uint64 // of the head, when pages were read
	pages   map[page]map[seriesKey]float64
}

type factReader interface {
	Facts(ctx context.Context, query ledger.FactQuery, each func(fact.Fact) error) error
}

// periods reads a ledger as standing does.
type periods struct{ facts factReader }

// Between implements standing.Facts.
func (p periods) Between(ctx context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error {
	return p.facts.Facts(ctx, ledger.FactQuery{Indicators: []string{indicator}, From: from, To: to}, each)
}

type page struct {
	indicator string
	period    fact.Period
}

type seriesKey struct {
	region     string
	dimensions fact.Dimensions
}

// How far back Before looks, in periods, for a figure that the head no longer
// holds. What is further back says little about what is plausible.
const furthestBack = 12

// How many pages are kept: enough for a delivery of years of months.
const mostPages = 64

// Before returns the newest figure of a period before p, of the same cadence.
func (h *history) Before(ctx context.Context, indicator, region string, dimensions fact.Dimensions, p fact.Period) (float64, bool, error) {
	series, ok := h.head.Lookup(indicator, region, dimensions)
	if !ok {
		return h.formerly(region, func(code string) (float64, bool, error) { return h.Before(ctx, indicator, code, dimensions, p) })
	}
	for _, point := range []fact.Point{series.Newest, series.Previous, series.Before} {
		if point.Period.Cadence() == p.Cadence() && point.Period.Compare(p) < 0 {
			return point.Value, true, nil
		}
	}
	if !series.Before.Period.IsZero() { // else the head holds all there is
		for before := range furthestBack {
			v, ok, err := h.read(ctx, page{indicator, p.Add(-1 - before)}, seriesKey{region, dimensions})
			if ok || err != nil {
				return v, ok, err
			}
		}
	}
	return h.formerly(region, func(code string) (float64, bool, error) { return h.Before(ctx, indicator, code, dimensions, p) })
}

// At returns the figure of the period p.
func (h *history) At(ctx context.Context, indicator, region string, dimensions fact.Dimensions, p fact.Period) (float64, bool, error) {
	if series, ok := h.head.Lookup(indicator, region, dimensions); ok {
		for _, point := range []fact.Point{series.Newest, series.Previous, series.Before} {
			if point.Period == p {
				return point.Value, true, nil
			}
		}
		if !series.Before.Period.IsZero() && p.Compare(series.Before.Period) <= 0 {
			v, ok, err := h.read(ctx, page{indicator, p}, seriesKey{region, dimensions})
			if ok || err != nil {
				return v, ok, err
			}
		}
	}
	return h.formerly(region, func(code string) (float64, bool, error) { return h.At(ctx, indicator, code, dimensions, p) })
}

// formerly asks the same of the codes that a renamed region had before: its
// figures from then are its own.
func (h *history) formerly(region string, ask func(code string) (float64, bool, error)) (float64, bool, error) {
	for _, code := range h.formers[region] {
		if v, ok, err := ask(code); ok || err != nil {
			return v, ok, err
		}
	}
	return 0, false, nil
}

func (h *history) read(ctx context.Context, wanted page, key seriesKey) (float64, bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if version := h.head.Version(); version != h.version || len(h.pages) >= mostPages {
		h.version, h.pages = version, nil
	}
	values, ok := h.pages[wanted]
	if !ok {
		values = map[seriesKey]float64{}
		err := periods{h.facts}.Between(ctx, wanted.indicator, wanted.period, wanted.period, func(f fact.Fact) error {
			if f.Period == wanted.period {
				values[seriesKey{f.Region, f.Dimensions}] = f.Value
			}
			return nil
		})
		if err != nil {
			return 0, false, err
		}
		if h.pages == nil {
			h.pages = map[page]map[seriesKey]float64{}
		}
		h.pages[wanted] = values
	}
	v, ok := values[key]
	return v, ok, nil
}

// overruled knows what people found wrong, also of a region that was renamed
// since.
type overruled struct {
	*ledger.Overrulings
	formers map[string][]string // see register
}

// Find implements quality.Overrulings.
func (o overruled) Find(key fact.Key, value float64) (fact.Decision, bool) {
	if d, ok := o.Overrulings.Find(key, value); ok || len(o.formers) == 0 {
		return d, ok
	}
	for _, code := range o.formers[key.Region] {
		key.Region = code
		if d, ok := o.Overrulings.Find(key, value); ok {
			return d, true
		}
	}
	return fact.Decision{}, false
}
