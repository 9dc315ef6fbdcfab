package explain_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/explain"
	"github.com/govkpi/govkpi/internal/fact"
)

// Whatever a view of the ledger brings, an answer never shows what was recorded
// after the time that it is about.
func TestNothingFromLaterIsShown(t *testing.T) {
	start := at(t, "2026-01-05 09:00")
	rapid.Check(t, func(rt *rapid.T) {
		w := ordinary(t)
		w.provenances, w.reports, w.rollups, w.reconciled, w.discrepancies = nil, nil, nil, nil, nil
		minute := rapid.IntRange(0, 60)
		moment := func(name string) time.Time {
			return start.Add(time.Duration(minute.Draw(rt, name)) * time.Minute)
		}
		asked := moment("as known at")
		var (
			recorded []time.Time
			known    [3]int
		)
		count := func(what int, moment time.Time) {
			if !moment.After(asked) {
				known[what]++
			}
		}
		last := start
		for range rapid.IntRange(0, 5).Draw(rt, "revisions") {
			last = last.Add(time.Duration(minute.Draw(rt, "gap")) * time.Minute)
			p := w.came("grids", "360603", "2025-12", float64(len(w.provenances)), "2026-01-05 09:00")
			p.Recorded = last.UnixMilli()
			confirmed := moment("confirmed")
			p.Decisions = []fact.Decision{{Key: p.Key(), Action: fact.Confirm, By: "王芳", Recorded: confirmed.UnixMilli()}}
			recorded = append(recorded, last, confirmed)
			count(0, last)
		}
		for i := range rapid.IntRange(0, 4).Draw(rt, "held") {
			came, closed := moment("held"), moment("closed")
			h := fact.HeldFact{ID: int64(i + 1), Key: fact.Key{Indicator: "grids", Region: "360603", Period: period(t, "2025-12")}, Recorded: came.UnixMilli(), Closed: closed.UnixMilli(), Closing: fact.ByReject}
			w.heldFacts = append(w.heldFacts, h)
			w.decisions = append(w.decisions, fact.Decision{Key: h.Key, Action: fact.Reject, Held: h.ID, By: "王芳", Recorded: h.Closed})
			w.rejections = append(w.rejections, fact.Rejection{Reading: fact.Reading{Indicator: "grids", Region: "余江区", Period: "2025-12"}, Recorded: moment("rejected")})
			recorded = append(recorded, came, closed, w.rejections[i].Recorded)
			count(1, came)
			count(2, w.rejections[i].Recorded)
		}
		document, err := w.explainer().Explain(t.Context(), explain.Question{Indicator: "grids", Region: "360603", Period: period(t, "2025-12"), AsKnownAt: asked})
		if err != nil {
			rt.Fatal(err)
		}
		document.AsKnownAt, document.Collected[0].Timeliness.Due = nil, time.Time{}
		holdsUntil(rt, document, asked, recorded, known)
	})
}

// holdsUntil fails where a document holds one of the times that are after t, or
// not as many revisions, held figures and rejections as there were by then.
func holdsUntil(rt *rapid.T, document *explain.Document, t time.Time, recorded []time.Time, want [3]int) {
	encoded, err := json.Marshal(document)
	if err != nil {
		rt.Fatal(err)
	}
	for _, moment := range recorded {
		if moment.After(t) && strings.Contains(string(encoded), moment.Format(time.RFC3339)) {
			rt.Fatalf("what was recorded at %s is shown as known at %s: %s", moment, t, encoded)
		}
	}
	revisions, held := 0, 0
	for _, f := range document.Collected[0].Figures {
		revisions += len(f.Revisions)
		held += len(f.Held)
		for _, h := range f.Held {
			if h.Waits != (h.Closed == nil) || h.Waits != (h.Decision == nil) {
				rt.Fatalf("held figure %+v waits and was decided", h)
			}
		}
	}
	if got := [...]int{revisions, held, len(document.Rejections.Rejections)}; got != want {
		rt.Fatalf("it shows %v revisions, held figures and rejections, want %v", got, want)
	}
}

// BenchmarkExplain explains one of 100 counties with 24 months of figures. The
// ledger is a slice that is searched each time; x-of-bare holds the whole answer
// against as many searches of it as an answer needs.
func BenchmarkExplain(b *testing.B) {
	w := ordinary(b)
	december := period(b, "2025-12")
	for month := range 24 {
		of := december.Add(-month)
		for county := range 100 {
			w.provenances = append(w.provenances, fact.Provenance{Fact: fact.Fact{
				Indicator: "grids", Region: fmt.Sprintf("3606%02d", county), Period: of, Value: float64(1000 + county), Revision: 1, Recorded: of.End(beijing()).UnixMilli(),
			}})
		}
	}
	explainer := w.explainer()
	question := explain.Question{Indicator: "grids", Region: "360603"}
	if _, err := explainer.Explain(b.Context(), question); err != nil {
		b.Fatal(err)
	}
	run := func(b *testing.B, of explain.Question) {
		for b.Loop() {
			if _, err := explainer.Explain(b.Context(), of); err != nil {
				b.Fatal(err)
			}
		}
		took := b.Elapsed()
		begin := time.Now()
		for range b.N {
			if _, err := w.Provenances(b.Context(), "grids", "360603", fact.Period{}); err != nil {
				b.Fatal(err)
			}
			if err := w.Between(b.Context(), "grids", december.Add(-11), december, func(fact.Fact) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(took)/float64(time.Since(begin)), "x-of-bare")
		b.ReportMetric(float64(took.Microseconds())/float64(b.N)/1000, "ms/answer")
	}
	b.Run("county", func(b *testing.B) { run(b, question) })
	b.Run("province", func(b *testing.B) { run(b, explain.Question{Indicator: "grids", Region: "360000"}) })
}
