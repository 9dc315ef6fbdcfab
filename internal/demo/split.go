package demo

import (
	"cmp"
	"slices"
)

// split divides a total in proportion to the weights by the method of the
// largest remainder: every part is its exact share rounded down or up, and the
// parts add up to the total. Of equal remainders the earlier is rounded up. All
// parts are 0 where all weights are.
func split(total int, weights []int) []int {
	parts := make([]int, len(weights))
	sum := 0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		return parts
	}
	left := total
	order := make([]int, len(weights))
	for i, w := range weights {
		parts[i] = total * w / sum
		left -= parts[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(total*weights[b]%sum, total*weights[a]%sum)
	})
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}

func sumOf(parts []int) int {
	sum := 0
	for _, p := range parts {
		sum += p
	}
	return sum
}
