package fact_test

import (
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

func shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

func parsed(t *testing.T, s string) fact.Period {
	t.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParsePeriod(t *testing.T) {
	cases := map[string]struct {
		cadence    fact.Cadence
		start, end string
	}{
		"2025":       {fact.Yearly, "2025-01-01", "2026-01-01"},
		"1900":       {fact.Yearly, "1900-01-01", "1901-01-01"},
		"2999":       {fact.Yearly, "2999-01-01", "3000-01-01"},
		"2025-H1":    {fact.HalfYearly, "2025-01-01", "2025-07-01"},
		"2025-H2":    {fact.HalfYearly, "2025-07-01", "2026-01-01"},
		"2025-Q1":    {fact.Quarterly, "2025-01-01", "2025-04-01"},
		"2025-Q4":    {fact.Quarterly, "2025-10-01", "2026-01-01"},
		"2025-01":    {fact.Monthly, "2025-01-01", "2025-02-01"},
		"2024-02":    {fact.Monthly, "2024-02-01", "2024-03-01"},
		"2025-12":    {fact.Monthly, "2025-12-01", "2026-01-01"},
		"2025-W01":   {fact.Weekly, "2024-12-30", "2025-01-06"},
		"2025-W52":   {fact.Weekly, "2025-12-22", "2025-12-29"},
		"2020-W53":   {fact.Weekly, "2020-12-28", "2021-01-04"}, // a leap year that begins on a Wednesday
		"2026-W53":   {fact.Weekly, "2026-12-28", "2027-01-04"}, // a year that begins on a Thursday
		"2025-12-31": {fact.Daily, "2025-12-31", "2026-01-01"},
		"2024-02-29": {fact.Daily, "2024-02-29", "2024-03-01"},
		"2000-02-29": {fact.Daily, "2000-02-29", "2000-03-01"},
	}
	for text, tc := range cases {
		t.Run(text, func(t *testing.T) {
			p := parsed(t, text)
			if p.Cadence() != tc.cadence || p.IsZero() {
				t.Errorf("cadence %s, zero %v; want %s", p.Cadence(), p.IsZero(), tc.cadence)
			}
			if got := p.String(); got != text {
				t.Errorf("String() = %s", got)
			}
			if got := p.Start(shanghai()).Format(time.RFC3339); got != tc.start+"T00:00:00+08:00" {
				t.Errorf("starts at %s, want %s", got, tc.start)
			}
			if got := p.End(shanghai()).Format(time.RFC3339); got != tc.end+"T00:00:00+08:00" {
				t.Errorf("ends at %s, want %s", got, tc.end)
			}
		})
	}
}

func TestParsePeriodRefuses(t *testing.T) {
	for _, text := range []string{
		"", "0", "202", "20255", "1899", "3000", "0000", "-2025", "+2025", "２０２５",
		" 2025", "2025 ", "2025-", "2025/12", "202512", "2025.12", "2025-12-", "2025-1", "2025-001",
		"2025-00", "2025-13", "2025-H0", "2025-H3", "2025-h1", "2025-Q0", "2025-Q5", "2025-q1", "2025Q1", "2025-H", "2025-QQ",
		"2025-W00", "2025-W53", "2021-W53", "2026-W54", "2025-W1", "2025-w01", "2025-WW1",
		"2025-12-00", "2025-12-32", "2025-06-31", "2025-02-29", "1900-02-29", "2025-00-01", "2025-13-01",
		"2025-1-1", "2025-12-3", "2025-12/31", "2025-12-31T00:00:00", "31-12-2025", "2025年", "2025-+1", "2025- 1",
	} {
		t.Run(text, func(t *testing.T) {
			if p, err := fact.ParsePeriod(text); err == nil || !p.IsZero() {
				t.Errorf("ParsePeriod(%q) = %s, %v; want an error and no period", text, p, err)
			}
		})
	}
}

func TestPeriodAt(t *testing.T) {
	cases := map[string]struct {
		at   time.Time
		want [fact.Yearly + 1]string
	}{
		"an ordinary day":         {time.Date(2025, 8, 20, 13, 0, 0, 0, shanghai()), [...]string{"", "2025-08-20", "2025-W34", "2025-08", "2025-Q3", "2025-H2", "2025"}},
		"the year's first moment": {time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai()), [...]string{"", "2026-01-01", "2026-W01", "2026-01", "2026-Q1", "2026-H1", "2026"}},
		"the year's last moment":  {time.Date(2025, 12, 31, 23, 59, 59, 999999999, shanghai()), [...]string{"", "2025-12-31", "2026-W01", "2025-12", "2025-Q4", "2025-H2", "2025"}},
		"a Sunday":                {time.Date(2027, 1, 3, 12, 0, 0, 0, shanghai()), [...]string{"", "2027-01-03", "2026-W53", "2027-01", "2027-Q1", "2027-H1", "2027"}},
		"a Monday":                {time.Date(2027, 1, 4, 0, 0, 0, 0, shanghai()), [...]string{"", "2027-01-04", "2027-W01", "2027-01", "2027-Q1", "2027-H1", "2027"}},
		"a leap day":              {time.Date(2024, 2, 29, 12, 0, 0, 0, shanghai()), [...]string{"", "2024-02-29", "2024-W09", "2024-02", "2024-Q1", "2024-H1", "2024"}},
		"in the location of t":    {time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC), [...]string{"", "2025-12-31", "2026-W01", "2025-12", "2025-Q4", "2025-H2", "2025"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for c := fact.Daily; c <= fact.Yearly; c++ {
				p := fact.PeriodAt(tc.at, c)
				if p.String() != tc.want[c] {
					t.Errorf("the %s at %s is %s, want %s", c, tc.at, p, tc.want[c])
				}
				if tc.at.Before(p.Start(tc.at.Location())) || !tc.at.Before(p.End(tc.at.Location())) {
					t.Errorf("%s does not lie in its %s %s", tc.at, c, p)
				}
			}
		})
	}
}

