package config_test

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
)

func TestLoadPromQLAndTelemetry(t *testing.T) {
	defaults := config.PromQL{
		Timeout: 2 * time.Minute, MaxSamples: 10_000_000, Concurrency: 8, Wait: 10 * time.Second,
		ResponseBytes: 32 << 20, QueryBytes: 64 << 10, QueryLabels: 1000,
	}
	kept := config.Telemetry{Retention: 400 * 24 * time.Hour, Interval: time.Minute}
	someGiven, someKept := defaults, kept
	someGiven.Timeout, someGiven.Concurrency, someGiven.Wait = 30*time.Second, 2, 0
	someKept.Retention = 30 * 24 * time.Hour
	tests := map[string]struct {
		written   string
		promQL    config.PromQL
		telemetry config.Telemetry
	}{
		"nothing": {"", defaults, kept},
		"some":    {"promql: {timeout: 30s, concurrency: 2, wait: 0s}\ntelemetry: {retention: 30d}\n", someGiven, someKept},
		"all": {
			"promql: {timeout: 1s, max_samples: 2, concurrency: 3, wait: 4s, response_bytes: 5, query_bytes: 6, query_labels: 7}\n" +
				"telemetry: {retention: 2d, interval: 15s}\n",
			config.PromQL{Timeout: time.Second, MaxSamples: 2, Concurrency: 3, Wait: 4 * time.Second, ResponseBytes: 5, QueryBytes: 6, QueryLabels: 7},
			config.Telemetry{Retention: 48 * time.Hour, Interval: 15 * time.Second},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := tree(t)
			c := load(t, with(files, "govkpi.yaml", string(files["govkpi.yaml"].Data)+test.written))
			if c.PromQL != test.promQL {
				t.Errorf("promql %+v, want %+v", c.PromQL, test.promQL)
			}
			if c.Telemetry != test.telemetry {
				t.Errorf("telemetry %+v, want %+v", c.Telemetry, test.telemetry)
			}
		})
	}
}
