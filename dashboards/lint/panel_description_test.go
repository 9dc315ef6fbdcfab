package lint_test

import "testing"

func TestPanelDescription(t *testing.T) {
	breaks(t, "panel-description", map[string]fault{
		"no description": {func(b object) { first(b)["description"] = "" }, "it has no description"},
		"no title":       {func(b object) { delete(first(b), "title") }, "it has no title"},
	})
}
