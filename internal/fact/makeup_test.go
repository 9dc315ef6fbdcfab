package fact_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

func TestJoined(t *testing.T) {
	since := parsed(t, "2024-05")
	for name, test := range map[string]struct {
		change fact.RegionChange
		want   string
	}{
		"a renaming":              {fact.RegionChange{OldCode: "1", Kind: fact.Renamed, Effective: since}, " "},
		"a merger":                {fact.RegionChange{OldCode: "1", Kind: fact.Merged, Effective: since}, "1 2024-05"},
		"under a code of its own": {fact.RegionChange{Kind: fact.Merged, Effective: since}, "0 2024-05"},
		"without a date":          {fact.RegionChange{OldCode: "1", Kind: fact.Merged}, "1 "},
		"no change":               {fact.RegionChange{}, " "},
	} {
		part, merger := test.change.Joined("0")
		if got := part + " " + merger.String(); got != test.want {
			t.Errorf("%s: joined as %q, want %q", name, got, test.want)
		}
	}
}

// The sum of a period from before a merger is whole with all that make up the
// region today.
func TestWhole(t *testing.T) {
	for name, test := range map[string]struct {
		series []string // part, merger and oldest period; the region itself is -
		has    string   // who has the period
		period string
		want   bool
	}{
		"nothing merged":                 {[]string{"- - 2024-01"}, "-", "2024-04", true},
		"before, both":                   {[]string{"- - 2024-01", "a 2024-05 2024-01"}, "- a", "2024-04", true},
		"before, not the part":           {[]string{"- - 2024-01", "a 2024-05 2024-01"}, "-", "2024-04", false},
		"before, not itself":             {[]string{"- - 2024-01", "a 2024-05 2024-01"}, "a", "2024-04", false},
		"from the merger on":             {[]string{"- - 2024-01", "a 2024-05 2024-01"}, "-", "2024-05", true},
		"a merger without a date":        {[]string{"- - 2024-01", "a - 2024-01"}, "-", "2024-04", true},
		"a part alone":                   {[]string{"a 2024-05 2024-01"}, "a", "2024-04", true},
		"founded by two":                 {[]string{"- - 2024-05", "a 2024-05 2024-01", "b 2024-05 2024-01"}, "a b", "2024-04", true},
		"founded by two, one is missing": {[]string{"- - 2024-05", "a 2024-05 2024-01", "b 2024-05 2024-01"}, "a", "2024-04", false},
		"not founded: it was there":      {[]string{"- - 2024-06", "- - 2024-03", "a 2024-05 2024-01", "b 2024-05 2024-01"}, "a b", "2024-04", false},
		"not founded: nobody knows":      {[]string{"- - 2024-06", "- - -", "a 2024-05 2024-01", "b 2024-05 2024-01"}, "a b", "2024-04", false},
		"unknown stays unknown":          {[]string{"- - -", "- - 2024-06", "a 2024-05 2024-01", "b 2024-05 2024-01"}, "a b", "2024-04", false},
	} {
		t.Run(name, func(t *testing.T) {
			var m fact.Makeup
			at := func(s string) (p fact.Period) {
				if s != "-" {
					p = parsed(t, s)
				}
				return p
			}
			parts := 0
			for _, s := range test.series {
				words := strings.Fields(s)
				part := strings.Trim(words[0], "-")
				if part != "" {
					parts++
				}
				m.Add(part, at(words[1]), at(words[2]))
			}
			has := strings.Fields(test.has)
			got := m.Whole(at(test.period), func(part string) bool {
				if part == "" {
					part = "-"
				}
				return slices.Contains(has, part)
			})
			if got != test.want {
				t.Errorf("whole: %v", got)
			}
			if m.HasParts() != (parts > 0) {
				t.Errorf("has parts: %v", m.HasParts())
			}
		})
	}
}
