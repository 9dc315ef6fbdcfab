package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/web"
)

const (
	yuehu   = `governance_grids{level="county",code="360602",city="鹰潭市",county="月湖区"}`
	yujiang = `governance_grids{level="county",code="360603",city="鹰潭市",county="余江区"}`
)

func TestTheWayOfAFigure(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	wantMetrics(t, a, "!governance_grids{")
	run, err := a.Collect(t.Context(), "grids", fact.Period{})
	if err != nil {
		t.Fatal(err)
	}
	if run.Rows != 4 || run.Accepted != 3 || run.Changed != 3 || run.Rejected != 1 || run.Outcome != fact.Succeeded {
		t.Errorf("got %+v, want 4 rows, 3 accepted and changed, 1 rejected", run)
	}
	wantMetrics(t, a,
		yuehu+" 7", yujiang+" 12",
		`governance_previous{indicator="grids",level="county",code="360603",city="鹰潭市",county="余江区"} 11`,
		`governance_target{indicator="grids",level="county",code="360602",city="鹰潭市",county="月湖区"} 10`,
		`governance_attainment_ratio{indicator="grids",level="county",code="360603",city="鹰潭市",county="余江区"} 1.2`,
		`governance_revisions{indicator="grids",level="county",code="360602",city="鹰潭市",county="月湖区"} 1`,
		`govkpi_collector_rejections_total{collector="grids",stage="region-resolved"} 1`,
		`govkpi_collector_runs_total{collector="grids",outcome="success"} 1`,
		`govkpi_ledger_facts 3`,
	)
	p.collect(a, "grids") // the same again
	wantMetrics(t, a, `govkpi_ledger_facts 3`)
	p.source("UPDATE grids SET n = 8 WHERE county = '月湖区'")
	p.collect(a, "grids")
	wantMetrics(t, a, yuehu+" 8", `govkpi_ledger_facts 4`,
		`governance_revisions{indicator="grids",level="county",code="360602",city="鹰潭市",county="月湖区"} 2`)
}

func TestFiguresAreThereAfterARestartBeforeAnythingRan(t *testing.T) {
	p := newPlace(t)
	first := p.open()
	p.collect(first, "grids")
	p.stop(first)
	p.source("DROP TABLE grids")

	second := p.open() // and not started
	wantMetrics(t, second, yuehu+" 7", yujiang+" 12", "!govkpi_collector_runs_total{collector=\"grids\",outcome=\"success\"} 1",
		fmt.Sprintf("govkpi_collector_last_success_timestamp_seconds{collector=\"grids\"} %s", "1.7675856e+09"))
	if status, body := get(t, second, http.MethodGet, "/-/ready"); status != http.StatusOK {
		t.Errorf("not ready (%s), though the collector ran in an earlier life", body)
	}
}

func TestAFigureWhoseSourceFailsStaysUntilItExpires(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	p.collect(a, "grids")
	p.source("DROP TABLE grids")
	run, err := a.Collect(t.Context(), "grids", fact.Period{})
	if err == nil || run.Outcome != fact.Failed || !strings.Contains(run.Error, "no such table") {
		t.Fatalf("got %+v, %v; want a failed run that says why", run, err)
	}
	end := `governance_period_end_timestamp_seconds{indicator="grids",level="county",code="360602",city="鹰潭市",county="月湖区"} 1767196800`
	wantMetrics(t, a, yuehu+" 7", end, `govkpi_collector_runs_total{collector="grids",outcome="failure"} 1`)
	p.setClock(time.Date(2026, 2, 28, 15, 59, 59, 0, time.UTC))
	wantMetrics(t, a, yuehu+" 7", end)
	p.setClock(time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC)) // two months after December's end
	wantMetrics(t, a, "!"+yuehu)
}

