package lint_test

import "testing"

func TestPanelType(t *testing.T) {
	breaks(t, "panel-type", map[string]fault{
		"gone":     {func(b object) { first(b)["type"] = "graph" }, `the type "graph"`},
		"a plugin": {func(b object) { first(b)["type"] = "orchestracities-map-panel" }, "does not come with Grafana"},
	})
}
