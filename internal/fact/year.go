package fact

import "time"

// Precedes reports whether p has ended when q begins; never where either is no
// period.
func (p Period) Precedes(q Period) bool {
	return !p.IsZero() && !q.IsZero() && p.Next().day <= q.day
}

// Split lists the periods of the cadence that lie wholly within p, in order; none
// where p is shorter. A week that runs over the end of a year belongs to neither.
func (p Period) Split(c Cadence) []Period {
	var within []Period
	end := p.Next().day
	for q := PeriodAt(p.first(), c); q.day < end; q = q.Next() {
		if p.Contains(q) {
			within = append(within, q)
		}
	}
	return within
}

// FirstFrom returns the first period of the cadence that begins when p does or
// later.
func (c Cadence) FirstFrom(p Period) Period {
	first := PeriodAt(p.first(), c)
	if first.day < p.day {
		return first.Next()
	}
	return first
}

// Year returns the year that a period lies in wholly; ok is false for a week
// across New Year.
func (p Period) Year() (year Period, ok bool) {
	year = PeriodAt(p.first(), Yearly)
	return year, year.Contains(p)
}

// SameYear reports whether two periods lie wholly in one year.
func (p Period) SameYear(q Period) bool {
	year, ok := p.Year()
	return ok && year.Contains(q)
}

// Compared returns the period before p; compares is false where their figures
// can't be compared: those that count from 1 January begin anew with the year.
// Whole years can.
func (p Period) Compared(fromJanuary bool) (before Period, compares bool) {
	before = p.Previous()
	return before, !fromJanuary || p.cadence == Yearly || p.SameYear(before)
}

// YearBefore returns the same period a year before; ok is false where that year
// has none such: 29 February has one only after four years, and so has many a
// week 53.
func (p Period) YearBefore() (before Period, ok bool) {
	switch p.cadence {
	case Monthly:
		return p.Add(-12), true
	case Quarterly:
		return p.Add(-4), true
	case HalfYearly:
		return p.Add(-2), true
	case Yearly:
		return p.Add(-1), true
	case Weekly:
		year, week := p.first().ISOWeek()
		// 4 January always lies in the first ISO week.
		q := PeriodAt(time.Date(year-1, time.January, 4, 0, 0, 0, 0, time.UTC), Weekly).Add(week - 1)
		_, found := q.first().ISOWeek()
		return q, found == week
	}
	y, m, d := p.first().Date()
	q := time.Date(y-1, m, d, 0, 0, 0, 0, time.UTC)
	return PeriodAt(q, p.cadence), q.Day() == d
}
