package ledgertest

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

func heldTests() tests {
	return tests{
		"a held figure keeps all that is known of it":                           heldRoundTrip,
		"a held figure that comes again adds nothing, with another value it is": heldAgain,
		"a fact closes what waited for its figure, and nothing else":            heldPassed,
		"queries select held figures":                                           heldQueries,
		"a run tells how many of its readings were held":                        heldOfRuns,
		"held figures that can't be kept refuse the whole delivery":             refusedHeld,
		"a whole delivery may be held, and be followed by another":              manyHeld,
	}
}

// keyOf says which figure grids makes.
func keyOf(region, period string) fact.Key {
	f := grids(region, period, 0)
	return f.Key()
}

// doubtful is a figure that the gate held.
func doubtful(region, period string, value float64) fact.HeldFact {
	f := grids(region, period, value)
	return fact.HeldFact{Key: f.Key(), Value: value, Stage: "step-plausible", Reason: fact.Text{ZH: "一月之内翻了十倍", EN: "it is ten times that of the month before"}}
}

// hold commits held figures in a run of their own, and returns what Commit says
// of held figures, by id.
func (h *harness) hold(t *testing.T, figures ...fact.HeldFact) []fact.HeldFact {
	t.Helper()
	id := h.begin(t, "grids")
	committed := h.commitAll(t, fact.Delivery{Run: id, Held: figures})
	h.end(t, id, fact.Succeeded)
	return byID(committed.Held)
}

func byID(list []fact.HeldFact) []fact.HeldFact {
	return slices.SortedFunc(slices.Values(list), func(a, b fact.HeldFact) int { return cmp.Compare(a.ID, b.ID) })
}

func (h *harness) held(t *testing.T, query ledger.HeldQuery) []fact.HeldFact {
	t.Helper()
	list, err := h.Held(t.Context(), query)
	if err != nil {
		t.Fatalf("Held(%+v): %v", query, err)
	}
	return list
}

// waitingValues are those of the figures that wait, the newest first.
func (h *harness) waitingValues(t *testing.T) []float64 {
	t.Helper()
	var values []float64
	for _, figure := range h.held(t, ledger.HeldQuery{Waiting: true}) {
		values = append(values, figure.Value)
	}
	return values
}

func heldRoundTrip(t *testing.T, h *harness) {
	full := doubtful("360603", "2025-12", -0.25)
	full.Indicator, full.Dimensions = "elder_meal_sites", fact.MakeDimensions(fact.Pair{Name: "sex", Value: "female"})
	full.Place = fact.Place{Part: "12月", Field: "amount", Row: 17}
	bare := fact.HeldFact{Key: keyOf("36", "2025"), Value: math.Copysign(0, -1)}
	run := h.begin(t, "elder-care")
	got := h.commitAll(t, fact.Delivery{Run: run, Target: "360603", Held: []fact.HeldFact{full, bare}, Rows: 2})
	got.Held = byID(got.Held)
	want := []fact.HeldFact{full, bare}
	for i := range want {
		want[i].ID, want[i].Run, want[i].Recorded = got.Held[i].ID, run, h.clock.Now().UnixMilli()
	}
	want[1].Value = 0
	same(t, "Commit returned", got, fact.Committed{Held: want})
	h.clock.advance(time.Hour)
	h.reopen()
	list := h.held(t, ledger.HeldQuery{})
	same(t, "the ledger holds", list, want)
	if list[0].ID == list[1].ID || math.Signbit(list[1].Value) || !list[0].Waits() {
		t.Errorf("the ledger holds %+v; want two ids, no sign at 0, and both waiting", list)
	}
	same(t, "facts", h.history(t), []fact.Fact{})
	deliveries, err := h.Deliveries(t.Context(), "elder-care", fact.DeliveryQuery{})
	if err != nil || len(deliveries) != 1 || deliveries[0].Accepted != 0 || deliveries[0].Changed != 0 || deliveries[0].Rows != 2 {
		t.Errorf("Deliveries: %+v, %v; want one of 2 rows that accepted and changed nothing", deliveries, err)
	}
	statistics, err := h.Statistics(t.Context())
	if err != nil || statistics.Held != 2 || statistics.Facts != 0 {
		t.Errorf("Statistics: %+v, %v; want 2 held and no facts", statistics, err)
	}
}

