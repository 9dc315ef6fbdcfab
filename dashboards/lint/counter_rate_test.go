package lint_test

import "testing"

func TestCounterRate(t *testing.T) {
	breaks(t, "counter-rate", map[string]fault{
		"bare":             {query("govkpi_collector_runs_total", false), "govkpi_collector_runs_total is a counter"},
		"summed":           {query("sum(govkpi_collector_runs_total)", false), "is a counter"},
		"its newest value": {query("govkpi_collector_runs_total", true), ""},
		"its rate":         {query("rate(govkpi_collector_runs_total[$__rate_interval])", false), ""},
		"a gauge":          {query("governance_grids", false), ""},
	})
}
