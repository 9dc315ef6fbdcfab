package demo

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// fillCases writes a system that keeps events: a row for every case settled,
// over the days of its month. A query counts them.
func (s *Sample) fillCases(ctx context.Context, tx *sql.Tx) error {
	figures := s.figures["property_cases_settled"]
	return insert(ctx, tx, "property_cases", 3, func(add func(...any) error) error {
		for i, p := range figures.periods {
			start := p.Start(time.UTC)
			days := int(p.End(time.UTC).Sub(start).Hours()) / 24
			for k, region := range figures.regions {
				for n := range figures.values[i][k] {
					day := start.AddDate(0, 0, n*days/figures.values[i][k])
					number := fmt.Sprintf("%s-%s-%03d", region.Code, start.Format("200601"), n+1)
					if err := add(number, typedName(region), day.Format(time.DateOnly)); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// fillSessions writes a log of the townships, by number of villages: a row for
// each and every month. A query adds them up.
func (s *Sample) fillSessions(ctx context.Context, tx *sql.Tx) error {
	figures := s.figures["deliberation_sessions"]
	return insert(ctx, tx, "deliberation_log", 3, func(add func(...any) error) error {
		for i, p := range figures.periods {
			for k, region := range figures.regions {
				townships := s.register.townships(region.Code)
				for n, sessions := range split(figures.values[i][k], villagesOf(townships)) {
					if err := add(townships[n].Name, p.String(), sessions); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}
