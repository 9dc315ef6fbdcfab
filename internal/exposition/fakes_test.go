package exposition_test

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// register is a register of regions in a map.
type register struct {
	byCode map[string]*fact.Region
	sorted []*fact.Region
}

func newRegister(regions []fact.Region) *register {
	r := &register{byCode: make(map[string]*fact.Region, len(regions))}
	for i := range regions {
		r.byCode[regions[i].Code] = &regions[i]
		r.sorted = append(r.sorted, &regions[i])
	}
	slices.SortFunc(r.sorted, func(a, b *fact.Region) int { return cmp.Compare(a.Code, b.Code) })
	return r
}

func (r *register) ByCode(code string) (*fact.Region, bool) {
	region, ok := r.byCode[code]
	return region, ok
}

func (r *register) Above(code string, level fact.Level) (*fact.Region, bool) {
	region, ok := r.byCode[code]
	for ok && region.Level > level {
		region, ok = r.byCode[region.Parent]
	}
	return region, ok && region.Level == level
}

func (r *register) All() iter.Seq[*fact.Region] { return slices.Values(r.sorted) }

// figures stand as they were put. walks counts how often all of them were
// asked for.
type figures struct {
	mu              sync.Mutex
	byIndicator     map[string][]fact.Figure
	reports         map[string][]fact.Report
	rankings        map[string][]fact.Ranking
	rollups         map[string][]fact.Rollup
	discrepancies   map[string][]fact.Discrepancy
	reconciliations []fact.Reconciliation
	err             error // of Reconciliations
	validUntil      time.Time

	version atomic.Uint64
	walks   atomic.Int32
}

func (f *figures) Version() uint64 { return f.version.Load() }

func (f *figures) ValidUntil() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.validUntil
}

func (f *figures) Newest(i *fact.Indicator) iter.Seq[fact.Figure] {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Values(f.byIndicator[i.ID])
}

func (f *figures) Reports(i *fact.Indicator) []fact.Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reports[i.ID]
}

func (f *figures) Rankings(i *fact.Indicator) []fact.Ranking          { return f.rankings[i.ID] }
func (f *figures) Rollups(i *fact.Indicator) []fact.Rollup            { return f.rollups[i.ID] }
func (f *figures) Discrepancies(i *fact.Indicator) []fact.Discrepancy { return f.discrepancies[i.ID] }

func (f *figures) Reconciliations(context.Context) ([]fact.Reconciliation, error) {
	f.walks.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reconciliations, f.err
}

// change puts other figures of an indicator.
func (f *figures) change(indicator string, all ...fact.Figure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byIndicator[indicator] = all
	f.version.Add(1)
}

// report puts other reports of an indicator.
func (f *figures) report(indicator string, all ...fact.Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports[indicator] = all
	f.version.Add(1)
}

// clock is a clock that stands until it is set.
type clock struct{ nanoseconds atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.set(t)
	return c
}

func (c *clock) set(t time.Time) { c.nanoseconds.Store(t.UnixNano()) }
func (c *clock) now() time.Time  { return time.Unix(0, c.nanoseconds.Load()) }

func beijing() *time.Location { return time.FixedZone("CST", 8*60*60) }

