package promapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// mostListed is how many of each kind status/tsdb lists at most, as in
// Prometheus.
const mostListed = 10000

// cardinality answers status/tsdb: which families and labels the series are
// made of that have a value now. What a TSDB would say of its chunks is 0.
func (s *apiServer) cardinality(w http.ResponseWriter, r *http.Request) {
	limit := 10
	if n, err := countParam(r, "limit"); err != nil || n == 0 || n < -1 || n > mostListed {
		s.refuse(w, refuse(http.StatusBadRequest, badData, "limit must be a number from 1 to %d", mostListed))
		return
	} else if n > 0 {
		limit = n
	}
	now := s.Now()
	counted, err := s.countSeries(r.Context(), now.Add(-DefaultLookback), now)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.write(w, r, counted.status(limit))
}

// counted are series by what they are made of.
type counted struct {
	from, to int64
	series   uint64
	families map[string]uint64
	pairs    map[labels.Label]uint64
}

func (s *apiServer) countSeries(ctx context.Context, from, to time.Time) (*counted, error) {
	c := &counted{from: from.UnixMilli(), to: to.UnixMilli(), families: map[string]uint64{}, pairs: map[labels.Label]uint64{}}
	q, err := s.Queryable.Querier(c.from, c.to)
	if err != nil {
		return nil, err //nolint:wrapcheck // whoever answers says what failed
	}
	defer func() { _ = q.Close() }() // what was read is whole without it
	all := labels.MustNewMatcher(labels.MatchNotEqual, model.MetricNameLabel, "")
	set := q.Select(ctx, false, &storage.SelectHints{Start: c.from, End: c.to, Func: "series"}, all)
	for set.Next() {
		if c.series++; c.series%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		set.At().Labels().Range(func(l labels.Label) {
			if l.Name == model.MetricNameLabel {
				c.families[l.Value]++
			}
			c.pairs[l]++
		})
	}
	return c, set.Err() //nolint:wrapcheck // whoever answers says what failed
}

func (c *counted) status(limit int) v1.TSDBStatus {
	values, bytes, pairs := map[string]uint64{}, map[string]uint64{}, make(map[string]uint64, len(c.pairs))
	for l, series := range c.pairs {
		values[l.Name]++
		bytes[l.Name] += uint64(len(l.Value)) * series
		pairs[l.Name+"="+l.Value] = series
	}
	return v1.TSDBStatus{
		HeadStats:                   v1.HeadStats{NumSeries: c.series, NumLabelPairs: len(c.pairs), MinTime: c.from, MaxTime: c.to},
		SeriesCountByMetricName:     mostFrequent(c.families, limit),
		LabelValueCountByLabelName:  mostFrequent(values, limit),
		MemoryInBytesByLabelName:    mostFrequent(bytes, limit),
		SeriesCountByLabelValuePair: mostFrequent(pairs, limit),
	}
}

// mostFrequent lists the greatest, the greatest first, then by name.
func mostFrequent(of map[string]uint64, limit int) []v1.TSDBStat {
	list := make([]v1.TSDBStat, 0, len(of))
	for name, n := range of {
		list = append(list, v1.TSDBStat{Name: name, Value: n})
	}
	slices.SortFunc(list, func(a, b v1.TSDBStat) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Name, b.Name))
	})
	return list[:min(limit, len(list))]
}

// fail answers for what could not be read: too late, cancelled, or broken.
func (s *apiServer) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch late := r.Context().Err(); {
	case late == nil:
		s.Log.ErrorContext(r.Context(), "series can't be read", "endpoint", r.URL.Path, "err", err)
		s.refuse(w, refuse(http.StatusInternalServerError, internal, "the series can't be read; the log says why"))
	case errors.Is(late, context.Canceled):
		s.refuse(w, refuse(statusClientGone, "canceled", "the request was cancelled"))
	default:
		s.refuse(w, overLimit(http.StatusServiceUnavailable, "timeout", limitTimeout, "counting the series took longer than promql.timeout allows, %s", s.Limits.Timeout))
	}
}
