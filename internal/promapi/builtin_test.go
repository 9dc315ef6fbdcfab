package promapi_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"

	"github.com/govkpi/govkpi/internal/promapi"
)

// noFigures is a ledger with families and nothing in them.
type noFigures struct{}

func (noFigures) Families() []promapi.Family {
	return []promapi.Family{{Name: "governance_grids", Type: "gauge"}, {Name: "governance_rank", Type: "gauge"}}
}

func (noFigures) Select(context.Context, promapi.Selection) ([]promapi.Series, error) {
	return nil, nil
}

func (noFigures) LabelValues(context.Context, string, promapi.Selection) ([]string, error) {
	return nil, nil
}

func (noFigures) LabelNames(context.Context, promapi.Selection) ([]string, error) { return nil, nil }

// joined is a storage that is read through the Queryable.
type joined struct {
	*teststorage.TestStorage
	queryable *promapi.Queryable
}

func (j joined) Querier(mint, maxt int64) (storage.Querier, error) {
	return j.queryable.Querier(mint, maxt)
}

// Prometheus' own scripts pass on a TSDB that is joined with a ledger.
func TestScriptsOfPrometheus(t *testing.T) {
	promqltest.RunBuiltinTestsWithStorage(t, promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery), func(tb testing.TB) storage.Storage {
		tb.Helper()
		db := promqltest.NewBuiltinTestStorage(tb)
		return joined{db, promapi.NewQueryable(noFigures{}, db, time.Now)}
	})
}
