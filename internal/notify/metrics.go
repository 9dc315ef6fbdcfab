package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// summaryWithin is how long a scrape waits for the store.
const summaryWithin = 2 * time.Second

// metrics are what the program says of its messages.
type metrics struct {
	queued                          prometheus.Counter
	sent, failed, doubtful, retried *prometheus.CounterVec

	store Store
	heard *hearsay
	now   func() time.Time

	messages, oldest, alerts, last *prometheus.Desc
}

func newMetrics(registry prometheus.Registerer, store Store, heard *hearsay, now func() time.Time) (*metrics, error) {
	byChannel := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "govkpi_notify_" + name + "_total", Help: help}, []string{"channel"})
	}
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("govkpi_notify_"+name, help, labels, nil)
	}
	m := &metrics{
		queued:   prometheus.NewCounter(prometheus.CounterOpts{Name: "govkpi_notify_queued_total", Help: "Messages put into the queue (入队消息数)"}),
		sent:     byChannel("sent", "Messages that were taken by the other side (已发送消息数)"),
		failed:   byChannel("failed", "Messages given up: refused, or nobody answered until their time was over (发送失败消息数)"),
		doubtful: byChannel("doubtful", "Messages that may have arrived or not (是否送达不明的消息数)"),
		retried:  byChannel("failed_attempts", "Attempts after which a message is tried again (失败后重试次数)"),
		store:    store, heard: heard, now: now,
		messages: describe("messages", "Messages in the queue by state (各状态消息数)", "state"),
		oldest:   describe("oldest_pending_age_seconds", "Age of the oldest message that waits or is being sent, 0 where none is (最久待发消息的等待时间)"),
		alerts:   describe("alerts", "Alerts heard of and not known to be resolved (已收到的未解除告警数)"),
		last:     describe("last_heard_timestamp_seconds", "When alerts were last received, in seconds since the Unix epoch (最近收到告警的时间)"),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.queued, m.sent, m.failed, m.doubtful, m.retried, m} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of notifications: %w", err)
		}
	}
	return m, nil
}

// settled counts what became of an attempt.
func (m *metrics) settled(message Message) {
	by := map[State]*prometheus.CounterVec{Sent: m.sent, Failed: m.failed, Doubtful: m.doubtful, Pending: m.retried}[message.State]
	by.WithLabelValues(message.Channel).Inc()
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.messages, m.oldest, m.alerts, m.last} {
		to <- d
	}
}

// Collect implements prometheus.Collector. Where the store can't be asked in
// time its families are an error of the scrape.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	m.heard.mu.Lock()
	known := len(m.heard.all)
	m.heard.mu.Unlock()
	gauge(m.alerts, float64(known))
	if last := m.heard.lastHeard(); !last.IsZero() {
		gauge(m.last, float64(last.Unix()))
	}
	ctx, cancel := context.WithTimeout(context.Background(), summaryWithin)
	defer cancel()
	summary, err := m.store.Summary(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(m.messages, err)
		return
	}
	for _, state := range States() {
		gauge(m.messages, float64(summary.Messages[state]), string(state))
	}
	age := 0.0
	if !summary.Oldest.IsZero() {
		age = max(0, m.now().Sub(summary.Oldest).Seconds())
	}
	gauge(m.oldest, age)
}
