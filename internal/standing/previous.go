package standing

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// yearAgo returns the same period a year before; none where that year has no
// such: 29 February has one only after four years, and so has many a week 53.
func yearAgo(p fact.Period) (fact.Period, bool) {
	switch p.Cadence() {
	case fact.Monthly:
		return p.Add(-12), true
	case fact.Quarterly:
		return p.Add(-4), true
	case fact.HalfYearly:
		return p.Add(-2), true
	case fact.Yearly:
		return p.Add(-1), true
	case fact.Weekly:
		year, week := p.Start(time.UTC).ISOWeek()
		// 4 January always lies in the first ISO week.
		q := fact.PeriodAt(time.Date(year-1, time.January, 4, 0, 0, 0, 0, time.UTC), fact.Weekly).Add(week - 1)
		_, found := q.Start(time.UTC).ISOWeek()
		return q, found == week
	}
	y, m, d := p.Start(time.UTC).Date()
	q := time.Date(y-1, m, d, 0, 0, 0, 0, time.UTC)
	return fact.PeriodAt(q, p.Cadence()), q.Day() == d
}

// yearOf returns the year that a period lies in wholly; none for a week across
// New Year.
func yearOf(p fact.Period) (fact.Period, bool) {
	year := fact.PeriodAt(p.Start(time.UTC), fact.Yearly)
	return year, year.Contains(p)
}

// sameYear reports whether two periods lie in one year.
func sameYear(p, q fact.Period) bool {
	year, ok := yearOf(p)
	return ok && year.Contains(q)
}

// unchanged counts for how many further periods up to that of the i-th point the
// figure has been the same, each of them with a figure. It is missing where the
// period before has none that it can be compared with.
func (l *line) unchanged(i int, kind fact.Kind, p policy) fact.Optional {
	n, value := 0, l.points[i].figure(kind)
	for ; i > 0; i-- {
		if before, compares := p.before(l.points[i].period); !compares || l.points[i-1].period != before {
			break
		}
		switch before := l.points[i-1].figure(kind); {
		case before == value:
			n++
			continue
		case before.OK || n > 0:
			return fact.Some(float64(n))
		}
		return fact.Optional{}
	}
	if n == 0 {
		return fact.Optional{}
	}
	return fact.Some(float64(n))
}
