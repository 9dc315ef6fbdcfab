package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// doubting makes the place's indicator one whose big steps are held and whose
// figures need a signature.
func (p *place) doubting() {
	p.t.Helper()
	p.write("govkpi.yaml", strings.Replace(p.read("govkpi.yaml"), "    expires_after_periods: 2\n",
		"    expires_after_periods: 2\n    max_step: 0.5\n    sign_off: true\n    expected_from: \"2025-12\"\n", 1))
}

// order has somebody decide something that goes well.
func order(t *testing.T, a *app.App, o app.Order) app.Decided {
	t.Helper()
	if o.By == "" {
		o.By = "李"
	}
	if o.Reason == "" {
		o.Reason = "for a test"
	}
	decided, err := a.Order(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return decided
}

// sameFor leaves out what runs with the clock and the process.
func sameFor(metrics string) string {
	figures, _, _ := strings.Cut(metrics, "# HELP go_")
	return regexp.MustCompile(`(?m)^govkpi_(collector|exposition|configuration|build|ledger_size).*\n`).ReplaceAllString(figures, "")
}

// What people decide shows in the metrics at once, and all of it is the same
// after a restart.
func TestStatesInMetrics(t *testing.T) {
	p := newPlace(t)
	p.doubting()
	a := p.open()
	p.collect(a, "grids")
	labels := func(indicator bool, family string) string {
		prefix := family + "{"
		if indicator {
			prefix += `indicator="grids",`
		}
		return prefix + `level="county",code="360603",city="鹰潭市",county="余江区"}`
	}
	provisional, reported, overdue := labels(true, "governance_provisional"), labels(true, "governance_reported"), labels(true, "governance_overdue_seconds")
	wantMetrics(t, a, provisional+" 1", reported+" 1", overdue+" 0", "!governance_held{")
	order(t, a, app.Order{Action: fact.Confirm, Indicator: "grids", Period: "2025-12"})
	wantMetrics(t, a, provisional+" 0")

	p.setClock(time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC))
	wantMetrics(t, a, reported+" 0", overdue+" 0", labels(true, "governance_due_timestamp_seconds")+" 1770998400") // ten days from Monday to Friday
	p.source("INSERT INTO grids VALUES ('余江', '2026-01', 40)")
	p.collect(a, "grids")
	wantMetrics(t, a, yujiang+" 12", labels(true, "governance_held")+" 1", reported+" 1")
	order(t, a, app.Order{Action: fact.Reject, Held: []int64{1}})
	p.setClock(time.Date(2026, 2, 16, 16, 0, 0, 0, time.UTC))
	wantMetrics(t, a, yujiang+" 12", "!governance_held{", reported+" 0", overdue+" 259200")
	p.collect(a, "grids") // it says 40 again
	wantMetrics(t, a, yujiang+" 12", `govkpi_collector_rejections_total{collector="grids",stage="not-overruled"} 1`)
	order(t, a, app.Order{Action: fact.Correct, Indicator: "grids", Region: "余江区", Period: "2026-01", Value: "13"})
	wantMetrics(t, a, yujiang+" 13", provisional+" 1", reported+" 1", overdue+" 0")
	order(t, a, app.Order{Action: fact.Confirm, Indicator: "grids", Period: "2026-01", Regions: []string{"360603"}})
	wantMetrics(t, a, provisional+" 0", `govkpi_ledger_decisions 5`)

	_, before := get(t, a, http.MethodGet, "/metrics")
	p.stop(a)
	_, after := get(t, p.open(), http.MethodGet, "/metrics")
	if one, two := sameFor(before), sameFor(after); one != two {
		t.Errorf("a restart changed what stands:\n%s\n----\n%s", one, two)
	}
}

