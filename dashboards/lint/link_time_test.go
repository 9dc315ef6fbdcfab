package lint_test

import "testing"

func TestLinkTime(t *testing.T) {
	breaks(t, "link-time", map[string]fault{
		"of a value":      {func(b object) { within(defaults(b), "links", 0)["url"] = "/d/govkpi-wall-a" }, "loses the time range"},
		"of the board":    {func(b object) { within(b, "links", 0)["keepTime"] = false }, "loses the time range or the variables"},
		"its variables":   {func(b object) { within(b, "links", 0)["includeVars"] = false }, "loses the time range or the variables"},
		"to another site": {func(b object) { within(b, "links", 0)["url"] = "https://example.org/" }, ""},
	})
}
