package promapi

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// figurePrefix begins the names of families that the ledger answers for, and of
// no other: what is in the TSDB is named otherwise.
const figurePrefix = "governance_"

// nameLabel is the label that a family's name is in.
const nameLabel = "__name__"

// Queryable joins the ledger's series with the telemetry in a TSDB. It is safe
// for concurrent use.
type Queryable struct {
	source    Source
	telemetry storage.Queryable
	now       func() time.Time
}

// NewQueryable returns a Queryable; telemetry may be nil. The clock bounds what is
// answered: nobody has seen the future.
func NewQueryable(source Source, telemetry storage.Queryable, now func() time.Time) *Queryable {
	return &Queryable{source: source, telemetry: telemetry, now: now}
}

// Querier implements storage.Queryable.
func (q *Queryable) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{source: q.source, telemetry: lazy{Queryable: q.telemetry, from: mint, to: maxt}, from: mint, to: maxt, now: q.now().UnixMilli()}, nil
}

type querier struct {
	source    Source
	telemetry lazy
	from, to  int64
	now       int64
}

// lazy opens a storage's querier for the first who asks: most queries are about
// figures alone, and a command that reads must open the whole TSDB for it. The
// engine may ask from several goroutines.
type lazy struct {
	storage.Queryable // nil where there is none
	from, to          int64

	once   sync.Once
	opened storage.Querier
	err    error
}

func (l *lazy) querier() storage.Querier {
	l.once.Do(func() {
		if l.opened, l.err = l.Querier(l.from, l.to); l.err != nil {
			l.opened = broken{storage.NoopQuerier(), l.err}
		}
	})
	return l.opened
}

func (l *lazy) close() error {
	l.once.Do(func() {})
	if l.opened == nil {
		return nil
	}
	return l.opened.Close() //nolint:wrapcheck // the TSDB's own words
}

// broken answers everything with an error.
type broken struct {
	storage.Querier
	err error
}

// Select implements storage.Querier.
func (b broken) Select(context.Context, bool, *storage.SelectHints, ...*labels.Matcher) storage.SeriesSet {
	return storage.ErrSeriesSet(b.err)
}

// LabelValues implements storage.LabelQuerier.
func (b broken) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, b.err
}

// LabelNames implements storage.LabelQuerier.
func (b broken) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, b.err
}

// sides says which of the two can have series that match.
func (q *querier) sides(matchers []*labels.Matcher) (ledger, telemetry bool) {
	telemetry = q.telemetry.Queryable != nil
	var names []*labels.Matcher
	for _, m := range matchers {
		if m.Name != nameLabel {
			continue
		}
		names = append(names, m)
		if strings.HasPrefix(m.Prefix(), figurePrefix) || m.Type == labels.MatchEqual && strings.HasPrefix(m.Value, figurePrefix) {
			telemetry = false
		}
	}
	ledger = len(names) == 0 || slices.ContainsFunc(q.source.Families(), func(f Family) bool { return matches(names, f.Name) })
	return ledger, telemetry
}

func matches(all []*labels.Matcher, value string) bool {
	return !slices.ContainsFunc(all, func(m *labels.Matcher) bool { return !m.Matches(value) })
}

// Select implements storage.Querier.
func (q *querier) Select(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	ledger, telemetry := q.sides(matchers)
	switch {
	case ledger && telemetry:
		sets := []storage.SeriesSet{
			q.fromLedger(ctx, true, hints, matchers), q.telemetry.querier().Select(ctx, true, hints, matchers...),
		}
		return storage.NewMergeSeriesSet(sets, 0, storage.ChainedSeriesMerge)
	case ledger:
		return q.fromLedger(ctx, sorted, hints, matchers)
	case telemetry:
		return q.telemetry.querier().Select(ctx, sorted, hints, matchers...)
	}
	return storage.EmptySeriesSet()
}

func (q *querier) fromLedger(ctx context.Context, sorted bool, hints *storage.SelectHints, matchers []*labels.Matcher) storage.SeriesSet {
	s := Selection{From: q.from, To: q.to, KnownBy: knownBy(ctx), KnownThen: knownThen(ctx), Matchers: matchers}
	view := view{from: q.from, to: q.to, reach: lookback(ctx)}
	if hints != nil {
		s.From, s.To = hints.Start, hints.End
		s.Only, s.Project = projection(hints)
		s.Listing = hints.Func == "series"
		s.Sum = s.Project && hints.Func == "sum" && instant(hints, view.reach)
		view.from, view.to, view.spacing = hints.Start, hints.End, spacingOf(hints.Range)
	}
	s.To, view.to = min(s.To, q.now), min(view.to, q.now)
	all, err := q.source.Select(ctx, s)
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	if sorted {
		slices.SortFunc(all, func(a, b Series) int { return labels.Compare(a.Labels, b.Labels) })
	}
	if hints != nil && hints.Limit > 0 && len(all) > hints.Limit {
		all = all[:hints.Limit]
	}
	return newSeriesSet(all, view)
}

// instant reports whether a selector is asked for one instant, its end: not as a
// range, over one or within a subquery.
func instant(h *storage.SelectHints, lookback int64) bool {
	return h.Step == 0 && h.Range == 0 && h.End-h.Start == lookback-1
}

// projection returns the labels that the engine will look at, where those are all
// it needs: it groups by them, and gives the series themselves up.
func projection(h *storage.SelectHints) (only []string, project bool) {
	switch h.Func {
	case "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile":
		return h.Grouping, h.By
	}
	return nil, false // topk and the like hand series on
}

// LabelValues implements storage.LabelQuerier.
func (q *querier) LabelValues(ctx context.Context, name string, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.names(ctx, hints, matchers,
		func(s Selection) ([]string, error) { return q.source.LabelValues(ctx, name, s) },
		func() ([]string, annotations.Annotations, error) {
			return q.telemetry.querier().LabelValues(ctx, name, hints, matchers...)
		})
}

// LabelNames implements storage.LabelQuerier.
func (q *querier) LabelNames(ctx context.Context, hints *storage.LabelHints, matchers ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return q.names(ctx, hints, matchers,
		func(s Selection) ([]string, error) { return q.source.LabelNames(ctx, s) },
		func() ([]string, annotations.Annotations, error) {
			return q.telemetry.querier().LabelNames(ctx, hints, matchers...)
		})
}

func (q *querier) names(ctx context.Context, hints *storage.LabelHints, matchers []*labels.Matcher, ours func(Selection) ([]string, error), theirs func() ([]string, annotations.Annotations, error)) ([]string, annotations.Annotations, error) {
	ledger, telemetry := q.sides(matchers)
	var (
		names    []string
		warnings annotations.Annotations
		err      error
	)
	if ledger {
		if names, err = ours(Selection{From: q.from, To: min(q.to, q.now), KnownBy: knownBy(ctx), Matchers: matchers}); err != nil {
			return nil, nil, err
		}
	}
	if telemetry {
		further, warned, err := theirs()
		if err != nil {
			return nil, warned, err
		}
		names, warnings = append(slices.Clip(names), further...), warned
	}
	if ledger && telemetry {
		slices.Sort(names)
		names = slices.Compact(names)
	}
	if hints != nil && hints.Limit > 0 && len(names) > hints.Limit {
		names = names[:hints.Limit]
	}
	return names, warnings, nil
}

// Close implements storage.Querier.
func (q *querier) Close() error { return q.telemetry.close() }

// ErrTooMany is wrapped where a selection would have more series than its Limit.
var ErrTooMany = errors.New("too many series")
