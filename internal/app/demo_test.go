package app_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	promrules "github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/promapi"
)

// demoSite is an App that has collected all that the demo's sample systems hold at
// a time.
type demoSite struct {
	*app.App
	config *config.Config
	story  demo.Story
	now    time.Time
	people string // where digests are sent, if the configuration has it
}

func newDemoSite(t *testing.T, now time.Time) *demoSite {
	t.Helper()
	s := &demoSite{now: now}
	s.open(t, t.TempDir(), jiangxi.Files, func() time.Time { return s.now })
	return s
}

// open fills the sample systems as they are now and collects from them. tree is
// the shipped configuration, or that with something else in it.
func (s *demoSite) open(t *testing.T, folder string, tree fs.FS, now func() time.Time) {
	t.Helper()
	var api string
	load := func() (*config.Config, error) {
		sources := demo.Env(filepath.Join(folder, "sources"), api)
		return config.Load(tree, "demo.yaml", config.Options{Env: func(name string) (string, bool) {
			if name == "PEOPLE_URL" {
				return s.people, true
			}
			return sources(name)
		}})
	}
	var err error
	if s.config, err = load(); err != nil {
		t.Fatal(err)
	}
	sample, err := demo.New(s.config.Regions, s.config.Indicators, now().In(s.config.Site.Zone))
	if err != nil {
		t.Fatal(err)
	}
	systems := sample.Systems(filepath.Join(folder, "sources"))
	if err := systems.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(systems.Handler())
	t.Cleanup(server.Close)
	api, s.story = server.URL, sample.Story()
	s.App, err = app.New(t.Context(), app.Options{
		Load: load, Data: filepath.Join(folder, "data"), Now: now, Log: slog.New(slog.DiscardHandler), Version: "test", Revision: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	for _, c := range s.Collectors() {
		if _, err := s.Collect(t.Context(), c.Name, fact.Period{}); err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
	}
}

// raised returns the alerts of the generated rules at the site's time, on our own
// PromQL; for how long a condition has held is not asked.
func (s *demoSite) raised(t *testing.T) []*promrules.Alert {
	t.Helper()
	groups := loadedGroups(t, s.config, s.App, func() time.Time { return s.now })
	var alerts []*promrules.Alert
	for _, g := range groups {
		g.Eval(t.Context(), s.now)
		for _, r := range g.Rules() {
			if r.LastError() != nil {
				t.Errorf("%s: %v", r.Name(), r.LastError())
			}
		}
		for _, r := range g.AlertingRules() {
			alerts = append(alerts, r.ActiveAlerts()...)
		}
	}
	slices.SortFunc(alerts, func(a, b *promrules.Alert) int { return labels.Compare(a.Labels, b.Labels) })
	return alerts
}

// loadedGroups are the generated rules of a configuration, as a Prometheus loads
// them from their files, on the ledger of an App. What they record is in a TSDB of
// its own.
func loadedGroups(t testing.TB, cfg *config.Config, a *app.App, now func() time.Time) map[string]*promrules.Group {
	t.Helper()
	db := openTSDB(t)
	return groupsOn(t, cfg, promapi.NewQueryable(a.Series(), db, now), db)
}

// groupsOn is loadedGroups on any storage; what they record goes to a TSDB.
func groupsOn(t testing.TB, cfg *config.Config, queryable storage.Queryable, db *tsdb.DB) map[string]*promrules.Group {
	t.Helper()
	files, err := app.RuleFiles(cfg)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	var names []string
	for _, f := range files {
		write(t, folder, f.Name, string(f.Content))
		names = append(names, filepath.Join(folder, f.Name))
	}
	manager := promrules.NewManager(&promrules.ManagerOptions{
		QueryFunc: promrules.EngineQueryFunc(newTestEngine(), queryable), NotifyFunc: func(context.Context, string, ...*promrules.Alert) {},
		Context: t.Context(), AppendableV2: db, Queryable: queryable, Logger: slog.New(slog.DiscardHandler),
	})
	groups, errs := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, names...)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return groups
}
