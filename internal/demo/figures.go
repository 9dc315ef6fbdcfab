package demo

import (
	"errors"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Figure is one figure of the sample systems.
type Figure struct {
	Indicator string
	Region    string // code
	Period    fact.Period
	Value     int
}

// series is all figures of an indicator: for every period, those of all regions.
type series struct {
	regions []*fact.Region // by code
	anchors []int
	periods []fact.Period // ended, oldest first
	values  [][]int       // by period, then region
}

// at returns the figure of a region and a period.
func (s *series) at(region string, p fact.Period) (int, bool) {
	i := slices.Index(s.periods, p)
	k := slices.IndexFunc(s.regions, func(r *fact.Region) bool { return r.Code == region })
	if i < 0 || k < 0 {
		return 0, false
	}
	return s.values[i][k], true
}

func (s *Sample) compute(shape shape) error {
	indicator := s.indicators[shape.indicator]
	if indicator == nil {
		return errors.New("the catalogue lacks the indicator; the demo needs it as it is shipped")
	}
	figures := &series{regions: s.register.reporting(indicator)}
	s.figures[shape.indicator] = figures
	if shape.asPublished {
		s.followPublished(indicator, figures)
		return nil
	}
	var err error
	if figures.anchors, err = shape.anchors(s, indicator, figures.regions); err != nil {
		return err
	}
	first := fact.PeriodAt(time.Date(anchorYear, 1, 1, 0, 0, 0, 0, time.UTC), indicator.Cadence)
	figures.periods = s.endedSince(first)
	figures.values = make([][]int, len(figures.periods))
	for i := range figures.values {
		figures.values[i] = make([]int, len(figures.regions))
	}
	for k, region := range figures.regions {
		lags := s.lags(region.Code)
		if indicator.Kind == fact.Stock {
			path := pathOf(shape, region.Code, lags)
			for i, p := range figures.periods {
				figures.values[i][k] = path.level(figures.anchors[k], monthAfter(p))
			}
			continue
		}
		s.flow(shape, indicator, figures, k, lags)
	}
	return nil
}

// flow fills in a flow, or a flow since 1 January, of one region, year by year:
// the periods of a year add up to its amount.
func (s *Sample) flow(shape shape, indicator *fact.Indicator, figures *series, k int, lags bool) {
	region := figures.regions[k].Code
	// A lag shows in the flow itself, so not in a path; and never in a
	// published figure.
	path := pathOf(shape, region, false)
	for i := 0; i < len(figures.periods); {
		year := figures.periods[i].Start(time.UTC).Year()
		amount := path.amount(figures.anchors[k], year)
		if lags && (year > anchorYear || len(indicator.Published) == 0) {
			amount = share(amount, laggingFlow)
		}
		periods := periodsOf(year, indicator.Cadence)
		sum := 0
		for _, part := range split(amount, seasonOf(shape, region, periods)) {
			if i == len(figures.periods) {
				break // the rest of the year has not ended
			}
			sum += part
			figures.values[i][k] = part
			if indicator.Kind == fact.FlowYTD {
				figures.values[i][k] = sum
			}
			i++
		}
	}
}

// followPublished fills in an indicator whose published figures speak for
// several years: straight lines between them, level after the last.
func (s *Sample) followPublished(indicator *fact.Indicator, figures *series) {
	known := slices.Clone(indicator.Published)
	slices.SortFunc(known, func(a, b fact.Published) int { return a.Period.Compare(b.Period) })
	if len(known) == 0 {
		return
	}
	figures.periods = s.endedSince(known[0].Period)
	for _, p := range figures.periods {
		if len(known) > 1 && p.Compare(known[1].Period) >= 0 {
			known = known[1:]
		}
		value := int(known[0].Value)
		if len(known) > 1 {
			from, to := known[0].Period.Start(time.UTC).Year(), known[1].Period.Start(time.UTC).Year()
			value += (int(known[1].Value) - value) * (p.Start(time.UTC).Year() - from) / (to - from)
		}
		figures.values = append(figures.values, slices.Repeat([]int{value}, len(figures.regions)))
	}
}

// endedSince returns the periods from the first to the last ended one.
func (s *Sample) endedSince(first fact.Period) []fact.Period {
	var periods []fact.Period
	last := fact.LastEnded(s.now, first.Cadence())
	for p := first; p.Compare(last) <= 0; p = p.Next() {
		periods = append(periods, p)
	}
	return periods
}

// periodsOf returns all periods of a cadence that begin in a year.
func periodsOf(year int, c fact.Cadence) []fact.Period {
	var periods []fact.Period
	for p := fact.PeriodAt(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), c); p.Start(time.UTC).Year() == year; p = p.Next() {
		periods = append(periods, p)
	}
	return periods
}

// places returns where the region of a code, and those that lie in it, stand among
// the regions of an indicator.
func (s *Sample) places(indicator, code string) []int {
	var places []int
	for k, region := range s.figures[indicator].regions {
		if s.register.lies(region.Code, []string{code}) {
			places = append(places, k)
		}
	}
	return places
}
