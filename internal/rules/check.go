package rules

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// Check reads a rule file as Prometheus does and holds it against the metrics
// contract: every family and every label that a rule selects by must be one of
// the site's, or recorded in the same file. It returns how many rules there are;
// the error joins everything that is wrong.
func Check(site *Site, f File) (rules int, err error) {
	groups, faults := rulefmt.Parse(f.Content, false, model.UTF8Validation, newParser(), slog.New(slog.DiscardHandler))
	if len(faults) > 0 {
		for n := range faults {
			faults[n] = fmt.Errorf("%s: %w", f.Name, faults[n])
		}
		return 0, errors.Join(faults...)
	}
	c := checker{contract: newContract(site), file: f.Name}
	for _, g := range groups.Groups {
		for n := range g.Rules {
			if name := g.Rules[n].Record; name != "" {
				c.recorded = append(c.recorded, name)
			}
		}
	}
	for _, g := range groups.Groups {
		for n := range g.Rules {
			c.rule(&g.Rules[n])
			rules++
		}
	}
	return rules, errors.Join(c.faults...)
}

type checker struct {
	contract contract
	recorded []string
	file     string
	faults   []error
}

func (c *checker) refuse(r *rulefmt.Rule, format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s: %s: %s", c.file, r.Alert+r.Record, fmt.Sprintf(format, args...)))
}

func (c *checker) rule(r *rulefmt.Rule) {
	parsed, err := newParser().ParseExpr(r.Expr)
	if err != nil { // rulefmt has read it already
		c.refuse(r, "%v", err)
		return
	}
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			c.selector(r, selector)
		}
		return nil
	})
	if r.Alert == "" {
		return
	}
	if r.Labels[labelSeverity] == "" {
		c.refuse(r, "the label %s is missing: routes go by it", labelSeverity)
	}
	for _, annotation := range []string{annotationZH, annotationEN, annotationPage} {
		if r.Annotations[annotation] == "" {
			c.refuse(r, "the annotation %s is missing", annotation)
		}
	}
}

// selector refuses unknown families and labels. A name that is matched by a
// pattern must be one of several names in brackets.
func (c *checker) selector(r *rulefmt.Rule, selector *parser.VectorSelector) {
	var names []string
	for _, m := range selector.LabelMatchers {
		switch {
		case m.Name != model.MetricNameLabel:
		case m.Type == labels.MatchEqual:
			names = append(names, m.Value)
		default:
			listed := namesIn(m)
			if len(listed) == 0 {
				c.refuse(r, "%s: a family must be named, or be one of a list such as governance_(grids|forms)", m)
			}
			names = append(names, listed...)
		}
	}
	for _, name := range names {
		if slices.Contains(c.recorded, name) {
			continue
		}
		if _, known := c.contract[name]; !known {
			c.refuse(r, "there is no metric %s: docs/metrics.md and the catalogue name those that there are", name)
			continue
		}
		for _, m := range selector.LabelMatchers {
			if m.Name != model.MetricNameLabel && !c.contract.has(name, m.Name) {
				c.refuse(r, "the metric %s has no label %s", name, m.Name)
			}
		}
	}
}

// listOfNames is how rules name several families.
const listOfNames = `^(\w+)\(([\w|]+)\)$`

func namesIn(m *labels.Matcher) []string {
	found := regexp.MustCompile(listOfNames).FindStringSubmatch(m.Value)
	if m.Type != labels.MatchRegexp || found == nil {
		return nil
	}
	var names []string
	for name := range strings.SplitSeq(found[2], "|") {
		names = append(names, found[1]+name)
	}
	return names
}
