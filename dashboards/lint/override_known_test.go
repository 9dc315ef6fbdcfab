package lint_test

import "testing"

func TestOverrideKnown(t *testing.T) {
	breaks(t, "override-known", map[string]fault{
		"a matcher":       {func(b object) { override(b)["matcher"].(object)["id"] = "byNane" }, `the matcher "byNane"`},
		"a query":         {func(b object) { override(b)["matcher"].(object)["options"] = "B" }, "the query B"},
		"a property":      {func(b object) { override(b)["properties"].([]any)[0].(object)["id"] = "units" }, `sets "units"`},
		"one of the type": {func(b object) { override(b)["properties"].([]any)[0].(object)["id"] = "custom.width" }, ""},
	})
}
