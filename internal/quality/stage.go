package quality

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// stage is one entry of the gate for figures: exactly one of reading, delivery,
// total and closing is set. Those of a kind stand together, but for totals,
// which are held against a delivery as it came.
type stage struct {
	id       string
	reading  readingStage
	delivery deliveryStage
	total    totalStage
	closing  closingStage
	// totals says that a source's own total passes this readingStage too.
	totals bool
	// holds says that what this deliveryStage objects to is held, not refused.
	holds bool
	// waived says that a person's declared correction does not meet it.
	waived bool
	last   fact.Text // the reason it gave last
}

// reason returns a reason that shares its text with the one before it where they
// are the same: a fault that runs through a column is held once, not per row.
func (s *stage) reason(r *fact.Text) fact.Text { return shared(&s.last, r) }

func shared(last, r *fact.Text) fact.Text {
	if *r != *last {
		*last = *r
	}
	return *last
}

// A readingStage looks at one reading, with what the stages before it found.
type readingStage interface {
	// check adds what it finds to the candidate, or returns the reason to
	// refuse it. An error is a failure of our own and ends the run.
	check(c *candidate) (*fact.Text, error)
}

// A deliveryStage looks at all that is left of a delivery.
type deliveryStage interface {
	// check calls object with the index of each fact that it objects to. What
	// becomes of it the stage's entry in the gate says.
	check(ctx context.Context, d *delivery, object func(i int32, reason *fact.Text)) error
}

// A totalStage looks at the source's own totals, once.
type totalStage interface {
	// check calls refuse as a deliveryStage does, and refuseTotal with each
	// total that it objects to.
	check(d *delivery, refuse func(i int32, reason *fact.Text), refuseTotal func(t *total, reason *fact.Text))
}

// A closingStage looks at what has become of a delivery.
type closingStage interface {
	// conclude returns the list with what it adds or puts in the place of
	// others; id is its own.
	conclude(id string, d *delivery, list []rejected) []rejected
}

// entryStage is one entry of the gate for registers of regions: exactly one of
// entry, register and closing is set, and they stand in this order.
type entryStage struct {
	id       string
	entry    singleEntryStage
	register registerStage
	closing  registerClosing
	last     fact.Text
}

func (s *entryStage) reason(r *fact.Text) fact.Text { return shared(&s.last, r) }

// A singleEntryStage looks at one entry, with what the stages before it found.
type singleEntryStage interface {
	// check adds what it finds to the candidate, or returns the reason to
	// refuse it.
	check(c *entryCandidate) *fact.Text
}

// A registerStage looks at all that is left of a delivered register.
type registerStage interface {
	// check calls refuse with the index of each entry that it objects to.
	check(d *delivered, refuse func(i int32, reason *fact.Text))
}

// A registerClosing looks at what has become of a delivered register; see
// closingStage.
type registerClosing interface {
	concludeRegister(id string, d *delivered, list []rejected) []rejected
}

// clock is the instant that a whole delivery is judged at.
type clock struct {
	zone  *time.Location
	ended [fact.Yearly + 1]fact.Period // the last ended period of each cadence
}

func newClock(now time.Time, zone *time.Location) clock {
	c := clock{zone: zone}
	for cadence := fact.Daily; cadence <= fact.Yearly; cadence++ {
		c.ended[cadence] = fact.LastEnded(now.In(zone), cadence)
	}
	return c
}
