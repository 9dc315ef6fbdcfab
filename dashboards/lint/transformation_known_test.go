package lint_test

import "testing"

func TestTransformationKnown(t *testing.T) {
	breaks(t, "transformation-known", map[string]fault{
		"unknown": {func(b object) { first(b)["transformations"].([]any)[0].(object)["id"] = "organise" }, `the transformation "organise"`},
	})
}
