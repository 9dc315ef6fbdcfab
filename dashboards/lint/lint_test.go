package lint_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/dashboards/lint"
)

const pages = "../../docs/dashboards/lint"

func TestSoundBoard(t *testing.T) {
	for _, f := range check(t, sound()) {
		t.Error(f)
	}
}

func TestNoDashboard(t *testing.T) {
	for _, raw := range []string{"", "[]", "{", `{"panels": 1}`} {
		if _, err := lint.Check([][]byte{[]byte(raw)}, contract()); err == nil || !strings.Contains(err.Error(), "board 1") {
			t.Errorf("%q: %v, want an error about board 1", raw, err)
		}
	}
}

// Every rule has its file, its test and its page, and there is no page of a rule
// that is none.
func TestEveryRuleHasItsPage(t *testing.T) {
	var named []string
	files, err := filepath.Glob(filepath.Join(pages, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".md"); name != "README" {
			named = append(named, name)
		}
	}
	if diff := cmp.Diff(lint.Rules(), named); diff != "" {
		t.Errorf("%s (-rules +pages):\n%s", pages, diff)
	}
	for _, rule := range lint.Rules() {
		base := strings.ReplaceAll(rule, "-", "_")
		for _, file := range []string{base + ".go", base + "_test.go"} {
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %v", rule, err)
			}
		}
		page, err := os.ReadFile(filepath.Join(pages, rule+".md"))
		if err != nil || !strings.HasPrefix(string(page), "# "+rule+"\n") {
			t.Errorf("the page of %s does not begin with its name (%v)", rule, err)
		}
	}
	index, err := os.ReadFile(filepath.Join(pages, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range lint.Rules() {
		if !strings.Contains(string(index), "["+rule+"]("+rule+".md)") {
			t.Errorf("README.md does not list %s", rule)
		}
	}
	if !slices.IsSorted(lint.Rules()) {
		t.Error("the rules are not in order")
	}
}
