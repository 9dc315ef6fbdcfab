package rules_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/rules"
)

func TestGeneratedFilesKeepTheContract(t *testing.T) {
	s := site(t)
	for _, f := range files(t, s) {
		if n, err := rules.Check(s, f); err != nil || n == 0 {
			t.Errorf("%s: %d rules, %v", f.Name, n, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	const good = "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: EXPR\n    labels: {severity: info}\n    annotations: {summary_zh: x, summary_en: x, runbook_url: x}\n"
	tests := map[string]struct{ file, want string }{
		"sound":                 {strings.Replace(good, "EXPR", `governance_held{level="county"} > 0`, 1), ""},
		"sound, scraped":        {strings.Replace(good, "EXPR", `governance_grids{job="govkpi"} > 0`, 1), ""},
		"no YAML":               {"groups: [", "did not find"},
		"an unknown key":        {strings.Replace(good, "labels", "lables", 1), "lables not found"},
		"no PromQL":             {strings.Replace(good, "EXPR", "sum(", 1), "could not parse expression"},
		"no such metric":        {strings.Replace(good, "EXPR", "governance_gridz > 0", 1), "there is no metric governance_gridz"},
		"none in a list":        {strings.Replace(good, "EXPR", `'{__name__=~"governance_(grids|gridz)"} > 0'`, 1), "there is no metric governance_gridz"},
		"any metric":            {strings.Replace(good, "EXPR", `'{__name__=~"governance_.*"} > 0'`, 1), "a family must be named"},
		"no such label":         {strings.Replace(good, "EXPR", `governance_held{region="x"} > 0`, 1), "has no label region"},
		"a label of another":    {strings.Replace(good, "EXPR", `governance_held{among="all"} > 0`, 1), "governance_held has no label among"},
		"without a severity":    {strings.Replace(strings.Replace(good, "EXPR", "governance_held", 1), "severity", "urgency", 1), "label severity is missing"},
		"without a text":        {strings.Replace(strings.Replace(good, "EXPR", "governance_held", 1), "summary_zh", "summary", 1), "annotation summary_zh is missing"},
		"a template that fails": {strings.Replace(strings.Replace(good, "EXPR", "governance_held", 1), "summary_zh: x", `summary_zh: "{{ $labels.x"`, 1), "summary_zh"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := rules.Check(site(t), rules.File{Name: "own.yaml", Content: []byte(test.file)})
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "own.yaml")):
				t.Errorf("error %v, want one with %q and the file", err, test.want)
			}
		})
	}
}

// What is written reads as what was generated.
func TestWriteLosesNothing(t *testing.T) {
	groups, err := rules.Generate(site(t))
	if err != nil {
		t.Fatal(err)
	}
	written, err := rules.Write(groups)
	if err != nil {
		t.Fatal(err)
	}
	for n, f := range written {
		read, faults := rulefmt.Parse(f.Content, false, model.UTF8Validation, parser.NewParser(parser.Options{}), nil)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		if diff := cmp.Diff(groups[n:n+1], read.Groups); diff != "" {
			t.Errorf("%s (-generated +read):\n%s", f.Name, diff)
		}
	}
}

// The page of the contract and what rules are checked against name the same
// families.
func TestContractIsThatOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("(?m)^(?:#### |\\| )`((?:governance|govkpi)_\\w+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 40 {
		t.Fatalf("the page names only %d families", len(named))
	}
	s := site(t)
	for _, family := range named {
		name := family[1]
		if name == "govkpi_collector_run_duration_seconds" || name == "govkpi_promql_request_duration_seconds" {
			name += "_bucket"
		}
		file := "groups:\n- name: a\n  rules:\n  - record: a\n    expr: " + name + "\n"
		if _, err := rules.Check(s, rules.File{Name: "a.yaml", Content: []byte(file)}); err != nil {
			t.Error(err)
		}
	}
}
