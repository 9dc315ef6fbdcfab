package ledgertest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func rejectionTests() tests {
	return tests{
		"a rejection keeps all of its reading":                rejectionRoundTrip,
		"queries select rejections":                           rejectionQueries,
		"queries select rejections by what was written":       rejectionsWritten,
		"old rejections are deleted, and nothing else":        prune,
		"a whole delivery may be rejected":                    manyRejections,
		"rejections come in the order of their delivery":      rejectionOrder,
		"a delivery without rejections adds none to the list": func(t *testing.T, h *harness) { h.deliver(t, counties(3)...); assertRejections(t, h) },
	}
}

func (h *harness) rejections(t *testing.T, query ledger.RejectionQuery) []fact.Rejection {
	t.Helper()
	rejections, err := h.Rejections(t.Context(), query)
	if err != nil {
		t.Fatalf("Rejections(%+v): %v", query, err)
	}
	return rejections
}

// reject delivers a rejection for each stage in a run of its own.
func (h *harness) reject(t *testing.T, collector string, stages ...string) int64 {
	t.Helper()
	id := h.begin(t, collector)
	var list []fact.Rejection
	for _, stage := range stages {
		list = append(list, fact.Rejection{Stage: stage})
	}
	h.commit(t, fact.Delivery{Run: id, Rejections: list})
	return id
}

func assertRejections(t *testing.T, h *harness, stages ...string) {
	t.Helper()
	var got []string
	for _, r := range h.rejections(t, ledger.RejectionQuery{}) {
		got = append(got, r.Stage)
	}
	same(t, "rejections", got, stages)
}

