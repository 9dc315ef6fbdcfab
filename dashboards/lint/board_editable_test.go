package lint_test

import "testing"

func TestBoardEditable(t *testing.T) {
	breaks(t, "board-editable", map[string]fault{
		"editable": {func(b object) { b["editable"] = true }, "it can be edited"},
		"not said": {func(b object) { delete(b, "editable") }, "it can be edited"},
	})
}
