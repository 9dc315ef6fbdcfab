package rules

import (
	"context"
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// recordings answers for what the rules of a group have recorded in a back-test,
// and asks another storage for all else.
type recordings struct {
	storage.Queryable
	series map[string][]storage.Series // by name
}

func newRecordings(q storage.Queryable) *recordings {
	return &recordings{Queryable: q, series: map[string][]storage.Series{}}
}

// record keeps what a rule gave at some of the instants that are so many
// milliseconds apart. Where it gave nothing the series ends, as it does in
// Prometheus.
func (r *recordings) record(name string, result promql.Matrix, own map[string]string, apart int64) {
	for _, s := range result {
		b := labels.NewBuilder(s.Metric).Set(model.MetricNameLabel, name)
		for label, content := range own {
			b.Set(label, content)
		}
		var points []promql.FPoint
		for i, p := range s.Floats {
			points = append(points, p)
			if next := p.T + apart; i+1 == len(s.Floats) || s.Floats[i+1].T != next {
				points = append(points, promql.FPoint{T: next, F: math.Float64frombits(value.StaleNaN)})
			}
		}
		r.series[name] = append(r.series[name], promql.NewStorageSeries(promql.Series{Metric: b.Labels(), Floats: points}))
	}
	if r.series[name] == nil {
		r.series[name] = []storage.Series{}
	}
}

// Querier implements storage.Queryable.
func (r *recordings) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := r.Queryable.Querier(mint, maxt)
	return &recordingsQuerier{q, r}, err //nolint:wrapcheck // the engine says that it is the storage's
}

type recordingsQuerier struct {
	storage.Querier
	recordings *recordings
}

// Select implements storage.Querier.
func (q *recordingsQuerier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	for _, m := range matchers {
		if m.Name != model.MetricNameLabel || m.Type != labels.MatchEqual {
			continue
		}
		if all, recorded := q.recordings.series[m.Value]; recorded {
			return &seriesList{all: slices.DeleteFunc(slices.Clone(all), func(s storage.Series) bool {
				return slices.ContainsFunc(matchers, func(m *labels.Matcher) bool { return !m.Matches(s.Labels().Get(m.Name)) })
			})}
		}
	}
	return q.Querier.Select(ctx, sorted, hints, matchers...)
}

// seriesList is a storage.SeriesSet of series that are at hand.
type seriesList struct {
	all []storage.Series
	at  int // the next
}

// Next implements storage.SeriesSet.
func (l *seriesList) Next() bool {
	l.at++
	return l.at <= len(l.all)
}

// At implements storage.SeriesSet.
func (l *seriesList) At() storage.Series { return l.all[l.at-1] }

// Err implements storage.SeriesSet.
func (*seriesList) Err() error { return nil }

// Warnings implements storage.SeriesSet.
func (*seriesList) Warnings() annotations.Annotations { return nil }
