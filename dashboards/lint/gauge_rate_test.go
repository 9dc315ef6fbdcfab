package lint_test

import "testing"

func TestGaugeRate(t *testing.T) {
	breaks(t, "gauge-rate", map[string]fault{
		"the rate of a figure": {query("rate(governance_grids[$__rate_interval])", false), "governance_grids is a gauge"},
		"its increase":         {query("increase(governance_grids[1d])", true), "is a gauge"},
		"its changes":          {query("changes(governance_grids[1d])", false), ""},
		"a counter":            {query("increase(govkpi_collector_runs_total[1d])", true), ""},
	})
}
