package config

import (
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/fact"
)

type calendarBlock struct {
	Self *node    `yaml:",self"`
	Days []string `yaml:"days"`
}

// calendar reads the public holidays and make-up working days; b is nil where
// the site has none.
func (l *loader) calendar(b *calendarBlock) {
	var read days
	if b != nil {
		read = days{first: map[calendar.Date]position{}, files: map[int]*file{}}
		for f := range l.tables(b.Self.child("days"), &read.broken) {
			l.readDays(f, &read)
		}
	}
	if l.config.Site.Zone == nil || read.broken {
		return
	}
	c, err := calendar.New(l.config.Site.Zone, read.all, read.years)
	if err != nil { // what it refuses has been refused above, with its place
		l.problems.refuse(b.Self, "%v", err)
		return
	}
	l.config.Calendar = c
}

// days are what the calendar files say.
type days struct {
	all   []calendar.Day
	years []int
	first map[calendar.Date]position
	files map[int]*file // which one speaks of a year
	// broken says that some of them could not be read.
	broken bool
}

// readDays reads the file of one year.
func (l *loader) readDays(f *file, read *days) {
	t := l.openTable(f, []string{"date", "day", "name"}, nil)
	if t == nil {
		read.broken = true
		return
	}
	year := 0
	for t.next() {
		d := calendar.Day{Date: cell(t, "date", parseDate), Working: cell(t, "day", parseDay), Name: t.name("name")}
		if t.bad {
			continue
		}
		if year == 0 {
			year = d.Year
			read.takeYear(t, year)
		}
		switch before, again := read.first[d.Date]; {
		case t.bad:
		case d.Year != year:
			t.refuse("date", "%s is not in %d, as the rows above are; a file holds one year", d.Date, year)
		case again:
			t.refuse("date", "%s stands already at %s:%d", d.Date, before.file.name, before.line)
		case d.Working && !weekend(d.Date):
			t.refuse("day", "%s is a %s, which is worked on anyway; leave it out", d.Date, weekday(d.Date))
		default:
			read.first[d.Date] = position{f, t.line(), 1}
			read.all = append(read.all, d)
		}
	}
	if year == 0 && !t.broken {
		l.problems.at(position{f, 1, 1}, "there are no days in the file, so that it does not say of which year it is")
		t.broken = true
	}
	read.broken = read.broken || t.broken
}

// takeYear notes which file speaks of a year. It refuses a second one: each says
// of all its year's other days that they are as the weekday has them.
func (d *days) takeYear(t *table, year int) {
	if other, again := d.files[year]; again {
		t.refuse("date", "%s holds the days of %d already; put these there", other.name, year)
		return
	}
	d.files[year] = t.file
	d.years = append(d.years, year)
}

func parseDate(s string) (calendar.Date, error) {
	p, err := fact.ParsePeriod(s)
	if err != nil || p.Cadence() != fact.Daily {
		return calendar.Date{}, fmt.Errorf("%q is no date: expected a form such as 2025-10-01", s)
	}
	return calendar.DateOf(p.Start(time.UTC)), nil
}

func parseDay(s string) (working bool, err error) {
	switch s {
	case "holiday":
		return false, nil
	case "workday":
		return true, nil
	}
	return false, fmt.Errorf("unknown word %q: expected holiday, or workday for a weekend that is worked on", s)
}

func weekday(d calendar.Date) time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

func weekend(d calendar.Date) bool {
	w := weekday(d)
	return w == time.Saturday || w == time.Sunday
}
