package lint_test

import "testing"

func TestLinkTime(t *testing.T) {
	breaks(t, "link-time", map[string]fault{
		"of a value":      {func(b object) { defaults(b)["links"].([]any)[0].(object)["url"] = "/d/govkpi-wall-a" }, "loses the time range"},
		"of the board":    {func(b object) { b["links"].([]any)[0].(object)["keepTime"] = false }, "loses the time range or the variables"},
		"its variables":   {func(b object) { b["links"].([]any)[0].(object)["includeVars"] = false }, "loses the time range or the variables"},
		"to another site": {func(b object) { b["links"].([]any)[0].(object)["url"] = "https://example.org/" }, ""},
	})
}
