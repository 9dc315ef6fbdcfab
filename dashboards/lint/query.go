package lint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// query is one PromQL expression of a board.
type query struct {
	at      place
	written string
	instant bool
	// parsed is nil where the expression is none; err says why.
	parsed parser.Expr
	err    error
}

// allQueries collects what boards ask: of panels, of variables and for
// annotations.
func (s *set) allQueries() []query {
	var all []query
	for _, b := range s.boards {
		add := func(at place, expr string, instant bool) {
			q := query{at: at, written: expr, instant: instant}
			q.parsed, q.err = parser.NewParser(parser.Options{}).ParseExpr(b.expand(expr))
			all = append(all, q)
		}
		for _, p := range b.Panels {
			for _, t := range p.Targets {
				add(place{b, p}, t.Expr, t.Instant)
			}
		}
		for _, v := range b.Templating.List {
			if expr, ok := v.expr(); ok {
				add(place{b, nil}, expr, true)
			}
		}
		for _, a := range b.Annotations.List {
			if a.Expr != "" {
				add(place{b, nil}, a.Expr, false)
			}
		}
	}
	return all
}

var (
	resultQuery = regexp.MustCompile(`^query_result\((.+)\)$`)
	valuesQuery = regexp.MustCompile(`^label_values\((.+),\s*\w+\)$`)
)

// expr is the PromQL in a variable's query.
func (v variable) expr() (string, bool) {
	written := ""
	switch q := v.Query.(type) {
	case string:
		written = q
	case map[string]any:
		written, _ = q["query"].(string)
	}
	if v.Type != "query" {
		return "", false
	}
	for _, form := range []*regexp.Regexp{resultQuery, valuesQuery} {
		if m := form.FindStringSubmatch(strings.TrimSpace(written)); m != nil {
			return m[1], true
		}
	}
	return written, true
}

// reference is a variable within a query: $name, ${name} or ${name:format}.
var reference = regexp.MustCompile(`\$(?:\{(\w+)(?::\w+)?\}|(\w+))`)

// references are the names of the variables in a text.
func references(text string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

// expand puts in what Grafana would.
func (b *board) expand(expr string) string {
	values := map[string]string{
		"__rate_interval": "5m", "__interval": "1m", "__interval_ms": "60000", "__range": "1d", "__range_s": "86400", "__range_ms": "86400000",
	}
	for _, v := range b.Templating.List {
		values[v.Name] = v.sample()
	}
	return reference.ReplaceAllStringFunc(expr, func(found string) string {
		if value, ok := values[references(found)[0]]; ok {
			return value
		}
		return found
	})
}

// sample is what the variable stands for when the board opens.
func (v variable) sample() string {
	value := fmt.Sprint(v.Current.Value)
	if value == "$__all" {
		return v.AllValue
	}
	return value
}
