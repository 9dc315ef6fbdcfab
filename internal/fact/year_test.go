package fact_test

import (
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

func TestPrecedes(t *testing.T) {
	for _, test := range []struct {
		p, q string
		want bool
	}{
		{"2025-11", "2025-12", true},
		{"2025-12", "2025-12", false},
		{"2025-12", "2025-11", false},
		{"2025-W18", "2025-05", false}, // 28 April to 4 May
		{"2025-W17", "2025-05", true},
		{"2025-Q1", "2025-04", true},
		{"2025-Q2", "2025-04", false},
	} {
		if got := parsed(t, test.p).Precedes(parsed(t, test.q)); got != test.want {
			t.Errorf("%s precedes %s: %v", test.p, test.q, got)
		}
	}
	if p := parsed(t, "2025"); p.Precedes(fact.Period{}) || (fact.Period{}).Precedes(p) {
		t.Error("no period precedes one, or one it")
	}
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		of      string
		cadence fact.Cadence
		count   int
		ends    string // the first and the last
	}{
		{"2025", fact.Monthly, 12, "2025-01 2025-12"},
		{"2025", fact.Yearly, 1, "2025 2025"},
		{"2025-H2", fact.Quarterly, 2, "2025-Q3 2025-Q4"},
		{"2025", fact.Weekly, 51, "2025-W02 2025-W52"},
		{"2024-02", fact.Daily, 29, "2024-02-01 2024-02-29"},
		{"2025-02", fact.Quarterly, 0, ""},
	} {
		got := parsed(t, test.of).Split(test.cadence)
		ends := ""
		if len(got) > 0 {
			ends = got[0].String() + " " + got[len(got)-1].String()
		}
		if len(got) != test.count || ends != test.ends {
			t.Errorf("%s has %d periods of a %s, %s; want %d, %s", test.of, len(got), test.cadence, ends, test.count, test.ends)
		}
	}
}

func TestYearBefore(t *testing.T) {
	for of, want := range map[string]string{
		"2025-12": "2024-12", "2025-Q4": "2024-Q4", "2025-H1": "2024-H1", "2025": "2024", "2025-W01": "2024-W01", "2026-W53": "",
		"2025-12-31": "2024-12-31", "2024-02-29": "",
	} {
		got := ""
		if before, ok := parsed(t, of).YearBefore(); ok {
			got = before.String()
		}
		if got != want {
			t.Errorf("a year before %s is %q, want %q", of, got, want)
		}
	}
}

func TestCompared(t *testing.T) {
	for of, want := range map[string]string{ // where it counts from 1 January
		"2025-02": "2025-01", "2025-01": "", "2025-Q1": "", "2025": "2024",
		"2025-W01": "", "2025-W02": "", "2025-W03": "2025-W02", // 2025-W01 is of two years
	} {
		p := parsed(t, of)
		got := ""
		if before, compares := p.Compared(true); compares {
			got = before.String()
		}
		if got != want {
			t.Errorf("%s is compared with %q, want %q", of, got, want)
		}
		if before, compares := p.Compared(false); !compares || before != p.Previous() {
			t.Errorf("%s of a stock is compared with %q, %v", of, before, compares)
		}
	}
}

func TestFirstExpected(t *testing.T) {
	for name, test := range map[string]struct {
		from, since string
		cadence     fact.Cadence
		want        string
	}{
		"of its own length":             {"2025-03", "2026-01-05", fact.Monthly, "2025-03"},
		"a year, of months":             {"2025", "", fact.Monthly, "2025-01"},
		"a month within a quarter":      {"2025-02", "", fact.Quarterly, "2025-Q2"},
		"a month that begins a quarter": {"2025-04", "", fact.Quarterly, "2025-Q2"},
		"the ledger's beginning":        {"", "2026-01-05", fact.Monthly, "2026-01"},
		"neither":                       {"", "", fact.Monthly, ""},
	} {
		t.Run(name, func(t *testing.T) {
			indicator := fact.Indicator{Cadence: test.cadence}
			var since time.Time
			if test.from != "" {
				indicator.ExpectedFrom = parsed(t, test.from)
			}
			if test.since != "" {
				since = parsed(t, test.since).Start(shanghai())
			}
			if got := indicator.FirstExpected(since).String(); got != test.want {
				t.Errorf("first expected is %q, want %q", got, test.want)
			}
		})
	}
}

func TestSources(t *testing.T) {
	ratio := fact.Indicator{ID: "share", Kind: fact.RatioKind, Numerator: "a", Denominator: "b"}
	if got := strings.Join(ratio.Sources(), " "); got != "a b" {
		t.Errorf("a ratio is made of %s", got)
	}
	stock := fact.Indicator{ID: "a", Kind: fact.Stock}
	if got := strings.Join(stock.Sources(), " "); got != "a" {
		t.Errorf("a stock is made of %s", got)
	}
}
