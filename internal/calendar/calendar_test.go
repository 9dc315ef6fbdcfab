package calendar_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	_ "time/tzdata" // the zones of the tests, on any machine

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/govkpi/govkpi/internal/calendar"
	"github.com/govkpi/govkpi/internal/fact"
)

// china lists the public holidays and the make-up working days as the State
// Council announced them.
var china = []struct {
	name     string
	holidays [2]string // first and last
	workdays []string
}{
	{"元旦", [2]string{"2024-01-01", "2024-01-01"}, nil},
	{"春节", [2]string{"2024-02-10", "2024-02-17"}, []string{"2024-02-04", "2024-02-18"}},
	{"清明节", [2]string{"2024-04-04", "2024-04-06"}, []string{"2024-04-07"}},
	{"劳动节", [2]string{"2024-05-01", "2024-05-05"}, []string{"2024-04-28", "2024-05-11"}},
	{"端午节", [2]string{"2024-06-08", "2024-06-10"}, nil},
	{"中秋节", [2]string{"2024-09-15", "2024-09-17"}, []string{"2024-09-14"}},
	{"国庆节", [2]string{"2024-10-01", "2024-10-07"}, []string{"2024-09-29", "2024-10-12"}},
	{"元旦", [2]string{"2025-01-01", "2025-01-01"}, nil},
	{"春节", [2]string{"2025-01-28", "2025-02-04"}, []string{"2025-01-26", "2025-02-08"}},
	{"清明节", [2]string{"2025-04-04", "2025-04-06"}, nil},
	{"劳动节", [2]string{"2025-05-01", "2025-05-05"}, []string{"2025-04-27"}},
	{"端午节", [2]string{"2025-05-31", "2025-06-02"}, nil},
	{"国庆节、中秋节", [2]string{"2025-10-01", "2025-10-08"}, []string{"2025-09-28", "2025-10-11"}},
	{"元旦", [2]string{"2026-01-01", "2026-01-03"}, []string{"2026-01-04"}},
	{"春节", [2]string{"2026-02-15", "2026-02-23"}, []string{"2026-02-14", "2026-02-28"}},
	{"清明节", [2]string{"2026-04-04", "2026-04-06"}, nil},
	{"劳动节", [2]string{"2026-05-01", "2026-05-05"}, []string{"2026-05-09"}},
	{"端午节", [2]string{"2026-06-19", "2026-06-21"}, nil},
	{"中秋节", [2]string{"2026-09-25", "2026-09-27"}, nil},
	{"国庆节", [2]string{"2026-10-01", "2026-10-07"}, []string{"2026-09-20", "2026-10-10"}},
}

func chineseDays() []calendar.Day {
	var days []calendar.Day
	for _, h := range china {
		last := at(h.holidays[1], time.UTC)
		for d := at(h.holidays[0], time.UTC); !d.After(last); d = d.AddDate(0, 0, 1) {
			days = append(days, calendar.Day{Date: calendar.DateOf(d), Name: h.name})
		}
		for _, w := range h.workdays {
			days = append(days, calendar.Day{Date: calendar.DateOf(at(w, time.UTC)), Working: true, Name: h.name})
		}
	}
	return days
}

// chinese is the calendar of 2024 to 2026.
func chinese(t testing.TB, zone *time.Location) *calendar.Calendar {
	t.Helper()
	c, err := calendar.New(zone, chineseDays(), []int{2026, 2024, 2025})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	return location(t, "Asia/Shanghai")
}

// at reads a date, or a date and a time, in the zone.
func at(s string, zone *time.Location) time.Time {
	layout := "2006-01-02T15:04"[:len(s)]
	t, err := time.ParseInLocation(layout, s, zone)
	if err != nil {
		panic(err)
	}
	return t
}

