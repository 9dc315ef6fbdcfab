package demo_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
)

// tableNames lists the tables of a sample database, sorted.
func tableNames(t *testing.T, db *sql.DB) []string {
	t.Helper()
	return texts(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
}

func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// digest is over all rows of all tables, in the order they were written.
func digest(t *testing.T, db *sql.DB) string {
	t.Helper()
	var all []string
	for _, table := range tableNames(t, db) {
		columns := texts(t, db, "SELECT 'quote(' || name || ')' FROM pragma_table_info('"+table+"')")
		all = append(all, table)
		all = append(all, texts(t, db, "SELECT "+strings.Join(columns, "||','||")+" FROM "+table+" ORDER BY rowid")...)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(all, "\n"))))
}

// files reads all files of a folder, by their path in it.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) == ".db" {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		all[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheSameTimeFillsTheSame(t *testing.T) {
	first, second, other := newSite(t, "2025-08-03"), newSite(t, "2025-08-03"), newSite(t, "2025-07-03")
	a, b, c := digest(t, first.open(t)), digest(t, second.open(t)), digest(t, other.open(t))
	if a != b {
		t.Error("two databases of the same time differ")
	}
	if a == c {
		t.Error("databases of two months are the same")
	}
	if !maps.Equal(files(t, first.folder), files(t, second.folder)) {
		t.Error("workbooks of the same time differ")
	}
	if maps.Equal(files(t, first.folder), files(t, other.folder)) {
		t.Error("workbooks of two months are the same")
	}
}

func TestFillRefusesAFolderThatIsThere(t *testing.T) {
	site := newSite(t, "2025-03-01")
	before := digest(t, site.open(t))
	if err := site.systems.Fill(t.Context()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Fill into a folder that is there: %v, want %v", err, fs.ErrExist)
	}
	if digest(t, site.open(t)) != before {
		t.Error("Fill changed what was there")
	}
}

func TestFillTakesAnyFolderName(t *testing.T) {
	site := newSite(t, "2025-03-01")
	folder := filepath.Join(t.TempDir(), "样本 100% #1?")
	if err := site.sample.Systems(folder).Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(folder, "sources.db")); err != nil || info.Size() < 1<<16 {
		t.Errorf("the database is not in the folder: %v, %v", info, err)
	}
	if !maps.Equal(files(t, folder), files(t, site.folder)) {
		t.Error("the workbooks are others than elsewhere")
	}
}

func TestFillLeavesNothingWhenItIsStopped(t *testing.T) {
	site := newSite(t, "2025-03-01")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder := filepath.Join(t.TempDir(), "stopped")
	if err := site.sample.Systems(folder).Fill(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped Fill returned %v, want %v", err, context.Canceled)
	}
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a stopped Fill left its folder: %v", err)
	}
}

func TestCorrectNeedsFilledSystems(t *testing.T) {
	site := newEmptySite(t, "2026-01-05")
	folder := t.TempDir()
	systems := site.sample.Systems(folder)
	if err := systems.Correct(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Correct of no systems: %v, want %v", err, fs.ErrNotExist)
	}
	if err := os.WriteFile(filepath.Join(folder, "sources.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := systems.Correct(t.Context()); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("Correct of an empty database: %v, want an error about its tables", err)
	}
}

// Correct sends again what a county corrects, under the same names, and nothing
// else.
func TestCorrectedWorkbooksKeepTheirNames(t *testing.T) {
	site := newSite(t, "2026-11-22")
	before := files(t, site.folder)
	if err := site.systems.Correct(t.Context()); err != nil {
		t.Fatal(err)
	}
	var changed []string
	after := files(t, site.folder)
	for name, content := range after {
		if before[name] != content {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	want := []string{
		"civil-affairs/鹰潭市/鹰潭市2025年上半年养老助餐和幸福院统计表.xlsx",
		"civil-affairs/鹰潭市/鹰潭市2026年上半年养老助餐和幸福院统计表.xlsx",
	}
	if diff := cmp.Diff(want, changed); diff != "" || len(before) != len(after) {
		t.Errorf("%d files were %d before; changed (-want +got):\n%s", len(after), len(before), diff)
	}
	// A program that waits for files to settle reads them at once: all came some
	// time ago, by the demo's own clock.
	for name := range after {
		info, err := os.Stat(filepath.Join(site.folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if age := site.now.Sub(info.ModTime()); age < time.Minute {
			t.Errorf("%s came %s before now", name, age)
		}
	}
}

func TestNewNeedsTheShippedConfiguration(t *testing.T) {
	c := loadShipped(t)
	now := at(t, c, "2026-01-05")
	without := func(id string) []fact.Indicator {
		return slices.DeleteFunc(slices.Clone(c.Indicators), func(i fact.Indicator) bool { return i.ID == id })
	}
	altered := func(id string, change func(*fact.Indicator)) []fact.Indicator {
		all := slices.Clone(c.Indicators)
		change(&all[slices.IndexFunc(all, func(i fact.Indicator) bool { return i.ID == id })])
		return all
	}
	for name, test := range map[string]struct {
		regions    []fact.Region
		indicators []fact.Indicator
		want       string
	}{
		"an indicator is missing": {c.Regions, without("grids"), "sample figures of grids: the catalogue lacks the indicator"},
		"a ratio is missing":      {c.Regions, without("form_reduction_ratio"), "sample figures of forms_cut: the catalogue needs the ratio form_reduction_ratio"},
		"nothing was published":   {c.Regions, altered("grids", func(i *fact.Indicator) { i.Published = nil }), "sample figures of grids: the catalogue has no published figure for 2025"},
		"a county is missing":     {c.Regions[:50], c.Indicators, "sample figures of coordination_mechanisms: 1 for each of 50 regions is not the published 112"},
		"a ratio can't be made":   {c.Regions, altered("form_reduction_ratio", func(i *fact.Indicator) { i.Published = slices.Clone(i.Published); i.Published[0].Value = 0.647009 }), "no whole number over 100000 makes the published 0.647009"},
		"no regions at all":       {nil, c.Indicators, "sample figures of coordination_mechanisms: 1 for each of 0 regions"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := demo.New(test.regions, test.indicators, now); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New: %v, want an error with %q", err, test.want)
			}
		})
	}
}

func TestEnvAnswersForSourcesOnly(t *testing.T) {
	env := demo.Env("/tmp/systems", "http://127.0.0.1:9601/")
	for name, want := range map[string]string{
		"GOVKPI_ORGANIZATION_URL":     "sqlite:/tmp/systems/sources.db",
		"GOVKPI_BURDEN_REDUCTION_URL": "sqlite:/tmp/systems/sources.db",
		"GOVKPI_LOCAL_PRACTICE_URL":   "sqlite:/tmp/systems/sources.db",
		"GOVKPI_SOCIAL_WORK_API":      "http://127.0.0.1:9601/v1",
		"GOVKPI_SOCIAL_WORK_TOKEN":    demo.Token,
		"GOVKPI_CIVIL_AFFAIRS_FOLDER": "/tmp/systems/civil-affairs",
		"GOVKPI_LOCAL_REPORTS_FOLDER": "/tmp/systems/local-reports",
		"GOVKPI_DATA":                 "", "GOVKPI_OTHER_URL": "", "HOME": "", "PROXY_URL": "",
	} {
		if value, ok := env(name); value != want || ok != (want != "") {
			t.Errorf("Env(%s) = %q, %t; want %q", name, value, ok, want)
		}
	}
}
