package rules

import (
	"errors"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Calendar tells working days.
type Calendar interface {
	// Working reports whether the civil day of an instant is worked on, and Years
	// lists the years whose holidays are known.
	Working(t time.Time) bool
	Years() []int
}

// Site is what rules are made of.
type Site struct {
	Name       fact.Text
	Zone       *time.Location
	Calendar   Calendar
	Indicators []fact.Indicator
	Regions    []fact.Region
	// Policy says which alerts there are; nil is none.
	Policy *fact.AlertPolicy
}

func (s *Site) validate() error {
	switch {
	case s.Policy == nil:
		return errors.New("the configuration has no section alerts: write one (docs/alerts/README.md has it) to have rules")
	case s.Zone == nil || s.Calendar == nil:
		return errors.New("rules need the site's time zone and its calendar")
	case s.Policy.Interval <= 0:
		return errors.New("alerts.interval must be longer than 0s")
	}
	return nil
}

// offset is the smallest distance of the zone to UTC in a year, in seconds: added
// to the midnight that ends a day less a second it never leaves that day.
func (s *Site) offset() int64 {
	_, winter := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).In(s.Zone).Zone()
	_, summer := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC).In(s.Zone).Zone()
	return int64(min(winter, summer))
}
