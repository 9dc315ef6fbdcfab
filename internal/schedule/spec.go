package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Spec is a parsed schedule. The zero value never fires. It is a value, safe for
// concurrent use.
type Spec struct {
	text  string
	zone  *time.Location
	cron  cron.Schedule // nil for an interval
	every time.Duration // 0 for a cron spec
	// hourly is set where the spec names no hours: it then goes by the hours
	// that pass, not by those that the clock shows.
	hourly bool
}

// The longest that a spec may wait for its next firing; so that 29 February is
// fine and 30 February is not.
const maxWait = 5 * 366 * 24 * time.Hour

// Parse reads a spec in the zone: five fields (minute, hour, date, month,
// weekday) or a descriptor (@hourly, @daily, @weekly, @monthly, @yearly,
// @every 5m). It refuses what would never fire, what names a zone of its own and
// what cron would read as something else than is written.
func Parse(spec string, zone *time.Location) (parsed Spec, err error) {
	defer func() {
		if p := recover(); p != nil {
			parsed, err = Spec{}, fmt.Errorf("schedule %q can't be read: %v", spec, p)
		}
	}()
	text := strings.TrimSpace(spec)
	if err := check(text); err != nil {
		return Spec{}, fmt.Errorf("schedule %q: %w", spec, err)
	}
	fields := cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	read, err := cron.NewParser(fields).Parse(text)
	if err != nil {
		return Spec{}, fmt.Errorf("schedule %q: %w", spec, err)
	}
	s := Spec{text: text, zone: zone}
	switch read := read.(type) {
	case cron.ConstantDelaySchedule:
		s.every = read.Delay
	case *cron.SpecSchedule:
		const allHours = 1<<24 - 1
		s.cron, s.hourly = read, read.Hour&allHours == allHours
	default:
		return Spec{}, fmt.Errorf("schedule %q is of a kind (%T) that is not supported", spec, read)
	}
	// Any year would do that a leap year follows within maxWait.
	from := time.Date(2024, time.March, 1, 0, 0, 0, 0, zone)
	if next := s.Next(from); next.IsZero() || next.Sub(from) > maxWait {
		return Spec{}, fmt.Errorf("schedule %q never fires, or not within five years", spec)
	}
	return s, nil
}

// check refuses what the parser would take in another sense than the writer's.
func check(text string) error {
	upper := strings.ToUpper(text)
	switch {
	case text == "":
		return errors.New("it is empty; write five fields such as 15 6 * * *, or @daily")
	case strings.HasPrefix(upper, "TZ=") || strings.HasPrefix(upper, "CRON_TZ="):
		return errors.New("it names a zone; all schedules are in the site's zone, so leave it out")
	case strings.HasPrefix(text, "@every"):
		return checkEvery(strings.TrimPrefix(text, "@every"))
	case strings.HasPrefix(text, "@"):
		return nil
	}
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return fmt.Errorf("it has %d fields; expected five: minute, hour, day of month, month, day of week", len(fields))
	}
	for _, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			switch {
			case item == "":
				return fmt.Errorf("%q has an empty place between commas", field)
			case strings.ContainsAny(item[:1], "*?") && len(item) > 1 && item[1] != '/':
				return fmt.Errorf("%q: after %s only a step such as */5 can follow", field, item[:1])
			}
		}
	}
	return nil
}

// checkEvery refuses intervals that cron would round.
func checkEvery(interval string) error {
	every, err := time.ParseDuration(strings.TrimPrefix(interval, " "))
	switch {
	case err != nil || !strings.HasPrefix(interval, " "):
		return errors.New("after @every and a space an interval such as 90s, 5m or 1h30m must follow")
	case every < time.Second:
		return errors.New("an interval is a second or longer")
	case every%time.Second != 0:
		return errors.New("an interval is in whole seconds")
	}
	return nil
}

// String returns the spec as it was written.
func (s Spec) String() string { return s.text }

// IsZero reports whether s is the zero Spec, which never fires.
func (s Spec) IsZero() bool { return s.cron == nil && s.every == 0 }

// Next returns the first firing after t, in the spec's zone; the zero time where
// there is none.
//
// Where the zone's clock is put forward, a firing in the hour that is left out
// happens at the moment of the change; where it is put back, one in the hour that
// comes twice happens the first time only. Specs for every hour go by the hours
// that pass instead. Intervals are counted from t.
func (s Spec) Next(t time.Time) time.Time {
	switch {
	case s.IsZero():
		return time.Time{}
	case s.cron == nil:
		return t.Truncate(time.Second).Add(s.every).In(s.zone)
	}
	// Twice, as the years around 2100 have no 29 February for eight years and
	// cron looks five ahead.
	for range 2 {
		if next := s.nextCron(t); !next.IsZero() {
			return next
		}
		t = t.AddDate(4, 0, 0)
	}
	return time.Time{}
}

// nextCron asks cron one stretch of constant offset after the other, as it knows
// the hours of clock changes only in part.
func (s Spec) nextCron(t time.Time) time.Time {
	for in := t.In(s.zone); ; {
		start, end := in.ZoneBounds()
		if !end.IsZero() && !end.After(in) {
			// Beyond the table of a zone, on the last day of leap years,
			// the time package gives bounds that in lies outside of.
			end = in.AddDate(0, 0, 1)
		}
		_, offset := in.Zone()
		if repeated := repeatedUntil(start, offset); !s.hourly && t.Before(repeated) {
			t = repeated.Add(-time.Second)
		}
		next := s.cron.Next(t.In(time.FixedZone("", offset)))
		if next.IsZero() || end.IsZero() || next.Before(end) {
			return next.In(s.zone)
		}
		_, after := end.Zone()
		if skipped := time.Duration(after-offset) * time.Second; !s.hourly && next.Before(end.Add(skipped)) {
			return end
		}
		in, t = end, end.Add(-time.Second) // cron looks for later than t
	}
}

// repeatedUntil returns until when, after the clock change at start, the clock
// shows times that it has shown before.
func repeatedUntil(start time.Time, offset int) time.Time {
	if start.IsZero() {
		return start
	}
	_, before := start.Add(-time.Nanosecond).Zone()
	return start.Add(time.Duration(before-offset) * time.Second)
}

// last returns the newest firing later than after and not later than now.
func (s Spec) last(after, now time.Time) (time.Time, bool) {
	first := s.Next(after)
	if first.IsZero() || first.After(now) {
		return time.Time{}, false
	}
	if s.cron == nil {
		return first.Add(now.Sub(first).Truncate(s.every)), true
	}
	// Looked for further and further back, as there may be very many between.
	for back := time.Minute; ; back *= 2 {
		from := now.Add(-back)
		if from.Before(after) {
			from = after
		}
		found := s.Next(from)
		if found.After(now) {
			continue
		}
		for next := s.Next(found); !next.IsZero() && !next.After(now); next = s.Next(found) {
			found = next
		}
		return found, true
	}
}

// same reports whether two specs fire at the same times because they are written
// alike.
func (s Spec) same(other Spec) bool {
	return s.text == other.text && s.zone.String() == other.zone.String()
}
