package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Finding is one thing that is wrong with a board.
type Finding struct {
	Rule    string // its name, which is that of its page
	Board   string // uid
	Panel   string // title, or type and id where it has none; empty is the board
	Message string
}

// String is the finding on one line.
func (f Finding) String() string {
	place := f.Board
	if f.Panel != "" {
		place += ": " + f.Panel
	}
	return fmt.Sprintf("%s: %s (%s)", place, f.Message, f.Rule)
}

// rule checks all boards together, for uids and links go from one to another.
type rule struct {
	name  string
	check func(*set, func(place, string))
}

// place is where something is wrong.
type place struct {
	board *board
	panel *panel // nil is the board itself
}

// set is all boards of a Grafana, with what the rules compare them to.
type set struct {
	boards   []*board
	contract Contract
	families map[string]family
	queries  []query
}

// rules are all rules, by name.
func rules() []rule {
	return []rule{
		{"board-editable", boardEditable},
		{"board-schema", boardSchema},
		{"board-title", boardTitle},
		{"board-uid", boardUID},
		{"counter-rate", counterRate},
		{"figure-sum", figureSum},
		{"gauge-rate", gaugeRate},
		{"label-known", labelKnown},
		{"layout-height", layoutHeight},
		{"layout-overlap", layoutOverlap},
		{"link-target", linkTarget},
		{"link-time", linkTime},
		{"metric-known", metricKnown},
		{"no-nulls", noNulls},
		{"override-known", overrideKnown},
		{"panel-datasource", panelDatasource},
		{"panel-description", panelDescription},
		{"panel-id", panelID},
		{"panel-targets", panelTargets},
		{"panel-type", panelType},
		{"panel-unit", panelUnit},
		{"query-parses", queryParses},
		{"rate-interval", rateInterval},
		{"transformation-known", transformationKnown},
		{"variable-declared", variableDeclared},
		{"variable-refresh", variableRefresh},
	}
}

// Rules are the names of all rules.
func Rules() []string {
	var names []string
	for _, r := range rules() {
		names = append(names, r.name)
	}
	return names
}

// Check reads boards, each as JSON, and says what is wrong with them, ordered by
// rule and board. A board that is no JSON object is an error.
func Check(boards [][]byte, contract Contract) ([]Finding, error) {
	s := &set{contract: contract, families: contract.families()}
	for i, raw := range boards {
		b, err := readBoard(raw)
		if err != nil {
			return nil, fmt.Errorf("board %d: %w", i+1, err)
		}
		s.boards = append(s.boards, b)
	}
	s.queries = s.allQueries()
	var findings []Finding
	for _, r := range rules() {
		r.check(s, func(at place, message string) {
			f := Finding{Rule: r.name, Board: at.board.UID, Message: message}
			if at.panel != nil {
				f.Panel = at.panel.name()
			}
			findings = append(findings, f)
		})
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Board, b.Board))
	})
	return findings, nil
}
