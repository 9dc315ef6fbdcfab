package explain

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// standing is what follows from the figure; nil where nothing does.
func (s *subject) standing() *Standing {
	if len(s.collected) == 0 {
		return nil
	}
	standing := &Standing{Report: s.owes()}
	value, ok := s.figures.figure(s.indicator.Kind, s.period)
	if ok {
		if before, compares := s.before(s.period); compares {
			standing.Previous = s.past(before)
		}
		if before, ok := s.period.YearBefore(); ok {
			standing.YearAgo = s.past(before)
		}
		standing.Unchanged = s.unchanged(value)
		s.attain(standing, value)
	}
	for _, r := range s.Board.Rankings(s.indicator) {
		if r.Region == s.region.Code && r.Period == s.period {
			standing.Ranks = append(standing.Ranks, Rank{r.Scope.String(), r.Rank, r.Peers, r.Quartile, r.Period.String(), s.indicator.RankBy.String(), r.Measure})
		}
	}
	if standing.empty() {
		return nil
	}
	return standing
}

func (s *Standing) empty() bool {
	return s.Previous == nil && s.YearAgo == nil && s.Unchanged == nil && s.Target == nil && s.Report == nil && len(s.Ranks) == 0
}

func (s *subject) past(period fact.Period) *PeriodValue {
	value, ok := s.figures.figure(s.indicator.Kind, period)
	if !ok {
		return nil
	}
	return &PeriodValue{Period: period.String(), Value: value}
}

// unchanged counts the periods before in which the figure was the same already.
func (s *subject) unchanged(value float64) *int {
	n := 0
	for period := s.period; ; n++ {
		earlier, compares := s.before(period)
		before, ok := s.figures.figure(s.indicator.Kind, earlier)
		ok = ok && compares
		if !ok && n == 0 {
			return nil
		}
		if !ok || before != value {
			return &n
		}
		period = earlier
	}
}

// before returns the period before, and whether figures of the two can be
// compared.
func (s *subject) before(period fact.Period) (before fact.Period, compares bool) {
	return period.Compared(s.withinYear())
}

// attain adds the target, and how much of it the figure reaches.
func (s *subject) attain(standing *Standing, value float64) {
	target, attainment := s.Board.Target(s.indicator, s.region.Code, s.period, value)
	if target.OK {
		standing.Target = &target.Value
	}
	if attainment.OK {
		standing.Attainment = &attainment.Value
	}
}

// owes is the report now due; nil where none is expected.
func (s *subject) owes() *Report {
	r, ok := s.report()
	if !ok {
		return nil
	}
	report := &Report{
		Period: r.Period.String(), Due: r.Due.In(s.Zone), Reported: r.Reported, Owed: r.Owed.String(),
		OverdueSeconds: int64(r.Overdue(s.now) / time.Second), WeekendsOnly: r.WeekendsOnly, Held: r.Held,
	}
	if r.Owed.IsZero() {
		report.Owed = ""
		return report
	}
	due := r.OwedDue.In(s.Zone)
	report.OwedDue = &due
	if due.Before(s.now) {
		report.OverdueWorkingDays = s.Calendar.WorkingDaysBetween(due, s.now)
	}
	return report
}
