package main

import (
	"fmt"

	"github.com/govkpi/govkpi/internal/app"
)

// queryCommand is govkpi query.
type queryCommand struct {
	where
	Expression string `arg:"" help:"PromQL expression, such as 'sum by (city) (governance_grids)'."`
	Time       string `help:"When to evaluate it: a time such as 2026-01-15T09:00:00+08:00, or a day such as 2026-01-15, at its end; without it, now."`
	AsKnownAt  string `help:"What was known on a day such as 2026-01-15, or at a time such as 2026-01-15T09:00:00+08:00." name:"as-known-at"`
	Format     string `help:"Output: ${enum}." enum:"table,json,csv" default:"table"`
}

// Run evaluates the expression on the ledger and prints what it gives.
func (c *queryCommand) Run(env *environment) error {
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	at, err := reader.Instant(c.Time)
	if err != nil {
		return fmt.Errorf("--time: %w", err)
	}
	known, err := reader.Instant(c.AsKnownAt)
	if err != nil {
		return fmt.Errorf("--as-known-at: %w", err)
	}
	result, err := reader.Query(env.ctx, c.Expression, at, known)
	if err != nil {
		return err
	}
	for _, warning := range result.Warnings {
		env.warn("%s", warning)
	}
	if len(result.Rows) == 0 {
		env.warn("no series has a value then")
	}
	notice := reader.Config.Site.Notice
	if c.Format == "table" && notice.ZH != "" {
		env.say("%s %s", notice.ZH, notice.EN)
	}
	if c.Format == "json" {
		return writeJSON(env.stdout, queryDocument(result))
	}
	t := &table{header: append(result.Columns, "value"), numbers: map[int]bool{len(result.Columns): true}}
	for _, row := range result.Rows {
		t.add(append(row.Labels, valueOfRow(row))...)
	}
	return t.print(env, c.Format)
}

func valueOfRow(row app.QueryRow) string {
	if row.Text != "" {
		return row.Text
	}
	return number(row.Value)
}

// queryDocument is the result as JSON: numbers are texts, as in Prometheus' API,
// because JSON knows no NaN.
func queryDocument(result *app.QueryTable) any {
	type series struct {
		Labels map[string]string `json:"labels"`
		Value  string            `json:"value"`
	}
	all := make([]series, len(result.Rows))
	for i, row := range result.Rows {
		all[i] = series{Labels: map[string]string{}, Value: valueOfRow(row)}
		for n, name := range result.Columns {
			if row.Labels[n] != "" {
				all[i].Labels[name] = row.Labels[n]
			}
		}
	}
	return all
}
