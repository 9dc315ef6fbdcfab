package exposition_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/fact"
)

// due is when the reports on December are.
func due() time.Time { return time.Date(2026, 1, 9, 0, 0, 0, 0, beijing()) }

// stand adds how the regions of tinySite stand: one county is late since
// midnight, one indicator was never reported.
func stand(f *figures) {
	december, at := period("2025-12"), due()
	never := fact.Report{Period: december, Due: at, Owed: period("2025-10"), OwedDue: time.Date(2025, 11, 7, 0, 0, 0, 0, beijing())}
	f.reports = map[string][]fact.Report{
		"grids": {
			{Region: "360102", Period: december, Due: at, Reported: true, Held: 2},
			{Region: "360603", Period: december, Due: at, Owed: december, OwedDue: at},
			{Region: "369001", Period: december, Due: at, Reported: true},
		},
		"warm_stations": {{Region: "360102"}, {Region: "360603"}},
		"cadre_visits":  {{Region: "360603100", Period: december, Due: at, Reported: true, Held: 9}},
	}
	for i, region := range []string{"360102", "360603"} {
		f.reports["warm_stations"][i] = never
		f.reports["warm_stations"][i].Region = region
	}
	f.rankings = map[string][]fact.Ranking{"grids": {
		{Region: "360102", Scope: fact.AmongAll, Rank: 3, Peers: 5, Quartile: 2, Period: december},
		{Region: "360102", Scope: fact.AmongCity, Rank: 1, Peers: 3, Period: december},
		{Region: "360102", Scope: fact.AmongClass, Rank: 4, Peers: 4, Quartile: 4, Period: december},
		{Region: "369001", Scope: fact.AmongAll, Rank: 1, Peers: 5, Quartile: 1, Period: december},
	}}
	f.rollups = map[string][]fact.Rollup{
		"grids": {
			{Region: "360000", Period: december, Value: fact.Some(1235801), Previous: fact.Some(1235700), Policy: fact.CarryForward, Reported: 2, Carried: 1, Expected: 3},
			{Region: "360600", Period: december, Policy: fact.CarryForward, Expected: 1},
		},
		"form_reduction_ratio": {
			{Region: "360000", Period: december, Value: fact.Some(0.43), Previous: fact.Some(0.41), Policy: fact.LikeForLike, Reported: 2, Compared: 1, Expected: 3},
		},
		"cadre_visits": {
			{Region: "360603", Period: december, Value: fact.Some(22), Policy: fact.LeaveOut, Reported: 1, Expected: 1},
			{Region: "360603100", Period: december, Value: fact.Some(22), Policy: fact.LeaveOut, Reported: 1, Expected: 1},
		},
		"warm_stations": {{Region: "360000", Policy: fact.LeaveOut, Expected: 2}, {Region: "360100", Policy: fact.LeaveOut}},
	}
	f.discrepancies = map[string][]fact.Discrepancy{"grids": {
		{Indicator: "grids", Other: "grids_of_the_bureau", Region: "360102", Period: december, Value: 1234, OtherSays: 1300, Gap: -53},
		{Indicator: "grids", Other: "grids_of_the_bureau", Region: "369001", Period: december, Value: 1234567, OtherSays: 1234567},
	}}
}

// samples returns those of a family in a text body, without the labels that
// only people read.
func samples(body, family string) []string {
	machines := []string{"indicator", "code", "among", "policy", "other", "sex"}
	var found []string
	for line := range strings.Lines(body) {
		if rest, ok := strings.CutPrefix(line, family+"{"); ok {
			labels, value, _ := strings.Cut(strings.TrimSpace(rest), "} ")
			var kept []string
			for label := range strings.SplitSeq(labels, ",") {
				if name, quoted, _ := strings.Cut(label, "="); slices.Contains(machines, name) {
					kept = append(kept, strings.Trim(quoted, `"`))
				}
			}
			found = append(found, strings.Join(kept, " ")+" "+value)
		}
	}
	return found
}

