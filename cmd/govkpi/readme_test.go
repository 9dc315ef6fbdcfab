package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/govkpi/govkpi/internal/servertest"
)

// TestREADME does what both READMEs tell a new user to do for a first collector,
// on a real PostgreSQL.
func TestREADME(t *testing.T) {
	program := buildProgram(t)
	database := servertest.PostgreSQL(t).URL()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, file := range []string{"README.md", "README.zh-CN.md"} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile("../../" + file)
			if err != nil {
				t.Fatal(err)
			}
			_, walk, _ := strings.Cut(string(text), "stations(county_code")
			table := regexp.MustCompile(`stations\(.*?\)`).FindString(string(text))
			row := regexp.MustCompile(`\('360603'.*?\)`).FindString(walk)
			for _, statement := range []string{"DROP TABLE IF EXISTS stations", "CREATE TABLE " + table, "INSERT INTO stations VALUES " + row} {
				if _, err := conn.Exec(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(walk, -1)
			if len(blocks) != 2 {
				t.Fatalf("%d YAML blocks, want sources.yaml and a collector", len(blocks))
			}
			site := filepath.Join(t.TempDir(), "site")
			if err := os.CopyFS(site, os.DirFS("../../config/jiangxi")); err != nil {
				t.Fatal(err)
			}
			removed, err := filepath.Glob(filepath.Join(site, "collectors", "*.yaml"))
			if err != nil || len(removed) == 0 {
				t.Fatalf("no collectors to remove: %v", err)
			}
			for _, name := range removed {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
			root, err := os.ReadFile(filepath.Join(site, "govkpi.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string]string{
				"govkpi.yaml":                   strings.Replace(string(root), "path: ../../data", "path: data", 1),
				"sources.yaml":                  blocks[0][1],
				"collectors/my-department.yaml": blocks[1][1],
			} {
				if err := os.WriteFile(filepath.Join(site, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, step := range []struct{ command, want string }{
				{"check --config govkpi.yaml --connect", "stations: connected"},
				{"collect stations --config govkpi.yaml", "1 rows, 1 accepted, 1 new or changed, 0 rejected"},
				{"figures --data data --indicator warm_stations --period 2025-12 --format csv", "360603,余江区,2025-12,12,"},
			} {
				cmd := exec.CommandContext(t.Context(), program, strings.Fields(step.command)...)
				cmd.Dir, cmd.Env = site, append(os.Environ(), "MY_DEPARTMENT_URL="+database)
				out, err := cmd.CombinedOutput()
				if err != nil || !strings.Contains(string(out), step.want) {
					t.Errorf("govkpi %s: %v, without %q:\n%s", step.command, err, step.want, out)
				}
			}
		})
	}
}
