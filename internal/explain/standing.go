package explain

import (
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

const (
	byValue      = "value"
	byAttainment = "attainment"
	perVillage   = "per_village"
	perPeople    = "per_10000_people"
)

var rankedBy = [...]string{
	fact.RankByValue: byValue, fact.RankByAttainment: byAttainment, fact.RankPerVillage: perVillage, fact.RankPerTenThousandPeople: perPeople, fact.NotRanked: "",
}

// standing is what follows from the figure; nil where nothing
// does.
func (s *subject) standing() *Standing {
	if len(s.collected) == 0 {
		return nil
	}
	standing := &Standing{Report: s.owes()}
	cells := s.cells()
	value, ok := cells.figure(s.indicator.Kind, s.period)
	if ok {
		if before, compares := s.before(s.period); compares {
			standing.Previous = s.past(cells, before)
		}
		standing.YearAgo = s.past(cells, yearBefore(s.period))
		standing.Unchanged = s.unchanged(cells, value)
		s.attain(standing, value)
	}
	for _, r := range s.Board.Rankings(s.indicator) {
		if r.Region == s.region.Code && r.Period == s.period {
			standing.Ranks = append(standing.Ranks, Rank{r.Scope.String(), r.Rank, r.Peers, r.Quartile, r.Period.String(), rankedBy[s.indicator.RankBy], r.Measure})
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

func (s *subject) past(cells cells, period fact.Period) *PeriodValue {
	value, ok := cells.figure(s.indicator.Kind, period)
	if !ok {
		return nil
	}
	return &PeriodValue{Period: period.String(), Value: value}
}

// unchanged counts the periods before in which the figure was the same already.
func (s *subject) unchanged(cells cells, value float64) *int {
	n := 0
	for period := s.period; ; n++ {
		earlier, compares := s.before(period)
		before, ok := cells.figure(s.indicator.Kind, earlier)
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
// compared: what counts up from January begins anew with the year. Whole years can.
func (s *subject) before(period fact.Period) (before fact.Period, compares bool) {
	before = period.Previous()
	year := fact.PeriodAt(period.Start(time.UTC), fact.Yearly)
	return before, !s.withinYear() || period.Cadence() == fact.Yearly || year.Contains(period) && year.Contains(before)
}

// yearBefore returns the same period a year before: of a day the same date, of a
// week the one of that number; no period where that year has none.
func yearBefore(p fact.Period) fact.Period {
	periods := map[fact.Cadence]int{fact.Monthly: 12, fact.Quarterly: 4, fact.HalfYearly: 2, fact.Yearly: 1}
	if n := periods[p.Cadence()]; n > 0 {
		return p.Add(-n)
	}
	year := p.Start(time.UTC).Year()
	if p.Cadence() == fact.Weekly {
		year, _ = p.Start(time.UTC).ISOWeek()
	}
	before, err := fact.ParsePeriod(fmt.Sprintf("%04d%s", year-1, p.String()[4:]))
	if err != nil {
		return fact.Period{}
	}
	return before
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