// Past standing is of the configuration of then and of what was recorded by then.
func TestExplainAsKnownAt(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	p.collect(a, "grids")
	p.setClock(time.Date(2026, 1, 10, 4, 0, 0, 0, time.UTC))
	p.write("govkpi.yaml", strings.Replace(p.read("govkpi.yaml"), "value: 10,", "value: 24,", 1))
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.source("UPDATE grids SET n = 13 WHERE county = '余江' AND month = '2025-12'")
	p.setClock(time.Date(2026, 1, 11, 4, 0, 0, 0, time.UTC))
	p.collect(a, "grids")

	for at, want := range map[string]struct {
		value, attainment float64
		revisions         int
	}{
		"":                          {13, 13. / 24, 2},
		"2026-01-10":                {12, 0.5, 1},
		"2026-01-09":                {12, 1.2, 1},
		"2026-01-11T12:00:00+08:00": {13, 13. / 24, 2},
	} {
		answer, err := a.Explain(t.Context(), app.Question{Indicator: "grids", Region: "余江区", AsKnownAt: at})
		if err != nil {
			t.Fatal(err)
		}
		d, ok := answer.(*app.Document)
		if !ok {
			t.Fatalf("got %T", answer)
		}
		if *d.Value != want.value || *d.Standing.Attainment != want.attainment || len(d.Collected[0].Figures[0].Revisions) != want.revisions {
			t.Errorf("as known at %q: %v, attained %v, %d revisions; want %+v", at, *d.Value, *d.Standing.Attainment, len(d.Collected[0].Figures[0].Revisions), want)
		}
	}
	if _, err := a.Explain(t.Context(), app.Question{Indicator: "grids", Region: "余江区", AsKnownAt: "2026-01-04"}); err == nil || !strings.Contains(err.Error(), "Nothing was known") {
		t.Errorf("before the first configuration: %v", err)
	}
}

// Deciding over HTTP is for those whose password was checked, in their name.
func TestDecideOverHTTP(t *testing.T) {
	p := newPlace(t)
	p.doubting()
	a := p.open()
	p.collect(a, "grids")
	ask := func(user, path, body string) (int, string) {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, app.APIPrefix+path, strings.NewReader(body))
		if user != "" {
			request.SetBasicAuth(user, "checked before")
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, request)
		return w.Code, w.Body.String()
	}
	confirm := `{"indicator": "grids", "period": "2025-12", "reason": "seen"}`
	for name, test := range map[string]struct {
		user, path, body string
		status           int
		want             string
	}{
		"nobody":            {"", "confirm", confirm, 403, "needs a login"},
		"a stranger":        {"mallory", "confirm", confirm, 403, "needs a login"},
		"no reason":         {"li", "confirm", `{"indicator": "grids", "period": "2025-12"}`, 422, "The reason is missing"},
		"no such indicator": {"li", "confirm", `{"indicator": "grid", "period": "2025-12", "reason": "x"}`, 422, "there are grids"},
		"no such period":    {"li", "confirm", `{"indicator": "grids", "period": "2025", "reason": "x"}`, 422, "has a figure a month"},
		"nothing waits":     {"li", "release", `{"held": 1, "reason": "x"}`, 422, "no held figure 1"},
		"a key of another":  {"li", "confirm", `{"indicator": "grids", "period": "2025-12", "region": "360602", "reason": "x"}`, 400, "confirm takes indicator"},
		"no regions":        {"li", "confirm", `{"indicator": "grids", "period": "2025-12", "regions": [], "reason": "x"}`, 400, "regions is empty"},
		"two documents":     {"li", "confirm", confirm + confirm, 400, "one JSON object"},
		"a wrong type":      {"li", "confirm", `{"indicator": 7, "reason": "x"}`, 400, "one JSON object"},
		"a screen":          {"screen", "confirm", confirm, 403, "may look, but not decide"},
		"changed since":     {"li", "correct", `{"indicator": "grids", "region": "余江区", "period": "2025-12", "value": 13, "was": 11, "reason": "x"}`, 409, "not 11 any more"},
		"control character": {"li", "confirm", `{"indicator": "grids", "period": "2025-12", "reason": "\u001b[2J"}`, 422, "one line"},
		"a time to come":    {"li", "confirm", `{"indicator": "grids", "period": "2025-12", "as_known_at": "2030-01-01", "reason": "x"}`, 422, "lies ahead"},
		"newer than seen":   {"li", "confirm", `{"indicator": "grids", "period": "2025-12", "as_known_at": "2026-01-04", "reason": "x"}`, 409, "have changed since then"},
		"the gate refuses":  {"li", "correct", `{"indicator": "grids", "region": "余江区", "period": "2025-12", "value": -1, "reason": "x"}`, 422, "-1"},
		"it is right as is": {"li", "correct", `{"indicator": "grids", "region": "余江区", "period": "2025-12", "value": 12, "reason": "x"}`, 409, "12"},
		"a broken file":     {"li", "import?reason=x", "what,is,this\n", 422, "column"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := ask(test.user, test.path, test.body)
			if status != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %d %s, want %d with %q", status, body, test.status, test.want)
			}
		})
	}
	if status, body := ask("li", "confirm", confirm); status != http.StatusOK || strings.Count(body, `"revision":1`) != 2 {
		t.Errorf("got %d %s, want two confirmed figures", status, body)
	}
	if status, body := get(t, a, http.MethodGet, app.APIPrefix+"decisions?region=余江区"); status != http.StatusOK || !strings.Contains(body, `"by":"li","reason":"seen"`) {
		t.Errorf("got %d %s, want who confirmed it", status, body)
	}
}

