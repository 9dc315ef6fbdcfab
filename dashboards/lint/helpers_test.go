package lint_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/dashboards/lint"
)

// object is a board, or a part of one, as JSON.
type object = map[string]any

// fault is a board that breaks a rule: how it differs from one that keeps all,
// and a part of what is said about it.
type fault struct {
	change func(b object)
	want   string
}

// contract is one catalogue.
func contract() lint.Contract {
	return lint.Contract{Indicators: []string{"grids"}, Dimensions: []string{"sex"}}
}

// sound is a board that keeps all rules.
func sound() object {
	source := object{"type": "prometheus", "uid": "govkpi"}
	return object{
		"uid": "govkpi-wall-a", "title": "Wall", "editable": false, "schemaVersion": 42, "tags": []any{"govkpi", "govkpi-wall"},
		"links": []any{object{"title": "Wall", "url": "/d/govkpi-wall-a", "keepTime": true, "includeVars": true}},
		"templating": object{"list": []any{object{
			"name": "county", "type": "query", "refresh": 2, "datasource": source, "query": object{"query": `query_result(governance_region_info{level="county"})`},
			"current": object{"text": "余江区", "value": "360603"},
		}}},
		"annotations": object{"list": []any{object{"name": "corrections", "expr": `changes(governance_revisions{code="$county"}[1d]) > 0`, "datasource": source}}},
		"panels": []any{object{
			"id": 1, "type": "stat", "title": "Grids", "description": "Grids of the county.", "datasource": source, "gridPos": object{"x": 0, "y": 0, "w": 12, "h": 27},
			"targets": []any{object{"refId": "A", "expr": `governance_grids{code="$county"}`, "instant": true, "datasource": source}},
			"fieldConfig": object{
				"defaults":  object{"unit": "locale", "links": []any{object{"title": "Wall", "url": "/d/govkpi-wall-a?var-county=1&${__url_time_range}"}}},
				"overrides": []any{object{"matcher": object{"id": "byFrameRefID", "options": "A"}, "properties": []any{object{"id": "unit", "value": "none"}}}},
			},
			"transformations": []any{object{"id": "organize"}},
		}},
	}
}

// within is the part of a board at a path of keys and places in lists.
func within(o object, path ...any) object {
	var at any = o
	for _, step := range path {
		switch s := step.(type) {
		case string:
			parent, ok := at.(object)
			if !ok {
				panic(s + " is of no object")
			}
			at = parent[s]
		case int:
			parent, ok := at.([]any)
			if !ok {
				panic("there is no list")
			}
			at = parent[s]
		}
	}
	part, ok := at.(object)
	if !ok {
		panic("there is no object")
	}
	return part
}

// list is a list of a board.
func list(o object, key string) []any {
	all, ok := o[key].([]any)
	if !ok {
		panic(key + " is no list")
	}
	return all
}

// first is the first panel of a board.
func first(b object) object { return within(b, "panels", 0) }

// query sets the first panel's query, asked for a moment or over the range.
func query(expr string, instant bool) func(object) {
	return func(b object) {
		target := within(first(b), "targets", 0)
		target["expr"], target["instant"] = expr, instant
	}
}

// variable is the board's variable.
func variable(b object) object { return within(b, "templating", "list", 0) }

// defaults are the first panel's.
func defaults(b object) object { return within(first(b), "fieldConfig", "defaults") }

// override is the first panel's.
func override(b object) object {
	return within(first(b), "fieldConfig", "overrides", 0)
}

func check(t *testing.T, boards ...object) []lint.Finding {
	t.Helper()
	return checkWith(t, contract(), boards...)
}

func checkWith(t *testing.T, c lint.Contract, boards ...object) []lint.Finding {
	t.Helper()
	var all [][]byte
	for _, b := range boards {
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw)
	}
	findings, err := lint.Check(all, c)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// breaks tests that a rule, and no other unless it is named too, finds each of
// the faults. A fault without want is none.
func breaks(t *testing.T, rule string, faults map[string]fault, others ...string) {
	t.Helper()
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			b := sound()
			f.change(b)
			found := ""
			for _, finding := range check(t, b) {
				switch {
				case finding.Rule == rule:
					found += finding.String() + "\n"
				case !strings.Contains(strings.Join(others, " "), finding.Rule):
					t.Errorf("another rule objects: %s", finding)
				}
			}
			if (found == "") != (f.want == "") || !strings.Contains(found, f.want) {
				t.Errorf("%s says %q, want %q", rule, found, f.want)
			}
		})
	}
}

// again adds a second panel like the first, from a column on.
func again(b object, x int) {
	second := within(sound(), "panels", 0)
	second["id"] = 2
	second["title"] = "Again"
	within(second, "gridPos")["x"] = x
	b["panels"] = append(list(b, "panels"), second)
}
