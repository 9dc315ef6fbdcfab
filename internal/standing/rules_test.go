package standing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/standing"
)

// only is a board of one indicator of jiangxi, and of what stands beside it.
func only(t *testing.T, now string, w *world, indicator fact.Indicator, others ...fact.Indicator) (*standing.Board, *fact.Indicator) {
	t.Helper()
	b := standing.New(w.options(t, clockAt(at(t, now)), append([]fact.Indicator{indicator}, others...)))
	return b, &b.Indicators[0]
}

// grids is a monthly stock of counties, without anything special.
func grids(change func(*fact.Indicator)) fact.Indicator {
	i := county(fact.Indicator{ID: "grids", Kind: fact.Stock, Cadence: fact.Monthly, ExpiresAfter: 12, Grace: 5})
	if change != nil {
		change(&i)
	}
	return i
}

func newestOf(t *testing.T, b *standing.Board, i *fact.Indicator, region string) fact.Figure {
	t.Helper()
	for f := range b.Newest(i) {
		if f.Region == region {
			return f
		}
	}
	return fact.Figure{}
}

func TestYearAgoAndUnchanged(t *testing.T) {
	for name, test := range map[string]struct {
		cadence                  fact.Cadence
		said                     []string // of 360602
		yearAgo, previous, after string
	}{
		"month":                               {fact.Monthly, []string{"2024-12 = 3", "2025-12 = 5"}, "3", "-", "-"},
		"quarter":                             {fact.Quarterly, []string{"2024-Q3 = 3", "2025-Q2 = 5", "2025-Q3 = 5"}, "3", "5", "1"},
		"half-year":                           {fact.HalfYearly, []string{"2024-H2 = 3", "2025-H1 = 4", "2025-H2 = 5"}, "3", "4", "0"},
		"year":                                {fact.Yearly, []string{"2024 = 5", "2025 = 5"}, "5", "5", "1"},
		"day":                                 {fact.Daily, []string{"2024-12-30 = 3", "2025-12-30 = 5"}, "3", "-", "-"},
		"28 February after a leap year":       {fact.Daily, []string{"2024-02-28 = 1", "2024-02-29 = 2", "2025-02-28 = 5"}, "1", "-", "-"},
		"1 March after a leap year":           {fact.Daily, []string{"2024-02-29 = 1", "2024-03-01 = 2", "2025-03-01 = 5"}, "2", "-", "-"},
		"29 February has no day a year ago":   {fact.Daily, []string{"2023-02-28 = 1", "2023-03-01 = 2", "2024-02-29 = 5"}, "-", "-", "-"},
		"week":                                {fact.Weekly, []string{"2024-W10 = 3", "2025-W10 = 5"}, "3", "-", "-"},
		"the first week may begin in the old": {fact.Weekly, []string{"2024-W01 = 3", "2024-W52 = 4", "2025-W01 = 5"}, "3", "4", "0"},
		"week 53 has none a year ago":         {fact.Weekly, []string{"2019-W52 = 1", "2020-W01 = 2", "2020-W53 = 5"}, "-", "-", "-"},
		"the week after week 53":              {fact.Weekly, []string{"2020-W01 = 2", "2020-W53 = 5", "2021-W01 = 5"}, "2", "5", "1"},
		"a gap ends the run":                  {fact.Monthly, []string{"2025-08 = 5", "2025-10 = 5", "2025-11 = 5", "2025-12 = 5"}, "-", "5", "2"},
		"another figure ends the run":         {fact.Monthly, []string{"2025-09 = 5", "2025-10 = 4", "2025-11 = 5", "2025-12 = 5"}, "-", "5", "1"},
		"a correction counts":                 {fact.Monthly, []string{"2025-11 = 5", "2025-12 = 5", "2025-11 = 4"}, "-", "4", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := slices.Clone(test.said)
			for i := range lines {
				lines[i] = "grids 360602 " + lines[i]
			}
			b, i := only(t, "2026-01-05", said(t, lines...), grids(func(i *fact.Indicator) { i.Cadence, i.ExpiresAfter = test.cadence, 3000 }))
			f := newestOf(t, b, i, "360602")
			if got := []string{number(f.YearAgo), number(f.Previous), number(f.Unchanged)}; !slices.Equal(got, []string{test.yearAgo, test.previous, test.after}) {
				t.Errorf("of %s: year ago, previous and unchanged are %v", f.Period, got)
			}
		})
	}
}

