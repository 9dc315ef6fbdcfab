package lint_test

import "testing"

func TestLayoutOverlap(t *testing.T) {
	breaks(t, "layout-overlap", map[string]fault{
		"too wide":       {func(b object) { within(first(b), "gridPos")["w"] = 25 }, "25 wide from column 0"},
		"beyond":         {func(b object) { within(first(b), "gridPos")["x"] = 13 }, "not within the 24 columns"},
		"without height": {func(b object) { within(first(b), "gridPos")["h"] = 0 }, "0 high"},
		"on another":     {func(b object) { again(b, 11) }, `it lies on "Grids"`},
		"beside another": {func(b object) { again(b, 12) }, ""},
	})
}
