package lint_test

import "testing"

func TestOverrideKnown(t *testing.T) {
	breaks(t, "override-known", map[string]fault{
		"a matcher":       {func(b object) { within(override(b), "matcher")["id"] = "byNane" }, `the matcher "byNane"`},
		"a query":         {func(b object) { within(override(b), "matcher")["options"] = "B" }, "the query B"},
		"a property":      {func(b object) { within(override(b), "properties", 0)["id"] = "units" }, `sets "units"`},
		"one of the type": {func(b object) { within(override(b), "properties", 0)["id"] = "custom.width" }, ""},
	})
}