func TestLastEnded(t *testing.T) {
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, shanghai())
	cases := map[string]struct {
		at   time.Time
		want string
	}{
		"at the end":            {end, "2025-12"},
		"just before":           {end.Add(-1), "2025-11"},
		"the end in UTC's view": {end.UTC(), "2025-11"},
	}
	for name, tc := range cases {
		if got := fact.LastEnded(tc.at, fact.Monthly); got.String() != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestPeriodAdd(t *testing.T) {
	cases := []struct {
		from string
		n    int
		want string
	}{
		{"2025", 1, "2026"},
		{"2025", -100, "1925"},
		{"2025-H2", 1, "2026-H1"},
		{"2025-H1", -1, "2024-H2"},
		{"2025-Q4", 1, "2026-Q1"},
		{"2025-Q1", -5, "2023-Q4"},
		{"2025-12", 1, "2026-01"},
		{"2025-01", -1, "2024-12"},
		{"2025-03", 24, "2027-03"},
		{"2025-W52", 1, "2026-W01"},
		{"2026-W52", 1, "2026-W53"},
		{"2027-W01", -1, "2026-W53"},
		{"2024-02-28", 1, "2024-02-29"},
		{"2025-02-28", 1, "2025-03-01"},
		{"2025-01-01", -1, "2024-12-31"},
		{"2025-06", 0, "2025-06"},
	}
	for _, tc := range cases {
		if got := parsed(t, tc.from).Add(tc.n).String(); got != tc.want {
			t.Errorf("%s and %d is %s, want %s", tc.from, tc.n, got, tc.want)
		}
	}
}

func TestPeriodOrder(t *testing.T) {
	ordered := []string{
		"2024-W52", "2025-W01", "2024-12-31", "2025-01-01", "2025-01", "2025-Q1", "2025-H1", "2025", "2025-W02", "2025-02-01", "2025-02", "2025-Q2", "2025-12",
	}
	var periods []fact.Period
	for _, text := range ordered {
		periods = append(periods, parsed(t, text))
	}
	for i, p := range periods {
		for j, q := range periods {
			want := i - j
			if got := p.Compare(q); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
				t.Errorf("%s compared to %s is %d", p, q, got)
			}
			if (p.Number() < q.Number()) != (want < 0) || (p == q) != (want == 0) {
				t.Errorf("the numbers of %s and %s are %d and %d", p, q, p.Number(), q.Number())
			}
		}
	}
}

