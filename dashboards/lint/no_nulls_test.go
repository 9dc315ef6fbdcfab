package lint_test

import "testing"

func TestNoNulls(t *testing.T) {
	breaks(t, "no-nulls", map[string]fault{
		"of the board": {func(b object) { b["refresh"] = nil }, "refresh is null"},
		"deep":         {func(b object) { first(b)["options"] = object{"calcs": []any{"last", nil}} }, "panels.0.options.calcs.1 is null"},
	})
}
