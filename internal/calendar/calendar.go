// Package calendar knows which days are worked on and by when a report is due:
// Monday to Friday, but for public holidays and make-up working days (调休).
//
// It reads the exceptions of the configuration's calendar files, and hands due
// dates on to standing and to the explanation of a figure. The rules, with
// examples, are in docs/lateness.
package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Date is a civil date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the civil date of t, in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String returns the date as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Day is an exception to Monday to Friday.
type Day struct {
	Date
	Working bool   // a make-up working day; else a holiday
	Name    string // of the holiday that it belongs to
}

// Calendar says which days are worked on in one zone. It never changes after New
// and is safe for concurrent use.
type Calendar struct {
	zone  *time.Location
	years []int // sorted
	// exceptions say, by day, whether it is worked on, whatever its weekday.
	exceptions map[day]bool
}

// New builds a calendar for the zone. years are those whose holidays days holds,
// all of them; in any other year weekends alone are free. It reports every day
// that it has to refuse: no date of the calendar, one that stands twice, or one
// outside years. A year that stands twice is refused too, as of two files that
// speak of one year the second would say nothing of what the first left out.
func New(zone *time.Location, days []Day, years []int) (*Calendar, error) {
	if zone == nil {
		return nil, errors.New("a calendar needs the zone that its days begin in")
	}
	c := &Calendar{zone: zone, years: slices.Sorted(slices.Values(years)), exceptions: map[day]bool{}}
	var faults []error
	for i, year := range c.years {
		if i > 0 && c.years[i-1] == year {
			faults = append(faults, fmt.Errorf("year %d is given twice", year))
		}
	}
	seen := map[day]Day{}
	for _, d := range days {
		n := dayOf(d.Date)
		before, twice := seen[n]
		switch {
		case n.date() != d.Date:
			faults = append(faults, fmt.Errorf("%s (%s) is no date", d.Date, d.Name))
		case !c.Known(d.Year):
			faults = append(faults, fmt.Errorf("%s (%s) lies in none of the years %v", d.Date, d.Name, c.years))
		case twice:
			faults = append(faults, fmt.Errorf("%s stands twice: %s and %s", d.Date, before, d))
		default:
			seen[n] = d
			c.exceptions[n] = d.Working
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return c, nil
}

// String says what the day is.
func (d Day) String() string {
	if d.Working {
		return "working day (" + d.Name + ")"
	}
	return "holiday (" + d.Name + ")"
}

// Years returns the years whose holidays the calendar knows, in order.
func (c *Calendar) Years() []int { return slices.Clone(c.years) }

// Known reports whether the calendar knows the holidays of the year.
func (c *Calendar) Known(year int) bool {
	_, known := slices.BinarySearch(c.years, year)
	return known
}

// Working reports whether the civil day of t in the zone is worked on.
func (c *Calendar) Working(t time.Time) bool { return c.working(dayOf(DateOf(t.In(c.zone)))) }

// Due returns when the report for a period is due: the midnight that ends the
// grace-th working day after the period's end, exclusive; with a grace of 0 or
// less the period's end itself. weekendsOnly says that a day had to be counted or
// passed over whose year the calendar doesn't know.
//
// It looks at each of these days and keeps nothing.
func (c *Calendar) Due(p fact.Period, grace int) (due time.Time, weekendsOnly bool) {
	next := dayOf(DateOf(p.End(time.UTC)))
	for left := grace; left > 0; next++ {
		weekendsOnly = weekendsOnly || !c.Known(next.date().Year)
		if c.working(next) {
			left--
		}
	}
	return next.start(c.zone), weekendsOnly
}

// WorkingDaysBetween counts the working days that lie wholly between two
// instants: 3 is "three working days late". It is 0 where to is before from.
func (c *Calendar) WorkingDaysBetween(from, to time.Time) int {
	first, end := dayOf(DateOf(from.In(c.zone))), dayOf(DateOf(to.In(c.zone)))
	if first.start(c.zone).Before(from) {
		first++ // that day had begun already
	}
	n := 0
	for d := first; d < end; d++ {
		if c.working(d) {
			n++
		}
	}
	return n
}

func (c *Calendar) working(d day) bool {
	if working, ok := c.exceptions[d]; ok {
		return working
	}
	return d.weekday()
}

// day is a civil day, counted from 1970-01-01.
type day int

const secondsADay = 24 * 60 * 60

func dayOf(d Date) day {
	return day(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

func (d day) date() Date { return DateOf(time.Unix(int64(d)*secondsADay, 0).UTC()) }

// weekday reports whether the day is one of Monday to Friday.
func (d day) weekday() bool {
	sinceMonday := (int(d) + 3) % 7 // 1970-01-01 was a Thursday
	if sinceMonday < 0 {
		sinceMonday += 7
	}
	return sinceMonday < 5
}

// start returns the first instant of the day in the zone.
func (d day) start(zone *time.Location) time.Time {
	date := d.date()
	return time.Date(date.Year, date.Month, date.Day, 0, 0, 0, 0, zone)
}
