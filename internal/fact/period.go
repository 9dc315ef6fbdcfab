package fact

import (
	"fmt"
	"strconv"
	"time"
)

// Cadence is how often an indicator speaks, and therefore the length of its
// periods. The zero value is no cadence.
type Cadence uint8

// The cadences, shortest first. Their numbers are stored in ledgers and must
// not change.
const (
	Daily Cadence = iota + 1
	Weekly
	Monthly
	Quarterly
	HalfYearly
	Yearly
)

var cadenceNames = [...]string{Daily: "day", Weekly: "week", Monthly: "month", Quarterly: "quarter", HalfYearly: "half-year", Yearly: "year"}

// String returns the name used in configuration and messages.
func (c Cadence) String() string {
	if c < Daily || c > Yearly {
		return fmt.Sprintf("cadence(%d)", uint8(c))
	}
	return cadenceNames[c]
}

// ParseCadence reads a cadence's name as String writes it.
func ParseCadence(s string) (Cadence, error) {
	for c := Daily; c <= Yearly; c++ {
		if cadenceNames[c] == s {
			return c, nil
		}
	}
	return 0, fmt.Errorf("unknown cadence %q: expected day, week, month, quarter, half-year or year", s)
}

// Period is the time that a figure speaks for: a day, week, month, quarter,
// half-year or year of the civil calendar. It has no zone of its own; Start and
// End place it in the site's. Periods are comparable with ==, and ordered by
// their first day. The zero value is no period.
type Period struct {
	day     int32 // first day, counted from 1970-01-01
	cadence Cadence
}

// The years a period may lie in. Four digits, and far from any overflow.
const (
	minYear = 1900
	maxYear = 2999
)

// PeriodAt returns the period of the cadence that the civil date of t, in t's
// own location, falls into.
func PeriodAt(t time.Time, c Cadence) Period {
	y, m, d := t.Date()
	switch c {
	case Weekly:
		d -= (int(t.Weekday()) + 6) % 7 // back to Monday (ISO 8601)
	case Monthly:
		d = 1
	case Quarterly:
		m, d = (m-1)/3*3+1, 1
	case HalfYearly:
		m, d = (m-1)/6*6+1, 1
	case Yearly:
		m, d = time.January, 1
	}
	return Period{day: dayNumber(y, m, d), cadence: c}
}

// LastEnded returns the newest period of the cadence that has ended at t, in
// t's own location.
func LastEnded(t time.Time, c Cadence) Period { return PeriodAt(t, c).Previous() }

// ParsePeriod reads the canonical forms, and nothing else: 2025, 2025-H2,
// 2025-Q4, 2025-12, 2025-W52 (ISO 8601) and 2025-12-31.
func ParsePeriod(s string) (Period, error) {
	p, ok := parsePeriod(s)
	if !ok {
		return Period{}, fmt.Errorf("%q is no period: expected a form such as 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52 or 2025-12-31", s)
	}
	return p, nil
}

