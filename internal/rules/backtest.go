package rules

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"golang.org/x/sync/errgroup"
)

// Question is what a back-test asks: whom these rules would have named.
type Question struct {
	Engine *promql.Engine
	// Queryable should show at every instant what was known then.
	Queryable storage.Queryable
	Groups    []rulefmt.RuleGroup // of Generate
	// From and To bound the time, To exclusive; months are those of Zone.
	From, To time.Time
	Zone     *time.Location
	// Step is the time between two evaluations; 0 is a day, and then they are at
	// nine in the morning.
	Step time.Duration
}

// Review is what a back-test found.
type Review struct {
	From, To    time.Time
	Evaluations int // of the rules, at so many instants
	Months      []Month
}

// Month is who would have been named in a month; a month without anybody is there
// too.
type Month struct {
	Month string // 2025-01
	Named []Named
}

// Named is an alert that fired in a month.
type Named struct {
	// Labels are the alert's, alertname and severity among them.
	Labels map[string]string
	// First and Last are the first and the last instant in the month at which it
	// fired; there were Instants of them.
	First, Last time.Time
	Instants    int
	// Begun says that it did not fire at the evaluation before First.
	Begun bool
	// Value is the rule's at Last.
	Value float64
}

func (q *Question) validate() error {
	switch {
	case q.Engine == nil || q.Queryable == nil || q.Zone == nil:
		return errors.New("a back-test needs an engine, a storage and a time zone")
	case !q.From.Before(q.To):
		return fmt.Errorf("the back-test ends at %s, which is not after its beginning, %s", q.To.Format(time.DateOnly), q.From.Format(time.DateOnly))
	case q.Step < 0 || q.Step > 24*time.Hour:
		return fmt.Errorf("a back-test looks at least daily: the step is %s", q.Step)
	case q.Step%time.Millisecond != 0:
		return fmt.Errorf("a back-test looks every so many milliseconds: the step is %s", q.Step)
	}
	return nil
}

// instants are when the rules are evaluated.
func (q *Question) instants() []time.Time {
	var all []time.Time
	if q.Step > 0 {
		for t := q.From; t.Before(q.To); t = t.Add(q.Step) {
			all = append(all, t)
		}
		return all
	}
	const morning = 9
	first := q.From.In(q.Zone)
	for t := time.Date(first.Year(), first.Month(), first.Day(), morning, 0, 0, 0, q.Zone); t.Before(q.To); t = t.AddDate(0, 0, 1) {
		if !t.Before(q.From) {
			all = append(all, t)
		}
	}
	return all
}

// Backtest evaluates the rules as they would have been, `for` included, and says
// month by month which alerts fired. What rules record is worked out again, so that
// nothing needs to have been recorded then. Queries are asked under ctx, several at
// once.
func Backtest(ctx context.Context, q Question) (*Review, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	instants := q.instants()
	b := &backtest{question: q, instants: instants, stretches: stretches(instants), months: map[string]map[string]*Named{}}
	found, err := b.evaluate(ctx)
	if err != nil {
		return nil, err
	}
	for g := range q.Groups {
		n := 0
		for i := range q.Groups[g].Rules {
			if rule := &q.Groups[g].Rules[i]; rule.Alert != "" {
				if err := b.follow(ctx, rule, func(stretch int) promql.Matrix { return found[g][stretch][n] }); err != nil {
					return nil, err
				}
				n++
			}
		}
	}
	return &Review{From: q.From, To: q.To, Evaluations: len(instants), Months: b.result()}, nil
}

// backtest collects what fires.
type backtest struct {
	question  Question
	instants  []time.Time
	stretches []stretch
	months    map[string]map[string]*Named
}

// evaluate returns what each group gave in each stretch.
func (b *backtest) evaluate(ctx context.Context) ([][]results, error) {
	found := make([][]results, len(b.question.Groups))
	for g := range found {
		found[g] = make([]results, len(b.stretches))
	}
	// What stood is worked out from where it is first asked for: so the first stretch
	// comes before all others.
	first := min(1, len(b.stretches))
	for _, part := range [...]struct{ from, to int }{{0, first}, {first, len(b.stretches)}} {
		work, ctx := errgroup.WithContext(ctx)
		work.SetLimit(runtime.GOMAXPROCS(0))
		for g := range b.question.Groups {
			for n := part.from; n < part.to; n++ {
				work.Go(func() (err error) {
					found[g][n], err = b.stretches[n].evaluate(ctx, b.question.Engine, b.question.Queryable, &b.question.Groups[g])
					return err
				})
			}
		}
		if err := work.Wait(); err != nil {
			return nil, err //nolint:wrapcheck // the stretch says what failed
		}
	}
	return found, nil
}

// follow goes through time with one rule: Prometheus' own decides what is pending
// and what fires. It is given results that have its labels already.
func (b *backtest) follow(ctx context.Context, r *rulefmt.Rule, found func(stretch int) promql.Matrix) error {
	parsed, err := newParser().ParseExpr(r.Expr)
	if err != nil {
		return fmt.Errorf("rule %s: %w", r.Alert, err)
	}
	rule := promrules.NewAlertingRule(r.Alert, parsed, time.Duration(r.For), time.Duration(r.KeepFiringFor),
		labels.EmptyLabels(), labels.EmptyLabels(), labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler))
	before := map[string]bool{}
	for n := range b.stretches {
		s := &b.stretches[n]
		for i, vector := range s.vectors(found(n)) {
			t := s.at(i)
			known := func(context.Context, string, time.Time) (promql.Vector, error) { return vector, nil }
			if _, err := rule.Eval(ctx, 0, t, known, &url.URL{}, 0); err != nil {
				return fmt.Errorf("%s at %s: %w", rule.Name(), t.In(b.question.Zone).Format(time.DateTime), err)
			}
			now := map[string]bool{}
			for _, a := range rule.ActiveAlerts() {
				if a.State == promrules.StateFiring {
					id := a.Labels.String()
					now[id] = true
					b.name(a, id, t, !before[id])
				}
			}
			before = now
		}
	}
	return nil
}

func (b *backtest) name(a *promrules.Alert, id string, t time.Time, begun bool) {
	month := t.In(b.question.Zone).Format("2006-01")
	if b.months[month] == nil {
		b.months[month] = map[string]*Named{}
	}
	n := b.months[month][id]
	if n == nil {
		n = &Named{Labels: a.Labels.Map(), First: t, Begun: begun}
		b.months[month][id] = n
	}
	n.Last, n.Value = t, a.Value
	n.Instants++
}

func (b *backtest) result() []Month {
	var months []Month
	for _, t := range b.instants {
		month := t.In(b.question.Zone).Format("2006-01")
		if len(months) > 0 && months[len(months)-1].Month == month {
			continue
		}
		m := Month{Month: month}
		for _, n := range b.months[month] {
			m.Named = append(m.Named, *n)
		}
		slices.SortFunc(m.Named, func(a, b Named) int {
			for _, label := range []string{labels.AlertName, labelCode, labelIndicator, labelSeverity} {
				if c := cmp.Compare(a.Labels[label], b.Labels[label]); c != 0 {
					return c
				}
			}
			return cmp.Compare(labels.FromMap(a.Labels).String(), labels.FromMap(b.Labels).String())
		})
		months = append(months, m)
	}
	return months
}
