package rules

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// urgency is one severity of an overdue report, and from how many working days to
// below how many it is that.
type urgency struct {
	severity    fact.Severity
	from, until int // until is fact.Never for the last
}

func urgencies(a fact.OverdueAlert) []urgency {
	var all []urgency
	for _, u := range []urgency{{fact.Info, a.Info, fact.Never}, {fact.Warning, a.Warning, fact.Never}, {fact.Critical, a.Critical, fact.Never}} {
		if u.from == fact.Never {
			continue
		}
		if len(all) > 0 {
			all[len(all)-1].until = u.from
		}
		all = append(all, u)
	}
	return all
}

func reportOverdue(s *scope) []rulefmt.Rule {
	var all []rulefmt.Rule
	for _, c := range classes(s, func(i *fact.Indicator, own fact.IndicatorAlerts) (fact.OverdueAlert, bool) {
		if own.Overdue == nil || !i.Followed() {
			return fact.OverdueAlert{}, false
		}
		return *own.Overdue, true
	}) {
		for _, u := range urgencies(c.key) {
			rule := raise(fact.RaisedAlert{Severity: u.severity}, c.basis("due"), titled(s.late(u, c.matcher)))
			s.tell(&rule,
				"应于"+dueText+"前（含当日）报送，"+fmt.Sprintf(`已逾期{{ printf "%%.0f" $value }}天%s`, u.zh()),
				"was due by the end of "+dueText+fmt.Sprintf(`, {{ printf "%%.0f" $value }} days ago%s`, u.en()))
			rule.Annotations[annotationDue] = dueText
			rule.Annotations[annotationDueAt] = s.dueAt()
			all = append(all, rule)
		}
	}
	return slices.Concat(s.workingDays(), all)
}

// workingDays records what the rules need of the calendar.
func (s *scope) workingDays() []rulefmt.Rule {
	var numbers []int
	for n := range s.site.Indicators {
		if own := s.site.Policy.Of(s.site.Indicators[n].ID).Overdue; own != nil && s.site.Indicators[n].Followed() {
			numbers = append(numbers, own.Info, own.Warning, own.Critical)
		}
	}
	slices.Sort(numbers)
	var all []rulefmt.Rule
	for _, n := range slices.Compact(numbers) {
		if n > 0 {
			all = append(all, recorded(fmt.Sprintf("%s%d", dueAgo, n), s.lateSince(n)))
		}
	}
	return all
}

func (u urgency) zh() string {
	if u.from == 0 {
		return ""
	}
	return fmt.Sprintf("（满%d个工作日）", u.from)
}

func (u urgency) en() string {
	if u.from == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d working days or more)", u.from)
}

// late is for how many days each region is overdue whose lateness has that
// urgency, with the last day that would have been in time.
//
// Overdue seconds are as old as the scrape, so the midnight that they count from
// is the nearest one.
func (s *scope) late(u urgency, matcher string) string {
	due := fmt.Sprintf("round((time() - (%s > 0) + %d) / %d)", selected(overdue, matcher), s.site.offset(), day)
	within := due
	if u.from > 0 {
		within += fmt.Sprintf(" <= scalar(%s%d)", dueAgo, u.from)
	}
	if u.until != fact.Never {
		within += fmt.Sprintf(" > scalar(%s%d)", dueAgo, u.until)
	}
	expr := fmt.Sprintf("floor((time() + %d) / %d - %s)", s.site.offset(), day, s.each(within))
	return with(expr, "due", noted("due", "indicator, code", fmt.Sprintf("(%s - 1) * %d", due, day)))
}
