package demo_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

func TestTheSameTimeFillsTheSame(t *testing.T) {
	first, second, other := newSite(t, "2026-02-03"), newSite(t, "2026-02-03"), newSite(t, "2026-01-03")
	a, b, c := digest(t, first.open(t)), digest(t, second.open(t)), digest(t, other.open(t))
	if a != b {
		t.Error("two databases of the same time differ")
	}
	if a == c {
		t.Error("databases of two months are the same")
	}
}

func TestFillRefusesAFileThatIsThere(t *testing.T) {
	site := newSite(t, "2025-03-01")
	before := digest(t, site.open(t))
	if err := site.sample.Fill(t.Context(), site.file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Fill into a file that is there: %v, want %v", err, fs.ErrExist)
	}
	if digest(t, site.open(t)) != before {
		t.Error("Fill changed a file that was there")
	}
}

func TestFillTakesAnyFileName(t *testing.T) {
	site := newSite(t, "2025-03-01")
	file := filepath.Join(t.TempDir(), "样本 100% #1?.db")
	if err := site.sample.Fill(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() < 1<<16 {
		t.Errorf("the database is not in its file: %v, %v", info, err)
	}
}

func TestFillLeavesNothingWhenItIsStopped(t *testing.T) {
	site := newSite(t, "2025-03-01")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := filepath.Join(t.TempDir(), "stopped.db")
	if err := site.sample.Fill(ctx, file); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped Fill returned %v, want %v", err, context.Canceled)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a stopped Fill left its file: %v", err)
	}
}

func TestCorrectNeedsAFilledDatabase(t *testing.T) {
	site := newSite(t, "2026-01-05")
	missing := filepath.Join(t.TempDir(), "missing.db")
	if err := site.sample.Correct(t.Context(), missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Correct of no file: %v, want %v", err, fs.ErrNotExist)
	}
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := site.sample.Correct(t.Context(), empty); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("Correct of an empty file: %v, want an error about its tables", err)
	}
}

func TestNewNeedsTheShippedConfiguration(t *testing.T) {
	c := load(t, "unused.db")
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
	env := demo.Env("sqlite:///x.db")
	for name, want := range map[string]bool{"GOVKPI_CIVIL_AFFAIRS_URL": true, "GOVKPI_DATA": false, "HOME": false, "PROXY_URL": false} {
		if value, ok := env(name); ok != want || ok && value != "sqlite:///x.db" {
			t.Errorf("Env(%s) = %q, %t; want it answered: %t", name, value, ok, want)
		}
	}
}
