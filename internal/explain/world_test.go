package explain_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/explain"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/region"
	"github.com/govkpi/govkpi/internal/written"
)

func beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

// at is a moment in Beijing.
func at(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", s, beijing())
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func period(tb testing.TB, s string) fact.Period {
	tb.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func newRegister(tb testing.TB) *region.Register {
	tb.Helper()
	r, err := region.New([]fact.Region{
		{Code: "360000", Name: "江西省", Level: fact.Province},
		{Code: "360100", Name: "南昌市", Level: fact.City, Parent: "360000"},
		{Code: "360102", Name: "东湖区", Level: fact.County, Parent: "360100"},
		{Code: "360600", Name: "鹰潭市", Level: fact.City, Parent: "360000"},
		{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600"},
		{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600"},
		{Code: "360681", Name: "贵溪市", Level: fact.County, Parent: "360600"},
		{Code: "360603001", Name: "邓埠镇", Level: fact.Township, Parent: "360603"},
		{Code: "360603002", Name: "城关镇", Level: fact.Township, Parent: "360603"},
		{Code: "360681001", Name: "城关镇", Level: fact.Township, Parent: "360681"},
	}, []fact.RegionChange{
		{OldCode: "360622", OldName: "余江县", Code: "360603", Name: "余江区", Effective: period(tb, "2018-05"), Kind: fact.Renamed},
		{OldCode: "360699", OldName: "高新区", Code: "360603", Name: "余江区", Effective: period(tb, "2024-05"), Kind: fact.Merged},
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// newYear is the real calendar of January 2026.
func newYear(tb testing.TB) *calendar.Calendar {
	tb.Helper()
	day := func(d int, working bool) calendar.Day {
		return calendar.Day{Date: calendar.Date{Year: 2026, Month: time.January, Day: d}, Working: working, Name: "元旦"}
	}
	c, err := calendar.New(beijing(), []calendar.Day{day(1, false), day(2, false), day(3, false), day(4, true)}, []int{2025, 2026})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// world is a ledger and a board that say what was put into them.
type world struct {
	tb         testing.TB
	indicators []fact.Indicator
	register   *region.Register
	now        time.Time

	provenances []fact.Provenance
	heldFacts   []fact.HeldFact
	decisions   []fact.Decision
	rejections  []fact.Rejection

	targets       map[fact.Key]float64
	reports       map[string][]fact.Report
	rankings      map[string][]fact.Ranking
	rollups       map[string][]fact.Rollup
	totals        []fact.Rollup
	discrepancies []fact.Discrepancy
	reconciled    []fact.Reconciliation
	err           error
}

func (w *world) explainer() *explain.Explainer {
	return explain.New(explain.Options{
		Indicators: w.indicators, Regions: w.register, Calendar: newYear(w.tb), Ledger: w, Rejections: w, Facts: w, Board: w,
		ReadPeriod: written.Period, Since: at(w.tb, "2024-02-10 00:00"), Zone: beijing(), Now: func() time.Time { return w.now },
	})
}

func (w *world) Provenances(_ context.Context, indicator, code string, period fact.Period) ([]fact.Provenance, error) {
	var found []fact.Provenance
	for _, p := range w.provenances {
		if p.Indicator == indicator && p.Region == code && (period.IsZero() || p.Period == period) {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b fact.Provenance) int {
		return cmp.Or(a.Period.Compare(b.Period), strings.Compare(string(a.Dimensions), string(b.Dimensions)), cmp.Compare(a.Revision, b.Revision))
	})
	return found, w.err
}

func (w *world) Held(_ context.Context, indicator, code string, _ fact.Period) ([]fact.HeldFact, error) {
	var found []fact.HeldFact
	for _, h := range slices.Backward(w.heldFacts) {
		if h.Indicator == indicator && h.Region == code {
			found = append(found, h)
		}
	}
	return found, nil
}

func (w *world) Decisions(_ context.Context, indicator, code string, _ fact.Period) ([]fact.Decision, error) {
	var found []fact.Decision
	for _, d := range slices.Backward(w.decisions) {
		if d.Indicator == indicator && d.Region == code {
			found = append(found, d)
		}
	}
	return found, nil
}

func (w *world) Rejections(_ context.Context, indicator string, ways []string, limit int) ([]fact.Rejection, error) {
	var found []fact.Rejection
	for _, r := range slices.Backward(w.rejections) {
		if r.Reading.Indicator == indicator && slices.Contains(ways, r.Reading.Region) && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, nil
}

func (w *world) Between(_ context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error {
	newest := map[fact.Key]int32{}
	for i := range w.provenances {
		key := w.provenances[i].Key()
		newest[key] = max(newest[key], w.provenances[i].Revision)
	}
	for i := range w.provenances {
		f := w.provenances[i].Fact
		if f.Indicator != indicator || f.Period.Compare(from) < 0 || f.Period.Compare(to) > 0 || f.Revision != newest[f.Key()] {
			continue
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) Target(i *fact.Indicator, code string, p fact.Period, value float64) (target, attainment fact.Optional) {
	asked, ok := w.targets[fact.Key{Indicator: i.ID, Region: code, Period: p}]
	if !ok {
		return fact.Optional{}, fact.Optional{}
	}
	return fact.Some(asked), fact.Some(value / asked)
}

func (w *world) Reports(i *fact.Indicator) []fact.Report { return w.reports[i.ID] }

func (w *world) Rankings(i *fact.Indicator) []fact.Ranking { return w.rankings[i.ID] }

func (w *world) Rollups(i *fact.Indicator) []fact.Rollup { return w.rollups[i.ID] }

func (w *world) Total(_ context.Context, _ *fact.Indicator, code string, p fact.Period) (fact.Rollup, bool, error) {
	for _, r := range w.totals {
		if r.Region == code && r.Period == p {
			return r, true, nil
		}
	}
	return fact.Rollup{}, false, nil
}

func (w *world) Discrepancies(i *fact.Indicator) []fact.Discrepancy {
	return slices.DeleteFunc(slices.Clone(w.discrepancies), func(d fact.Discrepancy) bool { return d.Indicator != i.ID })
}

func (w *world) ReconciliationsOf(_ context.Context, i *fact.Indicator) ([]fact.Reconciliation, error) {
	return slices.DeleteFunc(slices.Clone(w.reconciled), func(r fact.Reconciliation) bool { return r.Indicator != i.ID }), nil
}

// came records a pulled figure, and returns it for a story to change.
func (w *world) came(indicator, code, of string, value float64, recorded string) *fact.Provenance {
	w.tb.Helper()
	revision := int32(1)
	p := period(w.tb, of)
	for _, before := range w.provenances {
		if before.Indicator == indicator && before.Region == code && before.Period == p {
			revision = max(revision, before.Revision+1)
		}
	}
	run := int64(len(w.provenances) + 1)
	moment := at(w.tb, recorded)
	w.provenances = append(w.provenances, fact.Provenance{
		Fact: fact.Fact{
			Indicator: indicator, Region: code, Period: p, Value: value, Revision: revision, Recorded: moment.UnixMilli(), Run: run,
			Place: fact.Place{Part: "sheet " + of[5:] + "月", Row: 17, Field: "value"},
		},
		Source: fact.Run{ID: run, Collector: indicator + "-books", Start: moment.Add(-time.Minute), Outcome: fact.Succeeded},
		Delivery: fact.Delivered{
			Run: run, Target: code + "/" + of + ".xlsx", Recorded: moment, QueryDigest: strings.Repeat("9f", 32),
			InputDigest: fmt.Sprintf("%064x", run),
		},
	})
	return &w.provenances[len(w.provenances)-1]
}

// decided makes a person's decision of a figure.
func decided(p *fact.Provenance, collector, by, reason string) {
	p.Origin, p.Source.Origin = fact.Decided, fact.Decided
	p.Place, p.Delivery.Target, p.Delivery.QueryDigest, p.Delivery.InputDigest = fact.Place{}, "", "", ""
	p.Source.Collector, p.Source.By, p.Source.Reason = collector, by, reason
}
