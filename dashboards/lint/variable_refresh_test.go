package lint_test

import "testing"

func TestVariableRefresh(t *testing.T) {
	breaks(t, "variable-refresh", map[string]fault{
		"once":       {func(b object) { variable(b)["refresh"] = 1 }, "refresh 1: expected 2"},
		"no current": {func(b object) { delete(variable(b), "current") }, "no current value"},
	})
}
