package quality

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Intake takes the readings of one delivery, from one goroutine. It keeps a
// fact for each reading that passes, and nothing of what the source's row held
// beside it, so a delivery may be large.
type Intake struct {
	onReading  []stage
	onDelivery []stage
	candidate  candidate // the reading under way; here, so that none is allocated
	chunks     [][]fact.Fact
	passed     int32 // how many facts the chunks hold
	rejected   []rejected
	closed     bool
}

// candidate is a reading on its way through the gate, with what the stages have
// found so far.
type candidate struct {
	reading    fact.Reading
	indicator  *fact.Indicator
	region     *fact.Region
	period     fact.Period
	dimensions fact.Dimensions
	value      float64
}

// rejected is a rejection and how many facts came before it.
type rejected struct {
	after int32
	fact.Rejection
}

var errClosed = errors.New("the intake is closed: every delivery needs its own")

// Open starts a delivery. All of it is judged at the time of this call.
func (g *Gate) Open() *Intake {
	stages := g.stages(newClock(g.options.Now(), g.options.Zone))
	first := slices.IndexFunc(stages, func(s stage) bool { return s.delivery != nil })
	return &Intake{onReading: stages[:first], onDelivery: stages[first:]}
}

// Add takes a reading. A refused one is no error but a rejection that Close
// returns; an error means that the gate itself failed and the delivery is void.
func (in *Intake) Add(r fact.Reading) error {
	if in.closed {
		return errClosed
	}
	c := &in.candidate
	*c = candidate{reading: r}
	for i := range in.onReading {
		s := &in.onReading[i]
		reason, err := s.reading.check(c)
		if err != nil {
			return fmt.Errorf("gate, stage %s, reading of %s at %s: %w", s.id, r.Indicator, r.Place, err)
		}
		if reason != nil {
			in.rejected = append(in.rejected, rejected{
				after:     in.passed,
				Rejection: fact.Rejection{Reading: r, Stage: s.id, Reason: s.reason(reason)},
			})
			return nil
		}
	}
	in.keep(fact.Fact{
		Indicator:  c.indicator.ID, // not the reading's string, which may hold on to a whole row
		Region:     c.region.Code,
		Dimensions: c.dimensions,
		Period:     c.period,
		Value:      c.value,
		Place:      r.Place,
	})
	return nil
}

// How many facts are allocated at once. One slice that grows would copy all it
// holds again and again, and need more than twice the memory while it does.
const chunk = 1024

func (in *Intake) keep(f fact.Fact) {
	if in.passed%chunk == 0 {
		in.chunks = append(in.chunks, make([]fact.Fact, 0, chunk))
	}
	last := &in.chunks[len(in.chunks)-1]
	*last = append(*last, f)
	in.passed++
}

// Close judges the delivery as a whole and returns what was accepted and what
// was refused, each in the order it came. The ledger sets Revision, Recorded
// and Run. A reading that is refused here is reported as the gate understood
// it: region by code, period in canonical form, value as a number.
func (in *Intake) Close(ctx context.Context) ([]fact.Fact, []fact.Rejection, error) {
	if in.closed {
		return nil, nil, errClosed
	}
	in.closed = true
	d := newDelivery(slices.Concat(in.chunks...))
	in.chunks = nil
	if err := in.judge(ctx, d); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(in.rejected, func(a, b rejected) int { return int(a.after) - int(b.after) })
	rejections := make([]fact.Rejection, len(in.rejected))
	for i := range in.rejected {
		rejections[i] = in.rejected[i].Rejection
	}
	in.rejected = nil
	return d.accepted(), rejections, nil
}

// judge repeats the stages until none objects any more, because a reading may
// have been held against another that a later stage refused. It ends: every
// further round has at least one reading less.
func (in *Intake) judge(ctx context.Context, d *delivery) error {
	for again := true; again; {
		again = false
		for k := range in.onDelivery {
			s := &in.onDelivery[k]
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("gate, stage %s: %w", s.id, err)
			}
			err := s.delivery.check(ctx, d, func(i int32, reason *fact.Text) {
				again = true
				d.refused[i] = true
				in.rejected = append(in.rejected, rejected{
					after:     i,
					Rejection: fact.Rejection{Reading: readingOf(&d.facts[i]), Stage: s.id, Reason: s.reason(reason)},
				})
			})
			if err != nil {
				return fmt.Errorf("gate, stage %s: %w", s.id, err)
			}
		}
	}
	return nil
}

func readingOf(f *fact.Fact) fact.Reading {
	return fact.Reading{
		Indicator:  f.Indicator,
		Region:     f.Region,
		Dimensions: f.Dimensions,
		Period:     f.Period.String(),
		Value:      fact.NumberValue(f.Value),
		Place:      f.Place,
	}
}
