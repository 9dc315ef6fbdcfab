package rules

import (
	"fmt"
	"strings"
	"time"
)

const day = 24 * 60 * 60

// back is how many days the rules look back for working days, enough for 60 of
// them with every holiday of a year between.
const back = 120

// lateSince is the day, counted in the site's zone from 1 January 1970, that a
// report must have been due at the beginning of to be n whole working days late
// now: one sample, the same for all regions.
//
// No metric knows of holidays, so the calendar stands in the expression. It
// counts the working days before a day d as F(d), and F of the past days in a
// subquery: those with more than F(today) - n are less than n working days ago.
// "@ end()" is the evaluation's own time inside of the subquery. Its steps are
// days of UTC, so that a severity begins at 00:00 UTC.
func (s *scope) lateSince(n int) string {
	count := s.workingDaysBefore()
	today := fmt.Sprintf("scalar(last_over_time((%s)[1d:1d] @ end()))", count)
	fewer := fmt.Sprintf("count_over_time((%s > %s - %d)[%dd:1d])", count, today, n, back)
	return fmt.Sprintf("floor(vector((time() - time() %% %d + %d) / %d)) - %s", day, s.site.offset(), day, fewer)
}

// workingDaysBefore is F: 5 for each week and 1 for each day from Monday to Friday
// in the current one, less the holidays among these and more the weekend days
// that are worked on (调休), each from the day after on.
func (s *scope) workingDaysBefore() string {
	now := fmt.Sprintf("vector((time() + %d) / %d + 3)", s.site.offset(), day) // 1 January 1970 was a Thursday
	weeks := fmt.Sprintf("5 * floor(%s / 7) + clamp_max(floor(%s %% 7), 5)", now, now)
	var terms []string
	for _, year := range s.site.Calendar.Years() {
		for date := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); date.Year() == year; date = date.AddDate(0, 0, 1) {
			noon := time.Date(year, date.Month(), date.Day(), 12, 0, 0, 0, s.site.Zone)
			weekday := date.Weekday() != time.Saturday && date.Weekday() != time.Sunday
			if s.site.Calendar.Working(noon) == weekday {
				continue
			}
			sign := "+"
			if weekday {
				sign = "-"
			}
			over := date.AddDate(0, 0, 1).Unix() - s.site.offset()
			terms = append(terms, fmt.Sprintf("%s (time() >= bool %d)", sign, over))
		}
	}
	if len(terms) == 0 {
		return weeks
	}
	return fmt.Sprintf("%s + vector(0 %s)", weeks, strings.Join(terms, " "))
}