func rejectionRoundTrip(t *testing.T, h *harness) {
	full := fact.Reading{
		Indicator: "elder_meal_sites", Region: "吉安", Within: []string{"江西省", "", `"<吉安市> & 'x'\`},
		Period: "2025-12", Date: "2025-12-31", Value: fact.TextValue("约12"), Dimensions: "sex=female",
		Place: fact.Place{Part: "12月", Field: "amount", Row: math.MaxInt32},
	}
	readings := []fact.Reading{full, {}, {Place: fact.Place{Row: 7}}}
	for _, v := range []fact.Value{
		{}, fact.NumberValue(0), fact.NumberValue(-1.5), fact.NumberValue(1e300), fact.NumberValue(42), fact.NumberValue(math.NaN()),
		fact.NumberValue(math.Inf(1)), fact.NumberValue(math.Inf(-1)), fact.TextValue(""), fact.TextValue("12"), fact.TextValue("NaN"),
		fact.TextValue("a\x00b\n'"), fact.TextValue("\xff\xfe"),
	} {
		readings = append(readings, fact.Reading{Value: v})
	}
	run := h.begin(t, "elder-care")
	var want []fact.Rejection
	for i, reading := range readings {
		want = append(want, fact.Rejection{Reading: reading, Stage: fmt.Sprintf("stage-%d", i),
			Reason: fact.Text{ZH: "“吉安”有两个：吉安市、吉安县", EN: "two regions have this name"}})
	}
	h.commit(t, fact.Delivery{Run: run, Target: "360603/12月.xlsx", Rejections: want})
	recorded := h.clock.Now()
	h.clock.advance(time.Hour)
	h.reopen()
	for i := range want {
		want[i].Run, want[i].Collector, want[i].Target, want[i].Recorded = run, "elder-care", "360603/12月.xlsx", recorded
	}
	same(t, "rejections", h.rejections(t, ledger.RejectionQuery{}), want)
}

func rejectionOrder(t *testing.T, h *harness) {
	h.reject(t, "a", "first", "second")
	h.clock.advance(-time.Hour)
	h.reject(t, "b", "third", "fourth", "fifth")
	assertRejections(t, h, "third", "fourth", "fifth", "first", "second")
	var got []string
	for _, r := range h.rejections(t, ledger.RejectionQuery{Limit: 4}) {
		got = append(got, r.Stage)
	}
	same(t, "the newest four", got, []string{"third", "fourth", "fifth", "first"})
}

func rejectionQueries(t *testing.T, h *harness) {
	h.end(t, h.reject(t, "grids", "1"), fact.Succeeded)
	h.end(t, h.reject(t, "grids", "2a", "2b"), fact.Failed)
	h.end(t, h.reject(t, "forms", "3"), fact.Succeeded)
	running := h.reject(t, "grids", "4") // its newest ended run is the 2nd
	h.end(t, h.begin(t, "forms"), fact.Succeeded)
	for name, c := range map[string]struct {
		query ledger.RejectionQuery
		want  []string
	}{
		"all":                       {ledger.RejectionQuery{}, []string{"4", "3", "2a", "2b", "1"}},
		"a few":                     {ledger.RejectionQuery{Limit: 3}, []string{"4", "3", "2a"}},
		"of a collector":            {ledger.RejectionQuery{Collector: "grids"}, []string{"4", "2a", "2b", "1"}},
		"of a run":                  {ledger.RejectionQuery{Run: running}, []string{"4"}},
		"of an unknown run":         {ledger.RejectionQuery{Run: running + 100}, nil},
		"of a run of another":       {ledger.RejectionQuery{Run: running, Collector: "forms"}, nil},
		"of the last ended runs":    {ledger.RejectionQuery{LastFinished: true}, []string{"2a", "2b"}},
		"of the last ended of one":  {ledger.RejectionQuery{LastFinished: true, Collector: "grids", Limit: 1}, []string{"2a"}},
		"of a last without any now": {ledger.RejectionQuery{LastFinished: true, Collector: "forms"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range h.rejections(t, c.query) {
				got = append(got, r.Stage)
			}
			same(t, "stages", got, c.want)
		})
	}
}

func rejectionsWritten(t *testing.T, h *harness) {
	refuse := func(stage, indicator, region string) fact.Rejection {
		return fact.Rejection{Stage: stage, Reading: fact.Reading{Indicator: indicator, Region: region}}
	}
	run := h.begin(t, "grids")
	h.commit(t, fact.Delivery{Run: run, Rejections: []fact.Rejection{
		refuse("1", "grids", "360603"), refuse("2", "grids", "余江区"), refuse("3", "forms", "余江区"), refuse("4", "", "余江"), refuse("5", "grids", "")}})
	h.commit(t, fact.Delivery{Run: run, Target: "b", Rejections: []fact.Rejection{refuse("6", "grids", "余江区"), refuse("7", "grids", "贵溪市")}})
	for name, c := range map[string]struct {
		query ledger.RejectionQuery
		want  []string
	}{
		"an indicator":        {ledger.RejectionQuery{Indicator: "grids"}, []string{"6", "7", "1", "2", "5"}},
		"an unknown one":      {ledger.RejectionQuery{Indicator: "policies"}, nil},
		"a region":            {ledger.RejectionQuery{Written: []string{"余江区"}}, []string{"6", "2", "3"}},
		"in several ways":     {ledger.RejectionQuery{Written: []string{"余江", "360603", "余江区"}}, []string{"6", "1", "2", "3", "4"}},
		"of an indicator":     {ledger.RejectionQuery{Indicator: "grids", Written: []string{"360603", "余江区"}}, []string{"6", "1", "2"}},
		"the newest of it":    {ledger.RejectionQuery{Indicator: "grids", Written: []string{"360603", "余江区"}, Limit: 2}, []string{"6", "1"}},
		"without a region":    {ledger.RejectionQuery{Indicator: "grids", Written: []string{""}}, []string{"5"}},
		"never written":       {ledger.RejectionQuery{Written: []string{"月湖区"}}, nil},
		"of another's runs":   {ledger.RejectionQuery{Written: []string{"余江区"}, Collector: "forms"}, nil},
		"of this run":         {ledger.RejectionQuery{Written: []string{"贵溪市"}, Run: run}, []string{"7"}},
		"of none that ended":  {ledger.RejectionQuery{Written: []string{"贵溪市"}, LastFinished: true}, nil},
		"all by empty filter": {ledger.RejectionQuery{Written: []string{}}, []string{"6", "7", "1", "2", "3", "4", "5"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range h.rejections(t, c.query) {
				got = append(got, r.Stage)
			}
			same(t, "stages", got, c.want)
		})
	}
}

func prune(t *testing.T, h *harness) {
	begun := h.clock.Now()
	for _, stages := range [][]string{{"1"}, {"2a", "2b"}, {"3"}} {
		h.reject(t, "grids", stages...)
		h.clock.advance(time.Hour)
	}
	h.deliver(t, counties(5)...)
	for _, step := range []struct {
		before time.Time
		want   int
		left   []string
	}{
		{begun, 0, []string{"3", "2a", "2b", "1"}},
		{begun.Add(time.Hour), 1, []string{"3", "2a", "2b"}}, // what was recorded at that very time stays
		{begun.Add(time.Hour + time.Millisecond), 2, []string{"3"}},
		{begun.Add(time.Hour + time.Millisecond), 0, []string{"3"}},
		{begun.Add(1000 * time.Hour), 1, nil},
	} {
		n, err := h.PruneRejections(t.Context(), step.before)
		if err != nil || n != step.want {
			t.Errorf("PruneRejections before %v: %d, %v; want %d", step.before, n, err, step.want)
		}
		assertRejections(t, h, step.left...)
	}
	if facts, runs := len(h.history(t)), len(h.runs(t, ledger.RunQuery{})); facts != 5 || runs != 4 {
		t.Errorf("%d facts and %d runs are left; want 5 and 4", facts, runs)
	}
}

func manyRejections(t *testing.T, h *harness) {
	run := h.begin(t, "grids")
	list := make([]fact.Rejection, 1234)
	for i := range list {
		list[i] = fact.Rejection{Stage: "period-ended", Reading: fact.Reading{Place: fact.Place{Row: int32(i + 1)}}}
	}
	h.commit(t, fact.Delivery{Run: run, Rejections: list})
	for i, r := range h.rejections(t, ledger.RejectionQuery{Run: run}) {
		if int(r.Reading.Place.Row) != i+1 {
			t.Fatalf("rejection %d is of row %d", i+1, r.Reading.Place.Row)
		}
	}
	statistics, err := h.Statistics(t.Context())
	if err != nil || statistics.Rejections != int64(len(list)) {
		t.Errorf("Statistics: %+v, %v; want %d rejections", statistics, err, len(list))
	}
}
