package rules_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/storage"

	"github.com/govkpi/govkpi/internal/rules"
)

// past fills two months of 2025, hourly but for gaps that the lookback bridges:
// a county is behind from 10 January to 5 February, and late from 8 October on.
func past(t testing.TB) storage.Queryable {
	t.Helper()
	db := open(t, t.TempDir())
	t.Cleanup(func() { _ = db.Close() })
	zone := shanghai(t)
	for at := time.Date(2025, 1, 1, 9, 0, 0, 0, zone); at.Before(time.Date(2025, 3, 1, 0, 0, 0, 0, zone)); at = at.AddDate(0, 0, 1) {
		of := 0.95
		if !at.Before(time.Date(2025, 1, 10, 0, 0, 0, 0, zone)) && at.Before(time.Date(2025, 2, 6, 0, 0, 0, 0, zone)) {
			of = 0.5
		}
		put(t, db, at, share(of), behind())
	}
	due := time.Date(2025, 10, 1, 0, 0, 0, 0, zone)
	for at := time.Date(2025, 9, 25, 9, 0, 0, 0, zone); at.Before(time.Date(2025, 11, 1, 0, 0, 0, 0, zone)); at = at.AddDate(0, 0, 1) {
		values := share(0.95)
		values["late"] = max(0, at.Sub(due).Seconds())
		put(t, db, at, values, behind())
	}
	return db
}

func groups(t testing.TB) []rulefmt.RuleGroup {
	t.Helper()
	all, err := rules.Generate(site(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBacktest(t *testing.T) {
	zone := shanghai(t)
	db := past(t)
	ask := func(from, to time.Time) string {
		review, err := rules.Backtest(t.Context(), rules.Question{
			Engine: engine(), Queryable: db, Groups: groups(t), From: from, To: to, Zone: zone,
		})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := review.Print(&b, zone); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	// For a day: behind since the 10th, named on the 11th.
	want := `2025-01: 1
  ALERT               SEVERITY  REGION               INDICATOR  FROM   TO     DAYS  VALUE
  RegionBehindTarget  warning   360601 鹰潭市县1     grids      01-11  01-31  21    50
2025-02: 1
  ALERT               SEVERITY  REGION               INDICATOR  FROM    TO     DAYS  VALUE
  RegionBehindTarget  warning   360601 鹰潭市县1     grids      before  02-05  5     50
`
	got := ask(time.Date(2025, 1, 1, 0, 0, 0, 0, zone), time.Date(2025, 3, 1, 0, 0, 0, 0, zone))
	if squeeze(got) != squeeze(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	// Due by the end of September, with a holiday of eight days behind: the third
	// working day, Saturday the 11th, is over on the 12th, the tenth on the 22nd.
	want = `2025-09: 0
2025-10: 3
  ALERT          SEVERITY  REGION            INDICATOR  FROM   TO     DAYS  VALUE
  ReportOverdue  critical  360601 鹰潭市县1  grids      10-22  10-31  10    30
  ReportOverdue  info      360601 鹰潭市县1  grids      10-01  10-11  11    10
  ReportOverdue  warning   360601 鹰潭市县1  grids      10-12  10-21  10    20
`
	got = ask(time.Date(2025, 9, 25, 0, 0, 0, 0, zone), time.Date(2025, 11, 1, 0, 0, 0, 0, zone))
	if squeeze(got) != squeeze(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func squeeze(s string) string {
	lines := strings.Split(s, "\n")
	for n := range lines {
		lines[n] = strings.Join(strings.Fields(lines[n]), " ")
	}
	return strings.Join(lines, "\n")
}

// Every instant is looked at once and at its own time, also where the clocks change
// so that mornings are not evenly apart, and where a query of many would be too large.
func TestBacktestLooksAtEveryInstant(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2025, 3, 1, 0, 0, 0, 0, berlin)
	clock := []rulefmt.RuleGroup{{Name: "clock", Rules: []rulefmt.Rule{
		{Record: "govkpi:now", Expr: "vector(time())"},
		{Alert: "Always", Expr: "govkpi:now"},
		{Alert: "AtTheEnd", Expr: "last_over_time(vector(time())[1s:1s] @ end())"},
	}}}
	for name, c := range map[string]struct {
		step          time.Duration
		march, april  int // instants
		most          int // samples that a query may hold
		lastInstantAt int // the hour of a month's last
	}{
		"mornings":            {march: 31, april: 30, most: 1000, lastInstantAt: 9},
		"mornings one by one": {march: 31, april: 30, most: 5, lastInstantAt: 9},
		"every six hours":     {step: 6 * time.Hour, march: 124, april: 120, most: 1000, lastInstantAt: 19},
		"every hour":          {step: time.Hour, march: 31*24 - 1, april: 30 * 24, most: 1000, lastInstantAt: 23},
	} {
		t.Run(name, func(t *testing.T) {
			review, err := rules.Backtest(t.Context(), rules.Question{
				Engine: engineOf(c.most), Queryable: nothing(), Groups: clock, From: from, To: from.AddDate(0, 2, 0), Zone: berlin, Step: c.step,
			})
			if err != nil {
				t.Fatal(err)
			}
			if review.Evaluations != c.march+c.april || len(review.Months) != 2 {
				t.Fatalf("%d evaluations in %d months, want %d in 2", review.Evaluations, len(review.Months), c.march+c.april)
			}
			for n, want := range []int{c.march, c.april} {
				if len(review.Months[n].Named) != 2 {
					t.Fatalf("in %s %v fired, want two alerts", review.Months[n].Month, review.Months[n].Named)
				}
				for _, named := range review.Months[n].Named {
					if named.Instants != want || named.Value != float64(named.Last.Unix()) || named.Last.In(berlin).Hour() != c.lastInstantAt {
						t.Errorf("in %s %s fired at %d instants, want %d, and at %s it said %v", review.Months[n].Month, named.Labels["alertname"], named.Instants, want, named.Last, time.Unix(int64(named.Value), 0))
					}
				}
			}
		})
	}
}

func TestBacktestRefuses(t *testing.T) {
	zone := shanghai(t)
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, zone)
	sound := rules.Question{Engine: engine(), Queryable: nothing(), Groups: groups(t), From: from, To: from.AddDate(0, 0, 2), Zone: zone}
	if _, err := rules.Backtest(t.Context(), sound); err != nil {
		t.Errorf("a sound question: %v", err)
	}
	for name, change := range map[string]func(*rules.Question){
		"no engine":          func(q *rules.Question) { q.Engine = nil },
		"backwards":          func(q *rules.Question) { q.To = q.From },
		"half a millisecond": func(q *rules.Question) { q.Step = time.Millisecond / 2 },
		"a week at a time":   func(q *rules.Question) { q.Step = 7 * 24 * time.Hour },
		"no PromQL": func(q *rules.Question) {
			q.Groups = []rulefmt.RuleGroup{{Name: "a", Rules: []rulefmt.Rule{{Alert: "a", Expr: "sum("}}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := sound
			change(&q)
			if _, err := rules.Backtest(t.Context(), q); err == nil {
				t.Error("it was answered")
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := rules.Backtest(ended, sound); err == nil {
		t.Error("a question whose context had ended was answered")
	}
}