func TestPeriodContains(t *testing.T) {
	cases := []struct {
		outer, inner string
		want         bool
	}{
		{"2025", "2025", true},
		{"2025", "2025-H2", true},
		{"2025", "2025-01-01", true},
		{"2025", "2025-12-31", true},
		{"2025", "2024-12-31", false},
		{"2025", "2026-01", false},
		{"2025", "2025-W01", false}, // begins in 2024
		{"2026", "2026-W53", false}, // ends in 2027
		{"2025-Q4", "2025-12", true},
		{"2025-Q4", "2025", false},
		{"2025-12", "2025-W52", true},
		{"2025-W52", "2025-12-28", true},
		{"2025-W52", "2025-12-29", false},
	}
	for _, tc := range cases {
		if got := parsed(t, tc.outer).Contains(parsed(t, tc.inner)); got != tc.want {
			t.Errorf("%s contains %s: %v", tc.outer, tc.inner, got)
		}
	}
}

// Ledgers hold these numbers.
func TestPeriodNumberIsStable(t *testing.T) {
	cases := map[string]int32{
		"1970-01-01": 1, "1970-01": 3, "1970": 6, "1969-12-31": -7, "2025-12": 163387, "2025-W01": 160698, "2025": 160718, "2025-Q4": 162900, "2025-H1": 160717,
	}
	for text, want := range cases {
		if got := parsed(t, text).Number(); got != want {
			t.Errorf("the number of %s is %d, want %d", text, got, want)
		}
	}
}

func TestPeriodFromNumber(t *testing.T) {
	for c := fact.Daily; c <= fact.Yearly; c++ {
		first := fact.PeriodAt(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), c)
		for p := first; p.Start(time.UTC).Year() < 2101; p = p.Next() {
			if got, ok := fact.PeriodFromNumber(p.Number()); !ok || got != p {
				t.Fatalf("the number of %s gives back %s, %v", p, got, ok)
			}
		}
	}
	for name, number := range map[string]int32{
		"no cadence": 160718 - 6, "unknown cadence": 160718 + 1, "a month from its second day": 163387 + 8, "a week from a Tuesday": 160698 + 8,
	} {
		if p, ok := fact.PeriodFromNumber(number); ok {
			t.Errorf("%s: %d is taken for %s", name, number, p)
		}
	}
}

func TestNoPeriod(t *testing.T) {
	var none fact.Period
	if !none.IsZero() || none.String() != "" {
		t.Errorf("the zero period: zero %v, %q", none.IsZero(), none.String())
	}
	if _, ok := fact.PeriodFromNumber(none.Number()); ok {
		t.Error("the number of no period gives a period")
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range []string{
		"2025", "2025-H2", "2025-Q4", "2025-12", "2025-W52", "2026-W53", "2025-W53", "2025-12-31", "2024-02-29", "2025-02-29", "1900-W01", "2999-12-31", "2025-1", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := fact.ParsePeriod(text)
		if err != nil {
			if !p.IsZero() {
				t.Fatalf("ParsePeriod(%q) = %s with error %v", text, p, err)
			}
			return
		}
		if p.String() != text {
			t.Errorf("ParsePeriod(%q) is written %s", text, p)
		}
		if again, ok := fact.PeriodFromNumber(p.Number()); !ok || again != p {
			t.Errorf("the number of %s gives back %s, %v", p, again, ok)
		}
		if p.Next().Previous() != p || p.Compare(p.Next()) >= 0 || !p.Contains(p) || p.Contains(p.Next()) {
			t.Errorf("%s is followed by %s, which follows %s", p, p.Next(), p.Next().Previous())
		}
		if !p.End(shanghai()).Equal(p.Next().Start(shanghai())) {
			t.Errorf("%s ends at %s and the next starts at %s", p, p.End(shanghai()), p.Next().Start(shanghai()))
		}
		if got := fact.PeriodAt(p.Start(shanghai()), p.Cadence()); got != p {
			t.Errorf("%s starts in %s", p, got)
		}
		if got := fact.LastEnded(p.End(shanghai()), p.Cadence()); got != p {
			t.Errorf("at the end of %s the last ended is %s", p, got)
		}
	})
}
