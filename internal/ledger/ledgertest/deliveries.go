package ledgertest

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

func deliveryTests() tests {
	return tests{
		"a delivery keeps what it was":               deliveryRoundTrip,
		"queries select deliveries":                  deliveryQueries,
		"deliveries of refused commits are not kept": refusedDelivery,
	}
}

func (h *harness) deliveries(t *testing.T, collector string, query fact.DeliveryQuery) []fact.Delivered {
	t.Helper()
	list, err := h.Deliveries(t.Context(), collector, query)
	if err != nil {
		t.Fatalf("Deliveries(%s, %+v): %v", collector, query, err)
	}
	return list
}

func deliveryRoundTrip(t *testing.T, h *harness) {
	first, second := h.begin(t, "a"), h.begin(t, "a")
	recorded := h.clock.Now()
	h.commit(t, fact.Delivery{Run: first, Target: "360603/余江 2025.12.xlsx", Facts: counties(3), Regions: villages(2), Rows: 6,
		Rejections: []fact.Rejection{{Stage: "bounds"}}, QueryDigest: "q", InputDigest: "i"})
	h.clock.advance(time.Hour)
	h.commit(t, fact.Delivery{Run: second, Facts: counties(4), Rows: 4})
	h.clock.advance(-5 * time.Hour)
	h.commit(t, fact.Delivery{Run: second, Target: "nothing"})
	h.reopen()
	same(t, "deliveries, newest first", h.deliveries(t, "a", fact.DeliveryQuery{}), []fact.Delivered{
		{Run: second, Target: "nothing", Recorded: recorded.Add(time.Hour)},
		{Run: second, Recorded: recorded.Add(time.Hour), Rows: 4, Accepted: 4, Changed: 1},
		{Run: first, Target: "360603/余江 2025.12.xlsx", Recorded: recorded, Rows: 6, Accepted: 5, Changed: 5, Rejected: 1, QueryDigest: "q", InputDigest: "i"},
	})
}

func refusedDelivery(t *testing.T, h *harness) {
	run := h.begin(t, "grids")
	if _, err := h.Commit(t.Context(), fact.Delivery{Run: run, Target: "a", Facts: append(counties(2), counties(1)...)}); err == nil {
		t.Fatal("Commit took a fact twice")
	}
	same(t, "deliveries", h.deliveries(t, "grids", fact.DeliveryQuery{}), []fact.Delivered{})
}

// deliveryQueries has two collectors with runs in turn, each of the targets a
// and b. Rows number the deliveries.
func deliveryQueries(t *testing.T, h *harness) {
	n := 0
	for _, run := range []struct{ collector, query, input string }{
		{"grids", "q1", "same"}, {"forms", "q1", "same"}, {"grids", "q1", "same"}, {"grids", "q2", "new"}, {"forms", "q2", "new"},
	} {
		id := h.begin(t, run.collector)
		for _, target := range []string{"a", "b"} {
			n++
			input := run.input
			if target == "b" {
				input += strconv.Itoa(n) // b has other rows each time
			}
			h.commit(t, fact.Delivery{Run: id, Target: target, Rows: n, QueryDigest: run.query, InputDigest: input})
		}
		h.end(t, id, fact.Succeeded)
	}
	for name, c := range map[string]struct {
		collector string
		query     fact.DeliveryQuery
		want      []int
	}{
		"all":                            {"grids", fact.DeliveryQuery{}, []int{8, 7, 6, 5, 2, 1}},
		"all of the other":               {"forms", fact.DeliveryQuery{}, []int{10, 9, 4, 3}},
		"of an unknown collector":        {"policies", fact.DeliveryQuery{}, nil},
		"the newest":                     {"grids", fact.DeliveryQuery{Limit: 1}, []int{8}},
		"the newest three":               {"grids", fact.DeliveryQuery{Limit: 3}, []int{8, 7, 6}},
		"more than there are":            {"forms", fact.DeliveryQuery{Limit: 100}, []int{10, 9, 4, 3}},
		"of a target":                    {"grids", fact.DeliveryQuery{Target: "a"}, []int{7, 5, 1}},
		"the newest of a target":         {"grids", fact.DeliveryQuery{Target: "b", Limit: 1}, []int{8}},
		"of an unknown target":           {"grids", fact.DeliveryQuery{Target: "ab"}, nil},
		"of a query":                     {"grids", fact.DeliveryQuery{QueryDigest: "q1"}, []int{6, 5, 2, 1}},
		"the newest two of a query":      {"grids", fact.DeliveryQuery{QueryDigest: "q1", Limit: 2}, []int{6, 5}},
		"of certain rows":                {"grids", fact.DeliveryQuery{InputDigest: "same"}, []int{5, 1}},
		"of certain rows under a target": {"grids", fact.DeliveryQuery{Target: "a", InputDigest: "same"}, []int{5, 1}},
		"of rows another collector had":  {"grids", fact.DeliveryQuery{InputDigest: "same4"}, nil},
		"of a target and a query":        {"forms", fact.DeliveryQuery{Target: "b", QueryDigest: "q2"}, []int{10}},
		"of all three":                   {"grids", fact.DeliveryQuery{Target: "a", QueryDigest: "q1", InputDigest: "same", Limit: 1}, []int{5}},
		"of three that never met":        {"grids", fact.DeliveryQuery{Target: "a", QueryDigest: "q2", InputDigest: "same"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, d := range h.deliveries(t, c.collector, c.query) {
				got = append(got, d.Rows)
			}
			same(t, fmt.Sprintf("deliveries of %s by %+v", c.collector, c.query), got, c.want)
		})
	}
}
