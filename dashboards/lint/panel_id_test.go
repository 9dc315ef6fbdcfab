package lint_test

import "testing"

func TestPanelID(t *testing.T) {
	breaks(t, "panel-id", map[string]fault{
		"none":  {func(b object) { delete(first(b), "id") }, "its id 0"},
		"twice": {func(b object) { again(b, 12); within(b, "panels", 1)["id"] = 1 }, "its id 1"},
	})
}
