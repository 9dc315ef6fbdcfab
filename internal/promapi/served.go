package promapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// served is the Queryable as Prometheus' API wants it. It has no chunks, which
// only remote read would ask for.
type served struct {
	storage.Queryable
	limits Limits
}

// Querier implements storage.Queryable.
func (s served) Querier(from, to int64) (storage.Querier, error) {
	q, err := s.Queryable.Querier(from, to)
	if err != nil {
		return nil, fmt.Errorf("open the series: %w", err)
	}
	return servedQuerier{Querier: q, limits: s.limits}, nil
}

// ChunkQuerier implements storage.ChunkQueryable.
func (served) ChunkQuerier(int64, int64) (storage.ChunkQuerier, error) {
	return nil, errors.New("there are no chunks: remote read is not served")
}

// servedQuerier keeps what the engine does not: lists of series and of labels
// are bounded and end in time, too.
type servedQuerier struct {
	storage.Querier
	limits Limits
}

// Select implements storage.Querier.
func (q servedQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	set := q.Querier.Select(ctx, sorted, hints, ms...)
	if hints == nil || hints.Func != "series" { // the engine counts its samples itself
		return set
	}
	return &boundedSeries{SeriesSet: set, limit: q.limits.ResponseBytes, late: func(err error) error { return q.late(ctx, err) }}
}

// LabelValues implements storage.LabelQuerier.
func (q servedQuerier) LabelValues(ctx context.Context, name string, hints *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	values, warnings, err := q.Querier.LabelValues(ctx, name, hints, ms...)
	return values, warnings, q.late(ctx, err)
}

// LabelNames implements storage.LabelQuerier.
func (q servedQuerier) LabelNames(ctx context.Context, hints *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	names, warnings, err := q.Querier.LabelNames(ctx, hints, ms...)
	return names, warnings, q.late(ctx, err)
}

// late says of an error that came of the request's end what has ended it, in the
// engine's words, so that the API answers with the same status.
func (q servedQuerier) late(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w: match fewer series or shorten the range; promql.timeout allows %s", promql.ErrQueryTimeout("reading labels"), q.limits.Timeout)
	case ctx.Err() != nil:
		return fmt.Errorf("the request was cancelled: %w", promql.ErrQueryCanceled("reading labels"))
	}
	return err
}

// boundedSeries ends with a refusal where the labels alone are longer than the
// answer may be, before all of them are held in memory.
type boundedSeries struct {
	storage.SeriesSet
	limit, length int
	late          func(error) error
}

// Next implements storage.SeriesSet.
func (b *boundedSeries) Next() bool {
	if !b.SeriesSet.Next() {
		return false
	}
	b.At().Labels().Range(func(l labels.Label) { b.length += len(l.Name) + len(l.Value) + len(`"":"",`) })
	if b.length > b.limit {
		panic(tooLong(b.limit))
	}
	return true
}

// Err implements storage.SeriesSet.
func (b *boundedSeries) Err() error { return b.late(b.SeriesSet.Err()) }

// noExemplars is what the ledger knows of exemplars.
type noExemplars struct{}

// ExemplarQuerier implements storage.ExemplarQueryable.
func (noExemplars) ExemplarQuerier(context.Context) (storage.ExemplarQuerier, error) {
	return noExemplars{}, nil
}

// Select implements storage.ExemplarQuerier.
func (noExemplars) Select(int64, int64, ...[]*labels.Matcher) ([]exemplar.QueryResult, error) {
	return []exemplar.QueryResult{}, nil
}
