package rules_test

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"

	"github.com/govkpi/govkpi/internal/rules"
)

func engine() *promql.Engine { return engineOf(50_000_000) }

// engineOf may hold so many samples.
func engineOf(samples int) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		MaxSamples: samples, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: parser.NewParser(parser.Options{}),
	})
}

// nothing is a storage without any series.
func nothing() storage.Queryable {
	return storage.QueryableFunc(func(int64, int64) (storage.Querier, error) { return storage.NoopQuerier(), nil })
}

// value is the one number that an expression gives.
func value(t testing.TB, expr string, at time.Time) float64 {
	t.Helper()
	query, err := engine().NewInstantQuery(t.Context(), nothing(), nil, expr, at)
	if err != nil {
		t.Fatal(err)
	}
	defer query.Close()
	result := query.Exec(t.Context())
	vector, err := result.Vector()
	if err != nil || len(vector) != 1 {
		t.Fatalf("%v, %v", result, err)
	}
	return vector[0].F
}

// The calendar in the expression is the calendar: before, in and after a long
// holiday with working weekends around it, a report due at any midnight is as many
// working days late as the calendar says.
func TestWorkingDaysAreThoseOfTheCalendar(t *testing.T) {
	s := site(t)
	groups, err := rules.Generate(s)
	if err != nil {
		t.Fatal(err)
	}
	late := map[int]string{}
	for _, g := range groups {
		for _, r := range g.Rules {
			switch r.Record {
			case "govkpi:due_before_day:working_days_3":
				late[3] = r.Expr
			case "govkpi:due_before_day:working_days_10":
				late[10] = r.Expr
			}
		}
	}
	if len(late) != 2 {
		t.Fatalf("the working days of 3 and 10 are not recorded: %v", late)
	}
	calendar := nationalDay(t, s.Zone)
	for now := time.Date(2025, 9, 20, 9, 0, 0, 0, s.Zone); now.Before(time.Date(2025, 11, 5, 0, 0, 0, 0, s.Zone)); now = now.AddDate(0, 0, 1) {
		for n, expr := range late {
			since := int64(value(t, expr, now))
			due := time.Unix(since*86400, 0).UTC() // the civil date, as if it were UTC
			midnight := time.Date(due.Year(), due.Month(), due.Day(), 0, 0, 0, 0, s.Zone)
			if have := calendar.WorkingDaysBetween(midnight, now); have < n {
				t.Errorf("%s: what was due before %s is said to be %d working days late, and is %d", now, midnight, n, have)
			}
			if have := calendar.WorkingDaysBetween(midnight.AddDate(0, 0, 1), now); have >= n {
				t.Errorf("%s: what was due before %s is %d working days late, and not counted as %d", now, midnight.AddDate(0, 0, 1), have, n)
			}
		}
	}
}
