package app

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/promapi"
	"github.com/govkpi/govkpi/internal/promapi/chronicle"
	"github.com/govkpi/govkpi/internal/promapi/telemetry"
)

// TelemetryFolder is the name of the TSDB's folder in the ledger's.
const TelemetryFolder = "telemetry"

// queries is what answers PromQL.
type queries struct {
	source    promapi.Source
	engine    *promapi.Engine
	queryable *promapi.Queryable
	store     *telemetry.Store
	recorder  *telemetry.Recorder
	handler   http.Handler
}

// reloaded says how reading the configuration went last.
type reloaded struct {
	ok bool
	at time.Time // when one was last accepted
}

// buildQueries opens the TSDB, and builds what answers PromQL from it and from the
// ledger, and the alerts that follow. Its limits are those of the first
// configuration.
func (a *App) buildQueries(ctx context.Context, cfg *config.Config, registry *prometheus.Registry) (err error) {
	q := &a.queries
	q.store, err = telemetry.Open(ctx, telemetry.Options{
		Folder: filepath.Join(a.Data, TelemetryFolder), Retention: cfg.Telemetry.Retention, Now: a.Now, Log: a.Log, Registerer: registry,
	})
	if err != nil {
		return err
	}
	a.teardowns.push("telemetry", func(context.Context) error { return q.store.Close() })
	if q.recorder, err = telemetry.NewRecorder(telemetry.RecorderOptions{
		Store: q.store, Gatherer: registry, Interval: cfg.Telemetry.Interval, Now: a.Now, Log: a.Log,
	}); err != nil {
		return err
	}
	q.source = chronicle.New(&archive{store: a.store, memory: a.memory, now: a.Now, log: a.Log, present: a.present.Load})
	q.queryable = promapi.NewQueryable(q.source, q.store, a.Now)
	limits := limitsOf(cfg)
	q.engine = promapi.NewEngine(promapi.EngineOptions{Limits: limits, Log: a.Log})
	if err := a.buildAlerting(ctx, cfg, registry); err != nil {
		return err
	}
	q.handler, err = promapi.NewHandler(promapi.HandlerOptions{
		Engine: q.engine, Queryable: q.queryable, Limits: limits, Rules: a.alerting.retriever(),
		Metadata: func() []promapi.Family { return promapi.Described(q.source, registry) },
		ParseInstant: func(when string) (time.Time, error) {
			return instantBefore(when, a.site.Load().config.Site.Zone, a.Now())
		},
		About: promapi.About{
			Version: a.Version, Revision: a.Revision, Started: a.Now(), Retention: cfg.Telemetry.Retention, Interval: cfg.Telemetry.Interval,
			Reloaded: func() (bool, time.Time) { r := a.reloaded.Load(); return r.ok, r.at },
		},
		Registerer: registry, Log: a.Log, Now: a.Now,
	})
	return err
}

// limitsOf are what queries may cost under a configuration.
func limitsOf(cfg *config.Config) promapi.Limits {
	p := cfg.PromQL
	return promapi.Limits{
		Timeout: p.Timeout, MaxSamples: p.MaxSamples, Concurrency: p.Concurrency, Wait: p.Wait,
		ResponseBytes: p.ResponseBytes, QueryBytes: p.QueryBytes, QueryLabels: p.QueryLabels,
	}
}

// noteReload remembers how reading a configuration went, and shows it.
func (a *App) noteReload(digest string, refused error) {
	a.telemetry.ConfigurationReloaded(digest, a.Now(), refused)
	next := &reloaded{ok: refused == nil, at: a.Now()}
	if before := a.reloaded.Load(); refused != nil && before != nil {
		next.at = before.at
	}
	a.reloaded.Store(next)
}

// Series is the ledger as PromQL sees it.
func (a *App) Series() promapi.Source { return a.queries.source }
