package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// An entry with a code that the configured history knows as an old one must not
// take the collected register away.
func TestAnOldCodeInARegisterDoesNoHarm(t *testing.T) {
	p := newVillages(t)
	p.write("history.csv", "old_code,old_name,code,name,effective,kind\n360622,余江县,360603,余江区,2018-07,renamed\n")
	content := p.read("govkpi.yaml")
	p.write("govkpi.yaml", strings.Replace(content, "regions: {divisions: [regions.csv]}", "regions: {divisions: [regions.csv], history: [history.csv]}", 1))
	a := p.open()
	p.collect(a, "register")
	p.collect(a, "grids")
	wantMetrics(t, a, firstVillage)
	p.source("INSERT INTO villages VALUES ('360622', '余江县')")
	run, err := a.Collect(t.Context(), "register", fact.Period{})
	if err != nil || run.Rejected != 2 {
		t.Errorf("run %+v, error %v; want the old code rejected beside the misnamed county", run, err)
	}
	p.stop(a)
	second := p.open()
	p.collect(second, "grids")
	wantMetrics(t, second, firstVillage)
}

// A for_each may list regions that a collector brings only later, and a region
// under two of its names is one target.
func TestForEachOfCollectedRegions(t *testing.T) {
	p := newVillages(t)
	p.write("govkpi.yaml", p.read("govkpi.yaml")+`
  - name: each
    source: source
    schedule: "0 7 * * *"
    deadline: 20s
    retry: {attempts: 1}
    for_each: [360602001001, 一村, "360602001002"]
    parallel: 1
    sqlquery:
      query: SELECT month, n FROM grids WHERE county = :region_code
      row_limit: 100
      indicator: grids
      columns: {period: month, value: n}
`)
	a := p.open()
	run, err := a.Collect(t.Context(), "each", fact.Period{})
	if err == nil || run.Outcome != fact.Failed || !strings.Contains(run.Error, "the register has no region 一村 (yet)") {
		t.Errorf("run %+v, error %v; want it to name the regions that are not there yet", run, err)
	}
	p.collect(a, "register")
	if run, err := a.Collect(t.Context(), "each", fact.Period{}); err != nil || run.Accepted != 2 {
		t.Errorf("run %+v, error %v; want two villages, each once", run, err)
	}
	wantMetrics(t, a, firstVillage)
}

// What a collector brings says nothing of the configuration's file.
func TestNewRegionsDoNotTouchTheReloadMetric(t *testing.T) {
	p := newVillages(t)
	a := p.open()
	good := p.read("govkpi.yaml")
	p.write("govkpi.yaml", "nonsense")
	if err := a.Reload(t.Context()); err == nil {
		t.Fatal("reloaded nonsense")
	}
	p.collect(a, "register")
	wantMetrics(t, a, "govkpi_configuration_last_reload_successful 0")
	p.write("govkpi.yaml", good)
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, a, "govkpi_configuration_last_reload_successful 1")
}

func TestIndicatorsOfACollectorMustBeInTheCatalogue(t *testing.T) {
	p := newPlace(t)
	p.write("govkpi.yaml", strings.Replace(p.read("govkpi.yaml"), "indicator: grids\n", "indicator: grid\n", 1))
	_, err := app.New(t.Context(), p.options())
	if want := `govkpi.yaml:33:7: indicator: the catalogue has no indicator "grid"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

// A preview knows the regions and figures that are in the ledger, and leaves the
// ledger as it is.
func TestPreviewWithALedger(t *testing.T) {
	p := newVillages(t)
	cfg, err := p.options().Load()
	if err != nil {
		t.Fatal(err)
	}
	preview := func() string {
		t.Helper()
		checked, err := app.CheckWithLedger(t.Context(), cfg, p.clock)
		if err != nil {
			t.Fatal(err)
		}
		defer checked.Close()
		found, err := checked.Preview(t.Context(), "grids", fact.Period{})
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := found.WriteText(&text, 10); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	if text := preview(); !strings.Contains(text, " 0 readings would be accepted") {
		t.Errorf("without a ledger there are no villages:\n%s", text)
	}
	a := p.open()
	p.collect(a, "register")
	for _, want := range []string{" 2 readings would be accepted, 2 of them new", "grids  一村 (360602001001)  2025-12 = 3"} {
		if text := preview(); !strings.Contains(text, want) {
			t.Errorf("the preview lacks %q:\n%s", want, text)
		}
	}
	p.collect(a, "grids")
	if text := preview(); !strings.Contains(text, " 2 readings would be accepted, 0 of them new") {
		t.Errorf("the ledger has the figures by now:\n%s", text)
	}
	runs, err := p.reader().Store.Runs(t.Context(), ledger.RunQuery{})
	if err != nil || len(runs) != 2 {
		t.Errorf("the ledger has %d runs (%v), want the two that were asked for", len(runs), err)
	}
}

// The site is the one in force when the run begins, not when it was asked for.
func TestARemovedCollectorIsNotRun(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	p.configure(fmt.Sprintf(collector, "other", "0 6 * * *", "SELECT county, month, n FROM grids"))
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, a, http.MethodPost, "/-/collect/grids"); status != http.StatusNotFound {
		t.Errorf("a collector that is gone answers %d", status)
	}
	p.collect(a, "other")
}
