package rules_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/rules"
)

// write puts the rule files of a site into a folder.
func write(t testing.TB, folder string, all []rules.File) {
	t.Helper()
	for _, f := range all {
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Every alert fires where it should and nowhere else, in the promtool that Debian
// ships. Every kind has its tests.
func TestUnitTests(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, files(t, site(t)))
	for _, kind := range rules.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			name := string(kind) + ".yml"
			content, err := os.ReadFile(filepath.Join("testdata", "unit", name))
			if err != nil {
				t.Fatal(err)
			}
			for _, wanted := range []string{"exp_labels", "exp_alerts: []"} {
				if !strings.Contains(string(content), wanted) {
					t.Errorf("%s has no test with %s: an alert must be seen to fire and not to", name, wanted)
				}
			}
			if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(t.Context(), "promtool", "test", "rules", filepath.Join(folder, name))
			if output, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, output)
			}
		})
	}
}

func TestPromtoolTakesTheFiles(t *testing.T) {
	folder := t.TempDir()
	all := files(t, site(t))
	write(t, folder, all)
	for _, f := range all {
		command := exec.CommandContext(t.Context(), "promtool", "check", "rules", "--lint=all", "--lint-fatal", filepath.Join(folder, f.Name))
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s", err, output)
		}
	}
}