func heldAgain(t *testing.T, h *harness) {
	first := h.hold(t, doubtful("360603", "2025-12", 0))
	h.clock.advance(time.Hour)
	same(t, "held again", h.hold(t, doubtful("360603", "2025-12", math.Copysign(0, -1))), []fact.HeldFact{})
	same(t, "the ledger holds", h.held(t, ledger.HeldQuery{}), first)

	got := h.hold(t, doubtful("360603", "2025-12", 5))
	closed := first[0]
	closed.Closed, closed.Closing = h.clock.Now().UnixMilli(), fact.BySource
	if len(got) != 2 {
		t.Fatalf("Commit returned %+v; want what no longer waits and what now does", got)
	}
	same(t, "what no longer waits", got[0], closed)
	if got[1].Value != 5 || !got[1].Waits() || got[1].ID <= closed.ID {
		t.Errorf("what now waits is %+v; want 5, with a greater id", got[1])
	}
	same(t, "the ledger holds", h.held(t, ledger.HeldQuery{}), []fact.HeldFact{got[1], closed})

	// What was closed and comes back waits anew.
	h.hold(t, doubtful("360603", "2025-12", 0))
	same(t, "values that wait", h.waitingValues(t), []float64{0})
	if n := len(h.held(t, ledger.HeldQuery{})); n != 3 {
		t.Errorf("the ledger has %d held figures; want 3", n)
	}
}

func heldPassed(t *testing.T, h *harness) {
	h.deliver(t, grids("360603", "2025-12", 1), grids("360681", "2025-12", 1))
	dimension, indicator := doubtful("360603", "2025-12", 12), doubtful("360603", "2025-12", 13)
	dimension.Dimensions, indicator.Indicator = "sex=female", "forms"
	waiting := h.hold(t, doubtful("360603", "2025-12", 10), doubtful("360681", "2025-12", 11), dimension, indicator,
		doubtful("360603", "2025-11", 14), doubtful("3606", "2025-12", 15), doubtful("360603001", "2025-12", 16))
	h.clock.advance(time.Minute)
	// One figure is what it was, one is new; the others are further figures.
	run := h.begin(t, "grids")
	got := h.commitAll(t, fact.Delivery{Run: run, Facts: []fact.Fact{
		grids("360603", "2025-12", 1), grids("360681", "2025-12", 11), grids("360682", "2025-12", 1), grids("360603", "2025", 1)}})
	want := slices.Clone(waiting[:2])
	for i := range want {
		want[i].Closed, want[i].Closing = h.clock.Now().UnixMilli(), fact.BySource
	}
	same(t, "what no longer waits", byID(got.Held), want)
	same(t, "values that wait", h.waitingValues(t), []float64{12, 13, 14, 15, 16})
	if n := len(got.Facts); n != 3 {
		t.Errorf("%d facts changed; want 3", n)
	}
}

func heldQueries(t *testing.T, h *harness) {
	forms := doubtful("360601", "2025-12", 3)
	forms.Indicator = "forms"
	ids := map[float64]int64{}
	for _, figure := range h.hold(t, doubtful("360602", "2025-12", 1), doubtful("360601", "2025-12", 2), forms) {
		ids[figure.Value] = figure.ID
	}
	h.hold(t, doubtful("360601", "2025-11", 4), doubtful("360601", "2025", 5))
	h.deliver(t, grids("360601", "2025-12", 7)) // closes 2
	period := grids("36", "2025-12", 0).Period
	for name, c := range map[string]struct {
		query ledger.HeldQuery
		want  []float64
	}{
		"all":              {ledger.HeldQuery{}, []float64{4, 5, 1, 2, 3}},
		"the newest":       {ledger.HeldQuery{Limit: 2}, []float64{4, 5}},
		"one":              {ledger.HeldQuery{ID: ids[2]}, []float64{2}},
		"none":             {ledger.HeldQuery{ID: ids[2] + 100}, nil},
		"what waits":       {ledger.HeldQuery{Waiting: true}, []float64{4, 5, 1, 3}},
		"an indicator":     {ledger.HeldQuery{Indicator: "forms"}, []float64{3}},
		"an unknown one":   {ledger.HeldQuery{Indicator: "policies"}, nil},
		"a region":         {ledger.HeldQuery{Region: "360601"}, []float64{4, 5, 2, 3}},
		"a period":         {ledger.HeldQuery{Period: period}, []float64{1, 2, 3}},
		"all of it":        {ledger.HeldQuery{Indicator: "grids", Region: "360601", Period: period}, []float64{2}},
		"and what waits":   {ledger.HeldQuery{Indicator: "grids", Region: "360601", Waiting: true}, []float64{4, 5}},
		"what waits of it": {ledger.HeldQuery{ID: ids[2], Waiting: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []float64
			for _, figure := range h.held(t, c.query) {
				got = append(got, figure.Value)
			}
			same(t, "values", got, c.want)
		})
	}
	if _, err := h.Held(t.Context(), ledger.HeldQuery{Region: "余江区"}); err == nil {
		t.Error("Held took a region that is no code")
	}
}

