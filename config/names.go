package config

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// joined reports whether s is made of small letters and digits, in words joined
// by the separator, and begins with a letter.
func joined(s string, separator byte) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
		case '0' <= c && c <= '9' && i > 0:
		case c == separator && i > 0 && i < len(s)-1 && s[i-1] != separator:
		default:
			return false
		}
	}
	return s != ""
}

// kebab refuses a name that is not in kebab-case.
func (l *loader) kebab(in *node, key string) {
	if l.problems.has(in, key) && !joined(in.child(key).value, '-') {
		n := in.child(key)
		l.problems.refuse(n, "%s must be small letters and digits in words joined by -, such as civil-affairs", n.quote())
	}
}

// decisionName refuses a collector's name that is that of the runs in which
// people decide on figures, or bring them from a file.
func (l *loader) decisionName(in *node) {
	if !l.problems.has(in, "name") {
		return
	}
	n := in.child("name")
	if slices.Contains(reservedCollectors(), n.value) {
		l.problems.refuse(n, "%s is taken by the runs in which somebody decides on a figure or imports a file", n.quote())
	}
}

// reservedCollectors lists the names that no collector can have.
func reservedCollectors() []string {
	return []string{string(fact.Confirm), string(fact.Correct), "import", string(fact.Reject), string(fact.Release)}
}

// indicatorID refuses an id that can't be the end of a metric's name.
func (l *loader) indicatorID(in *node) {
	if !l.problems.has(in, "id") {
		return
	}
	n := in.child("id")
	if !joined(n.value, '_') {
		l.problems.refuse(n, "%s must be small letters and digits in words joined by _, such as elder_meal_sites", n.quote())
		return
	}
	if slices.Contains(fact.ReservedIndicators(), n.value) {
		l.problems.refuse(n, "%s is taken: governance_%s is a metric of every indicator", n.quote(), n.value)
	}
	for _, suffix := range fact.ReservedSuffixes() {
		if strings.HasSuffix(n.value, suffix) {
			l.problems.refuse(n, "%s must not end in %s, which Prometheus reserves for other types of metric", n.quote(), suffix)
		}
	}
}

// dimensionName refuses a name that can't be a label of a figure.
func (l *loader) dimensionName(n *node) {
	switch {
	case !joined(n.value, '_'):
		l.problems.refuse(n, "%s must be small letters and digits in words joined by _, such as sex", n.quote())
	case slices.Contains(fact.ReservedDimensions(), n.value):
		l.problems.refuse(n, "%s is taken by a label that every figure has or gets", n.quote())
	}
}
