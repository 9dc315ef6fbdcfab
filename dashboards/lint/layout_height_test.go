package lint_test

import "testing"

func TestLayoutHeight(t *testing.T) {
	breaks(t, "layout-height", map[string]fault{
		"too high": {func(b object) { within(first(b), "gridPos")["h"] = 28 }, "it ends in row 28"},
		"a row": {func(b object) {
			b["panels"] = append(list(b, "panels"), object{"id": 2, "type": "row", "title": "R", "description": "R.", "gridPos": object{"x": 12, "y": 0, "w": 12, "h": 1}})
		}, "no row panels"},
		"not on a wall": {func(b object) { b["tags"] = []any{"govkpi"}; within(first(b), "gridPos")["h"] = 28 }, ""},
	})
}
