package collectors

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestArenaKeepsWhatItWasGiven(t *testing.T) {
	var (
		a       Arena
		kept    []string
		scratch []byte
	)
	for i := range 20_000 {
		scratch = fmt.Appendf(scratch[:0], "%d", i)
		kept = append(kept, a.Keep(scratch))
	}
	scratch = append(scratch[:0], strings.Repeat("x", 2*chunkSize)...)
	long := a.Keep(scratch)
	clear(scratch)
	for i, s := range kept {
		if want := fmt.Sprint(i); s != want {
			t.Fatalf("kept %q, want %q", s, want)
		}
	}
	if long != strings.Repeat("x", 2*chunkSize) {
		t.Error("a text longer than a chunk has changed")
	}
}

func TestMemoHoldsNoMoreThanItMay(t *testing.T) {
	var m Memo[string]
	built := 0
	build := func(key []byte) string { built++; return string(key) }
	for _, key := range []string{"", "", "a", "b", "a", ""} {
		if got := m.Get([]byte(key), build); got != key {
			t.Errorf("got %q for %q", got, key)
		}
	}
	if built != 3 {
		t.Errorf("built %d values for three keys", built)
	}
	for i := range 3 * memoSize {
		m.Get(fmt.Append(nil, i), build)
		if len(m.known) > memoSize {
			t.Fatalf("holds %d", len(m.known))
		}
	}
}

func TestCivilDate(t *testing.T) {
	zone := time.FixedZone("site", 8*3600)
	tests := map[string]string{
		"":                                    "",
		"2025-12-31":                          "2025-12-31",
		"2025-12-31 23:59:59":                 "2025-12-31",
		"2025-12-31T23:59:59.999":             "2025-12-31",
		"2025-12-31 15:59:59Z":                "2025-12-31",
		"2025-12-31T16:00:00Z":                "2026-01-01",
		"2025-12-31T16:00Z":                   "2026-01-01",
		"2025-12-31 23:59+08:00":              "2025-12-31",
		"2025-12-31 16:00:00.000001+00":       "2026-01-01",
		"2025-12-31 23:59:59+08":              "2025-12-31",
		"2025-12-31 23:59:59+0800":            "2025-12-31",
		"2025-12-31 23:59:59+08:00":           "2025-12-31",
		"2025-12-31 21:30:00-05:30":           "2026-01-01",
		"1900-01-01 00:00:00+08:05:43":        "1899-12-31",
		"2025-12-31 25:00:00+08":              "2025-12-31 25:00:00+08",
		"2025-12-31 23:59:59+8":               "2025-12-31 23:59:59+8",
		"0000-00-00 00:00:00+08:00":           "0000-00-00 00:00:00+08:00",
		"infinity":                            "infinity",
		"31 December 2025":                    "31 December 2025",
		"2025-12-31x23:59:59":                 "2025-12-31x23:59:59",
		"2025年12月31日 23:59:59":                "2025年12月31日 23:59:59",
		"2025-12-31 +":                        "2025-12-31 +",
		"0044-03-15 12:00:00 BC":              "0044-03-15",
		"2025-12-31 00:00:00 +0000 UTC m=+1.": "2025-12-31 00:00:00 +0000 UTC m=+1.",
	}
	for written, want := range tests {
		if got := CivilDate(written, zone); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}
