package rules

import (
	"fmt"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// loader hands groups that were generated to a manager that thinks of files.
type loader struct {
	parser parser.Parser
	mu     sync.Mutex
	groups []rulefmt.RuleGroup
}

// swap takes other groups; it refuses what can't be evaluated.
func (l *loader) swap(groups []rulefmt.RuleGroup) error {
	for _, g := range groups {
		if g.Interval <= 0 {
			return fmt.Errorf("the group of rules %s has no interval", g.Name)
		}
		for _, r := range g.Rules {
			if _, err := l.parser.ParseExpr(r.Expr); err != nil {
				return fmt.Errorf("a rule of the group %s is no PromQL: %w", g.Name, err)
			}
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.groups = groups
	return nil
}

func (l *loader) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for _, g := range l.groups {
		names = append(names, g.Name+".yaml")
	}
	return names
}

// Load implements rules.GroupLoader.
func (l *loader) Load(name string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.groups {
		if g.Name+".yaml" == name {
			return &rulefmt.RuleGroups{Groups: []rulefmt.RuleGroup{g}}, nil
		}
	}
	return nil, []error{fmt.Errorf("there is no group of rules for %s", name)}
}

// Parse implements rules.GroupLoader.
func (l *loader) Parse(query string) (parser.Expr, error) {
	return l.parser.ParseExpr(query) //nolint:wrapcheck // the manager names the rule
}
