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
	Held       int64 // figures that wait for a decision
	Decisions  int64
}

// ledgerDeadline keeps a busy ledger from holding up scrapes: Prometheus gives
// up after ten seconds.
const ledgerDeadline = 2 * time.Second

// ledgerCollector asks for the ledger's size at every scrape.
type ledgerCollector struct {
	ask    func(context.Context) (LedgerSize, error)
	gauges []ledgerGauge
}

type ledgerGauge struct {
	desc *prometheus.Desc
	of   func(LedgerSize) int64
}

func newLedgerCollector(ask func(context.Context) (LedgerSize, error)) *ledgerCollector {
	gauge := func(name, help string, of func(LedgerSize) int64) ledgerGauge {
		return ledgerGauge{prometheus.NewDesc("govkpi_ledger_"+name, help, nil, nil), of}
	}
	return &ledgerCollector{ask: ask, gauges: []ledgerGauge{
		gauge("size_bytes", "Size of the ledger on disk (台账占用空间)", func(s LedgerSize) int64 { return s.Bytes }),
		gauge("facts", "Facts in the ledger, all revisions (台账数据条数)", func(s LedgerSize) int64 { return s.Facts }),
		gauge("runs", "Runs in the ledger (台账采集运行记录数)", func(s LedgerSize) int64 { return s.Runs }),
		gauge("rejections", "Rejections that the ledger still keeps (台账拒绝记录数)", func(s LedgerSize) int64 { return s.Rejections }),
		gauge("held_figures", "Figures in the ledger that wait for a decision (台账待核实数据条数)", func(s LedgerSize) int64 { return s.Held }),
		gauge("decisions", "Decisions of people in the ledger (台账人工处理记录数)", func(s LedgerSize) int64 { return s.Decisions }),
	}}
}

// Describe implements prometheus.Collector.
func (c *ledgerCollector) Describe(to chan<- *prometheus.Desc) {
	for _, g := range c.gauges {
		to <- g.desc
	}
}

// Collect implements prometheus.Collector. A ledger that can't be asked is an
// error of the gathering, which every other family survives.
func (c *ledgerCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), ledgerDeadline)
	defer cancel()
	size, err := c.ask(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(c.gauges[0].desc, fmt.Errorf("ask the ledger for its size: %w", err))
		return
	}
	for _, g := range c.gauges {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(g.of(size)))
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
