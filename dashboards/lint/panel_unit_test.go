package lint_test

import "testing"

func TestPanelUnit(t *testing.T) {
	breaks(t, "panel-unit", map[string]fault{
		"none":        {func(b object) { delete(defaults(b), "unit") }, "it has no unit"},
		"unknown":     {func(b object) { defaults(b)["unit"] = "people" }, `the unit "people"`},
		"of a column": {func(b object) { within(override(b), "properties", 0)["value"] = "prcent" }, `the unit "prcent"`},
		"a day":       {func(b object) { defaults(b)["unit"] = "time:YYYY-MM-DD" }, ""},
	})
}
