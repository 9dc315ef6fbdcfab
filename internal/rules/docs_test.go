package rules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/rules"
)

// Every kind of alert has a page that says what it means and what to do, and a row
// in the table; there is no page of another.
func TestEveryAlertHasItsPage(t *testing.T) {
	table, err := os.ReadFile("../../docs/alerts/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../docs/alerts/*.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"README.md": true}
	for _, kind := range rules.Kinds() {
		name := string(kind) + ".md"
		known[name] = true
		page, err := os.ReadFile("../../docs/alerts/" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, heading := range []string{"# " + string(kind) + "\n", "\n## When\n", "\n## What to do\n"} {
			if !strings.Contains(string(page), heading) {
				t.Errorf("docs/alerts/%s has no heading %q", name, strings.TrimSpace(heading))
			}
		}
		if !strings.Contains(string(table), "| ["+string(kind)+"]("+name+") |") {
			t.Errorf("the table of docs/alerts/README.md has no row for %s", kind)
		}
	}
	for _, page := range pages {
		if !known[filepath.Base(page)] {
			t.Errorf("%s is about an alert that there is not", page)
		}
	}
}

// The Alertmanager configuration to start from is one, and sends alerts where its
// comments say.
func TestAlertmanagerConfiguration(t *testing.T) {
	const file = "../../config/jiangxi/alertmanager.yml"
	if output, err := exec.CommandContext(t.Context(), "amtool", "check-config", file).CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	for labels, receivers := range map[string]string{
		"alertname=ReportOverdue severity=critical city=九江市 theme=livelihood": "wecom,digest",
		"alertname=ReportOverdue severity=info city=九江市 theme=livelihood":     "digest",
		"alertname=RegionBehindTarget severity=warning city=九江市":              "digest",
		"alertname=SourceDown severity=critical collector=grids":              "operators",
		"alertname=FigureHeld severity=info city=九江市":                         "statistics",
	} {
		args := append([]string{"config", "routes", "test", "--config.file=" + file, "--verify.receivers=" + receivers}, strings.Fields(labels)...)
		if output, err := exec.CommandContext(t.Context(), "amtool", args...).CombinedOutput(); err != nil {
			t.Errorf("%s does not go to %s: %v:\n%s", labels, receivers, err, output)
		}
	}
}
