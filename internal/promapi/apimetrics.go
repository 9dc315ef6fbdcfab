package promapi

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The limits that a request may pass, as metrics call them: by their keys in the
// configuration, where they have one.
const (
	limitConcurrency = "concurrency"
	limitGrowth      = "label_bytes"
	limitLabels      = "query_labels"
	limitNesting     = "query_nesting"
	limitQuery       = "query_bytes"
	limitRequest     = "request_bytes"
	limitResponse    = "response_bytes"
	limitSamples     = "max_samples"
	limitTimeout     = "timeout"
)

// apiMetrics is what the handler says of itself.
type apiMetrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	over      *prometheus.CounterVec
	running   prometheus.Gauge
	waiting   prometheus.Gauge
}

// newAPIMetrics registers the metrics of the handler, or takes on those of the
// handler before it, so that a reload does not set them back.
func newAPIMetrics(r prometheus.Registerer) (*apiMetrics, error) {
	m := &apiMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "govkpi_promql_requests_total",
			Help: "Requests to the PromQL API by endpoint and status (查询接口请求数)",
		}, []string{"endpoint", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "govkpi_promql_request_duration_seconds",
			Help:    "Duration of requests to the PromQL API, with the time that they waited for a place (查询接口请求耗时)",
			Buckets: []float64{.005, .025, .1, .5, 2, 10, 60},
		}, []string{"endpoint"}),
		over: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "govkpi_promql_refused_requests_total",
			Help: "Requests to the PromQL API that were refused, by the limit that they would have passed (因超限被拒的查询数)",
		}, []string{"limit"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "govkpi_promql_running_requests",
			Help: "Requests to the PromQL API that read series now (正在执行的查询数)",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "govkpi_promql_waiting_requests",
			Help: "Requests to the PromQL API that wait for a place (排队的查询数)",
		}),
	}
	err := errors.Join(keep(r, &m.requests), keep(r, &m.durations), keep(r, &m.over), keep(r, &m.running), keep(r, &m.waiting))
	if err != nil {
		return nil, fmt.Errorf("promapi: register the metrics of the API: %w", err)
	}
	for _, limit := range []string{
		limitConcurrency, limitGrowth, limitLabels, limitNesting, limitQuery, limitRequest, limitResponse, limitSamples, limitTimeout,
	} {
		m.over.WithLabelValues(limit)
	}
	return m, nil
}

// keep registers a collector, or puts the one in its place that is registered
// already.
func keep[T prometheus.Collector](r prometheus.Registerer, c *T) error {
	err := r.Register(*c)
	if before, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if same, ok := before.ExistingCollector.(T); ok {
			*c = same
			return nil
		}
	}
	return err //nolint:wrapcheck // the caller wraps all of them together
}

func (m *apiMetrics) observe(endpoint string, status int, took time.Duration) {
	m.requests.WithLabelValues(endpoint, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(endpoint).Observe(took.Seconds())
}

func (m *apiMetrics) passed(limit string) {
	if limit != "" {
		m.over.WithLabelValues(limit).Inc()
	}
}