func period(s string) fact.Period {
	p, err := fact.ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

func TestDue(t *testing.T) {
	zone := shanghai(t)
	c := chinese(t, zone)
	for name, test := range map[string]struct {
		period       string
		grace        int
		want         string
		weekendsOnly bool
	}{
		"a week without a holiday":                {"2025-06", 5, "2025-07-08", false},
		"a month before a make-up Sunday":         {"2025-12", 5, "2026-01-09", false},
		"no grace":                                {"2025-12", 0, "2026-01-01", false},
		"no grace, and the end is a holiday":      {"2025-09", 0, "2025-10-01", false},
		"one day after the long October holiday":  {"2025-09", 1, "2025-10-10", false},
		"the make-up Saturday counts":             {"2025-09", 3, "2025-10-12", false},
		"a day before the spring festival":        {"2024-02-08", 1, "2024-02-10", false},
		"a day in the spring festival":            {"2024-02-12", 1, "2024-02-19", false},
		"a make-up Sunday as a period":            {"2024-02-04", 1, "2024-02-06", false},
		"the day before the leap day":             {"2024-02-28", 1, "2024-03-01", false},
		"the leap day":                            {"2024-02-29", 1, "2024-03-02", false},
		"the month of the leap day":               {"2024-02", 3, "2024-03-06", false},
		"no leap day in 2025":                     {"2025-02-28", 1, "2025-03-04", false},
		"a week that a holiday follows":           {"2024-W39", 2, "2024-10-09", false},
		"a week across the year end":              {"2025-W01", 1, "2025-01-07", false},
		"a quarter":                               {"2025-Q3", 5, "2025-10-15", false},
		"a half-year":                             {"2026-H1", 10, "2026-07-15", false},
		"a year":                                  {"2024", 15, "2025-01-23", false},
		"a year, and the spring festival":         {"2024", 20, "2025-02-06", false},
		"a grace of a quarter":                    {"2024-12", 62, "2025-04-04", false},
		"a year of grace":                         {"2024", 248, "2026-01-01", false},
		"a year of grace and a day":               {"2024", 249, "2026-01-05", false},
		"the last day of the last known year":     {"2026-12-30", 1, "2027-01-01", false},
		"the first day of an unknown year":        {"2026-12", 1, "2027-01-02", true},
		"only the last counted day is unknown":    {"2026-11", 24, "2027-01-02", true},
		"one less, and all are known":             {"2026-11", 23, "2027-01-01", false},
		"no grace at the end of the known years":  {"2026", 0, "2027-01-01", false},
		"an unknown year after":                   {"2027-09", 5, "2027-10-08", true},
		"an unknown year before":                  {"2023-09", 5, "2023-10-07", true},
		"from an unknown year into a known one":   {"2023-12-28", 2, "2024-01-03", true},
		"the first period that is known for sure": {"2023-12", 5, "2024-01-09", false},
	} {
		t.Run(name, func(t *testing.T) {
			due, weekendsOnly := c.Due(period(test.period), test.grace)
			if want := at(test.want, zone); !due.Equal(want) || weekendsOnly != test.weekendsOnly {
				t.Errorf("%s with %d working days: %s, %t; want %s, %t", test.period, test.grace, due, weekendsOnly, want, test.weekendsOnly)
			}
		})
	}
}

// The day on which clocks change is a day like any other, though it has 23 or 25
// hours.
func TestDueWhereClocksChange(t *testing.T) {
	for _, test := range []struct{ zone, period, want string }{
		{"Europe/Berlin", "2025-03-29", "2025-04-01"}, // 30 March has 23 hours
		{"Europe/Berlin", "2025-10-25", "2025-10-28"}, // 26 October has 25
		{"America/New_York", "2025-03-08", "2025-03-11"},
		{"Australia/Lord_Howe", "2025-04-05", "2025-04-08"},
		{"Asia/Urumqi", "2025-03", "2025-04-02"},
		{"Pacific/Kiritimati", "2025-03", "2025-04-02"},
	} {
		zone := location(t, test.zone)
		c, err := calendar.New(zone, nil, []int{2025})
		if err != nil {
			t.Fatal(err)
		}
		due, weekendsOnly := c.Due(period(test.period), 1)
		if want := at(test.want, zone); !due.Equal(want) || weekendsOnly {
			t.Errorf("%s in %s: %s, %t; want %s", test.period, test.zone, due, weekendsOnly, want)
		}
		if due.Location() != zone {
			t.Errorf("%s in %s: the time is of the zone %s", test.period, test.zone, due.Location())
		}
	}
}

// TestDueCountsGrace counts the days again, one by one, for the end of every
// period of three known years and of those around them.
func TestDueCountsGrace(t *testing.T) {
	zone := shanghai(t)
	c := chinese(t, zone)
	last := period("2027-02-28")
	for p := period("2023-11-01"); p.Compare(last) <= 0; p = p.Next() {
		counted, unknown := 0, false
		end := p.End(zone)
		if due, _ := c.Due(p, 0); !due.Equal(end) {
			t.Fatalf("%s without grace: %s, want its end", p, due)
		}
		for grace := 1; grace <= 25; grace++ {
			for working := false; !working; end = end.AddDate(0, 0, 1) {
				working = c.Working(end)
				unknown = unknown || end.Year() < 2024 || end.Year() > 2026
			}
			counted++
			if due, weekendsOnly := c.Due(p, grace); !due.Equal(end) || weekendsOnly != unknown {
				t.Fatalf("%s with %d working days: %s, %t; want %s, %t", p, grace, due, weekendsOnly, end, unknown)
			}
			if n := c.WorkingDaysBetween(p.End(zone), end); n != counted {
				t.Fatalf("%s to %s: %d working days, want %d", p.End(zone), end, n, counted)
			}
		}
	}
}

func TestDueIsForAnyCadence(t *testing.T) {
	zone := shanghai(t)
	c := chinese(t, zone)
	rapid.Check(t, func(t *rapid.T) {
		cadence := rapid.SampledFrom([]fact.Cadence{fact.Daily, fact.Weekly, fact.Monthly, fact.Quarterly, fact.HalfYearly, fact.Yearly}).Draw(t, "cadence")
		day := time.Date(2022, 1, 1+rapid.IntRange(0, 6*366).Draw(t, "day"), 0, 0, 0, 0, zone)
		grace := rapid.IntRange(0, 400).Draw(t, "grace")
		p := fact.PeriodAt(day, cadence)
		due, _ := c.Due(p, grace)
		if n := c.WorkingDaysBetween(p.End(zone), due); n != grace {
			t.Fatalf("%s with %d working days is due at %s, %d later", p, grace, due, n)
		}
		if grace > 0 && !c.Working(due.Add(-time.Second)) {
			t.Fatalf("%s with %d working days is due at %s, which ends no working day", p, grace, due)
		}
		if next, _ := c.Due(p.Next(), grace); next.Before(due) {
			t.Fatalf("%s is due at %s, the period after it earlier, at %s", p, due, next)
		}
	})
}

func TestWorking(t *testing.T) {
	zone := shanghai(t)
	c := chinese(t, zone)
	for day, want := range map[string]bool{
		"2025-12-31": true, // Wednesday
		"2026-01-01": false,
		"2026-01-02": false, // a Friday, for Sunday the 4th
		"2026-01-03": false,
		"2026-01-04": true, // a Sunday
		"2026-01-05": true,
		"2026-02-14": true,  // a Saturday
		"2026-02-28": true,  // a Saturday
		"2024-02-29": true,  // the leap day, a Thursday
		"2025-10-08": false, // the eighth day of the holiday
		"2025-10-09": true,
		"2027-10-01": true,  // nobody has said so yet
		"2027-01-02": false, // a Saturday
		"1969-12-31": true,  // a Wednesday before the count of days begins
		"1969-12-28": false, // the Sunday before it
	} {
		if got := c.Working(at(day, zone)); got != want {
			t.Errorf("%s: %t, want %t", day, got, want)
		}
	}
	// 31 December, 17:00 in London is 1 January in Shanghai.
	if c.Working(time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC)) {
		t.Error("New Year in Shanghai is a working day where it is still the old year")
	}
	if n := workingDays(c, zone, 2025); n != 248 {
		t.Errorf("%d working days in 2025; the State Council counts 248", n)
	}
}