func parsePeriod(s string) (Period, bool) {
	if len(s) < 4 {
		return Period{}, false
	}
	year, ok := digits(s[:4])
	if !ok || year < minYear || year > maxYear {
		return Period{}, false
	}
	if len(s) == 4 {
		return Period{day: dayNumber(year, 1, 1), cadence: Yearly}, true
	}
	if s[4] != '-' {
		return Period{}, false
	}
	rest := s[5:]
	switch {
	case len(rest) == 2 && rest[0] == 'H':
		return part(year, rest[1:], 2, 6, HalfYearly)
	case len(rest) == 2 && rest[0] == 'Q':
		return part(year, rest[1:], 4, 3, Quarterly)
	case len(rest) == 2:
		return part(year, rest, 12, 1, Monthly)
	case len(rest) == 3 && rest[0] == 'W':
		return week(year, rest[1:])
	case len(rest) == 5 && rest[2] == '-':
		m, ok1 := digits(rest[:2])
		d, ok2 := digits(rest[3:])
		if !ok1 || !ok2 || m < 1 || m > 12 || d < 1 || d > 31 {
			return Period{}, false
		}
		day := time.Date(year, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		if day.Day() != d { // 31 June and the like
			return Period{}, false
		}
		return PeriodAt(day, Daily), true
	}
	return Period{}, false
}

func part(year int, s string, count, months int, c Cadence) (Period, bool) {
	n, ok := digits(s)
	if !ok || n < 1 || n > count {
		return Period{}, false
	}
	return Period{day: dayNumber(year, time.Month((n-1)*months+1), 1), cadence: c}, true
}

func week(year int, s string) (Period, bool) {
	n, ok := digits(s)
	if !ok || n < 1 || n > 53 {
		return Period{}, false
	}
	// 4 January always lies in the first ISO week.
	first := PeriodAt(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC), Weekly)
	p := Period{day: first.day + int32(n-1)*7, cadence: Weekly}
	if y, _ := p.first().ISOWeek(); y != year { // no 53rd week in that year
		return Period{}, false
	}
	return p, true
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func dayNumber(y int, m time.Month, d int) int32 {
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (p Period) first() time.Time { return time.Unix(int64(p.day)*86400, 0).UTC() }

// IsZero reports whether p is no period.
func (p Period) IsZero() bool { return p.cadence == 0 }

// Cadence returns the length of the period.
func (p Period) Cadence() Cadence { return p.cadence }

// Start returns the first instant of the period in the zone.
func (p Period) Start(zone *time.Location) time.Time {
	y, m, d := p.first().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// End returns the first instant after the period in the zone: the end is
// exclusive, 2025-12 ends at 2026-01-01T00:00.
func (p Period) End(zone *time.Location) time.Time { return p.Next().Start(zone) }

// Next returns the period of the same cadence that follows p.
func (p Period) Next() Period { return p.Add(1) }

// Previous returns the period of the same cadence before p.
func (p Period) Previous() Period { return p.Add(-1) }

// Add returns the period n cadences later, or earlier where n is negative.
func (p Period) Add(n int) Period {
	y, m, d := p.first().Date()
	switch p.cadence {
	case Daily:
		d += n
	case Weekly:
		d += 7 * n
	case Monthly:
		m += time.Month(n)
	case Quarterly:
		m += time.Month(3 * n)
	case HalfYearly:
		m += time.Month(6 * n)
	case Yearly:
		y += n
	}
	return Period{day: dayNumber(y, m, d), cadence: p.cadence}
}

// Compare orders periods by their first day, then the shorter before the longer.
func (p Period) Compare(q Period) int {
	if p.day != q.day {
		return int(p.day) - int(q.day)
	}
	return int(p.cadence) - int(q.cadence)
}

// Contains reports whether q lies wholly within p.
func (p Period) Contains(q Period) bool {
	return p.day <= q.day && q.Next().day <= p.Next().day
}

// String returns the canonical form that ParsePeriod reads; it is empty for no
// period.
func (p Period) String() string {
	t := p.first()
	y := strconv.Itoa(t.Year())
	switch p.cadence {
	case Daily:
		return t.Format("2006-01-02")
	case Weekly:
		y, w := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case Monthly:
		return t.Format("2006-01")
	case Quarterly:
		return y + "-Q" + strconv.Itoa((int(t.Month())+2)/3)
	case HalfYearly:
		return y + "-H" + strconv.Itoa((int(t.Month())+5)/6)
	case Yearly:
		return y
	}
	return ""
}

// Number packs the period into an integer that sorts as Compare does. Ledgers
// store it, so its layout must not change.
func (p Period) Number() int32 { return p.day*8 + int32(p.cadence) }

// PeriodFromNumber undoes Number; ok is false for a number it never returns.
func PeriodFromNumber(n int32) (p Period, ok bool) {
	p = Period{day: n >> 3, cadence: Cadence(n & 7)}
	if p.cadence < Daily || p.cadence > Yearly {
		return Period{}, false
	}
	return p, PeriodAt(p.first(), p.cadence) == p
}
