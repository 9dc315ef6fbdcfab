package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
)

// stretch is instants of a back-test that are evenly apart: one query of a range
// costs far less than one for each instant.
type stretch struct {
	from  time.Time
	apart time.Duration
	n     int
}

// mostInstants is how many of them are asked for at once: a month of mornings. It
// bounds the memory that a query takes.
const mostInstants = 31

// stretches parts instants, which are in order; where the clocks change, mornings
// are not evenly apart.
func stretches(instants []time.Time) []stretch {
	var all []stretch
	for len(instants) > 0 {
		s := stretch{from: instants[0], apart: time.Second, n: 1}
		if len(instants) > 1 {
			s.apart = instants[1].Sub(instants[0])
		}
		for s.n < min(len(instants), mostInstants) && instants[s.n].Sub(instants[s.n-1]) == s.apart {
			s.n++
		}
		all = append(all, s)
		instants = instants[s.n:]
	}
	return all
}

// at returns the n-th instant.
func (s *stretch) at(n int) time.Time { return s.from.Add(time.Duration(n) * s.apart) }

// results are what the alerting rules of a group gave in a stretch, in their order.
type results []promql.Matrix

// evaluate asks for all rules of a group in a stretch. What they record is there
// for those that follow, as it would have been then.
func (s *stretch) evaluate(ctx context.Context, engine *promql.Engine, q storage.Queryable, g *rulefmt.RuleGroup) (results, error) {
	recorded := newRecordings(q)
	var all results
	for i := range g.Rules {
		r := &g.Rules[i]
		found, err := s.ask(ctx, engine, recorded, r.Expr)
		if err != nil {
			return nil, fmt.Errorf("group %s, rule %s%s from %s: %w", g.Name, r.Record, r.Alert, s.from.Format(time.DateTime), err)
		}
		if r.Record != "" {
			recorded.record(r.Record, found, r.Labels, s.apart.Milliseconds())
			continue
		}
		for n := range found {
			found[n].Metric = labelled(found[n].Metric, r.Labels)
		}
		all = append(all, found)
	}
	return all, nil
}

// labelled gives a result the labels of its alert: so those that only carry what a
// text says are gone before anybody compares.
func labelled(metric labels.Labels, own map[string]string) labels.Labels {
	b := labels.NewBuilder(metric).Del(model.MetricNameLabel)
	for label, content := range own {
		b.Set(label, content)
	}
	return b.Labels()
}

// ask asks for an expression in one query, or in as many as it takes.
func (s *stretch) ask(ctx context.Context, engine *promql.Engine, q storage.Queryable, expr string) (promql.Matrix, error) {
	parsed, err := newParser().ParseExpr(expr)
	if err != nil {
		return nil, err //nolint:wrapcheck // the group says which rule it is
	}
	if s.n > 1 && bounded(parsed) {
		return s.askIn(ctx, s.n, engine, q, expr)
	}
	found, err := s.query(ctx, engine, q, expr)
	if s.n > 1 && tooLarge(err) && ctx.Err() == nil {
		return s.askIn(ctx, 2, engine, q, expr)
	}
	return found, err
}

// tooLarge reports whether a query passed a limit that each instant by itself may
// keep.
func tooLarge(err error) bool {
	_, samples := errors.AsType[promql.ErrTooManySamples](err)
	_, timeout := errors.AsType[promql.ErrQueryTimeout](err)
	return samples || timeout
}

func (s *stretch) query(ctx context.Context, engine *promql.Engine, q storage.Queryable, expr string) (promql.Matrix, error) {
	query, err := engine.NewRangeQuery(ctx, q, nil, expr, s.from, s.at(s.n-1), s.apart)
	if err != nil {
		return nil, err //nolint:wrapcheck // the group says which rule it is
	}
	defer query.Close()
	found, err := query.Exec(ctx).Matrix()
	if err != nil {
		return nil, err //nolint:wrapcheck // the group says which rule it is
	}
	copied := make(promql.Matrix, len(found)) // the query's memory is used again
	for i, series := range found {
		copied[i] = promql.Series{Metric: series.Metric, Floats: slices.Clone(series.Floats)}
	}
	return copied, nil
}

// bounded reports whether an expression asks for the first or last instant of its
// query, which a rule's own evaluation is and an instant of a range is not.
func bounded(expr parser.Expr) (found bool) {
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		switch n := node.(type) {
		case *parser.VectorSelector:
			found = found || n.StartOrEnd != 0
		case *parser.SubqueryExpr:
			found = found || n.StartOrEnd != 0
		}
		return nil
	})
	return found
}

// askIn asks in so many parts.
func (s *stretch) askIn(ctx context.Context, parts int, engine *promql.Engine, q storage.Queryable, expr string) (promql.Matrix, error) {
	at := map[uint64]int{} // in all, by the hash of the labels
	var all promql.Matrix
	for part := range parts {
		begin, end := s.n*part/parts, s.n*(part+1)/parts
		some := stretch{from: s.at(begin), apart: s.apart, n: end - begin}
		found, err := some.ask(ctx, engine, q, expr)
		if err != nil {
			return nil, err
		}
		for _, series := range found {
			i, known := at[series.Metric.Hash()]
			if !known {
				i = len(all)
				at[series.Metric.Hash()] = i
				all = append(all, promql.Series{Metric: series.Metric})
			}
			all[i].Floats = append(all[i].Floats, series.Floats...)
		}
	}
	return all, nil
}

// vectors puts what a rule gave at every instant next to each other.
func (s *stretch) vectors(found promql.Matrix) []promql.Vector {
	all := make([]promql.Vector, s.n)
	for _, series := range found {
		for _, p := range series.Floats {
			n := int((p.T - s.from.UnixMilli()) / max(1, s.apart.Milliseconds()))
			all[n] = append(all[n], promql.Sample{Metric: series.Metric, T: p.T, F: p.F})
		}
	}
	return all
}
