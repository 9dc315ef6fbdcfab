package demo_test

import (
	"context"
	"slices"
	"sync"

	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
)

// ledger keeps what was delivered in memory. It is the gate's history, too.
type ledger struct {
	mu         sync.Mutex
	runs       []fact.Run
	deliveries []kept
	facts      map[demo.Absence]float64 // newest, by indicator, region and period
	regions    map[string]fact.Region
	changes    map[demo.Absence]int // how often a figure was revised
}

// kept is a delivery with the collector it came from.
type kept struct {
	collector string
	fact.Delivery
	changed int
}

func newLedger() *ledger {
	return &ledger{facts: map[demo.Absence]float64{}, regions: map[string]fact.Region{}, changes: map[demo.Absence]int{}}
}

// Begin implements collectors.Ledger.
func (l *ledger) Begin(_ context.Context, run fact.Run) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	run.ID = int64(len(l.runs)) + 1
	l.runs = append(l.runs, run)
	return run.ID, nil
}

// Commit implements collectors.Ledger.
func (l *ledger) Commit(_ context.Context, d fact.Delivery) (fact.Committed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var committed fact.Committed
	for _, f := range d.Facts {
		key := demo.Absence{Indicator: f.Indicator, Region: f.Region, Period: f.Period}
		before, known := l.facts[key]
		if known && before == f.Value {
			continue
		}
		if known {
			l.changes[key]++
		}
		l.facts[key] = f.Value
		committed.Facts = append(committed.Facts, f)
	}
	for _, r := range d.Regions {
		if l.regions[r.Code] != r.Region {
			l.regions[r.Code] = r.Region
			committed.Regions = append(committed.Regions, r)
		}
	}
	l.deliveries = append(l.deliveries, kept{l.runs[d.Run-1].Collector, d, len(committed.Facts) + len(committed.Regions)})
	return committed, nil
}

// End implements collectors.Ledger.
func (l *ledger) End(_ context.Context, run fact.Run, _ ...fact.TargetRun) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs[run.ID-1] = run
	return nil
}

// Deliveries implements collectors.Ledger.
func (l *ledger) Deliveries(_ context.Context, collector string, q fact.DeliveryQuery) ([]fact.Delivered, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []fact.Delivered
	for _, d := range slices.Backward(l.deliveries) {
		if d.collector == collector && (q.Target == "" || q.Target == d.Target) && (q.QueryDigest == "" || q.QueryDigest == d.QueryDigest) &&
			(q.InputDigest == "" || q.InputDigest == d.InputDigest) && (q.Limit == 0 || len(found) < q.Limit) {
			found = append(found, fact.Delivered{
				Run: d.Run, Target: d.Target, Rows: d.Rows, Accepted: len(d.Facts) + len(d.Regions), Changed: d.changed, Rejected: len(d.Rejections),
				QueryDigest: d.QueryDigest, InputDigest: d.InputDigest,
			})
		}
	}
	return found, nil
}

// Before implements quality.History.
func (l *ledger) Before(_ context.Context, indicator, region string, _ fact.Dimensions, p fact.Period) (value float64, found bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p = p.Previous(); p.String() >= "2020"; p = p.Previous() {
		if value, found = l.facts[demo.Absence{Indicator: indicator, Region: region, Period: p}]; found {
			return value, true, nil
		}
	}
	return 0, false, nil
}

// At implements quality.History.
func (l *ledger) At(_ context.Context, indicator, region string, _ fact.Dimensions, p fact.Period) (value float64, found bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	value, found = l.facts[demo.Absence{Indicator: indicator, Region: region, Period: p}]
	return value, found, nil
}
