package standing

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// clock says what time it is for an indicator: which period has ended, what is
// due and what has expired. It is not safe for concurrent use.
type clock struct {
	indicator *fact.Indicator
	calendar  Calendar
	zone      *time.Location
	now       time.Time
	past      bool        // nothing changes any more
	last      fact.Period // the newest that has ended
	first     fact.Period // the first that is expected; zero where none is
	dues      map[fact.Period]dueDate
	dueYear   int // see yearIsOver
}

type dueDate struct {
	at           time.Time
	weekendsOnly bool
}

func (b *Board) clockOf(i *fact.Indicator, now time.Time) *clock {
	return &clock{
		indicator: i, calendar: b.Calendar, zone: b.Zone, now: now, past: !b.AsKnownAt.IsZero(),
		last: fact.LastEnded(now.In(b.Zone), i.Cadence), first: i.FirstExpected(b.Since.In(b.Zone)),
		dues: map[fact.Period]dueDate{},
	}
}

// expects reports whether a period has ended and must be reported.
func (c *clock) expects(p fact.Period) bool {
	return !c.first.IsZero() && p.Compare(c.first) >= 0 && p.Compare(c.last) <= 0
}

// due remembers: many regions ask about few periods.
func (c *clock) due(p fact.Period) dueDate {
	d, ok := c.dues[p]
	if !ok {
		d.at, d.weekendsOnly = c.calendar.Due(p, c.indicator.Grace)
		c.dues[p] = d
	}
	return d
}

// passed reports whether the report of a period has fallen due.
func (c *clock) passed(p fact.Period) bool { return !c.now.Before(c.due(p).at) }

// expired reports whether a figure of p is no longer shown: as many further
// periods have ended as the catalogue allows, and its successor has fallen due. So
// nothing is gone before anybody had to follow it up.
func (c *clock) expired(p fact.Period) bool {
	return !c.now.Before(p.Add(c.indicator.ExpiresAfter).End(c.zone)) && c.passed(p.Next())
}

// yearIsOver reports whether the report of a period has fallen due that begins in
// a later year than p.
func (c *clock) yearIsOver(p fact.Period) bool {
	if c.dueYear == 0 {
		c.dueYear = c.newestDue().Start(time.UTC).Year()
	}
	return p.Start(time.UTC).Year() < c.dueYear
}

// bound returns when anything changes next: when the running period ends, or when
// the next report falls due. Figures expire at one of these.
func (c *clock) bound() time.Time {
	if c.past {
		return time.Time{}
	}
	next := c.last.Next().End(c.zone)
	for p := c.last; !c.passed(p); p = p.Previous() {
		next = earlier(next, c.due(p).at)
	}
	return next
}
