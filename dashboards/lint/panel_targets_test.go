package lint_test

import "testing"

func TestPanelTargets(t *testing.T) {
	breaks(t, "panel-targets", map[string]fault{
		"none":  {func(b object) { first(b)["targets"] = []any{}; first(b)["fieldConfig"].(object)["overrides"] = []any{} }, "it has no query"},
		"empty": {query("", true), "query A is empty"},
		"without ref": {func(b object) {
			first(b)["targets"].([]any)[0].(object)["refId"] = ""
			first(b)["fieldConfig"].(object)["overrides"] = []any{}
		}, `the refId ""`},
		"twice": {func(b object) {
			targets := first(b)["targets"].([]any)
			first(b)["targets"] = append(targets, targets[0])
		}, `the refId "A"`},
		"a text": {func(b object) {
			first(b)["type"] = "text"
			first(b)["targets"] = []any{}
			first(b)["fieldConfig"].(object)["overrides"] = []any{}
		}, ""},
	}, "query-parses")
}
