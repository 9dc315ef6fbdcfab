package lint_test

import "testing"

func TestFigureSum(t *testing.T) {
	breaks(t, "figure-sum", map[string]fault{
		"a sum":               {query("sum(governance_grids)", true), "governance_grids is summed over regions"},
		"by city":             {query("sum by (city) (governance_grids)", true), "summed over regions"},
		"an average":          {query("avg(governance_grids > 0)", true), "summed over regions"},
		"by name":             {query(`sum({__name__=~"governance_g.*"})`, true), "summed over regions"},
		"without the code":    {query("sum without (code) (governance_grids)", true), "summed over regions"},
		"within a region":     {query("sum by (code) (governance_grids)", true), ""},
		"without a dimension": {query("sum without (sex) (governance_grids)", true), ""},
		"the largest":         {query("max(governance_grids)", true), ""},
		"the roll-up":         {query("sum(governance_rollup)", true), ""},
	})
}
