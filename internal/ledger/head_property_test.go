package ledger_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Whatever the order in which facts come, in whatever portions, some of them
// twice, and whatever their cadences: a head has the three newest periods in
// their newest revisions.
func TestHeadInAnyOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		facts := rapid.SliceOfN(rapid.Custom(drawFact), 0, 30).Draw(r, "facts")
		came := rapid.Permutation(slices.Concat(facts, facts[:len(facts)/2])).Draw(r, "order")
		h := &ledger.Head{}
		for len(came) > 0 {
			n := rapid.IntRange(1, len(came)).Draw(r, "portion")
			h.Apply(came[:n])
			came = came[n:]
		}
		for _, region := range []string{"3601", "3602"} {
			want := threeNewest(facts, region)
			got, ok := h.Lookup("grids", region, "")
			if ok != !want.Newest.Period.IsZero() || ok && got != want {
				r.Fatalf("the head has of %s\n%+v\nwant\n%+v", region, got, want)
			}
		}
	})
}

// drawFact draws a revision of a figure; its value follows from the rest, as a
// ledger has each revision once.
func drawFact(t *rapid.T) fact.Fact {
	periods := []string{"2025-07", "2025-10", "2025-11", "2025-12", "2026-01", "2025-Q3", "2025-Q4", "2025-H2", "2025", "2025-12-31", "2025-W52"}
	f := grids(
		rapid.SampledFrom([]string{"3601", "3602"}).Draw(t, "region"), rapid.SampledFrom(periods).Draw(t, "period"),
		0, int32(rapid.IntRange(1, 3).Draw(t, "revision")),
	)
	f.Value = float64(f.Revision) + float64(f.Period.Start(time.UTC).YearDay())*10
	return f
}

// threeNewest sorts all that a region has; of periods that end together the
// longer is the newer.
func threeNewest(facts []fact.Fact, region string) fact.Series {
	facts = slices.DeleteFunc(slices.Clone(facts), func(f fact.Fact) bool { return f.Region != region })
	slices.SortFunc(facts, func(a, b fact.Fact) int {
		return cmp.Or(
			b.Period.End(time.UTC).Compare(a.Period.End(time.UTC)), cmp.Compare(b.Period.Cadence(), a.Period.Cadence()),
			cmp.Compare(b.Revision, a.Revision),
		)
	})
	facts = slices.CompactFunc(facts, func(a, b fact.Fact) bool { return a.Period == b.Period })
	s := fact.Series{Region: region}
	points := [...]*fact.Point{&s.Newest, &s.Previous, &s.Before}
	for i := range facts[:min(len(points), len(facts))] {
		*points[i] = fact.Point{Period: facts[i].Period, Value: facts[i].Value, Revision: facts[i].Revision}
	}
	return s
}
