package explain

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

const (
	mostRejections = 20
	// Beyond so many read the rest is not counted, to keep the answer fast.
	countedRejections = 2000
	// lastEnded stands for the period of a reading that names none.
	lastEnded = "last ended"
)

// addRejections adds the refused readings that may have been of the figure: of
// its region and period, or of a period that nobody can read.
func (s *subject) addRejections(ctx context.Context, d *Document) error {
	written := s.Regions.Written(s.region.Code)
	if !slices.Contains(written, s.region.Code) {
		written = append([]string{s.region.Code}, written...)
	}
	var all []fact.Rejection
	for _, indicator := range s.parts(s.indicator) {
		found, err := s.Rejections.Rejections(ctx, indicator.ID, written, countedRejections)
		if err != nil {
			return err //nolint:wrapcheck // Explain says of what
		}
		d.Rejections.AtLeast = d.Rejections.AtLeast || len(found) == countedRejections
		for i := range found {
			if s.concerns(&found[i]) {
				all = append(all, found[i])
			}
		}
	}
	slices.SortStableFunc(all, func(a, b fact.Rejection) int {
		return cmp.Or(b.Recorded.Compare(a.Recorded), cmp.Compare(b.Run, a.Run))
	})
	d.Rejections.Rejections = []Rejection{}
	d.Rejections.More = max(0, len(all)-mostRejections)
	for i := range all[:min(mostRejections, len(all))] {
		d.Rejections.Rejections = append(d.Rejections.Rejections, s.rejection(&all[i]))
	}
	return nil
}

func (s *subject) concerns(r *fact.Rejection) bool {
	if !s.asKnownAt.IsZero() && r.Recorded.After(s.asKnownAt) {
		return false
	}
	period, date := strings.TrimSpace(r.Reading.Period), strings.TrimSpace(r.Reading.Date)
	cadence := s.indicator.Cadence
	switch {
	case period != "":
		p, err := s.ReadPeriod(period, cadence)
		return err != nil || p == s.period || p.Cadence() != cadence && (p.Contains(s.period) || s.period.Contains(p))
	case date != "":
		day, err := s.ReadPeriod(date, fact.Daily)
		return err != nil || fact.PeriodAt(day.Start(time.UTC), cadence) == s.period
	case r.Reading.LastEnded:
		return fact.LastEnded(r.Recorded.In(s.Zone), cadence) == s.period
	}
	return true
}

func (s *subject) rejection(r *fact.Rejection) Rejection {
	read := &r.Reading
	rejection := Rejection{
		Recorded: r.Recorded.In(s.Zone), Collector: r.Collector, Run: r.Run, Target: r.Target, Place: placeOf(read.Place),
		Indicator: read.Indicator, Region: read.Region, Period: cmp.Or(read.Period, read.Date), Value: read.Value.String(),
		Stage: r.Stage, Reason: text(r.Reason),
	}
	if read.LastEnded {
		rejection.Period = lastEnded
	}
	return rejection
}
