package quality_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

// shanghai has had no daylight saving since 1991, so a fixed zone does.
func shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// now is a Tuesday; the last ended month is 2026-02, the last ended quarter
// 2025-Q4.
func now() time.Time { return time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC) }

func catalogue() []fact.Indicator {
	things := fact.Unit{ID: "things", Title: fact.Text{ZH: "个", EN: "things"}, Counts: true}
	hours := fact.Unit{ID: "hours", Title: fact.Text{ZH: "小时", EN: "hours"}}
	county := []fact.Level{fact.County}
	return []fact.Indicator{
		{
			ID: "grids", Title: fact.Text{ZH: "网格", EN: "Grids"}, Unit: things, Kind: fact.Stock, Levels: county,
			Cadence: fact.Monthly, Min: new(float64(0)), Max: new(float64(100000)), MaxStep: new(0.5),
		},
		{
			ID: "lake_patrols", Title: fact.Text{ZH: "湖区巡查", EN: "Lake patrols"}, Unit: things, Kind: fact.Flow,
			Levels: []fact.Level{fact.County, fact.Township}, Cadence: fact.Daily, Within: []string{"360400", "360603"},
		},
		{ID: "service_hours", Title: fact.Text{ZH: "服务时长", EN: "Service hours"}, Unit: hours, Kind: fact.Flow, Levels: county, Cadence: fact.Weekly, Min: new(float64(10))},
		{ID: "net_moves", Title: fact.Text{ZH: "净迁入", EN: "Net moves"}, Unit: things, Kind: fact.Flow, Levels: county, Cadence: fact.Quarterly, Min: new(float64(-500))},
		{
			ID: "volunteers", Title: fact.Text{ZH: "志愿者", EN: "Volunteers"}, Unit: things, Kind: fact.Stock, Levels: county, Cadence: fact.Yearly,
			Dimensions: []fact.Dimension{{Name: "sex", Values: []string{"female", "male"}}, {Name: "age", Values: []string{"young", "old"}}},
		},
		{ID: "provincial", Title: fact.Text{ZH: "省级平台", EN: "Provincial platforms"}, Unit: things, Kind: fact.Stock, Levels: []fact.Level{fact.Province}, Cadence: fact.Yearly},
		{ID: "meetings", Title: fact.Text{ZH: "会议", EN: "Meetings"}, Unit: things, Kind: fact.Flow, Levels: county, Cadence: fact.HalfYearly},
		{ID: "cases", Title: fact.Text{ZH: "办结事项", EN: "Cases"}, Unit: things, Kind: fact.FlowYTD, Levels: county, Cadence: fact.Monthly, MaxStep: new(float64(1))},
		{ID: "weekly_cases", Title: fact.Text{ZH: "每周办结", EN: "Weekly cases"}, Unit: things, Kind: fact.FlowYTD, Levels: county, Cadence: fact.Weekly, MaxStep: new(float64(1))},
		{ID: "members", Title: fact.Text{ZH: "注册人数", EN: "Members"}, Unit: things, Kind: fact.Stock, Levels: county, Cadence: fact.Monthly, NeverFalls: true},
		{ID: "rural_classes", Title: fact.Text{ZH: "农民夜校", EN: "Rural classes"}, Unit: things, Kind: fact.Flow, Levels: county, Cadence: fact.Monthly, Within: []string{"360112"}},
		{ID: "forms_before", Title: fact.Text{ZH: "原有报表", EN: "Forms before"}, Unit: things, Kind: fact.Stock, Levels: county, Cadence: fact.Monthly, MaxStep: new(0.2)},
		{ID: "forms_cut", Title: fact.Text{ZH: "精简报表", EN: "Forms cut"}, Unit: things, Kind: fact.Stock, Levels: county, Cadence: fact.Monthly},
		{ID: "forms_merged", Title: fact.Text{ZH: "合并报表", EN: "Forms merged"}, Unit: things, Kind: fact.Stock, Levels: county, Cadence: fact.Monthly},
		{
			ID: "forms_cut_share", Title: fact.Text{ZH: "报表精简率", EN: "Share of forms cut"}, Kind: fact.RatioKind, Levels: county, Cadence: fact.Monthly,
			Numerator: "forms_cut", Denominator: "forms_before", ProperFraction: true,
		},
		{ID: "forms_merged_share", Kind: fact.RatioKind, Levels: county, Cadence: fact.Monthly, Numerator: "forms_merged", Denominator: "forms_before", ProperFraction: true},
		{ID: "grids_per_form", Kind: fact.RatioKind, Levels: county, Cadence: fact.Monthly, Numerator: "grids", Denominator: "forms_before"},
	}
}

// register is a handful of regions.
type register struct {
	regions    []fact.Region
	broken     error // what Resolve fails with
	brokenThen error // what ResolveAt fails with
}

