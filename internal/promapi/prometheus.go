package promapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/grafana/regexp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/route"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/util/features"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// prometheusVersion is the Prometheus whose API we serve: v0.316.0 of the Go
// module is 3.16.0. Clients read from it what they may ask for.
const prometheusVersion = "3.16.0"

// prometheusHandler returns Prometheus' own handlers under the prefix. Which of
// them can be reached is for the endpoints to say.
func (s *apiServer) prometheusHandler() http.Handler {
	api := v1.NewAPI(
		s.Engine, served{s.Queryable, s.Limits}, nil, noExemplars{},
		func(context.Context) v1.ScrapePoolsRetriever { return noTargets{} },
		func(context.Context) v1.TargetRetriever { return noTargets{} },
		func(context.Context) v1.AlertmanagerRetriever { return noTargets{} },
		s.config, s.flags(), v1.GlobalURLOptions{},
		func(h http.HandlerFunc) http.HandlerFunc { return h },
		nil, "", false, false, 0, // no TSDB of which we would tell, no admin, no search
		s.Log, func(context.Context) v1.RulesRetriever { return s.rules() },
		0, 1, 0, false, // remote read, which no endpoint reaches
		regexp.MustCompile("^$"), // no page of another origin may ask
		s.runtimeInfo, s.buildInfo(), nil, nil,
		prometheus.NewRegistry(), nil, nil,
		false, nil, false, false, false, // no remote write, no OTLP
		DefaultLookback, false, false,
		overriding(v1.ErrorNone, s.overrideCode), s.features(),
		v1.OpenAPIOptions{Version: prometheusVersion, IncludePaths: []string{"none"}},
		s.parser, false, s.Limits.Timeout,
	)
	api.ClearCodecs()
	api.InstallCodec(boundedJSON{s.Limits.ResponseBytes})
	router := route.New().WithPrefix(Prefix[:len(Prefix)-1])
	api.Register(router)
	return router
}

// overrideCode also counts the engine's own limits. Whatever broke in a query is
// our failure, not one of the expression.
func (s *apiServer) overrideCode(err error) (int, bool) {
	if _, broken := errors.AsType[runtime.Error](err); broken {
		return http.StatusInternalServerError, true
	}
	if _, late := errors.AsType[promql.ErrQueryTimeout](err); late {
		s.metrics.passed(limitTimeout)
		return http.StatusServiceUnavailable, true
	}
	if _, gone := errors.AsType[promql.ErrQueryCanceled](err); gone {
		return statusClientGone, true
	}
	if _, many := errors.AsType[promql.ErrTooManySamples](err); many {
		s.metrics.passed(limitSamples)
	}
	return 0, false
}

// overriding makes a v1.OverrideErrorCode, whose first parameter is of a type that
// can't be named from outside.
func overriding[N any](_ N, code func(error) (int, bool)) func(N, error) (int, bool) {
	return func(_ N, err error) (int, bool) { return code(err) }
}

func (s *apiServer) buildInfo() *v1.PrometheusVersion {
	return &v1.PrometheusVersion{
		Version: prometheusVersion, Revision: s.About.Revision, Branch: "govkpi-" + s.About.Version,
		BuildUser: "govkpi", GoVersion: runtime.Version(),
	}
}

// runtimeInfo says nothing of the machine: whoever can ask need not know it.
func (s *apiServer) runtimeInfo() (v1.RuntimeInfo, error) {
	ok, at := s.About.Reloaded()
	return v1.RuntimeInfo{
		StartTime: s.About.Started.UTC(), ServerTime: s.Now().UTC(), ReloadConfigSuccess: ok, LastConfigTime: at.UTC(),
		GoroutineCount: runtime.NumGoroutine(), GOMAXPROCS: runtime.GOMAXPROCS(0), GOMEMLIMIT: debug.SetMemoryLimit(-1),
		StorageRetention: model.Duration(s.About.Retention).String(),
	}, nil
}

// flags are our settings under the names that Prometheus has for them.
func (s *apiServer) flags() map[string]string {
	return map[string]string{
		"query.lookback-delta":             model.Duration(DefaultLookback).String(),
		"query.max-concurrency":            strconv.Itoa(s.Limits.Concurrency),
		"query.max-samples":                strconv.Itoa(s.Limits.MaxSamples),
		"query.timeout":                    model.Duration(s.Limits.Timeout).String(),
		"storage.tsdb.retention.time":      model.Duration(s.About.Retention).String(),
		"web.enable-admin-api":             "false",
		"web.enable-otlp-receiver":         "false",
		"web.enable-remote-write-receiver": "false",
	}
}

// config is ours as far as Prometheus has words for it. The rest of it is
// nobody's business who only queries.
func (s *apiServer) config() promconfig.Config {
	c := promconfig.Config{GlobalConfig: promconfig.DefaultGlobalConfig}
	c.GlobalConfig.ScrapeInterval = model.Duration(s.About.Interval)
	c.GlobalConfig.EvaluationInterval = model.Duration(subqueryStep)
	return c
}

func (s *apiServer) features() features.Collector {
	f := features.NewRegistry()
	s.parser.RegisterFeatures(f)
	for _, name := range []string{"at_modifier", "negative_offset", "per_query_lookback_delta", "subqueries"} {
		f.Enable(features.PromQL, name)
	}
	for _, name := range []string{"label_values_match", "query_warnings", "query_stats", "time_range_series", "time_range_labels", "exclude_alerts", "as_known_at"} {
		f.Enable(features.API, name)
	}
	for _, name := range []string{"admin", "lifecycle", "remote_write_receiver", "otlp_write_receiver", "query_cost", "search"} {
		f.Disable(features.API, name)
	}
	return f
}

func (s *apiServer) rules() RulesRetriever {
	if s.Rules == nil {
		return noRules{}
	}
	return s.Rules
}

// noTargets stands in for the scrape manager and the notifier that we don't have.
type noTargets struct{}

// ScrapePools implements v1.ScrapePoolsRetriever.
func (noTargets) ScrapePools() []string { return []string{} }

// TargetsActive implements v1.TargetRetriever.
func (noTargets) TargetsActive() map[string][]*scrape.Target { return nil }

// TargetsDropped implements v1.TargetRetriever.
func (noTargets) TargetsDropped() map[string][]*scrape.Target { return nil }

// TargetsDroppedCounts implements v1.TargetRetriever.
func (noTargets) TargetsDroppedCounts() map[string]int { return map[string]int{} }

// ScrapePoolConfig implements v1.TargetRetriever.
func (noTargets) ScrapePoolConfig(string) (*promconfig.ScrapeConfig, error) {
	return nil, errors.New("nothing is scraped")
}

// Alertmanagers implements v1.AlertmanagerRetriever.
func (noTargets) Alertmanagers() []*url.URL { return nil }

// DroppedAlertmanagers implements v1.AlertmanagerRetriever.
func (noTargets) DroppedAlertmanagers() []*url.URL { return nil }

type noRules struct{}

// RuleGroups implements RulesRetriever.
func (noRules) RuleGroups() []*rules.Group { return nil }

// AlertingRules implements RulesRetriever.
func (noRules) AlertingRules() []*rules.AlertingRule { return nil }
