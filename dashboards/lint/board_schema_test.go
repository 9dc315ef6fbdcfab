package lint_test

import "testing"

func TestBoardSchema(t *testing.T) {
	breaks(t, "board-schema", map[string]fault{
		"older":     {func(b object) { b["schemaVersion"] = 37 }, "schemaVersion is 37: expected 42"},
		"an id":     {func(b object) { b["id"] = 3 }, `it has the key "id"`},
		"the newer": {func(b object) { b["elements"] = object{} }, `it has the key "elements"`},
	})
}