func refusedHeld(t *testing.T, h *harness) {
	good := doubtful("360603", "2025-12", 1)
	noPeriod, noIndicator := good, good
	noPeriod.Period, noIndicator.Indicator = fact.Period{}, ""
	run := h.begin(t, "grids")
	for name, d := range map[string]fact.Delivery{
		"NaN":               {Held: []fact.HeldFact{good, doubtful("360681", "2025-12", math.NaN())}},
		"infinity":          {Held: []fact.HeldFact{doubtful("360681", "2025-12", math.Inf(1)), good}},
		"a region's name":   {Held: []fact.HeldFact{good, doubtful("余江区", "2025-12", 1)}},
		"no period":         {Held: []fact.HeldFact{noPeriod}},
		"no indicator":      {Held: []fact.HeldFact{noIndicator}},
		"twice":             {Held: []fact.HeldFact{good, doubtful("360681", "2025-12", 2), good}},
		"with two values":   {Held: []fact.HeldFact{good, doubtful("360603", "2025-12", 2)}},
		"also as a fact":    {Held: []fact.HeldFact{good}, Facts: []fact.Fact{grids("360603", "2025-12", 2)}},
		"beside a bad fact": {Held: []fact.HeldFact{good}, Facts: []fact.Fact{grids("360681", "2025-12", math.NaN())}},
		"and decided at once": {Held: []fact.HeldFact{good}, Facts: []fact.Fact{grids("360603", "2025-11", 2)},
			Decisions: []fact.Decision{{Key: good.Key, Action: fact.Confirm}}},
	} {
		t.Run(name, func(t *testing.T) {
			d.Run = run
			if _, err := h.Commit(t.Context(), d); err == nil {
				t.Error("Commit took it")
			}
			assertEmpty(t, h)
		})
	}
	if got := h.commitAll(t, fact.Delivery{Run: run, Held: []fact.HeldFact{good}}); len(got.Held) != 1 {
		t.Errorf("the good figure alone: %+v; want one that waits", got)
	}
}

// manyHeld holds more figures than fit into one statement, in no order, then
// brings every third as a fact and holds every third with another value.
func manyHeld(t *testing.T, h *harness) {
	const n = 600
	figures := make([]fact.HeldFact, n)
	for i := range figures {
		figures[i] = doubtful(strconv.Itoa(100000+(i*7)%n), "2025-12", float64(i))
	}
	h.hold(t, slices.Clone(figures)...)
	for i, figure := range h.held(t, ledger.HeldQuery{}) {
		if figure.Value != float64(i) {
			t.Fatalf("held figure %d has the value %v: they are not in the order of their delivery", i, figure.Value)
		}
	}
	var d fact.Delivery
	for i := range figures {
		switch i % 3 {
		case 0:
			d.Facts = append(d.Facts, grids(figures[i].Region, "2025-12", 1))
		case 1:
			d.Held = append(d.Held, doubtful(figures[i].Region, "2025-12", float64(n+i)))
		default:
			d.Held = append(d.Held, figures[i])
		}
	}
	d.Run = h.begin(t, "grids")
	if got := h.commitAll(t, d); len(got.Held) != n {
		t.Errorf("Commit returned %d held figures; want %d that were closed and %d that now wait", len(got.Held), 2*n/3, n/3)
	}
	statistics, err := h.Statistics(t.Context())
	if err != nil || statistics.Held != 2*n/3 {
		t.Errorf("Statistics: %+v, %v; want %d that wait", statistics, err, 2*n/3)
	}
	if got := len(h.held(t, ledger.HeldQuery{})); got != n+n/3 {
		t.Errorf("the ledger has %d held figures; want %d", got, n+n/3)
	}
}

func heldOfRuns(t *testing.T, h *harness) {
	h.hold(t, doubtful("360603", "2025-12", 400), doubtful("360681", "2025-12", 900))
	h.hold(t)
	for i, want := range []int{0, 2} {
		if got := h.runs(t, ledger.RunQuery{})[i].Held; got != want {
			t.Errorf("run %d from the newest held %d, want %d", i, got, want)
		}
	}
}
