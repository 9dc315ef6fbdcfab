package demo_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/region"
)

// site is the shipped configuration of the demo, with a database of sample
// systems at a time.
type site struct {
	config   *config.Config
	register *region.Register
	now      time.Time
	sample   *demo.Sample
	file     string
}

// newSite fills a database in a folder of the test's own.
func newSite(t *testing.T, now string) site {
	t.Helper()
	s := site{file: filepath.Join(t.TempDir(), "sources.db")}
	s.config = load(t, s.file)
	s.now = at(t, s.config, now)
	var err error
	if s.register, err = region.New(s.config.Regions, s.config.Changes, s.config.Aliases); err != nil {
		t.Fatal(err)
	}
	if s.sample, err = demo.New(s.config.Regions, s.config.Indicators, s.now); err != nil {
		t.Fatal(err)
	}
	if err := s.sample.Fill(t.Context(), s.file); err != nil {
		t.Fatal(err)
	}
	return s
}

func load(t *testing.T, file string) *config.Config {
	t.Helper()
	c, err := config.Load(jiangxi.Files, "demo.yaml", config.Options{Env: demo.Env("sqlite://" + filepath.ToSlash(file))})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at is a morning in the site's zone.
func at(t *testing.T, c *config.Config, day string) time.Time {
	t.Helper()
	now, err := time.ParseInLocation(time.DateOnly, day, c.Site.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return now.Add(8 * time.Hour)
}

func (s site) open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", s.file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func number(t *testing.T, db *sql.DB, query string) float64 {
	t.Helper()
	var v float64
	if err := db.QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}
