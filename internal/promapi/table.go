package promapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
)

// Table is what a query gives at one instant, for people.
type Table struct {
	// Columns are the labels that any of the rows has, in the order in which people
	// look for them. Scalar is set where the answer is a number, or a text, of its
	// own: there is one row and no column then.
	Columns []string
	Scalar  bool
	Rows    []Row
	// Warnings are what the engine has to say about the query, one sentence each.
	Warnings []string
}

// Row is one series.
type Row struct {
	Labels []string // as Columns; empty where the series has no such label
	Value  float64
	// Text is set in place of Value where the answer is none, such as a histogram.
	Text string
}

// Ask evaluates an expression at an instant. Rows are in the engine's order where
// the expression sorts them, else sorted by their labels.
func Ask(ctx context.Context, engine *promql.Engine, on storage.Queryable, expression string, at time.Time) (*Table, error) {
	query, err := engine.NewInstantQuery(ctx, on, nil, expression, at)
	if err != nil {
		return nil, fmt.Errorf("the expression can't be read: %w", err)
	}
	defer query.Close()
	result := query.Exec(ctx)
	if result.Err != nil {
		return nil, fmt.Errorf("the expression can't be answered: %w", result.Err)
	}
	t := &Table{}
	for _, warning := range result.Warnings.AsErrors() {
		t.Warnings = append(t.Warnings, warning.Error())
	}
	switch v := result.Value.(type) {
	case promql.Scalar:
		t.Scalar, t.Rows = true, []Row{{Value: v.V}}
	case promql.String:
		t.Scalar, t.Rows = true, []Row{{Text: v.V}}
	case promql.Vector:
		t.fill(v, !sorts(expression))
	default:
		return nil, errors.New("the expression gives ranges of samples: put a function such as max_over_time around it")
	}
	return t, nil
}

// sorts reports whether an expression puts its result in an order of its own.
func sorts(expression string) bool {
	expression = strings.TrimSpace(expression)
	return slices.ContainsFunc([]string{"sort", "topk", "bottomk"}, func(f string) bool { return strings.HasPrefix(expression, f) })
}

// first are the labels that people look for first, in this order; those of regions
// that follow them come from the top down.
func first() []string {
	return []string{nameLabel, "indicator", "level", "city", "county", "township", "village", "grid", "code"}
}

func (t *Table) fill(v promql.Vector, sort bool) {
	if sort {
		slices.SortStableFunc(v, func(a, b promql.Sample) int { return labels.Compare(a.Metric, b.Metric) })
	}
	seen := map[string]bool{}
	for i := range v {
		v[i].Metric.Range(func(l labels.Label) { seen[l.Name] = true })
	}
	for _, name := range first() {
		if seen[name] {
			t.Columns = append(t.Columns, name)
			delete(seen, name)
		}
	}
	known := len(t.Columns)
	for name := range seen {
		t.Columns = append(t.Columns, name)
	}
	slices.Sort(t.Columns[known:])
	for i := range v {
		row := Row{Value: v[i].F}
		if v[i].H != nil {
			row.Text = v[i].H.String()
		}
		for _, name := range t.Columns {
			row.Labels = append(row.Labels, v[i].Metric.Get(name))
		}
		t.Rows = append(t.Rows, row)
	}
}
