package lint

import (
	"fmt"
	"maps"
	"slices"
)

// noNulls: Grafana takes a key with null for one that was set, and code that
// expects a list then fails.
func noNulls(s *set, report func(place, string)) {
	for _, b := range s.boards {
		if path := firstNull(b.whole); path != "" {
			report(place{b, nil}, path[1:]+" is null: leave it out")
		}
	}
}

// firstNull is where the first null is; empty is nowhere.
func firstNull(value any) string {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if v[key] == nil {
				return "." + key
			}
			if path := firstNull(v[key]); path != "" {
				return "." + key + path
			}
		}
	case []any:
		for i, inner := range v {
			if inner == nil {
				return fmt.Sprintf(".%d", i)
			}
			if path := firstNull(inner); path != "" {
				return fmt.Sprintf(".%d%s", i, path)
			}
		}
	}
	return ""
}
