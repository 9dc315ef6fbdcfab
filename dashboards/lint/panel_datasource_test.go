package lint_test

import "testing"

func TestPanelDatasource(t *testing.T) {
	breaks(t, "panel-datasource", map[string]fault{
		"none": {func(b object) { delete(first(b), "datasource") }, "the panel names no data source"},
		"of the query": {func(b object) {
			within(first(b), "targets", 0)["datasource"] = object{"type": "prometheus", "uid": "other"}
		}, "others ask"},
		"another type":      {func(b object) { first(b)["datasource"] = object{"type": "loki", "uid": "govkpi"} }, `a data source of type "loki"`},
		"of the variable":   {func(b object) { delete(variable(b), "datasource") }, "the variable county names no data source"},
		"of the annotation": {func(b object) { delete(within(b, "annotations", "list", 0), "datasource") }, "the annotation corrections names no data source"},
	})
}
