package telemetry

import (
	"fmt"
	"math"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb"
)

// metrics are what the Store and its Recorder say of themselves. What has to be
// looked up on disk or in the TSDB is set once a round, so that a scrape of
// /metrics costs nothing of it.
type metrics struct {
	samples   prometheus.Counter
	rejected  prometheus.Counter
	failed    prometheus.Counter
	lastRound *prometheus.GaugeVec // without labels: it may be missing
	size      prometheus.Gauge
	damaged   prometheus.Gauge

	compactions atomic.Uint64 // that failed; a float's bits

	own        prometheus.Gatherer // the TSDB's
	registerer prometheus.Registerer
	registered []prometheus.Collector
}

func newMetrics(db *tsdb.DB, own prometheus.Gatherer, to prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &metrics{
		own: own, registerer: to,
		samples:  counter("govkpi_telemetry_samples_total", "Samples of the program's telemetry that were recorded (已记录的自身监测样本数)"),
		rejected: counter("govkpi_telemetry_rejected_samples_total", "Samples of the program's telemetry that could not be recorded (未能记录的自身监测样本数)"),
		failed:   counter("govkpi_telemetry_failed_rounds_total", "Rounds of recording telemetry that failed or lacked a part (失败或不完整的自身监测记录轮次)"),
		lastRound: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "govkpi_telemetry_last_round_timestamp_seconds",
			Help: "When telemetry was last recorded, in seconds since the Unix epoch (最近一次记录自身监测数据的时间)",
		}, nil),
		size:    gauge("govkpi_telemetry_size_bytes", "Size of the recorded telemetry on disk, at the last round (自身监测数据占用磁盘)"),
		damaged: gauge("govkpi_telemetry_damaged_blocks", "Damaged blocks of telemetry that were set aside, at the last round (已隔离的损坏数据块数)"),
	}
	head := db.Head()
	m.registered = []prometheus.Collector{
		m.samples, m.rejected, m.failed, m.lastRound, m.size, m.damaged,
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "govkpi_telemetry_failed_compactions_total",
			Help: "Compactions of telemetry that failed, as of the last round (自身监测数据压缩失败次数)",
		}, func() float64 { return math.Float64frombits(m.compactions.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "govkpi_telemetry_series",
			Help: "Series of telemetry and alerts in memory, those of the newest day or two (内存中的自身监测序列数)",
		}, func() float64 { return float64(head.NumSeries()) }),
		newOldest(db),
	}
	for i, c := range m.registered {
		if err := to.Register(c); err != nil {
			m.registered = m.registered[:i]
			m.unregister()
			return nil, fmt.Errorf("register the metrics of telemetry: %w", err)
		}
	}
	return m, nil
}

// unregister takes the metrics back, so that a Store can be opened again with the
// same Registerer.
func (m *metrics) unregister() {
	for _, c := range m.registered {
		m.registerer.Unregister(c)
	}
}

// measure looks up what only the disk and the TSDB's own metrics know.
func (m *metrics) measure(folder string) {
	size, damaged := sizeOf(folder)
	m.size.Set(float64(size))
	m.damaged.Set(float64(damaged))
	families, err := m.own.Gather()
	if err != nil {
		return // they are the TSDB's, and hold only what was measured last
	}
	for _, f := range families {
		if f.GetName() == "prometheus_tsdb_compactions_failed_total" {
			m.compactions.Store(math.Float64bits(f.GetMetric()[0].GetCounter().GetValue()))
		}
	}
}

// oldest shows when the recorded telemetry begins, as soon as there is any.
type oldest struct {
	db   *tsdb.DB
	desc *prometheus.Desc
}

func newOldest(db *tsdb.DB) *oldest {
	return &oldest{db: db, desc: prometheus.NewDesc("govkpi_telemetry_start_timestamp_seconds",
		"Time of the oldest recorded telemetry, in seconds since the Unix epoch (自身监测数据起始时间)", nil, nil)}
}

// Describe implements prometheus.Collector.
func (o *oldest) Describe(to chan<- *prometheus.Desc) { to <- o.desc }

// Collect implements prometheus.Collector.
func (o *oldest) Collect(to chan<- prometheus.Metric) {
	start, err := o.db.StartTime()
	if err != nil || start == math.MaxInt64 {
		return
	}
	to <- prometheus.MustNewConstMetric(o.desc, prometheus.GaugeValue, float64(start)/1000)
}
