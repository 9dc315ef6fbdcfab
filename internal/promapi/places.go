package promapi

import (
	"context"
	"net/http"
	"time"
)

// places are how many requests may read series at once.
type places struct {
	taken   chan struct{}
	wait    time.Duration
	metrics *apiMetrics
}

func newPlaces(l Limits, m *apiMetrics) *places {
	return &places{taken: make(chan struct{}, l.Concurrency), wait: l.Wait, metrics: m}
}

// take waits briefly for a place. What it returns must be called once.
func (p *places) take(ctx context.Context) (leave func(), refused *refusal) {
	p.metrics.waiting.Inc()
	defer p.metrics.waiting.Dec()
	patience, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	select {
	case p.taken <- struct{}{}:
	default: // only now, so that a free place is taken without any patience
		select {
		case p.taken <- struct{}{}:
		case <-patience.Done():
			if ctx.Err() != nil {
				return nil, refuse(statusClientGone, "canceled", "the request was cancelled while it waited for a place")
			}
			return nil, overLimit(http.StatusServiceUnavailable, unavailable, limitConcurrency,
				"%d queries are running already, as many as promql.concurrency allows: try again in a moment, with fewer queries at once", cap(p.taken))
		}
	}
	p.metrics.running.Inc()
	return func() {
		<-p.taken
		p.metrics.running.Dec()
	}, nil
}

// statusClientGone is what Prometheus answers, for the log, to a client that has
// gone.
const statusClientGone = 499