func workingDays(c *calendar.Calendar, zone *time.Location, year int) int {
	return c.WorkingDaysBetween(time.Date(year, 1, 1, 0, 0, 0, 0, zone), time.Date(year+1, 1, 1, 0, 0, 0, 0, zone))
}

func TestWorkingDaysBetween(t *testing.T) {
	zone := shanghai(t)
	c := chinese(t, zone)
	for name, test := range map[string]struct {
		from, to string
		want     int
	}{
		"nothing":                      {"2026-01-09T00:00", "2026-01-09T00:00", 0},
		"a part of a day":              {"2026-01-09T00:00", "2026-01-09T23:59", 0},
		"a day":                        {"2026-01-09T00:00", "2026-01-10T00:00", 1},
		"over a weekend":               {"2026-01-09T00:00", "2026-01-14T10:00", 3},
		"a day that has begun":         {"2026-01-09T00:01", "2026-01-14T10:00", 2},
		"over a holiday and a make-up": {"2026-02-13T00:00", "2026-03-01T00:00", 7},
		"backwards":                    {"2026-01-14T00:00", "2026-01-09T00:00", 0},
		"over a year end":              {"2025-12-31T00:00", "2026-01-06T00:00", 3},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.WorkingDaysBetween(at(test.from, zone), at(test.to, zone)); got != test.want {
				t.Errorf("%s to %s: %d, want %d", test.from, test.to, got, test.want)
			}
		})
	}
}