func waypoint(p string, v float64) *fact.Waypoint {
	return &fact.Waypoint{Period: mustPeriod(p), Value: v}
}

func TestTargets(t *testing.T) {
	path := fact.Target{Level: fact.County, From: waypoint("2024-12", 50), To: waypoint("2025-12", 62)}
	perVillage := path
	perVillage.Per = fact.PerVillage
	for name, test := range map[string]struct {
		kind      fact.Kind
		direction fact.Direction
		cadence   fact.Cadence
		targets   []fact.Target
		period    string
		region    string // 360603 has 110 villages and 350,000 people, 360602 20 and nobody knows how many
		want      string // target, and what 11 is of it
	}{
		"constant":                                  {targets: []fact.Target{{Level: fact.County, Value: 22}}, want: "22 0.5"},
		"its own comes first":                       {targets: []fact.Target{{Level: fact.County, Value: 22}, {Region: "360603", Value: 44}}, want: "44 0.25"},
		"that of the year comes first":              {targets: []fact.Target{{Region: "360603", Value: 44, Year: 2025}, {Region: "360603", Value: 11}}, want: "44 0.25"},
		"that of another year does not hold":        {targets: []fact.Target{{Region: "360603", Value: 44, Year: 2024}, {Region: "360603", Value: 11}}, want: "11 1"},
		"its own of another year, then its level's": {targets: []fact.Target{{Region: "360603", Value: 44, Year: 2024}, {Level: fact.County, Value: 22}}, want: "22 0.5"},
		"none for another level":                    {targets: []fact.Target{{Level: fact.City, Value: 22}}, want: "- -"},
		"per village":                               {targets: []fact.Target{{Level: fact.County, Value: 0.2, Per: fact.PerVillage}}, want: "22 0.5"},
		"per 10,000 people":                         {targets: []fact.Target{{Level: fact.County, Value: 2, Per: fact.PerTenThousandPeople}}, want: "70 0.1571"},
		"of a population nobody knows":              {targets: []fact.Target{{Level: fact.County, Value: 2, Per: fact.PerTenThousandPeople}}, region: "360602", want: "- -"},
		"before the path":                           {targets: []fact.Target{path}, period: "2024-11", want: "- -"},
		"where the path begins":                     {targets: []fact.Target{path}, period: "2024-12", want: "50 0.22"},
		"a month on":                                {targets: []fact.Target{path}, period: "2025-01", want: "51 0.2157"},
		"a short month is as long":                  {targets: []fact.Target{path}, period: "2025-02", want: "52 0.2115"},
		"where the path ends":                       {targets: []fact.Target{path}, period: "2025-12", want: "62 0.1774"},
		"after the path":                            {targets: []fact.Target{path}, period: "2026-02", want: "62 0.1774"},
		"a path in quarters":                        {targets: []fact.Target{path}, period: "2025-Q2", cadence: fact.Quarterly, want: "56 0.1964"},
		"a path in days":                            {targets: []fact.Target{{Level: fact.County, From: waypoint("2025-01-01", 0), To: waypoint("2025-01-11", 22)}}, period: "2025-01-06", cadence: fact.Daily, want: "11 1"},
		"a path per village":                        {targets: []fact.Target{perVillage}, period: "2025-01", want: "5610 0.002"},
		"a path down, where less is better":         {targets: []fact.Target{{Level: fact.County, From: waypoint("2024-12", 20), To: waypoint("2025-12", 8)}}, period: "2025-06", direction: fact.LessIsBetter, want: "14 1"},
		"a path down, and not kept":                 {targets: []fact.Target{{Level: fact.County, From: waypoint("2024-12", 20), To: waypoint("2025-12", 8)}}, period: "2025-12", direction: fact.LessIsBetter, want: "8 0.7273"},
		"a flow's year, in its first month":         {kind: fact.Flow, targets: []fact.Target{{Level: fact.County, Year: 2025, Value: 110}}, period: "2025-01", want: "110 0.1"},
		"a flow's month":                            {kind: fact.Flow, targets: []fact.Target{{Level: fact.County, Value: 110}}, want: "110 0.1"},
		"a year-to-date figure is its year's":       {kind: fact.FlowYTD, targets: []fact.Target{{Level: fact.County, Year: 2025, Value: 110}}, want: "110 0.1"},
		"a week across New Year is of no year":      {targets: []fact.Target{{Level: fact.County, Year: 2025, Value: 22}}, period: "2025-W01", cadence: fact.Weekly, want: "- -"},
		"the week after it is":                      {targets: []fact.Target{{Level: fact.County, Year: 2025, Value: 22}}, period: "2025-W02", cadence: fact.Weekly, want: "22 0.5"},
	} {
		t.Run(name, func(t *testing.T) {
			i := grids(func(i *fact.Indicator) { i.Targets, i.ExpiresAfter = test.targets, 1000 })
			if test.kind != 0 {
				i.Kind = test.kind
			}
			if test.direction != 0 {
				i.Direction = test.direction
			}
			if test.cadence != 0 {
				i.Cadence = test.cadence
			}
			p, region := "2025-06", "360603"
			if test.period != "" {
				p = test.period
			}
			if test.region != "" {
				region = test.region
			}
			b, indicator := only(t, "2026-01-05", said(t, fmt.Sprintf("grids %s %s = 11", region, p)), i)
			f := newestOf(t, b, indicator, region)
			if got := number(f.Target) + " " + number(f.Attainment); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A flow's target for the year is held against what the year has brought so far,
// gaps or not, and no other year.
func TestYearTargetOfAFlow(t *testing.T) {
	w := said(t, "grids 360602 2024-12 = 100", "grids 360602 2025-01 = 5", "grids 360602 2025-03 = 6", "grids 360602 2025-04 = 4")
	b, i := only(t, "2025-05-10", w, grids(func(i *fact.Indicator) {
		i.Kind, i.Targets = fact.Flow, []fact.Target{{Level: fact.County, Year: 2025, Value: 60}}
	}))
	if f := newestOf(t, b, i, "360602"); f.Attainment != fact.Some(0.25) {
		t.Errorf("15 of 60 are %v", f.Attainment)
	}
}

func TestRankings(t *testing.T) {
	w := said(t, "grids 360602 2025-12 = 30", "grids 360603 2025-12 = 110", "grids 360821 2025-12 = 300", "grids 360821 2025-11 = 1")
	for name, test := range map[string]struct {
		change func(*fact.Indicator)
		want   string // of all: region rank/peers measure
	}{
		"by value":          {nil, "360602 3/3 30, 360603 2/3 110, 360821 1/3 300"},
		"less is better":    {func(i *fact.Indicator) { i.Direction = fact.LessIsBetter }, "360602 1/3 30, 360603 2/3 110, 360821 3/3 300"},
		"per village":       {func(i *fact.Indicator) { i.RankBy = fact.RankPerVillage }, "360602 1/3 1.5, 360603 2/3 1, 360821 2/3 1"},
		"per 10,000 people": {func(i *fact.Indicator) { i.RankBy = fact.RankPerTenThousandPeople }, "360603 2/2 3.1429, 360821 1/2 6"},
		"by attainment, of which more is better": {func(i *fact.Indicator) {
			i.Direction, i.RankBy = fact.LessIsBetter, fact.RankByAttainment
			i.Targets = []fact.Target{{Region: "360602", Value: 15}, {Region: "360821", Value: 300}}
		}, "360602 2/2 0.5, 360821 1/2 1"},
		"not of those who need not report": {func(i *fact.Indicator) { i.Roster.Except = []string{"360603"} }, "360602 2/2 30, 360821 1/2 300"},
		"not by oneself":                   {func(i *fact.Indicator) { i.Roster.Regions = []string{"360603"} }, ""},
		"not at all":                       {func(i *fact.Indicator) { i.RankBy = fact.NotRanked }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, i := only(t, "2026-01-20", w, grids(test.change))
			var got []string
			for _, r := range b.Rankings(i) {
				if r.Quartile != 0 {
					t.Errorf("quarters of three: %+v", r)
				}
				if r.Scope == fact.AmongAll {
					got = append(got, fmt.Sprintf("%s %d/%d %s", r.Region, r.Rank, r.Peers, number(fact.Some(r.Measure))))
				}
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("got %s, want %s", strings.Join(got, ", "), test.want)
			}
		})
	}
}

// Series with dimensions are parts of a whole, and not ranked.
func TestRankingsAreOfWholes(t *testing.T) {
	b, i := only(t, "2026-01-20", said(t, "grids 360602 2025-12 sex=female = 30", "grids 360602 2025-12 sex=male = 20", "grids 360603 2025-12 sex=male = 20"),
		grids(func(i *fact.Indicator) {
			i.Dimensions = []fact.Dimension{{Name: "sex", Values: []string{"female", "male"}}}
		}))
	if ranked := b.Rankings(i); len(ranked) > 0 {
		t.Errorf("ranked %+v", ranked)
	}
	if n := len(slices.Collect(b.Newest(i))); n != 3 {
		t.Errorf("%d figures, want 3", n)
	}
	if rollups := b.Rollups(i); rollups[0].Value != fact.Some(70) || rollups[0].Reported != 2 {
		t.Errorf("the province is %+v, want 70 of two regions", rollups[0])
	}
}

func TestFirstExpected(t *testing.T) {
	for name, test := range map[string]struct {
		from, since, now, said string
		want                   string // of 360602: period reported owed
	}{
		"the configured period":                 {"2025-11", "2024-01-01", "2026-01-20", "", "2025-12 false 2025-11"},
		"a year, so the first month of it":      {"2025", "2024-01-01", "2026-01-20", "", "2025-12 false 2025-01"},
		"a day within a month, so the next":     {"2025-10-02", "2024-01-01", "2026-01-20", "", "2025-12 false 2025-11"},
		"the one that ended after it was known": {"", "2025-11-30", "2026-01-20", "", "2025-12 false 2025-11"},
		"that ended just then is not after":     {"", "2025-12-01", "2026-01-20", "", "2025-12 false 2025-12"},
		"not yet":                               {"2026-01", "2024-01-01", "2026-01-20", "", "none"},
		"nothing, where nothing is configured":  {"", "", "2026-01-20", "", "none"},
		"what came before is no gap":            {"2025-11", "2024-01-01", "2026-01-20", "2025-06", "2025-12 false 2025-11"},
		"what came since moves it":              {"2025-09", "2024-01-01", "2026-01-20", "2025-11", "2025-12 false 2025-12"},
		"what is up to date owes nothing":       {"2025-09", "2024-01-01", "2026-01-20", "2025-12", "2025-12 true "},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			if test.said != "" {
				w = said(t, "grids 360602 "+test.said+" = 1")
			}
			o := w.options(t, clockAt(at(t, test.now)), []fact.Indicator{grids(func(i *fact.Indicator) {
				if test.from != "" {
					i.ExpectedFrom = period(t, test.from)
				}
			})})
			if test.since != "" {
				o.Since = at(t, test.since)
			}
			got := "none"
			if reports := standing.New(o).Reports(&o.Indicators[0]); len(reports) > 0 {
				got = fmt.Sprintf("%s %v %s", reports[0].Period, reports[0].Reported, reports[0].Owed)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestReportsSayWhereHolidaysAreUnknown(t *testing.T) {
	b, i := only(t, "2027-02-01", &world{}, grids(func(i *fact.Indicator) { i.ExpectedFrom = period(t, "2026-06") }))
	for _, r := range b.Reports(i) {
		if !r.WeekendsOnly {
			t.Errorf("%+v is due in 2027, of which the calendar knows nothing", r)
		}
	}
	b, i = only(t, "2026-02-01", &world{}, grids(func(i *fact.Indicator) { i.ExpectedFrom = period(t, "2025-06") }))
	for _, r := range b.Reports(i) {
		if r.WeekendsOnly {
			t.Errorf("%+v is due in years that the calendar knows", r)
		}
	}
}

func TestRecast(t *testing.T) {
	w := said(t,
		"grids 360622 2025-03 = 70", "grids 360622 2025-04 = 80", // 余江县, 余江区 from May on
		"grids 360603 2025-04 = 81", // the same month again, under the new code
		"grids 360603 2025-05 = 90",
		"grids 360602 2025-05 = 10", "grids 360605 2025-05 = 5", // 龙虎山区, a part of 月湖区 from July on
		"grids 360605 2025-06 = 6", "grids 360602 2025-06 = 11",
		"grids 369999 2025-06 = 1000", // of nowhere
	)
	b, i := only(t, "2025-07-20", w, grids(func(i *fact.Indicator) { i.Missing = fact.CarryForward; i.CarryPeriods = 1 }))
	want := []fact.Figure{
		{Region: "360602", Period: period(t, "2025-06"), Value: 17, Revision: 1, State: fact.Confirmed, Previous: fact.Some(15), Unchanged: fact.Some(0)},
		{Region: "360603", Period: period(t, "2025-05"), Value: 90, Revision: 1, State: fact.Confirmed, Previous: fact.Some(81), Unchanged: fact.Some(0)},
		{Region: "369999", Period: period(t, "2025-06"), Value: 1000, Revision: 1, State: fact.Confirmed},
	}
	if diff := cmp.Diff(want, slices.Collect(b.Newest(i)), samePeriods); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	if province := b.Rollups(i)[0]; province.Value != fact.Some(107) || province.Previous != fact.Some(105) || province.Carried != 1 {
		t.Errorf("the province is %+v, want 17 and the 90 carried, after 15 and 90", province)
	}
	for asked, want := range map[string][]string{
		"2025-04": {"360603 余江区 81"},
		"2025-06": {"360602 月湖区 17"},
	} {
		if diff := cmp.Diff(want, totalsOf(t, b, i, asked, false)); diff != "" {
			t.Errorf("%s recast (-want +got):\n%s", asked, diff)
		}
	}
	for asked, want := range map[string][]string{
		"2025-03": {"360622 余江县 70"},
		"2025-04": {"360622 余江县 81"}, // whatever the code that it came under
		"2025-05": {"360602 月湖区 10", "360603 余江区 90", "360605 龙虎山区 5"},
	} {
		if diff := cmp.Diff(want, totalsOf(t, b, i, asked, true)); diff != "" {
			t.Errorf("%s as it was (-want +got):\n%s", asked, diff)
		}
	}
}

func totalsOf(t *testing.T, b *standing.Board, i *fact.Indicator, asked string, asItWas bool) []string {
	t.Helper()
	var totals []standing.Total
	var err error
	if asItWas {
		totals, err = b.TotalsAsItWas(t.Context(), i, period(t, asked))
	} else {
		totals, err = b.Totals(t.Context(), i, period(t, asked), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, r := range totals {
		rows = append(rows, fmt.Sprintf("%s %s %v", r.Region.Code, r.Region.Name, r.Value))
	}
	return rows
}

func TestTotalsWithAPolicy(t *testing.T) {
	for name, test := range map[string]struct {
		kind   fact.Kind
		policy fact.MissingPolicy
		period string
		said   []string
		want   string // of the province: value of reported/expected, carried, compared
	}{
		"carried from the month before": {
			fact.Stock, fact.CarryForward, "2025-12",
			[]string{"grids 360602 2025-12 = 1", "grids 360603 2025-11 = 20", "grids 360821 2025-09 = 300"}, "21 1/3 carried 1 compared 0",
		},
		"carried from before the year that was asked for": {
			fact.Stock, fact.CarryForward, "2026",
			[]string{"grids 360602 2026-01 = 1", "grids 360603 2025-11 = 20"}, "21 1/3 carried 1 compared 0",
		},
		"but not for what counts from January": {
			fact.FlowYTD, fact.CarryForward, "2026",
			[]string{"grids 360602 2026-01 = 1", "grids 360603 2025-12 = 20"}, "1 1/3 carried 0 compared 0",
		},
		"like for like": {
			fact.Stock, fact.LikeForLike, "2025-12",
			[]string{"grids 360602 2025-12 = 1", "grids 360602 2025-11 = 1", "grids 360603 2025-12 = 20"}, "1 2/3 carried 0 compared 1",
		},
		"like for like of a flow's quarters": {
			fact.Flow, fact.LikeForLike, "2025-Q4", slices.Concat(
				quarter("360602", 1, 7, 12), quarter("360603", 10, 8, 12), quarter("360821", 100, 10, 11)), "3 2/3 carried 0 compared 1",
		},
		"a flow's quarters, left out": {
			fact.Flow, fact.LeaveOut, "2025-Q4", slices.Concat(
				quarter("360602", 1, 7, 12), quarter("360603", 10, 8, 12), quarter("360821", 100, 10, 11)), "233 2/3 carried 0 compared 0",
		},
		"nobody is like": {
			fact.Stock, fact.LikeForLike, "2025-12", []string{"grids 360602 2025-12 = 1"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, i := only(t, "2026-02-03", said(t, test.said...), grids(func(i *fact.Indicator) {
				i.Kind, i.Missing, i.CarryPeriods = test.kind, test.policy, 2
			}))
			totals, err := b.Totals(t.Context(), i, period(t, test.period), fact.Province)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range totals {
				got = fmt.Sprintf("%v %d/%d carried %d compared %d", r.Value, r.Reported, r.Expected, r.Carried, r.Compared)
				if r.Policy != test.policy {
					t.Errorf("policy %s", r.Policy)
				}
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func quarter(region string, value, from, to int) []string {
	var lines []string
	for m := from; m <= to; m++ {
		lines = append(lines, fmt.Sprintf("grids %s 2025-%02d = %d", region, m, value))
	}
	return lines
}

func TestTotalsCountTheRoster(t *testing.T) {
	b, i := only(t, "2026-01-20", said(t, "grids 360602 2025-12 = 1", "grids 360603 2025-12 = 2"),
		grids(func(i *fact.Indicator) { i.Roster.Except = []string{"360602"} }))
	totals, err := b.Totals(t.Context(), i, period(t, "2025-12"), fact.Province)
	if err != nil || len(totals) != 1 || totals[0].Value != 3 || totals[0].Reported != 1 || totals[0].Expected != 2 {
		t.Errorf("%+v, %v: want 3 with 1 of 2, as 360602 need not report", totals, err)
	}
}

func TestDiscrepancies(t *testing.T) {
	w := said(t,
		"grids 360602 2025-11 = 100", "grids 360602 2025-12 = 100", "other 360602 2025-12 = 101", // within 1 %
		"grids 360603 2025-12 = 90", "other 360603 2025-12 = 100", "other 360603 2026-01 = 1", // 10 lower, 1 is allowed
		"grids 360821 2025-11 = 7", "other 360821 2025-11 = 0", "grids 360821 2025-12 = 5", // of the newest that both have
	)
	b, i := only(t, "2026-02-03", w, grids(func(i *fact.Indicator) { i.Compare = &fact.Comparison{With: "other", Tolerance: 0.01} }),
		grids(func(i *fact.Indicator) { i.ID = "other" }))
	december := period(t, "2025-12")
	want := []fact.Discrepancy{
		{Indicator: "grids", Other: "other", Region: "360602", Period: december, Value: 100, OtherSays: 101},
		{Indicator: "grids", Other: "other", Region: "360603", Period: december, Value: 90, OtherSays: 100, Gap: -9},
		{Indicator: "grids", Other: "other", Region: "360821", Period: period(t, "2025-11"), Value: 7, Gap: 7},
	}
	if diff := cmp.Diff(want, b.Discrepancies(i), samePeriods); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if found := b.Discrepancies(&b.Indicators[1]); found != nil {
		t.Errorf("the other compares itself with nothing, yet %+v", found)
	}
}

// TestRollupsExample holds docs/rollups.md to its example.
func TestRollupsExample(t *testing.T) {
	register := mustRegister([]fact.Region{
		{Code: "360600", Name: "鹰潭市", Level: fact.City},
		{Code: "360602", Name: "月湖区", Level: fact.County, Parent: "360600"},
		{Code: "360603", Name: "余江区", Level: fact.County, Parent: "360600"},
		{Code: "360681", Name: "贵溪市", Level: fact.County, Parent: "360600"},
	})
	w := said(t,
		"grids 360602 2025-11 = 50", "grids 360602 2025-12 = 50", "grids 360602 2026-01 = 52",
		"grids 360603 2025-11 = 80", "grids 360603 2025-12 = 80", "grids 360603 2026-01 = 81",
		"grids 360681 2025-11 = 70", "grids 360681 2025-12 = 70")
	january, december := period(t, "2026-01"), period(t, "2025-12")
	for policy, want := range map[fact.MissingPolicy]fact.Rollup{
		fact.LeaveOut:     {Period: january, Value: fact.Some(133), Previous: fact.Some(200), Reported: 2},
		fact.CarryForward: {Period: january, Value: fact.Some(203), Previous: fact.Some(200), Reported: 2, Carried: 1},
		fact.LikeForLike:  {Period: january, Value: fact.Some(133), Previous: fact.Some(130), Reported: 2, Compared: 2},
	} {
		want.Region, want.Policy, want.Expected = "360600", policy, 3
		before := want
		before.Period, before.Value, before.Previous, before.Reported, before.Carried, before.Compared = december, fact.Some(200), fact.Some(200), 3, 0, 0
		if policy == fact.LikeForLike {
			before.Compared = 3
		}
		for now, want := range map[string]fact.Rollup{"2026-02-10": want, "2026-02-05": before} {
			o := w.options(t, clockAt(at(t, now)), []fact.Indicator{grids(func(i *fact.Indicator) { i.Missing, i.CarryPeriods = policy, 2 })})
			o.Regions, o.Site = register, "360600"
			if diff := cmp.Diff([]fact.Rollup{want}, standing.New(o).Rollups(&o.Indicators[0]), samePeriods); diff != "" {
				t.Errorf("%s on %s (-want +got):\n%s", policy, now, diff)
			}
		}
	}
}
