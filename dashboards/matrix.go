package dashboards

import (
	"cmp"
	"fmt"
	"strings"
)

// part is one column of a matrix: what a query says of each row.
type part struct {
	column string
	expr   string // with the label of the rows, and no other that matters
}

// matrix shows what several queries say of the same rows, such as all indicators
// of a county. It is one query, whose parts carry the name of their column in a
// label: so a part without an answer leaves its column empty, where the fields
// of several queries would change their names.
func matrix(title, description string, w int, rows column, columns []column, parts ...part) *panel {
	const label = "column"
	exprs := make([]string, len(parts))
	for i, p := range parts {
		exprs[i] = fmt.Sprintf(`label_replace(max by (%s) (%s), %q, %q, "", "")`, rows.field, p.expr, label, p.column)
	}
	return pivot(title, description, w, label, rows, columns, strings.Join(exprs, "\nor\n"))
}

// pivot makes a table of a query that answers with two labels: rows.field, and
// across, whose values are the columns.
func pivot(title, description string, w int, across string, rows column, columns []column, expr string) *panel {
	p := &panel{
		kind: "table", title: title, description: description, w: w, targets: []target{row(expr)},
		options: tableOptions{ShowHeader: true, CellHeight: "sm"},
		fields:  fieldConfig{Defaults: field{Unit: unitNone, Custom: cellDefaults()}},
	}
	head := rows.field + `\` + across
	order, names := map[string]any{head: 0}, map[string]any{head: rows.title}
	p.fields.Overrides = append(p.fields.Overrides, rows.override())
	for i, c := range columns {
		order[c.field], names[c.field] = i+1, c.title
		c.mappings = append(blank("transparent"), c.mappings...)
		p.fields.Overrides = append(p.fields.Overrides, c.override())
	}
	p.transform = []transformation{
		{"sortBy", map[string]any{"fields": map[string]any{}, "sort": []any{map[string]any{"field": cmp.Or(rows.order, rows.field)}}}},
		{"groupingToMatrix", map[string]any{"columnField": across, "rowField": rows.field, "valueField": "Value", "emptyValue": "null"}},
		{"organize", map[string]any{"indexByName": order, "renameByName": names, "excludeByName": map[string]any{}}},
	}
	return p
}

// cellDefaults are what every table's cells have.
func cellDefaults() map[string]any {
	return map[string]any{"align": "auto", "filterable": false, "cellOptions": map[string]any{"type": "auto"}}
}
