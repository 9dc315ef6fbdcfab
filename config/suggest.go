package config

import (
	"fmt"
	"maps"
	"slices"
)

// nearest returns the word that s seems to mean, or nothing.
func nearest(s string, words func(func(string) bool)) string {
	best, within := "", min(len([]rune(s))/2+1, 3)
	for _, word := range slices.Sorted(words) {
		if d := distance(s, word); d < within {
			best, within = word, d
		}
	}
	return best
}

// meant is the end of a message about an unknown name.
func meant[V any](s string, known map[string]V) string {
	if best := nearest(s, maps.Keys(known)); best != "" {
		return didYouMean(best)
	}
	return ""
}

func didYouMean(word string) string { return fmt.Sprintf("; did you mean %q?", word) }

// distance counts the characters to insert, delete or replace to make b of a
// (Levenshtein).
func distance(a, b string) int {
	source, target := []rune(a), []rune(b)
	row := make([]int, len(target)+1)
	for j := range row {
		row[j] = j
	}
	for i, c := range source {
		diagonal := row[0]
		row[0] = i + 1
		for j, want := range target {
			cost := diagonal
			if c != want {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(target)]
}
