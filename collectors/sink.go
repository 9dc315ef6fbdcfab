package collectors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/govkpi/govkpi/internal/fact"
)

// sink is the Sink of one attempt at one target: it passes what a collector
// reads through the gate and into the ledger.
type sink struct {
	runner    *Runner
	collector string
	run       int64
	target    Target
	// ctx is the attempt's: an Add that has none of its own must end with it.
	ctx context.Context //nolint:containedctx // the sink lives as long as the attempt

	// Of the part under way; only the collector's goroutine uses them.
	intake   Intake // nil until something asks for it
	added    int
	rejected []fact.Rejection

	// receipts are of the parts delivered so far, in this attempt or an earlier
	// one of the run.
	receipts map[string]Receipt

	// mu is held by a delivery, and by end: a collector that was left behind
	// delivers no more.
	mu         sync.Mutex
	delivering atomic.Bool
	over       bool
	parts      int
	tally      tally
}

var errOver = errors.New("the attempt is over: this delivery comes too late")

func newSink(r *Runner, collector string, run int64, target Target, receipts map[string]Receipt) *sink {
	return &sink{
		runner: r, collector: collector, run: run, target: target, receipts: receipts,
		tally: tally{rejections: map[string]int{}, held: map[string]int{}},
	}
}

// open returns the intake of the part under way.
func (s *sink) open() Intake {
	if s.intake == nil {
		s.intake = s.runner.Open(s.target)
	}
	return s.intake
}

// Add implements Sink.
func (s *sink) Add(reading fact.Reading) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	s.added++
	return s.open().Add(reading) //nolint:wrapcheck // the gate says what it was doing
}

// AddRegion implements Sink.
func (s *sink) AddRegion(entry fact.RegionEntry) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	s.added++
	return s.open().AddRegion(entry) //nolint:wrapcheck // the gate says what it was doing
}

// Reject implements Sink.
func (s *sink) Reject(rejection fact.Rejection) error {
	s.rejected = append(s.rejected, rejection)
	return s.ctx.Err()
}

// Deliver implements Sink.
func (s *sink) Deliver(ctx context.Context, part Part) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivering.Store(true)
	defer s.delivering.Store(false)
	if s.over {
		return Receipt{}, errOver
	}
	intake, own, nothing := s.open(), s.rejected, s.added == 0
	s.intake, s.rejected, s.added = nil, nil, 0
	if before, again := s.receipts[part.Name]; again {
		s.parts++
		return before, nil // in an attempt before this one
	}
	if lock := s.runner.Deciding; lock != nil {
		lock.Lock()
		defer lock.Unlock()
	}
	var verdict fact.Verdict
	var err error
	if !part.Whole || !nothing { // what is missing in a file that can't be read is no further fault
		verdict, err = intake.Close(ctx)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("pass the readings through the gate: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return Receipt{}, err
	}
	delivery := fact.Delivery{
		Run: s.run, Target: s.named(part.Name), Rows: part.Rows, QueryDigest: part.QueryDigest, InputDigest: part.InputDigest,
		Facts: verdict.Facts, Regions: verdict.Regions, Held: verdict.Held, Rejections: append(own, verdict.Rejections...),
	}
	receipt := Receipt{Held: delivery.Held, Rejections: delivery.Rejections, Taken: part.Takes(delivery.Rejections)}
	if !receipt.Taken {
		delivery.Facts, delivery.Regions, delivery.Held, receipt.Held = nil, nil, nil, nil
	}
	receipt.Accepted = len(delivery.Facts) + len(delivery.Regions)
	// A commit can't be stopped half-way by a shutdown: what has been pulled
	// and decided is worth the moment it takes.
	committed, err := s.runner.Ledger.Commit(context.WithoutCancel(ctx), delivery)
	if err != nil {
		return Receipt{}, fmt.Errorf("commit the delivery: %w", err)
	}
	receipt.Changed = len(committed.Facts) + len(committed.Regions)
	s.parts++
	s.count(part, receipt)
	s.receipts[part.Name] = receipt
	return receipt, nil
}

func (s *sink) count(part Part, receipt Receipt) {
	s.tally.rows += part.Rows
	s.tally.accepted += receipt.Accepted
	s.tally.changed += receipt.Changed
	s.tally.rejected += len(receipt.Rejections)
	for i := range receipt.Rejections {
		s.tally.rejections[receipt.Rejections[i].Stage]++
	}
	for i := range receipt.Held {
		s.tally.held[receipt.Held[i].Stage]++
	}
}

// named is how the ledger calls a part of the target.
func (s *sink) named(part string) string {
	switch {
	case s.target.IsZero():
		return part
	case part == "":
		return s.target.Code
	}
	return s.target.Code + "/" + part
}

// Delivered implements Sink.
func (s *sink) Delivered(ctx context.Context, query fact.DeliveryQuery) ([]fact.Delivered, error) {
	asked := query
	if query.Target != "" {
		asked.Target = s.named(query.Target)
	} else if !s.target.IsZero() {
		asked.Limit = 0 // it may find other targets' deliveries
	}
	found, err := s.runner.Ledger.Deliveries(ctx, s.collector, asked)
	if err != nil {
		return nil, fmt.Errorf("look up earlier deliveries: %w", err)
	}
	if s.target.IsZero() {
		return found, nil
	}
	var own []fact.Delivered
	for _, d := range found {
		name, ours := strings.CutPrefix(d.Target, s.target.Code+"/")
		if ours = ours || d.Target == s.target.Code; !ours || query.Limit > 0 && len(own) == query.Limit {
			continue
		}
		if d.Target == s.target.Code {
			name = ""
		}
		d.Target = name
		own = append(own, d)
	}
	return own, nil
}

// deliverRest delivers what the collector has not delivered itself.
func (s *sink) deliverRest(ctx context.Context, summary Summary) error {
	if s.added == 0 && len(s.rejected) == 0 && (s.parts > 0 || summary.Unchanged) {
		return nil
	}
	_, err := s.Deliver(ctx, Part{Summary: summary})
	return err
}

// end closes the sink and returns what went through it. Rows that were read but
// never delivered count as well.
func (s *sink) end(summary Summary) tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.parts == 0 {
		s.tally.undelivered = summary.Rows
	}
	s.tally.unchanged = summary.Unchanged
	return s.tally
}
