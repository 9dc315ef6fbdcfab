package lint_test

import "testing"

func TestLinkTarget(t *testing.T) {
	breaks(t, "link-target", map[string]fault{
		"an unknown board": {func(b object) { b["links"].([]any)[0].(object)["url"] = "/d/nowhere" }, "the board nowhere, which does not exist"},
		"of a value":       {func(b object) { defaults(b)["links"].([]any)[0].(object)["url"] = "d/nowhere?${__url_time_range}" }, "which does not exist"},
		"of a column": {func(b object) {
			override(b)["properties"] = []any{object{"id": "links", "value": []any{object{"title": "x", "url": "/d/nowhere?${__url_time_range}"}}}}
		}, "which does not exist"},
		"an unknown variable": {func(b object) {
			defaults(b)["links"].([]any)[0].(object)["url"] = "/d/govkpi-wall-a?var-city=1&${__url_time_range}"
		}, "the variable city, which govkpi-wall-a does not have"},
		"nowhere":   {func(b object) { b["links"].([]any)[0].(object)["url"] = "somewhere" }, "neither a board nor an address"},
		"elsewhere": {func(b object) { b["links"].([]any)[0].(object)["url"] = "https://example.org/explain?code=${county}" }, ""},
	})
}
