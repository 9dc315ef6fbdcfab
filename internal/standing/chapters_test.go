package standing_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

func parse(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// everyMonth writes a line for each of the months, with {m} for the month and
// {n} for the one after it.
func everyMonth(from, to, line string) string {
	var all strings.Builder
	for p := mustPeriod(from); p.Compare(mustPeriod(to)) <= 0; p = p.Next() {
		all.WriteString(strings.NewReplacer("{m}", p.String(), "{n}", p.Next().String()).Replace(line) + "\n")
	}
	return all.String()
}

func gridsChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = county(fact.Indicator{
		ID: "grids", Kind: fact.Stock, Cadence: fact.Monthly, Grace: 5, ExpiresAfter: 3, Missing: fact.CarryForward, CarryPeriods: 2,
		Targets: []fact.Target{
			{Level: fact.County, From: &fact.Waypoint{Period: mustPeriod("2024-06"), Value: 100}, To: &fact.Waypoint{Period: mustPeriod("2025-06"), Value: 124}},
			{Region: "360602", Value: 60},
		},
	})
	caption = `
A stock, monthly, due after 5 working days, shown for 3 further periods; missing regions are carried forward for at most 2.
Target of every county: a straight path from 100 in 2024-06 to 124 in 2025-06, so 2 a month; of 360602: 60, always.

360602 reports 50 for every month on the 3rd of the next, so that its figure never moves. 360603 reports 80 on the 20th, always
late, until 2025-06, and then no more. 360681 never reports before 1 August 2024, when all of its past comes by import: from then on
it is not late for any of it; it was 70 a month until 2024-06, and is 75 from 2024-07 on. 360821 reports 120 on time; its 2024-10 is held
(999 after 120), and released on 20 November; from 2024-11 on it reports 1000. 360881 reports 90 on time; its 2024-03 is corrected to
95 on 10 June.`
	looks = `
2024-01-31 23:59:59
2024-02-06 23:59:59
2024-02-07 00:00:01
2024-02-29 23:59:59
2024-03-01 00:00
2024-03-08 00:00:01
2024-04-08 23:59:59
2024-04-09 00:00:01
2024-06-10 12:00
2024-07-31 12:00
2024-08-02 12:00
2024-10-12 23:59:59
2024-10-13 00:00:01
2024-11-10 12:00
2024-11-20 12:00
2025-01-08 23:59:59
2025-01-09 00:00:01
2025-02-11 00:00:01
2025-09-15 12:00
2025-10-14 23:59:59
2025-10-15 00:00:01
2026-01-08 23:59:59
2026-01-09 00:00:01`
	happens = everyMonth("2024-01", "2025-12", "{n}-03 09:00 says grids 360602 {m} = 50") +
		everyMonth("2024-01", "2025-06", "{n}-20 09:00 says grids 360603 {m} = 80") +
		everyMonth("2024-01", "2024-06", "2024-08-01 10:00 imports grids 360681 {m} = 70") +
		everyMonth("2024-07", "2025-12", "{n}-04 09:00 says grids 360681 {m} = 75") +
		everyMonth("2024-01", "2024-09", "{n}-02 09:00 says grids 360821 {m} = 120") +
		"2024-11-02 09:00 holds grids 360821 2024-10 = 999\n2024-11-20 11:00 releases grids 360821 2024-10\n" +
		everyMonth("2024-11", "2025-12", "{n}-02 09:00 says grids 360821 {m} = 1000") +
		everyMonth("2024-01", "2025-12", "{n}-05 09:00 says grids 360881 {m} = 90") +
		"2024-06-10 10:00 corrects grids 360881 2024-03 = 95\n"
	return indicator, caption, looks, happens
}

func visitsChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = county(fact.Indicator{
		ID: "visits", Kind: fact.Flow, Cadence: fact.Monthly, Grace: 3, ExpiresAfter: 2, Missing: fact.LikeForLike, RankBy: fact.RankPerVillage,
		ExpectedFrom: mustPeriod("2024-11"), Roster: fact.Roster{Classes: []fact.Class{fact.District, fact.CountyCity}, MinVillages: 50},
		Targets: []fact.Target{{Level: fact.County, Year: 2025, Value: 10, Per: fact.PerVillage}},
	})
	caption = `
A flow, monthly, due after 3 working days, shown for 2 further periods; like is compared for like; ranked per village. Expected from
2024-11 on, of districts and county-level cities with at least 50 villages: 360603 (110), 360681 (130) and 360881 (100), so
not of 360602 (20 villages) and 360821 (a county). Target for 2025: 10 a village, held against the year's sum so far.

360603 reports 110 a month on the 2nd, 360681 260 on the 2nd but never 2025-02, 360881 100 on the 2nd. 360602 reports 5 a month without
being asked: it is in the sums and in no count, and not ranked.`
	looks = `
2024-12-01 00:00
2024-12-04 00:00
2025-01-03 12:00
2025-02-05 12:00
2025-03-05 23:59:59
2025-03-06 00:00
2025-04-02 12:00
2026-01-02 12:00`
	happens = everyMonth("2024-11", "2025-12", "{n}-02 09:00 says visits 360603 {m} = 110") +
		everyMonth("2024-11", "2025-01", "{n}-02 09:00 says visits 360681 {m} = 260") +
		everyMonth("2025-03", "2025-12", "{n}-02 09:00 says visits 360681 {m} = 260") +
		everyMonth("2024-11", "2025-12", "{n}-02 09:00 says visits 360881 {m} = 100") +
		everyMonth("2024-11", "2025-12", "{n}-02 09:00 says visits 360602 {m} = 5")
	return indicator, caption, looks, happens
}

func rectifiedChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = county(fact.Indicator{
		ID: "rectified", Kind: fact.FlowYTD, Cadence: fact.Quarterly, Grace: 10, ExpiresAfter: 2, Missing: fact.CarryForward, CarryPeriods: 1,
		SignOff: true, RankBy: fact.RankByAttainment, Within: []string{"360600"},
		Targets: []fact.Target{{Level: fact.County, Year: 2024, Value: 400}, {Level: fact.County, Year: 2025, Value: 500}},
	})
	caption = `
Counted from 1 January, quarterly, due after 10 working days, only within 360600, with sign-off; missing regions are carried
forward for one period, and never across 1 January; ranked by attainment. Target of every county: 400 for 2024, 500 for 2025.

360602 reports each quarter on the 5th, and signs on the 25th. 360603 reports on the 5th, corrects 2024-Q2 from 200 to 210
on 30 July and signs that on 1 August, and signs nothing else. 360681 reports 2024-Q1, Q3 and Q4 and nothing of 2025.`
	looks = `
2024-04-16 00:00
2024-04-25 12:00
2024-07-12 23:59:59
2024-07-13 00:00
2024-07-31 12:00
2024-08-01 12:00
2024-10-19 00:00
2025-01-16 00:00
2025-04-16 00:00
2026-01-15 23:59:59
2026-01-16 00:00`
	ends := map[string]string{"2024-Q1": "2024-04", "2024-Q2": "2024-07", "2024-Q3": "2024-10", "2024-Q4": "2025-01", "2025-Q1": "2025-04", "2025-Q2": "2025-07", "2025-Q3": "2025-10", "2025-Q4": "2026-01"}
	for p := mustPeriod("2024-Q1"); p.Compare(mustPeriod("2025-Q4")) <= 0; p = p.Next() {
		quarter, month := p.String(), ends[p.String()]
		n := int(p.String()[6] - '0')
		happens += fmt.Sprintf("%s-05 09:00 says rectified 360602 %s = %d\n%s-25 09:00 confirms rectified 360602 %s\n", month, quarter, 100*n, month, quarter)
		happens += fmt.Sprintf("%s-05 09:00 says rectified 360603 %s = %d\n", month, quarter, 100*n)
		if quarter != "2024-Q2" && quarter < "2025" {
			happens += fmt.Sprintf("%s-06 09:00 says rectified 360681 %s = %d\n", month, quarter, 110*n)
		}
	}
	happens += "2024-07-30 09:00 corrects rectified 360603 2024-Q2 = 210\n2024-08-01 09:00 confirms rectified 360603 2024-Q2\n"
	return indicator, caption, looks, happens
}

func mechanismsChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = fact.Indicator{
		ID: "mechanisms", Kind: fact.Stock, Direction: fact.MoreIsBetter, Cadence: fact.Yearly, Grace: 4, ExpiresAfter: 1,
		Levels: []fact.Level{fact.Province, fact.City, fact.County}, Roster: fact.Roster{Except: []string{"360681"}},
	}
	caption = `
A stock, yearly, due after 4 working days, shown for one further period, of the province, each city and each county with its own, but
not of 360681; missing regions are left out.

For 2023, which is expected since it ended after the first configuration, the province and 360600 report; 360603's is rejected on
10 January 2024 after it was held, so that it is owed again. For 2024 everybody reports on 2 January but 360821. For 2025 the year
begins with 1-3 January free and Sunday the 4th worked: due on the 8th at midnight.`
	looks = `
2024-01-01 00:00
2024-01-05 23:59:59
2024-01-06 00:00
2024-01-10 12:00
2025-01-07 23:59:59
2025-01-08 00:00
2026-01-07 23:59:59
2026-01-08 00:00`
	happens = `
2024-01-02 09:00 says mechanisms 360000 2023 = 1
2024-01-02 09:00 says mechanisms 360600 2023 = 1
2024-01-03 09:00 holds mechanisms 360603 2023 = 7
2024-01-10 10:00 rejects mechanisms 360603 2023
2025-01-02 09:00 says mechanisms 360000 2024 = 1
2025-01-02 09:00 says mechanisms 360600 2024 = 2
2025-01-02 09:00 says mechanisms 360800 2024 = 2
2025-01-02 09:00 says mechanisms 360602 2024 = 3
2025-01-02 09:00 says mechanisms 360603 2024 = 3
2025-01-02 09:00 says mechanisms 360881 2024 = 1
2026-01-05 09:00 says mechanisms 360821 2025 = 4`
	return indicator, caption, looks, happens
}

func patrolsChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = county(fact.Indicator{
		ID: "patrols", Kind: fact.Flow, Direction: fact.LessIsBetter, Cadence: fact.Weekly, Grace: 2, ExpiresAfter: 4,
		ExpectedFrom: mustPeriod("2024-W40"), Roster: fact.Roster{Regions: []string{"360602", "360603", "360821"}},
	})
	caption = `
A flow, weekly, due after 2 working days, shown for 4 further weeks, less is better, left out where missing; expected from 2024-W40
on of 360602, 360603 and 360821. The national holiday of 2024 falls into W40: Monday 30 September is worked, Sunday 29 September was.
2024-W40 ends on Sunday 6 October and is due after the 8th and the 9th.

360602 says 10 every Monday, 360603 says 10 too until 2024-W41 and 8 afterwards, 360821 says 20 for W40 only.`
	looks = `
2024-10-07 08:00
2024-10-07 12:00
2024-10-14 12:00
2024-10-16 00:00
2024-10-23 00:00
2024-11-13 00:00`
	for p := mustPeriod("2024-W40"); p.Compare(mustPeriod("2024-W45")) <= 0; p = p.Next() {
		monday := p.End(shanghai).Format("2006-01-02")
		happens += fmt.Sprintf("%s 09:00 says patrols 360602 %s = 10\n", monday, p)
		value := 8
		if p.String() <= "2024-W41" {
			value = 10
		}
		happens += fmt.Sprintf("%s 09:00 says patrols 360603 %s = %d\n", monday, p, value)
	}
	happens += "2024-10-07 09:00 says patrols 360821 2024-W40 = 20\n"
	return indicator, caption, looks, happens
}

func bedsChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = county(fact.Indicator{
		ID: "beds", Kind: fact.Stock, Cadence: fact.Daily, Grace: 1, ExpiresAfter: 400, ExpectedFrom: mustPeriod("2024-02-08"),
		Roster: fact.Roster{Regions: []string{"360602", "360603"}},
	})
	caption = `
A stock, daily, due after 1 working day, shown for 400 further days; expected from 2024-02-08 on, just before the Spring Festival of
10 to 17 February, of 360602 and 360603. Sunday 18 February is worked: whatever ends on the 10th to the 18th is due with it.

360602 reports 5 for the 8th on the 9th, and 6 for the 9th on the 10th. 360603 reports on 19 February for all days since the 8th but the
17th, 7 each. 29 February 2024 has 8 and 9, 28 February 10 and 9; a year later 28 February has 11, and 1 March 12.`
	looks = `
2024-02-09 00:00
2024-02-10 00:00
2024-02-17 12:00
2024-02-18 23:59:59
2024-02-19 00:00
2024-02-19 12:00
2024-03-01 12:00
2025-03-01 12:00
2025-03-02 12:00`
	happens = `
2024-02-09 09:00 says beds 360602 2024-02-08 = 5
2024-02-10 09:00 says beds 360602 2024-02-09 = 6
2024-02-29 09:00 says beds 360602 2024-02-28 = 10
2024-02-29 09:00 says beds 360603 2024-02-28 = 9
2024-03-01 09:00 says beds 360602 2024-02-29 = 8
2024-03-01 09:00 says beds 360603 2024-02-29 = 9
2025-03-01 09:00 says beds 360602 2025-02-28 = 11
2025-03-01 09:00 says beds 360603 2025-02-28 = 11
2025-03-02 09:00 says beds 360602 2025-03-01 = 12`
	for p := mustPeriod("2024-02-08"); p.Compare(mustPeriod("2024-02-18")) <= 0; p = p.Next() {
		if p.String() != "2024-02-17" {
			happens += fmt.Sprintf("\n2024-02-19 09:00 says beds 360603 %s = 7", p)
		}
	}
	return indicator, caption, looks, happens
}

func casesChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator = county(fact.Indicator{
		ID: "cases", Kind: fact.Flow, Direction: fact.LessIsBetter, Cadence: fact.Monthly, Grace: 2, ExpiresAfter: 2,
		ExpectedFrom: mustPeriod("2025-01"), Within: []string{"360800"},
		Targets: []fact.Target{{Region: "360821", Value: 100, Year: 2025}},
	})
	caption = `
A flow, monthly, due after 2 working days, less is better, left out where missing, within 360800, expected from 2025-01 on. A ceiling for
360821: 100 in all of 2025, which is kept until the sum so far goes beyond.

360821 reports 40 a month on the 2nd, 360881 none in January and 10 a month from then on, but the 2025-03 of 360881 only on 20 May.`
	looks = `
2025-02-06 08:00
2025-02-06 12:00
2025-04-02 23:59:59
2025-04-03 00:00:01
2025-05-20 12:00`
	happens = everyMonth("2025-01", "2025-04", "{n}-02 09:00 says cases 360821 {m} = 40") +
		"2025-02-06 09:00 says cases 360881 2025-01 = 0\n2025-03-02 09:00 says cases 360881 2025-02 = 10\n" +
		"2025-05-20 09:00 says cases 360881 2025-03 = 10\n2025-05-02 09:00 says cases 360881 2025-04 = 10\n"
	return indicator, caption, looks, happens
}

func closedChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator, _, looks, _ = casesChapter(nil)
	indicator.ID, indicator.Direction, indicator.SignOff, indicator.Targets = "closed_cases", fact.MoreIsBetter, true, nil
	caption = `
Of the cases above those that were closed, with sign-off. 360821 closes 30 a month and signs 2025-01 on 3 February; 360881 closes none in
January and 5 a month from then on.`
	happens = everyMonth("2025-01", "2025-04", "{n}-02 09:00 says closed_cases 360821 {m} = 30") + "2025-02-03 09:00 confirms closed_cases 360821 2025-01\n" +
		"2025-02-05 09:00 says closed_cases 360881 2025-01 = 0\n" +
		everyMonth("2025-02", "2025-04", "{n}-03 09:00 says closed_cases 360881 {m} = 5")
	return indicator, caption, looks, happens
}

func shareChapter(*story) (indicator fact.Indicator, caption, looks, happens string) {
	indicator, _, looks, _ = casesChapter(nil)
	indicator.ID, indicator.Kind, indicator.Direction = "closed_share", fact.RatioKind, fact.MoreIsBetter
	indicator.Numerator, indicator.Denominator = "closed_cases", "cases"
	indicator.Targets = []fact.Target{{Level: fact.County, Value: 0.9}}
	caption = `
The share of the cases that were closed: a ratio, so it has no reports of its own. Roll-ups divide sums. 360881 had no case in
January, and so no share. Target: 0.9.`
	return indicator, caption, looks, ""
}