func TestReload(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new collector has run", func() bool { ready, _ := a.Ready(); return ready })
	grids := fmt.Sprintf(collector, "grids", "0 6 * * *", "SELECT county, month, n FROM grids")

	p.configure(grids, "  - {name: half}\n")
	status, body := get(t, a, http.MethodPost, "/-/reload")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "govkpi.yaml:") || !strings.Contains(body, "half") && !strings.Contains(body, "source") {
		t.Errorf("a bad file answers %d %s", status, body)
	}
	wantMetrics(t, a, yuehu+" 7", "govkpi_configuration_last_reload_successful 0", `!collector="half"`)

	p.configure(grids, fmt.Sprintf(collector, "more", "0 7 * * *", "SELECT '360602' AS county, '2025-10' AS month, 5 AS n"))
	if status, body := get(t, a, http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Fatalf("reload answers %d %s", status, body)
	}
	if status, body := get(t, a, http.MethodGet, "/-/ready"); status != http.StatusOK {
		t.Errorf("a reload took readiness back: %s", body)
	}
	eventually(t, "the added collector has run", func() bool {
		_, body := get(t, a, http.MethodGet, "/metrics")
		return strings.Contains(body, `govkpi_collector_runs_total{collector="more",outcome="success"} 1`)
	})
	wantMetrics(t, a, "govkpi_configuration_last_reload_successful 1")

	p.configure(grids)
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, a, `!collector="more"`, `govkpi_collector_runs_total{collector="grids",outcome="success"} 1`)

	p.write("govkpi.yaml", strings.Replace(tree, "parallel: 2", "parallel: 3", 1)+grids)
	if err := a.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "restart the program") {
		t.Errorf("a change of schedule.parallel gives %v", err)
	}
}

func TestRefusesWhatOnlyTheKindKnows(t *testing.T) {
	p := newPlace(t)
	p.configure(fmt.Sprintf(collector, "a", "0 0 30 2 *", "SELECT 1"), fmt.Sprintf(collector, "b", "0 6 * * *", `""`))
	_, err := app.New(t.Context(), p.options())
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"govkpi.yaml:27:", "never fires", "govkpi.yaml:4"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

func TestASlowSourceBlocksNobody(t *testing.T) {
	p := newPlace(t)
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '360602' AS county, '2025-12' AS month, max(i) AS n FROM n"
	p.configure(fmt.Sprintf(collector, "slow", "0 6 * * *", endless), fmt.Sprintf(collector, "grids", "0 6 * * *", "SELECT county, month, n FROM grids"))
	a := p.open()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := a.Collect(ctx, "slow", fact.Period{})
		ended <- err
	}()
	eventually(t, "the slow run is under way", func() bool {
		for _, c := range a.Collectors() {
			if c.Name == "slow" && c.Running {
				return true
			}
		}
		return false
	})
	p.collect(a, "grids")
	wantMetrics(t, a, yuehu+" 7")
	select {
	case err := <-ended:
		t.Fatalf("the slow run was not slow: %v", err)
	default:
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("a cancelled run succeeded")
	}
}

// A run that somebody asks for takes a place like any other.
func TestParallelBoundsAllRuns(t *testing.T) {
	p := newPlace(t)
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '360602' AS county, '2025-12' AS month, max(i) AS n FROM n"
	names := []string{"a", "b", "c"}
	var blocks []string
	for _, name := range names {
		blocks = append(blocks, fmt.Sprintf(collector, name, "0 6 * * *", endless))
	}
	p.configure(blocks...)
	a := p.open() // parallel: 2
	ctx, cancel := context.WithCancel(t.Context())
	var asked sync.WaitGroup
	for _, name := range names {
		asked.Go(func() {
			if _, err := a.Collect(ctx, name, fact.Period{}); err == nil {
				t.Errorf("%s ended", name)
			}
		})
	}
	running := func() (n int) {
		for _, c := range a.Collectors() {
			if c.Running {
				n++
			}
		}
		return n
	}
	eventually(t, "two runs are under way", func() bool { return running() == 2 })
	within, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := a.Collect(within, "a", fact.Period{}); err == nil {
		t.Error("a run overlapped itself")
	}
	if n := running(); n != 2 {
		t.Errorf("%d runs are under way, want 2", n)
	}
	cancel()
	asked.Wait()
}

