package app

import (
	"fmt"
	"time"
)

// ParseInstant reads the instant whose knowledge is asked for: RFC 3339, or a
// date of the zone, which stands for the whole of that day. Empty is the zero
// time.
func ParseInstant(written string, zone *time.Location) (time.Time, error) {
	if written == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, written); err == nil {
		return t, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, written, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no instant: expected a date such as 2026-01-15, which is the whole day, or a time such as 2026-01-15T09:00:00+08:00", written)
	}
	return day.AddDate(0, 0, 1).Add(-time.Millisecond), nil // ledgers know milliseconds
}

// instantBefore reads an instant that has passed. Today, as a date, ends now.
func instantBefore(when string, zone *time.Location, now time.Time) (time.Time, error) {
	t, err := ParseInstant(when, zone)
	if err != nil || !t.After(now) {
		return t, err
	}
	if when == now.In(zone).Format(time.DateOnly) {
		return now, nil
	}
	return t, fmt.Errorf("%s lies ahead: nobody can say what will be known then", when)
}