func period(s string) fact.Period {
	p, err := fact.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

// tinyRegions has every level, a county without a city, a grid without a name
// and a village whose name needs escaping everywhere.
func tinyRegions() *register {
	return newRegister([]fact.Region{
		{Code: "360000", Name: "江西省", Level: fact.Province},
		{Code: "360100", Name: "南昌市", Parent: "360000", Level: fact.City},
		{Code: "360102", Name: "东湖区", Parent: "360100", Level: fact.County},
		{Code: "360600", Name: "鹰潭市", Parent: "360000", Level: fact.City},
		{Code: "360603", Name: "余江区", Parent: "360600", Level: fact.County, Villages: 110, Population: 350_000},
		{Code: "360603100", Name: "邓埠镇", Parent: "360603", Level: fact.Township},
		{Code: "360603100201", Name: "老\"屋\\村\n二", Parent: "360603100", Level: fact.Village},
		{Code: "36060310020101", Name: "第一网格", Parent: "360603100201", Level: fact.Grid},
		{Code: "36060310020102", Parent: "360603100201", Level: fact.Grid},
		{Code: "369001", Name: "共青城", Parent: "360000", Level: fact.County},
	})
}

// tinySite has an indicator of each kind of labels, and one without figures.
func tinySite() (exposition.Site, *figures) {
	december, november := period("2025-12"), period("2025-11")
	standing := &figures{byIndicator: map[string][]fact.Figure{
		"grids": {
			{Region: "360102", Period: december, Value: 1234, Revision: 1, Previous: fact.Some(1200), YearAgo: fact.Some(1000), Unchanged: fact.Some(0), Target: fact.Some(1500), Attainment: fact.Some(0.8226666666666667)},
			{Region: "360603", Period: november, Value: 0, Revision: 2},
			{Region: "369001", Period: december, Value: 1234567, Revision: 1, Unchanged: fact.Some(11)},
		},
		"coordination_mechanisms": {
			{Region: "360000", Period: period("2025"), Value: 1, Revision: 1},
			{Region: "360600", Period: period("2025"), Value: 1, Revision: 1},
			{Region: "360603", Period: period("2025"), Value: 1, Revision: 1},
		},
		"full_time_grid_staff": {
			{Region: "360603", Dimensions: fact.MakeDimensions(fact.Pair{Name: "sex", Value: "female"}), Period: december, Value: 12, Revision: 1, State: fact.Provisional},
			{Region: "360603", Dimensions: fact.MakeDimensions(fact.Pair{Name: "sex", Value: "male"}), Period: december, Value: 11, Revision: 1, State: fact.Confirmed},
		},
		"form_reduction_ratio": {{Region: "360102", Period: december, Value: 0.43, Revision: 1, State: fact.Provisional}},
		"cadre_visits": {
			{Region: "360603100", Period: december, Value: 7, Revision: 1, Target: fact.Some(9)},
			{Region: "360603100201", Period: december, Value: 6, Revision: 1},
			{Region: "36060310020101", Period: december, Value: 5, Revision: 1},
			{Region: "36060310020102", Period: december, Value: 4, Revision: 1},
		},
	}}
	stand(standing)
	indicators := tinyIndicators()
	standing.reconciliations = []fact.Reconciliation{
		{Indicator: "grids", Published: indicators[0].Published[0], Total: fact.Some(175000), Gap: fact.Some(-500)},
		{Indicator: "coordination_mechanisms", Published: indicators[1].Published[0]},
	}
	return exposition.Site{
		Indicators: indicators,
		Themes:     []fact.Theme{{ID: "co-governance", Title: fact.Text{ZH: "共建共治", EN: "Co-governance"}}},
		Zone:       beijing(),
		Regions:    tinyRegions(),
		Figures:    standing,
	}, standing
}

func tinyIndicators() []fact.Indicator {
	common := fact.Indicator{
		Theme: "co-governance", Kind: fact.Stock, Direction: fact.MoreIsBetter, Cadence: fact.Monthly, Levels: []fact.Level{fact.County},
		Unit: fact.Unit{ID: "things", Title: fact.Text{ZH: "个", EN: "things"}, Counts: true},
	}
	grids, mechanisms, staff, ratio, visits, empty := common, common, common, common, common, common
	grids.ID, grids.Title = "grids", fact.Text{ZH: "网格", EN: "Grids"}
	grids.Definition = fact.Text{ZH: "期末在用网格数", EN: "Grids in use at the period's end"}
	grids.Published = []fact.Published{{Region: "360000", Period: period("2025"), Value: 176000, Precision: fact.Nearest, Step: 1000}}
	mechanisms.ID, mechanisms.Title = "coordination_mechanisms", fact.Text{ZH: "协调机制", EN: `Mechanisms "Party leads"`}
	mechanisms.Definition = fact.Text{EN: "A backslash \\ and\na second line"}
	mechanisms.Levels, mechanisms.Cadence = []fact.Level{fact.County, fact.City, fact.Province}, fact.Yearly
	mechanisms.Published = []fact.Published{
		{Region: "360000", Period: period("2025"), Value: 112, Precision: fact.Exact},
		{Region: "360600", Period: period("2025"), Value: 4, Precision: fact.AtLeast},
	}
	staff.ID, staff.Title = "full_time_grid_staff", fact.Text{ZH: "专职网格员", EN: "Full-time grid staff"}
	staff.SignOff = true
	staff.Dimensions = []fact.Dimension{{Name: "sex", Values: []string{"female", "male"}}}
	ratio.ID, ratio.Title = "form_reduction_ratio", fact.Text{ZH: "表格精简率", EN: "Share of forms cut"}
	ratio.Numerator, ratio.Denominator = "full_time_grid_staff", "grids"
	ratio.Kind, ratio.Unit = fact.RatioKind, fact.Unit{ID: "ratio", Title: fact.Text{ZH: "比例", EN: "ratio"}}
	visits.ID, visits.Title = "cadre_visits", fact.Text{ZH: "干部走访", EN: "Cadre visits"}
	visits.Kind, visits.Levels = fact.FlowYTD, []fact.Level{fact.Township, fact.Village, fact.Grid}
	empty.ID, empty.Title = "warm_stations", fact.Text{ZH: "暖心驿站", EN: "Warm stations"}
	empty.Direction = fact.LessIsBetter
	return []fact.Indicator{grids, mechanisms, staff, ratio, visits, empty}
}
