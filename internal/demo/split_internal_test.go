package demo

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	for name, test := range map[string]struct {
		total   int
		weights []int
		want    []int
	}{
		"in proportion":                   {10, []int{1, 4}, []int{2, 8}},
		"largest remainder gets the rest": {10, []int{3, 3, 1}, []int{4, 4, 2}},
		"of equal remainders the earlier": {2, []int{1, 1, 1}, []int{1, 1, 0}},
		"nothing to split":                {0, []int{5, 5}, []int{0, 0}},
		"a weight of zero gets nothing":   {3, []int{0, 1}, []int{0, 3}},
		"all weights zero":                {3, []int{0, 0}, []int{0, 0}},
		"less than parts":                 {1, []int{1, 5, 2}, []int{0, 1, 0}},
		"no parts":                        {7, nil, []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := split(test.total, test.weights); !slices.Equal(got, test.want) {
				t.Errorf("split(%d, %v) = %v, want %v", test.total, test.weights, got, test.want)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(uint16(112), []byte{3, 1, 4, 1, 5})
	f.Add(uint16(0), []byte{0})
	f.Fuzz(func(t *testing.T, total uint16, shares []byte) {
		weights, sum := make([]int, len(shares)), 0
		for i, s := range shares {
			weights[i] = int(s)
			sum += int(s)
		}
		parts := split(int(total), weights)
		if sum == 0 {
			return
		}
		if got := sumOf(parts); got != int(total) {
			t.Fatalf("split(%d, %v) adds up to %d", total, weights, got)
		}
		for i, p := range parts {
			if exact := float64(total) * float64(weights[i]) / float64(sum); float64(p) <= exact-1 || float64(p) >= exact+1 {
				t.Errorf("split(%d, %v)[%d] = %d, a whole one from %g", total, weights, i, p, exact)
			}
		}
	})
}
