package sqlquery

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestCivilDate(t *testing.T) {
	zone := time.FixedZone("site", 8*3600)
	tests := map[string]string{
		"":                                    "",
		"2025-12-31":                          "2025-12-31",
		"2025-12-31 23:59:59":                 "2025-12-31",
		"2025-12-31T23:59:59.999":             "2025-12-31",
		"2025-12-31 15:59:59Z":                "2025-12-31",
		"2025-12-31T16:00:00Z":                "2026-01-01",
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
		if got := civilDate(written, zone); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}

func TestValueOf(t *testing.T) {
	tests := map[string]struct {
		cell cell
		want string // the value's text, with a # before a number
		bad  bool
	}{
		"null":                 {cell: cell{}, want: ""},
		"integer":              {cell: cell{[]byte("-12"), number}, want: "#-12"},
		"largest exact":        {cell: cell{[]byte("9007199254740992"), number}, want: "#9007199254740992"},
		"smallest exact":       {cell: cell{[]byte("-9007199254740992"), number}, want: "#-9007199254740992"},
		"no longer exact":      {cell: cell{[]byte("9007199254740993"), number}, want: "9007199254740993"},
		"20 digits":            {cell: cell{[]byte("18446744073709551615"), number}, want: "18446744073709551615"},
		"float":                {cell: cell{[]byte("1.5e3"), number}, want: "#1500"},
		"large float":          {cell: cell{[]byte("1e+300"), number}, want: "#1" + strings.Repeat("0", 300)},
		"not a number":         {cell: cell{[]byte("NaN"), number}, want: "#NaN"},
		"infinite":             {cell: cell{[]byte("-Infinity"), number}, want: "#-Inf"},
		"no digits":            {cell: cell{[]byte("-"), number}, want: "-"},
		"decimal":              {cell: cell{[]byte("1.50"), text}, want: "1.50"},
		"text":                 {cell: cell{[]byte("约三百"), text}, want: "约三百"},
		"text of no UTF-8":     {cell: cell{[]byte("\xd3\xe0"), text}, want: "\uFFFD"},
		"boolean is no figure": {cell: cell{[]byte("true"), boolean}, bad: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, ok := valueOf(test.cell, &arena{})
			got := v.String()
			if _, isNumber := v.Number(); isNumber {
				got = "#" + got
			}
			if ok == test.bad || got != test.want {
				t.Errorf("got %q, %t; want %q, %t", got, ok, test.want, !test.bad)
			}
		})
	}
}

func TestArenaKeepsWhatItWasGiven(t *testing.T) {
	var (
		a       arena
		kept    []string
		scratch []byte
	)
	for i := range 20_000 {
		scratch = fmt.Appendf(scratch[:0], "%d", i)
		kept = append(kept, a.keep(scratch))
	}
	scratch = append(scratch[:0], strings.Repeat("x", 2*chunkSize)...)
	long := a.keep(scratch)
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
	var m memo[string]
	built := 0
	build := func(key []byte) string { built++; return string(key) }
	for _, key := range []string{"", "", "a", "b", "a", ""} {
		if got := m.get([]byte(key), build); got != key {
			t.Errorf("got %q for %q", got, key)
		}
	}
	if built != 3 {
		t.Errorf("built %d values for three keys", built)
	}
	for i := range 3 * memoSize {
		m.get(fmt.Append(nil, i), build)
		if len(m.known) > memoSize {
			t.Fatalf("holds %d", len(m.known))
		}
	}
}

func FuzzCells(f *testing.F) {
	f.Add([]byte("a"), []byte("bc"), true)
	f.Add([]byte{}, []byte{0, 1}, false)
	f.Fuzz(func(t *testing.T, a, b []byte, isNull bool) {
		second := cell{b, text}
		if isNull {
			second = cell{}
		}
		key := appendCell(appendCell(nil, cell{a, text}), second)
		one, rest := cutCell(key)
		two, rest := cutCell(rest)
		if !bytes.Equal(one, a) || !bytes.Equal(two, second.bytes) || len(rest) > 0 {
			t.Errorf("%q and %q came back as %q and %q", a, second.bytes, one, two)
		}
	})
}
