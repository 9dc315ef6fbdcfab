package lint_test

import "testing"

func TestLinkTarget(t *testing.T) {
	breaks(t, "link-target", map[string]fault{
		"an unknown board": {func(b object) { within(b, "links", 0)["url"] = "/d/nowhere" }, "the board nowhere, which does not exist"},
		"of a value":       {func(b object) { within(defaults(b), "links", 0)["url"] = "d/nowhere?${__url_time_range}" }, "which does not exist"},
		"of a column": {func(b object) {
			override(b)["properties"] = []any{object{"id": "links", "value": []any{object{"title": "x", "url": "/d/nowhere?${__url_time_range}"}}}}
		}, "which does not exist"},
		"an unknown variable": {func(b object) {
			within(defaults(b), "links", 0)["url"] = "/d/govkpi-wall-a?var-city=1&${__url_time_range}"
		}, "the variable city, which govkpi-wall-a does not have"},
		"nowhere":   {func(b object) { within(b, "links", 0)["url"] = "somewhere" }, "neither a board nor an address"},
		"elsewhere": {func(b object) { within(b, "links", 0)["url"] = "https://example.org/explain?code=${county}" }, ""},
	})
}
