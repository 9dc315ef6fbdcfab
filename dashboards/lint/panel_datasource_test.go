package lint_test

import "testing"

func TestPanelDatasource(t *testing.T) {
	breaks(t, "panel-datasource", map[string]fault{
		"none": {func(b object) { delete(first(b), "datasource") }, "the panel names no data source"},
		"of the query": {func(b object) {
			first(b)["targets"].([]any)[0].(object)["datasource"] = object{"type": "prometheus", "uid": "other"}
		}, "others ask"},
		"another type":      {func(b object) { first(b)["datasource"] = object{"type": "loki", "uid": "govkpi"} }, `a data source of type "loki"`},
		"of the variable":   {func(b object) { delete(variable(b), "datasource") }, "the variable county names no data source"},
		"of the annotation": {func(b object) { delete(b["annotations"].(object)["list"].([]any)[0].(object), "datasource") }, "the annotation corrections names no data source"},
	})
}
