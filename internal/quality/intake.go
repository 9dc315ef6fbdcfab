package quality

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Intake takes the readings of one delivery, or the entries of a register, from
// one goroutine. It keeps a fact for each reading that passes, and nothing of
// what the source's row held beside it, so a delivery may be large.
type Intake struct {
	onReading  []stage
	onDelivery []stage
	onClose    []stage
	candidate  candidate // the reading under way; here, so that none is allocated
	facts      pile[fact.Fact]
	totals     []*total
	others     int32          // how many came that are no fact
	refused    pile[rejected] // by the stages for single readings
	entries    entryIntake
	closed     bool
}

// candidate is a reading on its way through the gate, with what the stages have
// found so far.
type candidate struct {
	reading    fact.Reading
	indicator  *fact.Indicator
	region     *fact.Region // nil for a total over all
	period     fact.Period
	dimensions fact.Dimensions
	value      float64
	understood bool // what was refused is a period, though not one that can be taken
}

// total is a source's own total that has passed the stages for readings.
type total struct {
	candidate
	moment
}

var errClosed = errors.New("the intake is closed: every delivery needs its own")

// Open starts a delivery. All of it is judged at the time of this call.
func (g *Gate) Open(terms Terms) *Intake {
	in := &Intake{entries: newEntryIntake(g.entryStages(terms))}
	for _, s := range g.stages(newClock(g.options.Now(), g.options.Zone), terms) {
		switch {
		case s.waived && terms.Declared:
		case s.reading != nil:
			in.onReading = append(in.onReading, s)
		case s.closing != nil:
			in.onClose = append(in.onClose, s)
		default:
			in.onDelivery = append(in.onDelivery, s)
		}
	}
	return in
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
		if r.Total && !s.totals {
			continue
		}
		reason, err := s.reading.check(c)
		if err != nil {
			return fmt.Errorf("gate, stage %s, reading of %s at %s: %w", s.id, r.Indicator, r.Place, err)
		}
		if reason != nil {
			in.refused.add(rejected{
				Rejection: fact.Rejection{Reading: r, Stage: s.id, Reason: s.reason(reason)},
				moment:    in.beside(),
				indicator: c.indicator, region: c.region, period: c.period, understood: c.understood,
			})
			return nil
		}
	}
	if r.Total {
		in.totals = append(in.totals, &total{candidate: *c, moment: in.beside()})
		return nil
	}
	in.facts.add(fact.Fact{
		Indicator:  c.indicator.ID, // not the reading's string, which may hold on to a whole row
		Region:     c.region.Code,
		Dimensions: c.dimensions,
		Period:     c.period,
		Value:      c.value,
		Place:      r.Place,
	})
	return nil
}

// beside is the moment of what comes now and is no fact.
func (in *Intake) beside() moment {
	in.others++
	return moment{after: in.facts.count, nth: in.others}
}

// AddRegion takes an entry of a register of regions. As with Add, a refused one
// is no error.
func (in *Intake) AddRegion(entry fact.RegionEntry) error {
	if in.closed {
		return errClosed
	}
	in.entries.add(entry)
	return nil
}

// Close judges the delivery as a whole and returns what was accepted, what is
// held and what was refused, each in the order it came; the rejections of entries
// follow those of readings, and what is missing from the delivery those of what
// is in it. The ledger sets Revision, Recorded and Run. A reading that is refused
// here is reported as the gate understood it: region by code, period in canonical
// form, value as a number.
//
// An entry is reported as a Reading without an indicator: its code as the
// region, its parent in Within, its name as the value.
func (in *Intake) Close(ctx context.Context) (fact.Verdict, error) {
	if in.closed {
		return fact.Verdict{}, errClosed
	}
	in.closed = true
	nothing := in.facts.count+in.others == 0 && in.entries.added == 0
	d := newDelivery(in.facts.take(), in.totals, in.refused.take())
	d.nothing = nothing
	list, held, err := in.judge(ctx, d)
	if err != nil {
		return fact.Verdict{}, err
	}
	for i := range in.onClose {
		s := &in.onClose[i]
		list = s.closing.conclude(s.id, d, list)
	}
	regions, ofRegister := in.entries.close()
	return fact.Verdict{
		Facts: d.accepted(), Regions: regions, Held: held,
		Rejections: slices.Concat(inOrder(list), inOrder(ofRegister)),
	}, nil
}

// judge repeats the stages until none objects any more, because a reading may
// have been held against another that a later stage took out. It ends: every
// further round has at least one reading less. Totals are held against the
// delivery as it came, so they are settled in the first round.
//
// It returns what they refused behind what was lost before, and what they hold.
func (in *Intake) judge(ctx context.Context, d *delivery) ([]rejected, []fact.HeldFact, error) {
	all := d.lost
	var held []heldAt
	for first, again := true, true; again; first = false {
		again = false
		for k := range in.onDelivery {
			s := &in.onDelivery[k]
			if err := ctx.Err(); err != nil {
				return nil, nil, fmt.Errorf("gate, stage %s: %w", s.id, err)
			}
			object := func(i int32, reason *fact.Text) {
				again = true
				d.out[i] = true
				if s.holds {
					held = append(held, s.heldAt(i, &d.facts[i], reason))
				} else {
					all = append(all, s.rejectedAt(momentOf(i), readingOf(&d.facts[i]), reason))
				}
			}
			if s.total != nil {
				if first {
					s.total.check(d, object, func(t *total, reason *fact.Text) {
						all = append(all, s.rejectedAt(t.moment, t.asReading(), reason))
					})
				}
				continue
			}
			if err := s.delivery.check(ctx, d, object); err != nil {
				return nil, nil, fmt.Errorf("gate, stage %s: %w", s.id, err)
			}
		}
	}
	return all, heldInOrder(held), nil
}

func (s *stage) rejectedAt(at moment, r fact.Reading, reason *fact.Text) rejected {
	return rejected{Rejection: fact.Rejection{Reading: r, Stage: s.id, Reason: s.reason(reason)}, moment: at}
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

func (t *total) asReading() fact.Reading {
	r := fact.Reading{
		Indicator:  t.indicator.ID,
		Dimensions: t.dimensions,
		Period:     t.period.String(),
		Value:      fact.NumberValue(t.value),
		Total:      true,
		Place:      t.reading.Place,
	}
	if t.region != nil {
		r.Region = t.region.Code
	}
	return r
}
