package lint_test

import "testing"

func TestTransformationKnown(t *testing.T) {
	breaks(t, "transformation-known", map[string]fault{
		"unknown": {func(b object) { within(first(b), "transformations", 0)["id"] = "organise" }, `the transformation "organise"`},
	})
}
