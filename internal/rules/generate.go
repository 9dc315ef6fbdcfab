package rules

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/govkpi/govkpi/internal/fact"
)

// Group is a group of rules, evaluated together. Generate makes one for each kind
// of alert.
type Group = rulefmt.RuleGroup

// step makes the rules of one kind of alert; none where the policy has it off or
// no indicator can raise it.
type step struct {
	kind  fact.AlertKind
	rules func(*scope) []rulefmt.Rule
}

// steps lists the kinds in the order of their files. Every kind is here once.
func steps() []step {
	return []step{
		{fact.RegionBehindTarget, behindTarget},
		{fact.RegionBehindPeers, behindPeers},
		{fact.RegionStalled, stalled},
		{fact.ReportOverdue, reportOverdue},
		{fact.CoverageLow, coverageLow},
		{fact.TotalsDisagree, totalsDisagree},
		{fact.FigureHeld, figureHeld},
		{fact.FiguresRejected, figuresRejected},
		{fact.SourceDown, sourceDown},
		{fact.CollectorMissedSchedule, collectorMissedSchedule},
	}
}

// Kinds lists all kinds of alert.
func Kinds() []fact.AlertKind {
	var kinds []fact.AlertKind
	for _, s := range steps() {
		kinds = append(kinds, s.kind)
	}
	return kinds
}

// Generate makes one group for each kind of alert that the policy asks for, in a
// fixed order.
func Generate(site *Site) ([]rulefmt.RuleGroup, error) {
	if err := site.validate(); err != nil {
		return nil, err
	}
	var groups []rulefmt.RuleGroup
	for _, s := range steps() {
		scope := newScope(site, s.kind)
		rules := s.rules(scope)
		if len(rules) == 0 {
			continue
		}
		for i := range rules {
			if err := finish(scope, &rules[i]); err != nil {
				return nil, err
			}
		}
		groups = append(groups, rulefmt.RuleGroup{Name: string(s.kind), Interval: model.Duration(site.Policy.Interval), Rules: rules})
	}
	return groups, nil
}

// finish gives a rule what all have: an expression that is laid out and, of an
// alert, the name, empty details and the page.
func finish(s *scope, rule *rulefmt.Rule) error {
	if rule.Record == "" {
		rule.Alert = string(s.kind)
		for _, detail := range details() {
			if regexp.MustCompile(`\b` + detail + `\b`).MatchString(rule.Expr) {
				rule.Labels[detail] = ""
			}
		}
		rule.Annotations[annotationPage] = s.site.Policy.Pages + "/" + string(s.kind) + ".md"
	}
	parsed, err := newParser().ParseExpr(rule.Expr)
	if err != nil {
		return fmt.Errorf("the program made a rule %s that is no PromQL: %w", s.kind, err)
	}
	rule.Expr = layout(parsed)
	return nil
}

// layout breaks an expression into lines: as Prometheus does, or, where that would
// march off the page as with a calendar in it, just where a line is full.
func layout(parsed parser.Expr) string {
	const longest, widest = 150, 100
	if pretty := parser.Prettify(parsed); strings.Count(pretty, "\n") < longest {
		return pretty
	}
	var b strings.Builder
	width, quoted := 0, false
	for _, r := range parsed.String() {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted && width >= widest:
			r, width = '\n', -1
		}
		b.WriteRune(r)
		width++
	}
	return b.String()
}

// newParser reads what every Prometheus reads: nothing experimental.
func newParser() parser.Parser { return parser.NewParser(parser.Options{}) }

// raise is a rule with its severity; the texts are still to be added. The basis
// tells the rules of one kind apart.
func raise(raised fact.RaisedAlert, basis, expr string) rulefmt.Rule {
	return rulefmt.Rule{
		Expr: expr, For: model.Duration(raised.For),
		Labels: map[string]string{labelSeverity: string(raised.Severity), labelBasis: basis}, Annotations: map[string]string{},
	}
}

// named is a rule that records who is to be named and by how much; the rule of the
// alert asks for that alone what its texts say, so that a condition is worked out
// once.
func named(family, basis, expr string) rulefmt.Rule {
	return recorded(family+strings.ReplaceAll(basis, "-", "_"), expr)
}

// recorded is a rule whose result other rules of its group use under a name.
func recorded(name, expr string) rulefmt.Rule { return rulefmt.Rule{Record: name, Expr: expr} }

func days(d time.Duration) string { return model.Duration(d).String() }
