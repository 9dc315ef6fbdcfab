package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Spec is a parsed schedule in a zone. The zero value never fires.
type Spec struct {
	text string
	next cron.Schedule
	zone *time.Location
}

// Parse reads a five-field cron spec or a descriptor such as @daily or
// @every 5m, in the zone. It refuses what would not do what it seems to: a zone
// of its own (TZ=, CRON_TZ=), a spec that never fires (30 February), an @every
// of less than a second or of a fraction of one.
func Parse(text string, zone *time.Location) (Spec, error) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return Spec{}, errors.New("the schedule is empty: expected five fields such as 15 6 * * *, or a descriptor such as @daily")
	case strings.Contains(trimmed, "TZ="):
		return Spec{}, fmt.Errorf("schedule %q: a zone of its own is not taken: every schedule is in the site's zone, %s", text, zone)
	case strings.HasPrefix(trimmed, "@every"):
		if err := checkInterval(text, strings.TrimSpace(strings.TrimPrefix(trimmed, "@every"))); err != nil {
			return Spec{}, err
		}
	}
	parsed, err := parse(trimmed)
	if err != nil {
		return Spec{}, fmt.Errorf("schedule %q: %w", text, err)
	}
	if fields, ok := parsed.(*cron.SpecSchedule); ok {
		fields.Location = zone
	}
	spec := Spec{text: trimmed, next: parsed, zone: zone}
	if spec.Next(beforeALeapDay(zone)).IsZero() {
		return Spec{}, fmt.Errorf("schedule %q never fires: is there such a day?", text)
	}
	return spec, nil
}

// beforeALeapDay is a fixed time: whether a spec fires must not depend on when
// it is parsed, and 29 February is a day.
func beforeALeapDay(zone *time.Location) time.Time { return time.Date(2024, 1, 1, 0, 0, 0, 0, zone) }

func checkInterval(text, interval string) error {
	d, err := time.ParseDuration(interval)
	if err != nil {
		return fmt.Errorf("schedule %q: %q is no interval: expected one such as 90s, 5m or 6h", text, interval)
	}
	if d < time.Second || d%time.Second != 0 {
		return fmt.Errorf("schedule %q: an interval is whole seconds, and at least one", text)
	}
	return nil
}

// parse keeps a panic of the parser from ending the program: the spec comes from
// a file.
func parse(text string) (parsed cron.Schedule, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the parser can't read it (%v)", cause)
		}
	}()
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	return parser.Parse(text)
}

// Next returns the first time after t at which the spec fires; zero is never.
func (s Spec) Next(t time.Time) time.Time {
	if s.next == nil {
		return time.Time{}
	}
	return s.next.Next(t.In(s.zone))
}

// String returns the spec as it was written.
func (s Spec) String() string { return s.text }