// A renamed region has what was decided on it under its old code.
func TestDecisionsOutliveARenaming(t *testing.T) {
	p := newPlace(t)
	p.doubting()
	p.write("regions.csv", strings.ReplaceAll(register, "360603,余江区", "360622,余江县"))
	p.source("UPDATE grids SET county = '360622' WHERE county = '余江'")
	a := p.open()
	p.collect(a, "grids")
	order(t, a, app.Order{Action: fact.Correct, Indicator: "grids", Region: "余江县", Period: "2025-12", Value: "13"})
	order(t, a, app.Order{Action: fact.Confirm, Indicator: "grids", Period: "2025-12", Regions: []string{"余江县"}})

	p.write("regions.csv", register)
	p.write("history.csv", "old_code,old_name,code,name,effective,kind\n360622,余江县,360603,余江区,2018-05,renamed\n")
	p.write("govkpi.yaml", strings.Replace(p.read("govkpi.yaml"), "divisions: [regions.csv]", "divisions: [regions.csv], history: [history.csv]", 1))
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, a, yujiang+" 13")
	p.collect(a, "grids") // the source still says 12, under its old code
	wantMetrics(t, a, yujiang+" 13", `govkpi_collector_rejections_total{collector="grids",stage="not-overruled"} 1`)
	if _, err := a.Order(t.Context(), app.Order{Action: fact.Confirm, Indicator: "grids", Period: "2025-12", Regions: []string{"余江区"}, By: "李", Reason: "x"}); err == nil {
		t.Error("a figure that was confirmed under its old code is provisional again")
	}
}

// What is released has to pass the rest of the gate: meanwhile it may not fit any
// more.
func TestReleasePassesTheGate(t *testing.T) {
	p := newPlace(t)
	p.doubting()
	a := p.open()
	p.collect(a, "grids")
	p.source("INSERT INTO grids VALUES ('余江', '2026-01', 40)")
	p.setClock(time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC))
	p.collect(a, "grids")
	p.write("govkpi.yaml", strings.Replace(p.read("govkpi.yaml"), "    max_step: 0.5\n", "    max_step: 0.5\n    bounds: {max: 30}\n", 1))
	if err := a.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := a.Order(t.Context(), app.Order{Action: fact.Release, Held: []int64{1}, By: "李", Reason: "x"})
	if err == nil || !strings.Contains(err.Error(), "30") {
		t.Errorf("released beyond its bounds: %v", err)
	}
	wantMetrics(t, a, yujiang+" 12")
}

// Whoever corrects a figure while the source is pulled is not overlooked.
func TestCorrectingWhileCollecting(t *testing.T) {
	p := newPlace(t)
	a := p.open()
	p.collect(a, "grids")
	for round := range 20 {
		said := 100 + round
		p.source(fmt.Sprintf("UPDATE grids SET n = %d WHERE county = '余江' AND month = '2025-12'", said))
		p.collect(a, "grids")
		var both sync.WaitGroup
		both.Go(func() { p.collect(a, "grids") })
		order(t, a, app.Order{Action: fact.Correct, Indicator: "grids", Region: "余江区", Period: "2025-12", Value: "13"})
		both.Wait()
		p.collect(a, "grids")
		wantMetrics(t, a, yujiang+" 13")
	}
}
