package app_test

import (
	"database/sql"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// Each county keeps its figures in a database of its own.
const countyDatabases = `
  - name: counties
    source: county-databases
    schedule: "0 6 * * *"
    deadline: 20s
    retry: {attempts: 1}
    for_each: counties
    parallel: 2
    sqlquery:
      query: SELECT month, n FROM grids
      row_limit: 100
      indicator: grids
      columns: {period: month, value: n}
`

// newCounties has a database for each of the counties given by code.
func newCounties(t *testing.T, counties ...string) *place {
	t.Helper()
	p := newPlace(t)
	p.env["COUNTIES"] = "sqlite:" + filepath.Join(p.folder, "{region.code}.db")
	p.configureCounties(countyDatabases)
	for i, county := range counties {
		p.county(county, i+1)
	}
	return p
}

func (p *place) configureCounties(collector string) {
	p.t.Helper()
	const source = `  - {name: county-databases, title: {zh: 各县, en: Counties}, kind: sqlquery, sqlquery: {url: "${COUNTIES}", statement_timeout: 10s}}`
	p.write("govkpi.yaml", strings.Replace(tree, "\ncollectors:", "\n"+source+"\ncollectors:", 1)+collector)
}

// county makes a county's database with December's figure.
func (p *place) county(code string, n int) {
	p.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.folder, code+".db"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{"CREATE TABLE grids (month TEXT, n INTEGER)", "INSERT INTO grids VALUES ('2025-12', ?)"} {
		args := []any{n}[:strings.Count(statement, "?")]
		if _, err := db.ExecContext(p.t.Context(), statement, args...); err != nil {
			p.t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestFanOutTakesWhatItCanGet(t *testing.T) {
	p := newCounties(t, "360603") // 360602 has none
	a := p.open()
	run, err := a.Collect(t.Context(), "counties", fact.Period{})
	if err == nil || run.Outcome != fact.Partial || run.Accepted != 1 || !strings.Contains(run.Error, "1 of 2 targets failed: 月湖区 (360602).") {
		t.Fatalf("got %+v, %v; want a partial run that names 月湖区", run, err)
	}
	wantMetrics(t, a, yujiang+" 1", "!"+yuehu,
		`govkpi_collector_runs_total{collector="counties",outcome="partial"} 1`,
		`govkpi_collector_target_last_run_successful{collector="counties",name="月湖区",target="360602"} 0`,
		`govkpi_collector_target_last_run_successful{collector="counties",name="余江区",target="360603"} 1`,
	)
	_, page := get(t, a, http.MethodGet, "/")
	for _, want := range []string{"月湖区", "360602"} {
		if !strings.Contains(page, want) {
			t.Errorf("the landing page does not name the failed target: no %s", want)
		}
	}

	p.county("360602", 7)
	p.collect(a, "counties")
	wantMetrics(t, a, yujiang+" 1", yuehu+" 7",
		`govkpi_collector_runs_total{collector="counties",outcome="success"} 1`,
		`govkpi_collector_target_last_run_successful{collector="counties",name="月湖区",target="360602"} 1`,
	)
}

func TestTargetsAreRememberedOverARestart(t *testing.T) {
	p := newCounties(t, "360603")
	first := p.open()
	if _, err := first.Collect(t.Context(), "counties", fact.Period{}); err == nil {
		t.Fatal("no error, though a county has no database")
	}
	p.stop(first)

	second := p.open()
	wantMetrics(t, second,
		`govkpi_collector_target_last_run_successful{collector="counties",name="月湖区",target="360602"} 0`,
		`govkpi_collector_target_last_run_successful{collector="counties",name="余江区",target="360603"} 1`,
		`govkpi_collector_target_last_success_timestamp_seconds{collector="counties",name="余江区",target="360603"} 1.7675856e+09`,
	)
	if _, page := get(t, second, http.MethodGet, "/"); !strings.Contains(page, "360602") {
		t.Error("the landing page has forgotten the failed target")
	}
}

// A run that was killed before it knew of its targets doesn't hide how they fared.
func TestAKilledRunHidesNoTarget(t *testing.T) {
	p := newCounties(t, "360603")
	first := p.open()
	if _, err := first.Collect(t.Context(), "counties", fact.Period{}); err == nil {
		t.Fatal("no error, though a county has no database")
	}
	p.stop(first)
	store, err := sqlite.Open(t.Context(), sqlite.Options{File: filepath.Join(p.folder, "data", app.LedgerFile), Now: p.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Begin(t.Context(), fact.Run{Collector: "counties", Attempt: 1, Start: p.clock()}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, p.open(),
		`govkpi_collector_target_last_run_successful{collector="counties",name="月湖区",target="360602"} 0`,
		`govkpi_collector_target_last_run_successful{collector="counties",name="余江区",target="360603"} 1`,
	)
}

// A county's source may not report for another.
func TestATargetReportsForItselfOnly(t *testing.T) {
	p := newCounties(t, "360602", "360603")
	content := strings.Replace(countyDatabases, "SELECT month, n FROM grids", "SELECT '360603' AS county, month, n FROM grids", 1)
	content = strings.Replace(content, "columns: {period", "columns: {region: county, period", 1)
	p.configureCounties(content)
	a := p.open()
	run, err := a.Collect(t.Context(), "counties", fact.Period{})
	if err != nil || run.Accepted != 1 || run.Rejected != 1 {
		t.Fatalf("got %+v, %v; want one accepted, one rejected", run, err)
	}
	wantMetrics(t, a, yujiang+" 2", "!"+yuehu, `govkpi_collector_rejections_total{collector="counties",stage="region-of-target"} 1`)
}

func TestForEachMustNameRegions(t *testing.T) {
	p := newCounties(t)
	content := strings.Replace(countyDatabases, "for_each: counties", "for_each: [360602, 360699]", 1)
	p.configureCounties(content)
	_, err := app.New(t.Context(), p.options())
	if err == nil || !strings.Contains(err.Error(), "govkpi.yaml:") || !strings.Contains(err.Error(), "for_each names a region that can't be pulled for") {
		t.Errorf("error %v", err)
	}
}

// villages is a tree whose indicator is of villages, which nobody has configured.
func newVillages(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.source(
		"CREATE TABLE villages (code TEXT, name TEXT)",
		"INSERT INTO villages VALUES ('360602001001', '一村'), ('360602001002', '二村'), ('360602001', '示例街道'), ('360602', '月湖县')",
		"INSERT INTO grids VALUES ('360602001001', '2025-12', 3), ('360602001002', '2025-12', 4)")
	const registerCollector = `
  - name: register
    source: source
    schedule: "0 5 * * *"
    deadline: 20s
    retry: {attempts: 1}
    sqlquery:
      query: SELECT code, name FROM villages ORDER BY code DESC
      row_limit: 100
      register: {code: code, name: name}
`
	p.write("govkpi.yaml", strings.Replace(tree, "levels: [county]", "levels: [village]", 1)+
		registerCollector+grids())
	return p
}

func grids() string {
	return `
  - name: grids
    source: source
    schedule: "0 6 * * *"
    deadline: 20s
    retry: {attempts: 1}
    sqlquery:
      query: SELECT county, month, n FROM grids
      row_limit: 100
      indicator: grids
      columns: {region: county, period: month, value: n}
`
}

const firstVillage = `governance_grids{level="village",code="360602001001",city="鹰潭市",county="月湖区",township="示例街道",village="一村"} 3`

func TestACollectedRegisterLetsFiguresResolve(t *testing.T) {
	p := newVillages(t)
	a := p.open()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all have run", func() bool { ready, _ := a.Ready(); return ready })

	run, err := a.Collect(t.Context(), "register", fact.Period{})
	if err != nil || run.Accepted != 3 || run.Changed != 0 || run.Rejected != 1 {
		t.Fatalf("got %+v, %v; want 3 entries taken, none new since the first run, 1 rejected for its name", run, err)
	}
	p.collect(a, "grids")
	wantMetrics(t, a, firstVillage)

	p.source("UPDATE villages SET name = '新一村' WHERE code = '360602001001'")
	if run, err := a.Collect(t.Context(), "register", fact.Period{}); err != nil || run.Changed != 1 {
		t.Fatalf("got %+v, %v; want one changed entry", run, err)
	}
	renamed := strings.Replace(firstVillage, "一村", "新一村", 1)
	wantMetrics(t, a, renamed)

	p.stop(a)
	p.source("DROP TABLE villages")
	wantMetrics(t, p.open(), renamed)
	totals := p.reader()
	defer totals.Close()
	december, err := fact.ParsePeriod("2025-12")
	if err != nil {
		t.Fatal(err)
	}
	found, err := totals.Totals(t.Context(), app.TotalsQuery{Indicator: "grids", Period: december, Level: fact.County})
	if err != nil || len(found) == 0 || found[0].Value != 7 {
		t.Errorf("the county's total is %+v, %v; want 7", found, err)
	}
}

// reader opens the ledger beside the App.
func (p *place) reader() *app.Reader {
	p.t.Helper()
	cfg, err := p.options().Load()
	if err != nil {
		p.t.Fatal(err)
	}
	reader, err := app.OpenReader(p.t.Context(), cfg, p.clock)
	if err != nil {
		p.t.Fatal(err)
	}
	return reader
}

// A township that the configuration no longer has must not keep the program from
// starting.
func TestCollectedRegionsWithoutARegionAboveAreLeftOut(t *testing.T) {
	p := newVillages(t)
	first := p.open()
	p.collect(first, "register")
	p.stop(first)
	p.write("regions.csv", strings.Replace(register, "360602,月湖区,county,360600\n", "", 1))
	second := p.open()
	wantMetrics(t, second, `!code="360602001001"`)
	if log := p.log.String(); !strings.Contains(log, "collected regions lie in no region of the register") {
		t.Error("the log says nothing of the regions that were left out")
	}
}

func TestDryRunStoresNothing(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	p.collect(a, "grids")
	p.source("UPDATE grids SET n = 8 WHERE county = '月湖区'")
	status, body := get(t, a, http.MethodPost, "/-/collect/grids?dry_run=1")
	if status != http.StatusOK {
		t.Errorf("the server answers %d", status)
	}
	for _, want := range []string{
		"Dry run of grids: 4 rows read, 3 readings would be accepted, 1 of them new or changed, 1 rejected. Nothing was stored.",
		"grids  月湖区 (360602)  2025-12 = 8  (row 1, column n)",
		"rejected by region-resolved: grids 新城区 2025-12 = 1  (row 4, column n)",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the preview lacks %q:\n%s", want, body)
		}
	}
	wantMetrics(t, a, yuehu+" 7", `govkpi_ledger_facts 3`, `govkpi_collector_runs_total{collector="grids",outcome="success"} 1`)
	runs, err := p.reader().Store.Runs(t.Context(), ledger.RunQuery{})
	if err != nil || len(runs) != 1 {
		t.Errorf("the ledger has the runs %+v, %v; want the first only", runs, err)
	}
	if status, _ := get(t, a, http.MethodPost, "/-/collect/nobody?dry_run=1"); status != http.StatusNotFound {
		t.Errorf("a dry run of nobody answers %d", status)
	}
}

func TestCheckedPreviewNeedsNoLedger(t *testing.T) {
	p := newPlace(t)
	cfg, err := p.options().Load()
	if err != nil {
		t.Fatal(err)
	}
	checked, err := app.Check(t.Context(), cfg, p.clock)
	if err != nil {
		t.Fatal(err)
	}
	preview, err := checked.Preview(t.Context(), "grids", fact.Period{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := preview.WriteText(&text, 1); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3 readings would be accepted, 3 of them new", "… and 2 more figures", "rejected by region-resolved"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the preview lacks %q:\n%s", want, &text)
		}
	}
	if _, err := checked.Preview(t.Context(), "nobody", fact.Period{}); err == nil {
		t.Error("previewed a collector that there is not")
	}
}
