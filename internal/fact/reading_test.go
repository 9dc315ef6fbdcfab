package fact_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
)

func TestValue(t *testing.T) {
	cases := map[string]struct {
		value    fact.Value
		absent   bool
		number   float64
		isNumber bool
		text     string
	}{
		"zero value":   {fact.Value{}, true, 0, false, ""},
		"number":       {fact.NumberValue(12.5), false, 12.5, true, "12.5"},
		"zero":         {fact.NumberValue(0), false, 0, true, "0"},
		"large number": {fact.NumberValue(1e15), false, 1e15, true, "1000000000000000"},
		"infinity":     {fact.NumberValue(math.Inf(-1)), false, math.Inf(-1), true, "-Inf"},
		"text":         {fact.TextValue("1,234"), false, 0, false, "1,234"},
		"empty text":   {fact.TextValue(""), false, 0, false, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			number, isNumber := tc.value.Number()
			if tc.value.IsAbsent() != tc.absent || number != tc.number || isNumber != tc.isNumber || tc.value.String() != tc.text {
				t.Errorf("absent %v, number %v %v, text %q", tc.value.IsAbsent(), number, isNumber, tc.value)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	cases := map[string]fact.Place{
		"":                        {},
		"row 17":                  {Row: 17},
		"row 17, column value":    {Row: 17, Field: "value"},
		"12月, row 17, column 网格数": {Part: "12月", Row: 17, Field: "网格数"},
		"page 3":                  {Part: "page 3"},
	}
	for want, place := range cases {
		if got := place.String(); got != want {
			t.Errorf("%+v is written %q, want %q", place, got, want)
		}
	}
}

func TestDimensions(t *testing.T) {
	cases := map[string]struct {
		pairs []fact.Pair
		want  fact.Dimensions
	}{
		"none":           {nil, ""},
		"one":            {[]fact.Pair{{"sex", "female"}}, "sex=female"},
		"sorted by name": {[]fact.Pair{{"sex", "female"}, {"age", "old"}}, "age=old,sex=female"},
		"empty value":    {[]fact.Pair{{"sex", ""}}, "sex="},
		"escaped":        {[]fact.Pair{{"a,b", `c=d\e`}}, `a\,b=c\=d\\e`},
		"Chinese":        {[]fact.Pair{{"性别", "女"}}, "性别=女"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			given := append([]fact.Pair(nil), tc.pairs...)
			got := fact.MakeDimensions(tc.pairs...)
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if diff := cmp.Diff(given, tc.pairs); diff != "" {
				t.Errorf("the caller's pairs changed (-before +after):\n%s", diff)
			}
			if again := fact.MakeDimensions(got.Pairs()...); again != got {
				t.Errorf("the pairs of %s make %s", got, again)
			}
		})
	}
}

func FuzzDimensions(f *testing.F) {
	f.Add("sex", "female", "age", "old")
	f.Add("a", `\`, "b", `,=`)
	f.Add("", "", "x", "")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		if name1 == name2 {
			name2 += "2"
		}
		want := []fact.Pair{{name1, value1}, {name2, value2}}
		if strings.Compare(name1, name2) > 0 {
			want[0], want[1] = want[1], want[0]
		}
		d := fact.MakeDimensions(want[1], want[0])
		if diff := cmp.Diff(want, d.Pairs()); diff != "" {
			t.Errorf("pairs of %q (-want +got):\n%s", d, diff)
		}
	})
}
