package lint_test

import "testing"

func TestLabelKnown(t *testing.T) {
	breaks(t, "label-known", map[string]fault{
		"unknown":              {query(`governance_grids{indicator="grids"}`, true), "governance_grids has no label indicator"},
		"of one of several":    {query(`{__name__=~"governance_(grids|rank)",among="all"}`, true), "governance_grids has no label among"},
		"a dimension":          {query(`governance_target{sex="female"}`, true), ""},
		"of the program":       {query(`govkpi_ledger_facts{collector="a"}`, true), "has no label collector"},
		"what Prometheus adds": {query(`governance_grids{job="govkpi"}`, true), ""},
	})
}