func TestStanding(t *testing.T) {
	site, _ := tinySite()
	body := text(t, expose(t, site))
	for family, want := range map[string][]string{
		"governance_year_ago":          {"grids 360102 1000"},
		"governance_unchanged_periods": {"grids 360102 0", "grids 369001 11"},
		"governance_provisional":       {"full_time_grid_staff 360603 female 1", "full_time_grid_staff 360603 male 0", "form_reduction_ratio 360102 1"},
		"governance_reported": {
			"grids 360102 1", "grids 360603 0", "grids 369001 1", "warm_stations 360102 0", "warm_stations 360603 0",
		},
		"governance_due_timestamp_seconds": {
			"grids 360102 1767888000", "grids 360603 1767888000", "grids 369001 1767888000", "warm_stations 360102 1767888000", "warm_stations 360603 1767888000",
		},
		"governance_held":             {"grids 360102 2"},
		"governance_rank":             {"grids 360102 all 3", "grids 360102 city 1", "grids 360102 class 4", "grids 369001 all 1"},
		"governance_peers":            {"grids 360102 all 5", "grids 360102 city 3", "grids 360102 class 4", "grids 369001 all 5"},
		"governance_rollup":           {"grids carry_forward 360000 1235801", "form_reduction_ratio like_for_like 360000 0.43", "cadre_visits leave_out 360603 22"},
		"governance_rollup_previous":  {"grids carry_forward 360000 1235700", "form_reduction_ratio like_for_like 360000 0.41"},
		"governance_carried_regions":  {"grids carry_forward 360000 1", "grids carry_forward 360600 0"},
		"governance_compared_regions": {"form_reduction_ratio like_for_like 360000 1"},
		"governance_rollup_period_end_timestamp_seconds": {
			"grids carry_forward 360000 1767196800", "grids carry_forward 360600 1767196800", "form_reduction_ratio like_for_like 360000 1767196800", "cadre_visits leave_out 360603 1767196800",
		},
		"governance_coverage_ratio": {
			"grids carry_forward 360000 0.6666666666666666", "grids carry_forward 360600 0", "form_reduction_ratio like_for_like 360000 0.3333333333333333",
			"cadre_visits leave_out 360603 1", "warm_stations leave_out 360000 0",
		},
		"governance_reporting_regions": {
			"grids carry_forward 360000 2", "grids carry_forward 360600 0", "form_reduction_ratio like_for_like 360000 2",
			"cadre_visits leave_out 360603 1", "warm_stations leave_out 360000 0", "warm_stations leave_out 360100 0",
		},
		"governance_expected_regions": {
			"grids carry_forward 360000 3", "grids carry_forward 360600 1", "form_reduction_ratio like_for_like 360000 3",
			"cadre_visits leave_out 360603 1", "warm_stations leave_out 360000 2", "warm_stations leave_out 360100 0",
		},
		"governance_discrepancy":     {"grids grids_of_the_bureau 360102 -53", "grids grids_of_the_bureau 369001 0"},
		"governance_overdue_seconds": {"grids 360102 0", "grids 369001 0", "grids 360603 28800", "warm_stations 360102 5472000", "warm_stations 360603 5472000"},
	} {
		t.Run(family, func(t *testing.T) {
			if diff := cmp.Diff(want, samples(body, family)); diff != "" {
				t.Errorf("samples (-want +got):\n%s", diff)
			}
		})
	}
}

// Below county level everything but the figure itself must be asked for.
func TestDetailed(t *testing.T) {
	site, _ := tinySite()
	visits := &site.Indicators[4]
	counts := map[string][2]int{
		"governance_cadre_visits": {4, 4}, "governance_revisions": {0, 4}, "governance_target": {0, 1},
		"governance_reported": {0, 1}, "governance_held": {0, 1}, "governance_overdue_seconds": {0, 1}, "governance_rollup": {1, 2},
	}
	for detailed, name := range []string{"not", "detailed"} {
		visits.Detailed = detailed == 1
		body := text(t, expose(t, site))
		for family, want := range counts {
			got := 0
			for _, sample := range samples(body, family) {
				if family == "governance_"+visits.ID || strings.HasPrefix(sample, visits.ID+" ") {
					got++
				}
			}
			if got != want[detailed] {
				t.Errorf("%s: %d samples of %s, want %d", name, got, family, want[detailed])
			}
		}
	}
}

func TestStandingOfARegionThatLeftTheRegister(t *testing.T) {
	site, standing := tinySite()
	e := expose(t, site)
	standing.report("grids", fact.Report{Region: "361000", Period: period("2025-12"), Due: due()})
	if got := text(t, e); strings.Contains(got, "361000") || !strings.Contains(got, "govkpi_exposition_left_out_figures 1\n") {
		t.Error("want it left out and counted")
	}
}

// The documented expression for a quartile gives what fact.Ranking says, and
// nothing where that is 0.
func TestQuartileByTheDocumentedQuery(t *testing.T) {
	const query = "1 + floor((governance_rank - 1) * 4 / (governance_peers >= 4))"
	if !strings.Contains(readPage(t), query) {
		t.Fatalf("docs/metrics.md does not say %s", query)
	}
	target := serve(t, complete(t))
	server := startPrometheus(t, target, nil)
	_, standing := tinySite()
	for _, r := range standing.rankings["grids"] {
		of := fmt.Sprintf(`(%[1]s) and on (code, among) %[2]s or 0 * %[2]s`, query, fmt.Sprintf("governance_rank{code=%q, among=%q}", r.Region, r.Scope))
		if got := server.ask(t, of); got != fmt.Sprint(r.Quartile) {
			t.Errorf("%s among %s is in quartile %s, want %d", r.Region, r.Scope, got, r.Quartile)
		}
	}
}

