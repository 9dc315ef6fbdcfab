package grafana

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// mostDifferences is how many lines a difference has; the others are counted.
const mostDifferences = 12

// differences says for a person what in a board is not as it should be: what the
// server has -> what it should have. Entries with an id or a name are compared with the one
// that has the same.
func differences(actual, desired content) []string {
	plain := maps.Clone(actual)
	plain.unstamp()
	var found []string
	compare("", map[string]any(plain), map[string]any(desired), &found)
	if more := len(found) - mostDifferences; more > 0 {
		found = append(found[:mostDifferences], fmt.Sprintf("and %d more", more))
	}
	return found
}

func compare(path string, actual, desired any, found *[]string) {
	switch wanted := desired.(type) {
	case map[string]any:
		if has, ok := actual.(map[string]any); ok {
			compareMaps(path, has, wanted, found)
			return
		}
	case []any:
		if has, ok := actual.([]any); ok {
			compareLists(path, has, wanted, found)
			return
		}
	}
	if sameNumber(actual, desired) {
		return
	}
	if a, d := short(actual), short(desired); a != d {
		*found = append(*found, fmt.Sprintf("%s: %s -> %s", path, a, d))
	}
}

// sameNumber: an editor writes 0.5 for 0.50.
func sameNumber(actual, desired any) bool {
	a, isNumber := actual.(json.Number)
	d, both := desired.(json.Number)
	if !isNumber || !both {
		return false
	}
	x, err := a.Float64()
	y, otherErr := d.Float64()
	return err == nil && otherErr == nil && x == y
}

func compareMaps(path string, actual, desired map[string]any, found *[]string) {
	keys := slices.Sorted(maps.Keys(actual))
	for name := range desired {
		if _, both := actual[name]; !both {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	for _, name := range keys {
		switch name {
		case "iteration", "pluginVersion", "preload": // Grafana writes these by itself
			continue
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		has, inActual := actual[name]
		wanted, inDesired := desired[name]
		switch {
		case !inDesired:
			*found = append(*found, fmt.Sprintf("%s: %s -> (none)", at, short(has)))
		case !inActual:
			*found = append(*found, fmt.Sprintf("%s: (none) -> %s", at, short(wanted)))
		default:
			compare(at, has, wanted, found)
		}
	}
}

// compareLists pairs entries by their labels, so that one more at the beginning
// is one difference.
func compareLists(path string, actual, desired []any, found *[]string) {
	has, wants := labelled(actual), labelled(desired)
	for _, label := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Keys(has)), slices.Collect(maps.Keys(wants)))))) {
		a, inActual := has[label]
		d, inDesired := wants[label]
		at := fmt.Sprintf("%s[%s]", path, strings.TrimLeft(label, " "))
		switch {
		case !inDesired:
			*found = append(*found, fmt.Sprintf("%s: %s -> (none)", at, named(a)))
		case !inActual:
			*found = append(*found, fmt.Sprintf("%s: (none) -> %s", at, named(d)))
		default:
			compare(at, a, d, found)
		}
	}
}

// labelled gives every entry of a list what tells it from the others: its id, its
// name, or else its place, counted from 1. Numbers are padded so that they sort.
func labelled(list []any) map[string]any {
	for _, key := range []string{"id", "name", "uid"} {
		labels := map[string]any{}
		for _, entry := range list {
			object, _ := entry.(map[string]any)
			if object[key] != nil && object[key] != "" {
				labels[fmt.Sprintf("%8v", object[key])] = entry
			}
		}
		if len(labels) == len(list) {
			return labels
		}
	}
	labels := map[string]any{}
	for i, entry := range list {
		labels[fmt.Sprintf("%8d", i+1)] = entry
	}
	return labels
}

// named shows an entry by its title where it has one.
func named(entry any) string {
	object, _ := entry.(map[string]any)
	for _, key := range []string{"title", "name"} {
		if title, ok := object[key].(string); ok && title != "" {
			return fmt.Sprintf("%q", title)
		}
	}
	return short(entry)
}

// short shows a value in few characters.
func short(v any) string {
	const longest = 60
	written, err := canonical(v, "")
	if err != nil {
		return fmt.Sprint(v)
	}
	if _, number := v.(json.Number); number {
		return strings.TrimSpace(string(written))
	}
	text := strings.TrimSpace(string(written))
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "…"
	}
	return text
}
