package fact_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

func TestReservedWords(t *testing.T) {
	for name, list := range map[string]struct {
		words []string
		form  string
	}{
		"indicators": {fact.ReservedIndicators(), `^[a-z]+(_[a-z]+)*$`},
		"suffixes":   {fact.ReservedSuffixes(), `^_[a-z]+$`},
		"dimensions": {fact.ReservedDimensions(), `^[a-z]+$`},
	} {
		t.Run(name, func(t *testing.T) {
			if !slices.IsSorted(list.words) || len(slices.Compact(slices.Clone(list.words))) != len(list.words) {
				t.Errorf("%q are not sorted, or one stands twice", list.words)
			}
			for _, word := range list.words {
				if !regexp.MustCompile(list.form).MatchString(word) {
					t.Errorf("%q can be no such word", word)
				}
			}
		})
	}
}

// The names of regions stand under the name of their level.
func TestLevelsAreReservedDimensions(t *testing.T) {
	for level := fact.Province; level <= fact.Grid; level++ {
		if !slices.Contains(fact.ReservedDimensions(), level.String()) {
			t.Errorf("a dimension could be called %s", level)
		}
	}
}