// collected is the one region that the configuration doesn't list; an earlier
// delivery brought it.
const collected = "360602001"

func newRegister() *register {
	return &register{regions: []fact.Region{
		{Code: "360000", Name: "江西省", Level: fact.Province},
		{Code: "360100", Name: "南昌市", Level: fact.City, Parent: "360000"},
		{Code: "360112", Name: "新建区", Level: fact.County, Parent: "360100"},
		{Code: "360400", Name: "九江市", Level: fact.City, Parent: "360000"},
		{Code: "360423", Name: "武宁县", Level: fact.County, Parent: "360400"},
		{Code: "360423100", Name: "新宁镇", Level: fact.Township, Parent: "360423"},
		{Code: "360423101", Name: "城郊镇", Level: fact.Township, Parent: "360423"},
		{Code: "360603900", Name: "城郊镇", Level: fact.Township, Parent: "360603"},
		{Code: "360600", Name: "鹰潭市", Level: fact.City, Parent: "360000"},
		{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600"},
		{Code: collected, Name: "江边街道", Level: fact.Township, Parent: "360602"},
		{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600"},
	}}
}

type unresolved struct{ written string }

func (e unresolved) Error() string { return "no region " + e.written }

func (e unresolved) Explain() fact.Text {
	return fact.Text{ZH: "没有地区“" + e.written + "”。", EN: "There is no region " + e.written + "."}
}

func (r *register) Resolve(written string, levels []fact.Level, within []string) (*fact.Region, error) {
	if r.broken != nil {
		return nil, r.broken
	}
	for i := range r.regions {
		at := &r.regions[i]
		if (at.Code == written || at.Name == written) && (len(levels) == 0 || slices.Contains(levels, at.Level)) && r.liesIn(at, within) {
			return at, nil
		}
	}
	return nil, fmt.Errorf("resolve: %w", unresolved{written})
}

// ResolveAt knows 湾里区, which became a part of 新建区 in December 2019.
func (r *register) ResolveAt(written string, levels []fact.Level, within []string, p fact.Period) (*fact.Region, error) {
	if r.brokenThen != nil {
		return nil, r.brokenThen
	}
	wanli := &fact.Region{Code: "360105", Name: "湾里区", Level: fact.County, Parent: "360100"}
	if (written == wanli.Code || written == wanli.Name) && p.String() < "2019-12" && slices.Contains(levels, wanli.Level) &&
		(len(within) == 0 || slices.Equal(within, []string{"南昌市"})) {
		return wanli, nil
	}
	return r.Resolve(written, levels, within)
}

func (r *register) liesIn(region *fact.Region, within []string) bool {
	for _, name := range within {
		i := slices.IndexFunc(r.regions, func(at fact.Region) bool { return at.Name == name || at.Code == name })
		if name == "" {
			continue
		}
		if i < 0 {
			return false
		}
		if above, ok := r.Above(region.Code, r.regions[i].Level); !ok || above.Code != r.regions[i].Code {
			return false
		}
	}
	return true
}

func (r *register) Above(code string, level fact.Level) (*fact.Region, bool) {
	for code != "" {
		i := slices.IndexFunc(r.regions, func(at fact.Region) bool { return at.Code == code })
		if i < 0 {
			return nil, false
		}
		if r.regions[i].Level == level {
			return &r.regions[i], true
		}
		code = r.regions[i].Parent
	}
	return nil, false
}

// ledger is a history in memory.
type ledger struct {
	facts []fact.Fact
	fails error
}

func (l *ledger) At(_ context.Context, indicator, region string, d fact.Dimensions, p fact.Period) (value float64, found bool, err error) {
	for _, f := range l.facts {
		if f.Indicator == indicator && f.Region == region && f.Dimensions == d && f.Period == p {
			return f.Value, true, nil
		}
	}
	return 0, false, l.fails
}

func (l *ledger) Before(_ context.Context, indicator, region string, d fact.Dimensions, p fact.Period) (value float64, found bool, err error) {
	var newest fact.Period
	for _, f := range l.facts {
		if f.Indicator == indicator && f.Region == region && f.Dimensions == d &&
			f.Period.Cadence() == p.Cadence() && f.Period.Compare(p) < 0 && f.Period.Compare(newest) >= 0 {
			newest, value, found = f.Period, f.Value, true
		}
	}
	if found {
		return value, true, nil
	}
	return 0, false, l.fails
}

// overrulings are decisions on values that were found wrong.
type overrulings []fact.Decision

func (o overrulings) Find(key fact.Key, value float64) (fact.Decision, bool) {
	i := slices.IndexFunc(o, func(d fact.Decision) bool { return d.Key == key && d.Overruled == fact.Some(value) })
	if i < 0 {
		return fact.Decision{}, false
	}
	return o[i], true
}

// overruled is the decision that a value of 余江区 is wrong.
func overruled(t *testing.T, indicator, period string, value float64, action fact.Action) fact.Decision {
	t.Helper()
	return fact.Decision{
		Key:    fact.Key{Indicator: indicator, Region: "360603", Period: parsed(t, period)},
		Action: action, Overruled: fact.Some(value), By: "李芳", Reason: "多录了一位", Recorded: now().UnixMilli(),
	}
}

// known is a fact of 余江区 that the ledger holds.
func known(t *testing.T, indicator, period string, value float64) fact.Fact {
	t.Helper()
	return fact.Fact{Indicator: indicator, Region: "360603", Period: parsed(t, period), Value: value}
}

func parsed(t *testing.T, period string) fact.Period {
	t.Helper()
	p, err := fact.ParsePeriod(period)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newGate(r *register, h quality.History, overruled ...fact.Decision) *quality.Gate {
	return quality.New(quality.Options{
		Indicators: catalogue(), Regions: r, Configured: r.configured, Retired: r.retired, History: h,
		Overruled: overrulings(overruled), Zone: shanghai(), Now: now,
	})
}

func (r *register) configured(code string) (*fact.Region, bool) {
	i := slices.IndexFunc(r.regions, func(at fact.Region) bool { return at.Code == code && code != collected })
	if i < 0 {
		return nil, false
	}
	return &r.regions[i], true
}

// retired knows that 余江区 was a county with another code, and 湾里区.
func (r *register) retired(code string) (*fact.Region, bool) {
	switch code {
	case "360622":
		return r.configured("360603")
	case "360105":
		return r.configured("360112")
	}
	return nil, false
}

// counties returns regions that terms can expect.
func counties(codes ...string) []*fact.Region {
	r := newRegister()
	var found []*fact.Region
	for _, code := range codes {
		if at, ok := r.configured(code); ok {
			found = append(found, at)
		}
	}
	return found
}

// example is a delivery and what it is held against.
type example struct {
	terms     quality.Terms
	known     []fact.Fact
	overruled []fact.Decision
	readings  []fact.Reading
	entries   []fact.RegionEntry
}

// pass puts the delivery through a gate. Where a reading or an entry has no row
// it gets its place in the delivery.
func (e example) pass(t testing.TB) fact.Verdict {
	t.Helper()
	intake := newGate(newRegister(), &ledger{facts: e.known}, e.overruled...).Open(e.terms)
	for i, r := range e.readings {
		if r.Place.Row == 0 {
			r.Place.Row = int32(i + 1)
		}
		if err := intake.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	for i, entry := range e.entries {
		if entry.Place.Row == 0 {
			entry.Place.Row = int32(i + 1)
		}
		if err := intake.AddRegion(entry); err != nil {
			t.Fatal(err)
		}
	}
	verdict, err := intake.Close(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// told writes what became of a delivery, a line for each reading or entry in the
// order of rows: "3 value-whole", "4 held by figure-falls" or "5 accepted". What
// is missing has row 0.
func told(v fact.Verdict) string {
	lines := map[int32]string{}
	var rows []int32
	tell := func(row int32, what string) {
		lines[row] += fmt.Sprintf("%d %s\n", row, what)
		rows = append(rows, row)
	}
	for _, f := range v.Facts {
		tell(f.Place.Row, "accepted")
	}
	for _, r := range v.Regions {
		tell(r.Place.Row, "accepted")
	}
	for _, h := range v.Held {
		tell(h.Place.Row, "held by "+h.Stage)
	}
	for _, r := range v.Rejections {
		tell(r.Reading.Place.Row, r.Stage)
	}
	slices.Sort(rows)
	var all strings.Builder
	for _, row := range slices.Compact(rows) {
		all.WriteString(lines[row])
	}
	return all.String()
}

// deliver puts readings through a gate that holds none of them.
func deliver(t *testing.T, h *ledger, readings ...fact.Reading) ([]fact.Fact, []fact.Rejection) {
	t.Helper()
	v := example{known: h.facts, readings: readings}.pass(t)
	if len(v.Held) > 0 {
		t.Fatalf("held: %+v", v.Held)
	}
	return v.Facts, v.Rejections
}

// reading is a good one that a case can spoil.
func reading(spoil ...func(*fact.Reading)) fact.Reading {
	r := fact.Reading{Indicator: "grids", Region: "360603", Period: "2025-12", Value: fact.NumberValue(1234)}
	for _, s := range spoil {
		s(&r)
	}
	return r
}

// of is a reading of 余江区.
func of(indicator, period string, value float64) fact.Reading {
	return fact.Reading{Indicator: indicator, Region: "360603", Period: period, Value: fact.NumberValue(value)}
}
