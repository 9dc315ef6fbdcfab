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
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
)

// Question is what a back-test asks: whom these rules would have named.
type Question struct {
	Engine    *promql.Engine
	Queryable storage.Queryable
	Groups    []rulefmt.RuleGroup // of Generate
	// From and To bound the time, To exclusive; months are those of Zone.
	From, To time.Time
	Zone     *time.Location
	// Step is the time between two evaluations; 0 is a day, and then they are at
	// nine in the morning.
	Step time.Duration
	// KnownBy makes queries under the context see what was known at an instant,
	// such as promapi.WithKnownBy; nil leaves it to the Queryable.
	KnownBy func(ctx context.Context, t time.Time) context.Context
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
// month by month which alerts fired. What rules record is worked out in the
// expressions that use it, so that nothing needs to have been recorded then.
func Backtest(ctx context.Context, q Question) (*Review, error) {
	if err := q.validate(); err != nil {
		return nil, err
	}
	var all []*promrules.AlertingRule
	for _, g := range q.Groups {
		rules, err := alone(g)
		if err != nil {
			return nil, err
		}
		all = append(all, rules...)
	}
	instants := q.instants()
	b := &backtest{question: q, instants: instants, months: map[string]map[string]*Named{}}
	if err := b.run(ctx, all); err != nil {
		return nil, err
	}
	return &Review{From: q.From, To: q.To, Evaluations: len(instants), Months: b.result()}, nil
}

// alone makes alerting rules of a group that need no recording rule.
func alone(g rulefmt.RuleGroup) ([]*promrules.AlertingRule, error) {
	recorded := map[string]string{}
	var rules []*promrules.AlertingRule
	for _, r := range g.Rules {
		expr, err := inlined(r.Expr, recorded)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", g.Name, err)
		}
		if r.Record != "" {
			recorded[r.Record] = expr
			continue
		}
		parsed, err := newParser().ParseExpr(expr)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", g.Name, err)
		}
		rules = append(rules, promrules.NewAlertingRule(r.Alert, parsed, time.Duration(r.For), time.Duration(r.KeepFiringFor),
			labels.FromMap(r.Labels), labels.EmptyLabels(), labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler)))
	}
	return rules, nil
}

// inlined puts the expressions of recorded series in the place of their names.
func inlined(expr string, recorded map[string]string) (string, error) {
	parsed, err := newParser().ParseExpr(expr)
	if err != nil {
		return "", fmt.Errorf("a rule is no PromQL: %w", err)
	}
	var uses []*parser.VectorSelector
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok && recorded[selector.Name] != "" {
			uses = append(uses, selector)
		}
		return nil
	})
	slices.SortFunc(uses, func(a, b *parser.VectorSelector) int { return cmp.Compare(b.PosRange.Start, a.PosRange.Start) })
	for _, use := range uses { // from the end, so that places stay right
		expr = expr[:use.PosRange.Start] + "(" + recorded[use.Name] + ")" + expr[use.PosRange.End:]
	}
	return expr, nil
}

// backtest collects what fires.
type backtest struct {
	question Question
	instants []time.Time

	mu     sync.Mutex
	months map[string]map[string]*Named
}

// run evaluates each rule at all instants, several rules at once.
func (b *backtest) run(ctx context.Context, rules []*promrules.AlertingRule) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan *promrules.AlertingRule)
	failures := make(chan error, len(rules))
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for rule := range work {
				if err := b.rule(ctx, rule); err != nil {
					failures <- err
					cancel()
				}
			}
		})
	}
	for _, rule := range rules {
		work <- rule
	}
	close(work)
	workers.Wait()
	close(failures)
	return <-failures // the first; nil where there is none
}

func (b *backtest) rule(ctx context.Context, rule *promrules.AlertingRule) error {
	ask := promrules.EngineQueryFunc(b.question.Engine, b.question.Queryable)
	before := map[string]bool{}
	for _, t := range b.instants {
		known := ctx
		if b.question.KnownBy != nil {
			known = b.question.KnownBy(ctx, t)
		}
		if _, err := rule.Eval(known, 0, t, ask, &url.URL{}, 0); err != nil {
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
	return nil
}

func (b *backtest) name(a *promrules.Alert, id string, t time.Time, begun bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
