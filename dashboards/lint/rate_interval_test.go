package lint_test

import "testing"

func TestRateInterval(t *testing.T) {
	breaks(t, "rate-interval", map[string]fault{
		"fixed":        {query("rate(govkpi_collector_runs_total[5m])", false), "a rate over [5m]"},
		"of a sum":     {query("sum(increase(govkpi_collector_runs_total{outcome=\"failure\"}[1h]))", false), "a rate over [1h]"},
		"at a moment":  {query("increase(govkpi_collector_runs_total[1d])", true), ""},
		"of the chart": {query("rate(govkpi_collector_runs_total[$__rate_interval])", false), ""},
	})
}
