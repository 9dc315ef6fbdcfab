package lint_test

import "testing"

func TestQueryParses(t *testing.T) {
	breaks(t, "query-parses", map[string]fault{
		"open":           {query("sum(governance_grids", true), "is not PromQL"},
		"of a variable":  {func(b object) { variable(b)["query"] = "query_result(governance_region_info{)" }, "is not PromQL"},
		"an expansion":   {query("delta(governance_grids[$__interval])", true), ""},
		"with a format":  {query(`governance_grids{code=~"${county:regex}"}`, true), ""},
		"over the range": {query("changes(governance_grids[$__range])", true), ""},
	})
}
