package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// comparison is how the regions of a class of indicators are compared.
type comparison struct {
	fact.BehindPeersAlert
	by        fact.RankBy
	direction fact.Direction
	// resets says that figures count from 1 January: those of two periods can't be
	// compared.
	resets bool
}

func behindPeers(s *scope) []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (comparison, bool) {
		if own.BehindPeers == nil || i.RankBy == fact.NotRanked || !i.Followed() || len(i.Dimensions) > 0 {
			return comparison{}, false
		}
		c := comparison{*own.BehindPeers, i.RankBy, i.Direction, s.resets(i)}
		if c.by == fact.RankByAttainment {
			c.direction = fact.MoreIsBetter // more of the target reached is, always
		}
		return c, true
	}) {
		basis, measure := c.basis(c.key.basis()), s.measure(c)
		median := named(namedMedian, basis, fmt.Sprintf("quantile by (indicator, level) (0.5, %s)", measure))
		far := named(namedPeers, basis, s.farBehind(c, measure, median.Record))
		expr := fmt.Sprintf("%s * on (indicator, level) group_left (median) %s", far.Record, notedTo(c.key.digits(), "median", "indicator, level", median.Record))
		rule := raise(c.key.RaisedAlert, basis, titled(ranked(expr, c.matcher, far.Record), c.key.units()...))
		zh, en := perText(c.key.by)
		s.tell(&rule,
			fmt.Sprintf("%s%s，同级中位数%s%s", zh, measured("$value", c.key.by, unitZH), measured("$labels.median", c.key.by, unitZH), rankTail),
			fmt.Sprintf("%s%s, the median of its peers is %s%s", measured("$value", c.key.by, unitEN), en, measured("$labels.median", c.key.by, unitEN), rankTailEN))
		rule.Annotations[annotationValue] = zh + measured("$value", c.key.by, unitZH)
		rule.Annotations[annotationMedian] = measured("$labels.median", c.key.by, unitZH)
		rule.Annotations[annotationRank] = rankText
		all = append(all, median, far, rule)
	}
	return all
}

func (c comparison) basis() string {
	basis := c.by.String()
	if c.direction == fact.LessIsBetter {
		basis += "-less"
	}
	if c.resets {
		basis += "-year"
	}
	return basis
}

// digits is how finely a median is told.
func (c comparison) digits() float64 {
	if c.per() != fact.PerRegion {
		return 0.001
	}
	return 0.0001 // a share shows as a percentage
}

func (c comparison) per() fact.Per {
	switch c.by {
	case fact.RankPerVillage:
		return fact.PerVillage
	case fact.RankPerTenThousandPeople:
		return fact.PerTenThousandPeople
	}
	return fact.PerRegion
}

// units are the labels that measured needs.
func (c comparison) units() []string {
	switch {
	case c.by == fact.RankByAttainment:
		return nil
	case c.per() != fact.PerRegion:
		return []string{unitZH, unitEN}
	}
	return allUnits()
}

// sizeOf are the sizes of the regions.
func sizeOf(per fact.Per) string {
	if per == fact.PerVillage {
		return fmt.Sprintf("max by (code) (%s)", villages)
	}
	return fmt.Sprintf("(max by (code) (%s) / 10000)", population)
}

// resets reports whether an indicator, or a part of it, counts from 1 January.
func (s *scope) resets(i *fact.Indicator) bool {
	return slices.ContainsFunc(i.Sources(), func(id string) bool {
		return slices.ContainsFunc(s.site.Indicators, func(part fact.Indicator) bool { return part.ID == id && part.Kind == fact.FlowYTD })
	})
}

func perText(by fact.RankBy) (zh, en string) {
	switch by {
	case fact.RankPerVillage:
		return "每村（社区）", " for each village"
	case fact.RankPerTenThousandPeople:
		return "每万人", " for 10,000 people"
	case fact.RankByAttainment:
		return "目标完成率", " of its target"
	}
	return "", ""
}

// measured shows what regions are compared by. Attainment is a share whatever the
// unit is.
func measured(value string, by fact.RankBy, unit string) string {
	short := round
	if value != "$value" {
		short = "{{ " + value + " }}"
	}
	switch by {
	case fact.RankByAttainment:
		return `{{ humanizePercentage ` + value + ` }}`
	case fact.RankPerVillage, fact.RankPerTenThousandPeople:
		return short + of(unit)
	}
	return ratioOr + `{{ humanizePercentage ` + value + ` }}{{ else }}` + short + of(unit) + `{{ end }}`
}

// measure is what the regions are compared by, with the label indicator.
func (s *scope) measure(c class[comparison]) string {
	if c.key.by == fact.RankByAttainment {
		return "(" + s.comparable(selected(attainment, c.matcher), c) + ")"
	}
	figures := fmt.Sprintf(`label_replace({__name__=~"governance_(%s)"}, "indicator", "$1", "__name__", "governance_(.+)")`, strings.Join(c.ids, "|"))
	figures = s.comparable(figures, c)
	if per := c.key.per(); per != fact.PerRegion {
		figures = fmt.Sprintf("(%s) / on (code) group_left () %s", figures, sizeOf(per))
	}
	return "(" + figures + ")"
}

// comparable keeps the figures of the common period where those of another can't
// be compared.
func (s *scope) comparable(figures string, c class[comparison]) string {
	if !c.key.resets {
		return figures
	}
	return fmt.Sprintf("%s and on (indicator, code) (%s == on (indicator) group_left () max by (indicator) (%s))",
		figures, selected(periodEnd, c.matcher), selected(commonEnd, c.matcher))
}

// farBehind is the measure of each region in the lowest quartile that is far from
// the median.
func (s *scope) farBehind(c class[comparison], measure, median string) string {
	bound, worse, least := "0.25", "<", 1-c.key.Share
	if c.key.direction == fact.LessIsBetter {
		bound, worse, least = "0.75", ">", 1+c.key.Share
	}
	quartile := fmt.Sprintf("quantile by (indicator, level) (%s, %s)", bound, measure)
	far := fmt.Sprintf("%s %s on (indicator, level) group_left () (%s * %s - %s * %s) %s on (indicator, level) group_left () (%s * %s)",
		measure, worse, number(c.key.Distance), quartile, number(c.key.Distance-1), median, worse, number(least), median)
	const all = `among="all"`
	last := fmt.Sprintf("((%s - 1) * 4 / (%s >= 4) >= 3)", selected(rank, all, c.matcher), selected(peers, all, c.matcher))
	return s.current(fmt.Sprintf("%s and on (indicator, code) %s", s.each(far), last), c.matcher)
}
