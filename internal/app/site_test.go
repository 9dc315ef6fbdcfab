package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the sources of these tests

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

const tree = `
site: {name: {zh: 江西省, en: Jiangxi}, zone: Asia/Shanghai, region: "360000"}
ledger: {path: data, keep_rejections: 400d}
schedule: {parallel: 2}
regions: {divisions: [regions.csv]}
units: [{id: grids, title: {zh: 个, en: grids}, counts: true}]
themes: [{id: test, title: {zh: 试, en: Test}}]
indicators:
  - id: grids
    title: {zh: 网格, en: Grids}
    definition: {zh: 网格数, en: Number of grids}
    theme: test
    unit: grids
    kind: stock
    direction: more
    levels: [county]
    cadence: month
    grace_working_days: 10
    expires_after_periods: 2
    targets: [{level: county, value: 10, source: test}]
sources:
  - {name: source, title: {zh: 来源, en: Source}, kind: sqlquery, sqlquery: {url: "${SOURCE}", statement_timeout: 10s}}
collectors:
`

const collector = `
  - name: %s
    source: source
    schedule: "%s"
    deadline: 20s
    retry: {attempts: 1, backoff: 1s, window: 1m}
    sqlquery:
      query: %s
      row_limit: 100
      indicator: grids
      columns: {region: county, period: month, value: n}
`

const register = `code,name,level,parent
360000,江西省,province,
360600,鹰潭市,city,360000
360602,月湖区,county,360600
360603,余江区,county,360600
`

// place is a folder with a configuration and a source, and a clock.
type place struct {
	t      *testing.T
	folder string
	env    map[string]string
	log    *lockedBuffer

	mu  sync.Mutex
	now time.Time
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newPlace has one collector, which is due at 06:00, and a source with December's
// figures of two counties and a row that is wrong.
func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, folder: t.TempDir(), log: &lockedBuffer{}, now: time.Date(2026, 1, 5, 4, 0, 0, 0, time.UTC)}
	p.env = map[string]string{"SOURCE": "sqlite:" + filepath.Join(p.folder, "source.db")}
	p.write("regions.csv", register)
	p.configure(fmt.Sprintf(collector, "grids", "0 6 * * *", "SELECT county, month, n FROM grids"))
	p.source("CREATE TABLE grids (county TEXT, month TEXT, n)",
		"INSERT INTO grids VALUES ('月湖区', '2025-12', 7), ('余江', '2025-12', 12), ('余江', '2025-11', 11), ('新城区', '2025-12', 1)")
	return p
}

func (p *place) write(name, content string) {
	p.t.Helper()
	write(p.t, p.folder, name, content)
}

func (p *place) read(name string) string {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.folder, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(content)
}

func write(t testing.TB, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *place) configure(collectors ...string) {
	p.t.Helper()
	p.write("govkpi.yaml", tree+strings.Join(collectors, ""))
}

// source runs statements in the source.
func (p *place) source(statements ...string) {
	p.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.folder, "source.db"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(p.t.Context(), statement); err != nil {
			p.t.Fatalf("%s: %v", statement, err)
		}
	}
}

func (p *place) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *place) setClock(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = now
}

func (p *place) options() app.Options {
	return app.Options{
		Load: func() (*config.Config, error) {
			return config.LoadFile(filepath.Join(p.folder, "govkpi.yaml"), config.Options{
				Env: func(name string) (string, bool) { v, ok := p.env[name]; return v, ok },
			})
		},
		Now: p.clock, Log: slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test", Revision: "test",
		Login: func(user string) bool { return user == "li" || user == "screen" }, Deciders: []string{"li"},
	}
}

// open makes an App that nothing runs in yet; it is stopped at the test's end.
func (p *place) open() *app.App {
	p.t.Helper()
	a, err := app.New(p.t.Context(), p.options())
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { p.stop(a) })
	return a
}

func (p *place) stop(a *app.App) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.t.Context()), 20*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		p.t.Errorf("stop: %v", err)
	}
}

func (p *place) collect(a *app.App, name string) {
	p.t.Helper()
	if _, err := a.Collect(p.t.Context(), name, fact.Period{}); err != nil {
		p.t.Fatalf("collect %s: %v", name, err)
	}
}

// get returns what the App answers.
func get(t *testing.T, a *app.App, method, path string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	content, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(content)
}

// wantMetrics checks that lines are on /metrics, or with a ! before them are not.
func wantMetrics(t *testing.T, a *app.App, lines ...string) {
	t.Helper()
	_, body := get(t, a, http.MethodGet, "/metrics")
	for _, line := range lines {
		unwanted, absent := strings.CutPrefix(line, "!")
		if absent && strings.Contains(body, unwanted) {
			t.Errorf("/metrics has %s", unwanted)
		}
		if !absent && !strings.Contains(body, line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}