func TestOverdueMovesWithTheClock(t *testing.T) {
	for name, accept := range map[string]string{"text": acceptText, "OpenMetrics": acceptOpenMetrics, "protobuf": acceptProtobuf} {
		for _, coding := range []string{"identity", "gzip"} {
			t.Run(name+" "+coding, func(t *testing.T) {
				site, standing := tinySite()
				at := newClock(january())
				e := newExposition(t, prometheus.NewPedanticRegistry(), at.now, nil)
				if err := e.SetSite(site); err != nil {
					t.Fatal(err)
				}
				for _, step := range []struct {
					after time.Duration
					want  string
				}{
					{0, "28800"},
					{time.Second - 1, "28800"},
					{time.Second, "28801"},
					{36 * time.Hour, "158400"},
					{-time.Hour, "25200"},     // the clock was put back
					{-8 * time.Hour, "0"},     // due
					{-8*time.Hour - 500, "0"}, // not yet due
				} {
					at.set(january().Add(step.after))
					if got := overdue(t, get(t, e, "Accept", accept, "Accept-Encoding", coding), "360603"); got != step.want {
						t.Errorf("%s later: %s seconds, want %s", step.after, got, step.want)
					}
				}
				if got := standing.walks.Load(); got != 1 {
					t.Errorf("the figures were encoded %d times", got)
				}
			})
		}
	}
}

// An edition that ends before a report is due holds its 0, and the next one
// counts.
func TestOverdueBeginsWhenItIsDue(t *testing.T) {
	site, standing := tinySite()
	at := newClock(due().Add(-time.Hour))
	standing.validUntil = due()
	e := newExposition(t, prometheus.NewPedanticRegistry(), at.now, nil)
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{-time.Hour, "0"}, {-1, "0"}, {0, "0"}, {time.Second, "1"}, {2500 * time.Millisecond, "2"}} {
		at.set(due().Add(step.after))
		if got := overdue(t, get(t, e), "360603"); got != step.want {
			t.Errorf("%s after: %s seconds, want %s", step.after, got, step.want)
		}
	}
}

// Nothing is due before the first period that is expected has ended.
func TestNothingIsDueYet(t *testing.T) {
	site, standing := tinySite()
	standing.report("grids", fact.Report{Region: "360102", Held: 1})
	body := text(t, expose(t, site))
	for family, want := range map[string]int{"governance_reported": 0, "governance_due_timestamp_seconds": 0, "governance_overdue_seconds": 0, "governance_held": 1} {
		got := 0
		for _, sample := range samples(body, family) {
			if strings.HasPrefix(sample, "grids ") {
				got++
			}
		}
		if got != want {
			t.Errorf("%d samples of %s, want %d", got, family, want)
		}
	}
}

// Scrapes in all codings while the clock goes on and reports come in: no answer
// is behind the one before.
func TestOverdueFromManyScrapes(t *testing.T) {
	site, standing := tinySite()
	at := newClock(january())
	e := newExposition(t, prometheus.NewPedanticRegistry(), at.now, nil)
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for range 300 {
			at.set(at.now().Add(500 * time.Millisecond))
			standing.report("cadre_visits")
		}
	})
	var answers [4][30]*httptest.ResponseRecorder
	for n := range answers {
		work.Go(func() {
			for i := range answers[n] {
				answers[n][i] = get(t, e, "Accept-Encoding", []string{"gzip", "identity"}[n%2])
			}
		})
	}
	work.Wait()
	for n := range answers {
		before := 28800
		for _, answer := range answers[n] {
			got, err := strconv.Atoi(overdue(t, answer, "360603"))
			if err != nil || got < before {
				t.Errorf("overdue for %d seconds, error %v, after %d", got, err, before)
			}
			before = got
		}
	}
}

// Many late regions are written once a minute, and with gzip compressed.
func TestManyOverdue(t *testing.T) {
	const grids = 10_001
	for name, accept := range map[string]string{"text": acceptText, "protobuf": acceptProtobuf} {
		t.Run(name, func(t *testing.T) {
			site, _ := lateSite(grids)
			at := newClock(january())
			e := newExposition(t, prometheus.NewPedanticRegistry(), at.now, nil)
			if err := e.SetSite(site); err != nil {
				t.Fatal(err)
			}
			for _, step := range []struct {
				after time.Duration
				want  string
			}{{0, "28800"}, {59 * time.Second, "28800"}, {60 * time.Second, "28860"}} {
				at.set(january().Add(step.after))
				if got := overdue(t, get(t, e, "Accept", accept), "360101001000"); got != step.want {
					t.Errorf("%s later: %s seconds, want %s", step.after, got, step.want)
				}
			}
			if got := len(overdueSamples(t, get(t, e, "Accept", accept))); got != grids {
				t.Errorf("%d samples, want %d", got, grids)
			}
			plain, zipped := get(t, e, "Accept", accept).Body.Len(), get(t, e, "Accept", accept, "Accept-Encoding", "gzip").Body.Len()
			if zipped > plain/5 {
				t.Errorf("%d bytes with gzip of %d", zipped, plain)
			}
		})
	}
}
