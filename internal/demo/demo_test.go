package demo_test

import (
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/region"
)

// site is the shipped configuration of the demo, with sample systems at a time.
type site struct {
	config   *config.Config
	register *region.Register
	now      time.Time
	sample   *demo.Sample
	systems  *demo.Systems
	folder   string
	api      string // the address that the API is served at

	ledger     *ledger
	collectors map[string]collectors.Collector
}

// newSite fills systems in a folder of the test's own and serves their API.
func newSite(t *testing.T, now string) *site {
	t.Helper()
	s := newEmptySite(t, now)
	if err := s.systems.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// newEmptySite is for tests of the API alone, which needs nothing on the disk.
func newEmptySite(t *testing.T, now string) *site {
	t.Helper()
	s := &site{folder: filepath.Join(t.TempDir(), "systems"), ledger: newLedger(), collectors: map[string]collectors.Collector{}}
	var api http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { api.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	s.api = server.URL
	s.config = load(t, s.folder, s.api)
	s.now = at(t, s.config, now)
	var err error
	if s.register, err = region.New(s.config.Regions, s.config.Changes, s.config.Aliases); err != nil {
		t.Fatal(err)
	}
	if s.sample, err = demo.New(s.config.Regions, s.config.Indicators, s.now); err != nil {
		t.Fatal(err)
	}
	s.systems = s.sample.Systems(s.folder)
	api = s.systems.Handler()
	return s
}

func load(t *testing.T, folder, api string) *config.Config {
	t.Helper()
	c, err := config.Load(jiangxi.Files, "demo.yaml", config.Options{Env: demo.Env(folder, api)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// loadShipped is for tests that reach no system.
func loadShipped(t *testing.T) *config.Config {
	t.Helper()
	return load(t, "unused", "http://127.0.0.1:1")
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

func (s *site) open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.folder, "sources.db"))
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

// runner is the way of a figure up to the test's ledger.
func (s *site) runner(t *testing.T) *collectors.Runner {
	t.Helper()
	return &collectors.Runner{
		Ledger: s.ledger, Zone: s.config.Site.Zone, Now: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler),
		Redact: func(text string) string { return text }, Observe: func(collectors.Ended) {},
	}
}
