package rules

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// towards is how a class of indicators approaches its targets.
type towards struct {
	fact.BehindTargetAlert
	counting
	direction fact.Direction
	// byYear says that the target is what a year should bring, so that in March a
	// quarter of it is enough.
	byYear bool
}

func (c towards) basis() string {
	switch {
	case c.byYear:
		return c.counting.basis("year")
	case c.direction == fact.LessIsBetter:
		return c.counting.basis("ceiling")
	}
	return c.counting.basis("target")
}

func behindTarget(s *scope) []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (towards, bool) {
		if own.BehindTarget == nil || !aimed(i) {
			return towards{}, false
		}
		return towards{*own.BehindTarget, countingOf(i), i.Direction, byYear(i)}, true
	}) {
		basis := c.basis(c.key.basis())
		short := named(namedBehind, basis, s.shortOfTarget(c.key, c.matcher))
		expr := ranked(aimedAt(short.Record, c.key.counting, c.key.direction, c.matcher), c.matcher, short.Record)
		rule := raise(c.key.RaisedAlert, basis, titled(expr, c.key.units()...))
		s.tell(&rule,
			fmt.Sprintf("%s，目标%s，差%s%s", c.key.amount("$labels.figure", unitZH), c.key.amount("$labels.aim", unitZH), c.key.gap(unitZH), rankTail),
			fmt.Sprintf("%s of %s, %s short%s", c.key.amount("$labels.figure", unitEN), c.key.amount("$labels.aim", unitEN), c.key.gap(unitEN), rankTailEN))
		c.key.aims(&rule)
		rule.Annotations[annotationGap] = c.key.gap(unitZH)
		all = append(all, short, rule)
	}
	return all
}

const (
	rankTail   = `{{ if $labels.place }}，第 {{ $labels.place }}{{ end }}`
	rankTailEN = `{{ if $labels.place }}, rank {{ $labels.place }}{{ end }}`
)

// aims adds the annotations of figure, target and rank.
func (c counting) aims(rule *rulefmt.Rule) {
	rule.Annotations[annotationValue] = c.amount("$labels.figure", unitZH)
	rule.Annotations[annotationTarget] = c.amount("$labels.aim", unitZH)
	rule.Annotations[annotationRank] = rankText
}

// aimed reports whether regions can be short of a target: there is one, and it is
// followed.
func aimed(i *fact.Indicator) bool {
	return i.Followed() && len(i.Targets) > 0 && len(i.Dimensions) == 0
}

// byYear reports whether the targets are what a year should bring. Who has a path
// says by himself how much is due when. A ceiling is not to be reached evenly.
func byYear(i *fact.Indicator) bool {
	return i.Direction == fact.MoreIsBetter && slices.ContainsFunc(i.Targets, func(t fact.Target) bool {
		return t.From == nil && (i.Kind == fact.FlowYTD || i.Kind == fact.Flow && t.Year != 0)
	})
}

// shortOfTarget is by how much each region that is behind is short.
func (s *scope) shortOfTarget(c towards, matcher string) string {
	share := selected(attainment, matcher)
	goal := selected(target, matcher)
	behind := fmt.Sprintf("(%s < %s)", share, number(1-c.Tolerance))
	short := fmt.Sprintf("%s * (1 - %s)", goal, behind)
	switch {
	case c.byYear:
		gone := s.yearGone(selected(periodEnd, matcher))
		behind = fmt.Sprintf("(%s / %s < %s)", share, gone, number(1-c.Tolerance))
		short = fmt.Sprintf("%s * %s * (1 - %s)", goal, gone, behind)
	case c.direction == fact.LessIsBetter:
		short = fmt.Sprintf("%s / %s - %s", goal, behind, goal)
	}
	return s.current(c.up(s.each(short)), matcher)
}

// aimedAt attaches figure and target, told by the target and the share of it: the
// figure of a flow with a target for the year is then what the year has brought.
func aimedAt(among string, c counting, direction fact.Direction, matcher string) string {
	share, goal := selected(attainment, matcher), selected(target, matcher)
	figure, rounded := goal+" * "+share, c.up
	if direction == fact.LessIsBetter {
		figure, rounded = goal+" / "+share, c.down
	}
	expr := with(among, "aim", noted("aim", "indicator, code", rounded(fmt.Sprintf("(%s and on (indicator, code) %s)", goal, among))))
	digits := 0.0001
	if c.whole {
		digits = 1
	}
	return with(expr, "figure", notedTo(digits, "figure", "indicator, code", fmt.Sprintf("(%s and on (indicator, code) %s)", figure, among)))
}

// yearGone is the share of the year that was gone at the end of each figure's
// period. The last second of the period is asked, since its end is exclusive.
func (s *scope) yearGone(end string) string {
	last := fmt.Sprintf("%s + %d", end, s.site.offset()-1)
	return fmt.Sprintf("(day_of_year(%s) / (365 + (year(%s) %% 4 == bool 0)))", last, last)
}
