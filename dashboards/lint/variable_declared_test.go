package lint_test

import "testing"

func TestVariableDeclared(t *testing.T) {
	breaks(t, "variable-declared", map[string]fault{
		"of a query": {query(`governance_grids{code="$town"}`, true), "no variable town"},
		"of a link": {func(b object) {
			within(defaults(b), "links", 0)["url"] = "/d/govkpi-wall-a?var-county=${town}&${__url_time_range}"
		}, "no variable town"},
		"of a title":    {func(b object) { first(b)["title"] = "Grids: $town" }, "no variable town"},
		"a replacement": {query(`label_replace(governance_grids, "city", "$1", "county", "(.+)")`, true), ""},
	})
}
