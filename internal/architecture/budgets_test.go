package architecture_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The budgets, in lines. They hold for what is built into the program and
// written by hand; tables of test cases may be as long as they must.
const (
	fileBudget     = 400
	functionBudget = 60
	// A list that reads from top to bottom (every metric, every stage) may be
	// longer than functionBudget, up to functionLimit, if such functions stay
	// rare: not more than one in oneIn, and the 95th percentile within
	// percentileBudget.
	functionLimit    = 80
	oneIn            = 50
	percentileBudget = 50
)

// budgetFaults names every file and function that outgrew its budget.
func budgetFaults(sources []source) []string {
	var (
		faults    []string
		functions []function
	)
	for _, s := range program(sources) {
		if s.lines > fileBudget {
			faults = append(faults, fmt.Sprintf("%s has %d lines; the budget is %d", s.name, s.lines, fileBudget))
		}
		functions = append(functions, s.functions...)
	}
	if len(functions) == 0 {
		return faults
	}
	slices.SortStableFunc(functions, func(a, b function) int { return cmp.Compare(a.lines, b.lines) })
	if p95 := functions[(len(functions)-1)*95/100].lines; p95 > percentileBudget {
		faults = append(faults, fmt.Sprintf("the 95th percentile of function length is %d lines; the budget is %d", p95, percentileBudget))
	}
	long := functions[firstOver(functions, functionBudget):]
	for _, f := range long[firstOver(long, functionLimit):] {
		faults = append(faults, fmt.Sprintf("%s; the limit is %d", f, functionLimit))
	}
	if len(long)*oneIn > len(functions) {
		faults = append(faults, fmt.Sprintf("%d of %d functions are over %d lines; one in %d may be:\n%s",
			len(long), len(functions), functionBudget, oneIn, listed(long)))
	}
	return faults
}

// firstOver returns where functions longer than the budget begin, in a list
// sorted by length.
func firstOver(functions []function, budget int) int {
	first := slices.IndexFunc(functions, func(f function) bool { return f.lines > budget })
	if first < 0 {
		return len(functions)
	}
	return first
}

func listed(functions []function) string {
	lines := make([]string, len(functions))
	for i, f := range functions {
		lines[i] = "\t" + f.String()
	}
	return strings.Join(lines, "\n")
}

// String places the function and says how long it is.
func (f function) String() string {
	return fmt.Sprintf("%s:%d: %s has %d lines", f.file, f.line, f.name, f.lines)
}

func TestBudgets(t *testing.T) {
	for _, fault := range budgetFaults(readTree(t, filepath.Join("..", ".."))) {
		t.Error(fault)
	}
}

func TestBudgetRules(t *testing.T) {
	// of is count functions of as many lines each.
	of := func(count, lines int) []function {
		return slices.Repeat([]function{{name: "f", file: "a.go", line: 1, lines: lines}}, count)
	}
	tests := map[string]struct {
		source source
		want   []string // parts of the faults, in order
	}{
		"within all":               {source{lines: 400, functions: of(20, 50)}, nil},
		"no function":              {source{lines: 10}, nil},
		"a long file":              {source{name: "a.go", lines: 401}, []string{"a.go has 401 lines"}},
		"one long list in fifty":   {source{functions: append(of(49, 10), of(1, 80)...)}, nil},
		"one in forty-nine":        {source{functions: append(of(48, 10), of(1, 61)...)}, []string{"1 of 49 functions are over 60 lines"}},
		"one too long for a list":  {source{functions: append(of(49, 10), of(1, 81)...)}, []string{"a.go:1: f has 81 lines; the limit is 80"}},
		"too many that are longer": {source{functions: append(of(94, 10), of(6, 51)...)}, []string{"percentile of function length is 51"}},
		"just few enough":          {source{functions: append(of(95, 10), of(5, 51)...)}, nil},
		"tests are free":           {source{test: true, lines: 900, functions: of(1, 300)}, nil},
		"generated files are free": {source{generated: true, lines: 900, functions: of(1, 300)}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			faults := budgetFaults([]source{test.source})
			if !slices.EqualFunc(faults, test.want, strings.Contains) {
				t.Errorf("faults %q, want %q", faults, test.want)
			}
		})
	}
}
