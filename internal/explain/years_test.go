package explain_test

import (
	"fmt"
	"testing"

	"github.com/govkpi/govkpi/internal/explain"
	"github.com/govkpi/govkpi/internal/fact"
)

// What counts from 1 January begins anew with the year, so that its first period
// is compared with none.
func TestNothingIsComparedAcrossTheYear(t *testing.T) {
	for name, test := range map[string]struct {
		kind    fact.Kind
		cadence fact.Cadence
		said    []string
		of      string
		want    string // previous and unchanged
	}{
		"a stock in January":          {fact.Stock, fact.Monthly, []string{"2024-12", "2025-01"}, "2025-01", "2024-12 1"},
		"what counts from there":      {fact.FlowYTD, fact.Monthly, []string{"2024-12", "2025-01"}, "2025-01", "- -"},
		"a month on":                  {fact.FlowYTD, fact.Monthly, []string{"2024-12", "2025-01", "2025-02"}, "2025-02", "2025-01 1"},
		"in quarters":                 {fact.FlowYTD, fact.Quarterly, []string{"2024-Q4", "2025-Q1"}, "2025-Q1", "- -"},
		"a week that is of two years": {fact.FlowYTD, fact.Weekly, []string{"2024-W52", "2025-W01", "2025-W02"}, "2025-W02", "- -"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ordinary(t)
			w.indicators = append(w.indicators, fact.Indicator{
				ID: "rectified", Kind: test.kind, Cadence: test.cadence, Levels: []fact.Level{fact.County}, ExpiresAfter: 100, Direction: fact.MoreIsBetter,
			})
			for _, p := range test.said {
				w.came("rectified", "360603", p, 7, "2026-01-05 09:00")
			}
			document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "rectified", Region: "360603", Period: period(t, test.of)})
			if err != nil {
				t.Fatal(err)
			}
			previous, unchanged := "-", "-"
			if s := document.Standing; s != nil {
				if s.Previous != nil {
					previous = s.Previous.Period
				}
				if s.Unchanged != nil {
					unchanged = fmt.Sprint(*s.Unchanged)
				}
			}
			if previous+" "+unchanged != test.want {
				t.Errorf("previous and unchanged are %s %s, want %s", previous, unchanged, test.want)
			}
		})
	}
}