func TestYears(t *testing.T) {
	c := chinese(t, time.UTC)
	if diff := cmp.Diff([]int{2024, 2025, 2026}, c.Years()); diff != "" {
		t.Errorf("years (-want +got):\n%s", diff)
	}
	c.Years()[0] = 1999 // it is the caller's
	for year, want := range map[int]bool{1999: false, 2023: false, 2024: true, 2026: true, 2027: false} {
		if got := c.Known(year); got != want {
			t.Errorf("%d: %t, want %t", year, got, want)
		}
	}
}

func TestNoHolidays(t *testing.T) {
	c, err := calendar.New(time.UTC, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	due, weekendsOnly := c.Due(period("2025-12"), 5)
	if want := at("2026-01-08", time.UTC); !due.Equal(want) || !weekendsOnly {
		t.Errorf("%s, %t; want %s, and to be told that only weekends count", due, weekendsOnly, want)
	}
}

func TestNewRefuses(t *testing.T) {
	holiday := func(y int, m time.Month, d int) calendar.Day {
		return calendar.Day{Date: calendar.Date{Year: y, Month: m, Day: d}, Name: "元旦"}
	}
	makeUp := holiday(2026, 1, 1)
	makeUp.Working = true
	for name, test := range map[string]struct {
		zone  *time.Location
		days  []calendar.Day
		years []int
		want  []string
	}{
		"no zone":                    {nil, nil, nil, []string{"needs the zone"}},
		"a date twice":               {time.UTC, []calendar.Day{holiday(2026, 1, 1), holiday(2026, 1, 1)}, []int{2026}, []string{"2026-01-01 stands twice"}},
		"a date as both":             {time.UTC, []calendar.Day{holiday(2026, 1, 1), makeUp}, []int{2026}, []string{"stands twice: holiday (元旦) and working day (元旦)"}},
		"a weekend twice":            {time.UTC, []calendar.Day{holiday(2026, 1, 3), holiday(2026, 1, 3)}, []int{2026}, []string{"2026-01-03 stands twice"}},
		"a date outside the years":   {time.UTC, []calendar.Day{holiday(2027, 1, 1)}, []int{2025, 2026}, []string{"2027-01-01 (元旦) lies in none of the years [2025 2026]"}},
		"31 June":                    {time.UTC, []calendar.Day{holiday(2026, 6, 31)}, []int{2026}, []string{"2026-06-31 (元旦) is no date"}},
		"a leap day in no leap year": {time.UTC, []calendar.Day{holiday(2026, 2, 29)}, []int{2026}, []string{"2026-02-29 (元旦) is no date"}},
		"a year twice":               {time.UTC, nil, []int{2026, 2025, 2026}, []string{"year 2026 is given twice"}},
		"all at once":                {time.UTC, []calendar.Day{holiday(2027, 1, 1), holiday(2026, 6, 31)}, []int{2026}, []string{"2027-01-01", "2026-06-31"}},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := calendar.New(test.zone, test.days, test.years)
			if err == nil {
				t.Fatalf("no error, but a calendar of %v", c.Years())
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q; want it to say %q", err, want)
				}
			}
		})
	}
}

func TestConcurrently(t *testing.T) {
	c := chinese(t, time.UTC)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for p := period("2023"); p != period("2028"); p = p.Next() {
				c.Due(p, 30)
				c.Known(2025)
				c.Working(p.Start(time.UTC))
			}
		})
	}
	group.Wait()
}