func TestStopDropsARunWhole(t *testing.T) {
	p := newPlace(t)
	endless := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '360602' AS county, '2025-12' AS month, max(i) AS n FROM n"
	p.configure(fmt.Sprintf(collector, "slow", "0 6 * * *", endless))
	a, err := app.New(t.Context(), p.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	reader, err := app.OpenReaderOf(t.Context(), p.folder+"/data", app.ForReading(config.Options{Env: func(string) (string, bool) { return "", false }}), p.clock)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	// What the collectors show is running a moment before the ledger has it: a
	// run stopped in between leaves nothing, for it did nothing.
	eventually(t, "the run is in the ledger", func() bool {
		runs, err := reader.Store.Runs(t.Context(), app.RunQuery{})
		return err == nil && len(runs) == 1
	})
	within, cancel := context.WithCancel(t.Context())
	cancel() // no time to finish
	if err := a.Stop(within); err == nil || !strings.Contains(err.Error(), "slow") {
		t.Errorf("stop returns %v, want an error that names the dropped run", err)
	}
	runs, err := reader.Store.Runs(t.Context(), app.RunQuery{})
	if err != nil || len(runs) != 1 || runs[0].Outcome != fact.Interrupted || !strings.Contains(runs[0].Error, "stopped") {
		t.Errorf("the ledger has runs %+v, %v; want one that was stopped", runs, err)
	}
}

func TestTwoInOneProcess(t *testing.T) {
	one, two := newPlace(t), newPlace(t)
	two.source("UPDATE grids SET n = 70 WHERE county = '月湖区'")
	a, b := one.open(), two.open()
	one.collect(a, "grids")
	two.collect(b, "grids")
	wantMetrics(t, a, yuehu+" 7")
	wantMetrics(t, b, yuehu+" 70")
	if _, err := app.New(t.Context(), one.options()); !errors.Is(err, app.ErrLocked) {
		t.Errorf("a second program on one ledger gets %v, want ErrLocked", err)
	}
}

func TestUnknownCollector(t *testing.T) {
	_, err := newPlace(t).open().Collect(t.Context(), "nobody", fact.Period{})
	if !errors.Is(err, web.ErrUnknownCollector) || !strings.Contains(err.Error(), "grids") {
		t.Errorf("got %v, want an error that lists the collectors", err)
	}
}

func TestReadyOnceTheDeadlineHasPassed(t *testing.T) {
	p := newPlace(t)
	a := p.open() // and not started: the collector never runs
	if status, body := get(t, a, http.MethodGet, "/-/ready"); status != http.StatusServiceUnavailable || !strings.Contains(body, "grids") {
		t.Errorf("got %d %s, want 503 that names the collector", status, body)
	}
	p.setClock(p.clock().Add(20 * time.Second))
	if status, body := get(t, a, http.MethodGet, "/-/ready"); status != http.StatusOK {
		t.Errorf("got %d %s, want 200 after the deadline", status, body)
	}
	p.setClock(p.clock().Add(-20 * time.Second))
	if status, _ := get(t, a, http.MethodGet, "/-/ready"); status != http.StatusOK {
		t.Error("readiness was taken back")
	}
}

// A secret must not come out anywhere, whoever fails because of it.
func TestSecretsStayInside(t *testing.T) {
	const secret = "hunter2-very-secret"
	for name, url := range map[string]string{
		"postgresql": "postgres://reader:" + secret + "@127.0.0.1:1/db?sslmode=disable",
		"mariadb":    "mysql://reader:" + secret + "@127.0.0.1:1/db",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.env["SOURCE"] = url
			a := p.open()
			run, err := a.Collect(t.Context(), "grids", fact.Period{})
			if err == nil {
				t.Fatal("collected from nowhere")
			}
			_, page := get(t, a, http.MethodGet, "/")
			_, metrics := get(t, a, http.MethodGet, "/metrics")
			_, asked := get(t, a, http.MethodPost, "/-/collect/grids")
			if !strings.Contains(page, "失败") {
				t.Error("the landing page does not show the failure")
			}
			for where, text := range map[string]string{"error": err.Error(), "run": run.Error, "page": page, "metrics": metrics, "answer": asked, "log": p.log.String()} {
				if strings.Contains(text, secret) {
					t.Errorf("the secret is in the %s: %s", where, text)
				}
			}
		})
	}
}

func TestReaderTakesTheConfigurationFromTheLedger(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	p.collect(a, "grids")
	reader, err := app.OpenReaderOf(t.Context(), p.folder+"/data", app.ForReading(config.Options{Env: func(string) (string, bool) { return "", false }}), p.clock) // while the program has it
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	december, err := fact.ParsePeriod("2025")
	if err != nil {
		t.Fatal(err)
	}
	totals, err := reader.Totals(t.Context(), app.TotalsQuery{Indicator: "grids", Period: december, Level: fact.City})
	if err != nil {
		t.Fatal(err)
	}
	if len(totals) != 1 || totals[0].Value != 19 || totals[0].Region.Name != "鹰潭市" {
		t.Errorf("got %+v, want 19 for the city", totals)
	}
	if _, err := reader.Totals(t.Context(), app.TotalsQuery{Indicator: "grid", Period: december, Level: fact.City}); err == nil || !strings.Contains(err.Error(), "there are grids") {
		t.Errorf("an unknown indicator gives %v, want those there are", err)
	}
}
