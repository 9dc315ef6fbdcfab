package sqlquery_test

import (
	"context"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/sqlquery"
	"github.com/govkpi/govkpi/internal/fact"
)

// newCollector makes a collector for the URL.
func newCollector(t testing.TB, url, timeout, options string) (collectors.Collector, error) {
	t.Helper()
	return newOf(t, url, timeout, options, false)
}

// newFanOut makes a collector for the URL that runs for one target at a time.
func newFanOut(t testing.TB, url, options string) (collectors.Collector, error) {
	t.Helper()
	return newOf(t, url, "30s", options, true)
}

func newOf(t testing.TB, url, timeout, options string, fanOut bool) (collectors.Collector, error) {
	t.Helper()
	return sqlquery.Kind().New(collectors.Blocks{
		Source:    collectorstest.NewBlock(t, "url: ${URL}\nstatement_timeout: "+timeout+"\n", map[string]string{"url": url}),
		Collector: collectorstest.NewBlock(t, options, nil),
		FanOut:    fanOut,
	})
}

// now is the time of every run.
func now(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 1, 10, 6, 0, 0, 0, zone)
}

// collect runs a collector and writes what it hands over one a line.
func collect(ctx context.Context, collector collectors.Collector, request collectors.Request) ([]string, collectors.Summary, error) {
	var sink collectorstest.Sink
	summary, err := collector.Collect(ctx, request, &sink)
	return append(sink.Lines(), sink.EntryLines()...), summary, err
}

// each is a sink that keeps nothing and asks add of each reading.
type each struct {
	collectorstest.Sink
	add func() error
}

func (e *each) Add(fact.Reading) error { return e.add() }
