package exposition

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// LedgerSize is what telemetry shows of a ledger, as the ledger itself counts it.
type LedgerSize struct {
	Bytes      int64 // on disk
	Facts      int64 // all revisions
	Runs       int64
	Rejections int64
}

// ledgerDeadline keeps a busy ledger from holding up scrapes: Prometheus gives
// up after ten seconds.
const ledgerDeadline = 2 * time.Second

// ledgerCollector asks for the ledger's size at every scrape.
type ledgerCollector struct {
	ask        func(context.Context) (LedgerSize, error)
	bytes      *prometheus.Desc
	facts      *prometheus.Desc
	runs       *prometheus.Desc
	rejections *prometheus.Desc
}

func newLedgerCollector(ask func(context.Context) (LedgerSize, error)) *ledgerCollector {
	return &ledgerCollector{
		ask:        ask,
		bytes:      prometheus.NewDesc("govkpi_ledger_size_bytes", "Size of the ledger on disk (台账占用空间)", nil, nil),
		facts:      prometheus.NewDesc("govkpi_ledger_facts", "Facts in the ledger, all revisions (台账数据条数)", nil, nil),
		runs:       prometheus.NewDesc("govkpi_ledger_runs", "Runs in the ledger (台账采集运行记录数)", nil, nil),
		rejections: prometheus.NewDesc("govkpi_ledger_rejections", "Rejections that the ledger still keeps (台账拒绝记录数)", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *ledgerCollector) Describe(to chan<- *prometheus.Desc) {
	to <- c.bytes
	to <- c.facts
	to <- c.runs
	to <- c.rejections
}

// Collect implements prometheus.Collector. A ledger that can't be asked is an
// error of the gathering, which every other family survives.
func (c *ledgerCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), ledgerDeadline)
	defer cancel()
	size, err := c.ask(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(c.bytes, fmt.Errorf("ask the ledger for its size: %w", err))
		return
	}
	for _, g := range []struct {
		desc  *prometheus.Desc
		value int64
	}{{c.bytes, size.Bytes}, {c.facts, size.Facts}, {c.runs, size.Runs}, {c.rejections, size.Rejections}} {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(g.value))
	}
}

// scheduleCollector asks for the next runs at every scrape.
type scheduleCollector struct {
	names func() []string
	next  func(collector string) (time.Time, bool)
	desc  *prometheus.Desc
}

func newScheduleCollector(names func() []string, next func(string) (time.Time, bool)) *scheduleCollector {
	return &scheduleCollector{names: names, next: next, desc: prometheus.NewDesc(
		"govkpi_collector_next_run_timestamp_seconds",
		"When the collector runs next, in seconds since the Unix epoch (下次采集时间)",
		[]string{"collector"}, nil,
	)}
}

// Describe implements prometheus.Collector.
func (c *scheduleCollector) Describe(to chan<- *prometheus.Desc) { to <- c.desc }

// Collect implements prometheus.Collector.
func (c *scheduleCollector) Collect(to chan<- prometheus.Metric) {
	for _, name := range c.names() {
		if at, ok := c.next(name); ok {
			to <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, seconds(at), name)
		}
	}
}
