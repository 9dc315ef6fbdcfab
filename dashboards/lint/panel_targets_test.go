package lint_test

import "testing"

func TestPanelTargets(t *testing.T) {
	breaks(t, "panel-targets", map[string]fault{
		"none":  {func(b object) { first(b)["targets"] = []any{}; within(first(b), "fieldConfig")["overrides"] = []any{} }, "it has no query"},
		"empty": {query("", true), "query A is empty"},
		"without ref": {func(b object) {
			within(first(b), "targets", 0)["refId"] = ""
			within(first(b), "fieldConfig")["overrides"] = []any{}
		}, `the refId ""`},
		"twice": {func(b object) {
			targets := list(first(b), "targets")
			first(b)["targets"] = append(targets, targets[0])
		}, `the refId "A"`},
		"a text": {func(b object) {
			first(b)["type"] = "text"
			first(b)["targets"] = []any{}
			within(first(b), "fieldConfig")["overrides"] = []any{}
		}, ""},
	}, "query-parses")
}
