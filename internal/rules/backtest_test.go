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

// Mornings are not evenly apart where the clocks change, and an evaluation every few
// hours gives as many.
func TestBacktestLooksAtEveryInstant(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2025, 3, 1, 0, 0, 0, 0, berlin)
	for name, c := range map[string]struct {
		step time.Duration
		want int
	}{
		"mornings":        {0, 61},
		"every six hours": {6 * time.Hour, 244},
		"every hour":      {time.Hour, 61*24 - 1},
	} {
		t.Run(name, func(t *testing.T) {
			review, err := rules.Backtest(t.Context(), rules.Question{
				Engine: engine(), Queryable: past(t), Groups: groups(t)[:1], From: from, To: from.AddDate(0, 0, 61), Zone: berlin, Step: c.step,
			})
			if err != nil {
				t.Fatal(err)
			}
			if review.Evaluations != c.want || len(review.Months) != 2 {
				t.Errorf("%d evaluations in %d months, want %d in 2", review.Evaluations, len(review.Months), c.want)
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
