package lint_test

import "testing"

func TestMetricKnown(t *testing.T) {
	breaks(t, "metric-known", map[string]fault{
		"misspelt":         {query("governance_gird", true), "there is no metric governance_gird"},
		"by a pattern":     {query(`{__name__=~"governance_x.*"}`, true), "there is no metric governance_x.*"},
		"of a variable":    {func(b object) { variable(b)["query"] = "label_values(up, job)" }, "there is no metric up"},
		"of an annotation": {func(b object) { within(b, "annotations", "list", 0)["expr"] = "changes(down[1d])" }, "there is no metric down"},
		"an alert":         {query(`ALERTS{alertstate="firing"}`, true), ""},
	})
}
