package rules_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/rules"
)

// The shipped configuration makes rules of every kind but what its catalogue can't
// raise, and Debian's promtool takes them.
func TestShippedRules(t *testing.T) {
	c, err := config.Load(jiangxi.Files, "demo.yaml", config.Options{Env: func(string) (string, bool) { return "https://sources.example.org", true }})
	if err != nil {
		t.Fatal(err)
	}
	s := &rules.Site{Name: c.Site.Name, Zone: c.Site.Zone, Calendar: c.Calendar, Indicators: c.Indicators, Regions: c.Regions, Policy: c.Alerts}
	all := files(t, s)
	if len(all) != len(rules.Kinds()) {
		t.Errorf("%d files of %d kinds", len(all), len(rules.Kinds()))
	}
	folder := t.TempDir()
	write(t, folder, all)
	for _, f := range all {
		if n, err := rules.Check(s, f); err != nil {
			t.Error(err)
		} else {
			t.Logf("%s: %d rules, %d bytes", f.Name, n, len(f.Content))
		}
		command := exec.CommandContext(t.Context(), "promtool", "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(folder, f.Name))
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, output)
		}
	}
}
