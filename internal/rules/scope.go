package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// scope is what the expressions of one kind of alert are written in.
type scope struct {
	site   *Site
	kind   fact.AlertKind
	labels string // those of regions, and indicator
}

func newScope(site *Site, kind fact.AlertKind) *scope {
	labels := []string{labelIndicator, labelLevel, labelCode, fact.City.String(), fact.County.String()}
	for level := fact.Township; level <= fact.Grid; level++ {
		if slices.ContainsFunc(site.Indicators, func(i fact.Indicator) bool { return i.Detailed && i.LowestLevel() >= level }) {
			labels = append(labels, level.String())
		}
	}
	return &scope{site: site, kind: kind, labels: strings.Join(labels, ", ")}
}

// class is a set of indicators that share one rule. Matcher selects them, and is
// empty where they are all.
type class[K comparable] struct {
	key     K
	ids     []string
	matcher string
	// own is the first indicator, where all have settings of their own.
	own string
}

// basis names the class among those of its kind.
func (c *class[K]) basis(of string) string {
	if c.own == "" {
		return of
	}
	return of + ":" + c.own
}

// classes puts the indicators into classes by key; ok is false for those that
// can't raise the alert, or have it off. The largest class is told by who is not
// in it, so that its expression stays short; the others by who is.
func classes[K comparable](s *scope, key func(i *fact.Indicator, own fact.IndicatorAlerts) (K, bool)) []class[K] {
	var all []class[K]
	for n := range s.site.Indicators {
		i := &s.site.Indicators[n]
		k, ok := key(i, s.site.Policy.Of(i.ID))
		if !ok {
			continue
		}
		at := slices.IndexFunc(all, func(c class[K]) bool { return c.key == k })
		if at < 0 {
			at = len(all)
			all = append(all, class[K]{key: k})
		}
		all[at].ids = append(all[at].ids, i.ID)
	}
	largest := 0
	for n := range all {
		if len(all[n].ids) > len(all[largest].ids) {
			largest = n
		}
	}
	for n := range all {
		c := &all[n]
		if !slices.ContainsFunc(c.ids, func(id string) bool { _, own := s.site.Policy.Indicators[id]; return !own }) {
			c.own = c.ids[0]
		}
		others := s.others(c.ids)
		switch {
		case len(others) == 0:
		case n == largest && len(others) < len(c.ids):
			c.matcher = `indicator!~"` + strings.Join(others, "|") + `"`
		default:
			c.matcher = `indicator=~"` + strings.Join(c.ids, "|") + `"`
		}
	}
	return all
}

// others lists the indicators that are not among ids.
func (s *scope) others(ids []string) []string {
	var others []string
	for n := range s.site.Indicators {
		if id := s.site.Indicators[n].ID; !slices.Contains(ids, id) {
			others = append(others, id)
		}
	}
	return others
}

// selected is a selector of a family; empty matchers are left out.
func selected(family string, matchers ...string) string {
	matchers = slices.DeleteFunc(slices.Clone(matchers), func(m string) bool { return m == "" })
	if len(matchers) == 0 {
		return family
	}
	return family + "{" + strings.Join(matchers, ", ") + "}"
}

// each leaves the labels of an alert alone, so that those of a scrape (job,
// instance) neither show nor double anything.
func (s *scope) each(expr string) string { return fmt.Sprintf("max by (%s) (%s)", s.labels, expr) }

// current takes away the regions whose figure is stale or provisional, unless the
// policy asks for them.
func (s *scope) current(expr, matcher string) string {
	if !s.site.Policy.Stale {
		expr += fmt.Sprintf(" unless on (indicator, code) (%s > 0)", selected(overdue, matcher))
	}
	if !s.site.Policy.Provisional {
		expr += fmt.Sprintf(" unless on (indicator, code) (%s == 1)", selected(provisional, matcher))
	}
	return "(" + expr + ")"
}

// noted makes a detail: the value of an expression as a label.
func noted(label, by, expr string) string { return notedTo(0.0001, label, by, expr) }

// notedTo rounds the value to a multiple of digits.
func notedTo(digits float64, label, by, expr string) string {
	return fmt.Sprintf("count_values by (%s) (%q, round(%s, %s))", by, label, expr, number(digits))
}

// with attaches a detail that every result has.
func with(expr, label, detail string) string {
	return fmt.Sprintf("%s * on (indicator, code) group_left (%s) %s", expr, label, detail)
}

// titled attaches theme and title, and what else the texts say of the indicator:
// every label that is attached costs each alert a template that takes it away.
func titled(expr string, further ...string) string {
	labels := strings.Join(append([]string{"theme", "title_zh", "title_en"}, further...), ", ")
	return fmt.Sprintf("(%s) * on (indicator) group_left (%s) max by (indicator, %s) (%s)", expr, labels, labels, indicators)
}

// ranked attaches the place among the peers, 93/100, where a region has a rank;
// among is what the results are among, to look at no other region's rank.
func ranked(expr, matcher, among string) string {
	const all = `among="all"`
	place := noted("place", "indicator, code", selected(rank, all, matcher)+" and on (indicator, code) "+among)
	of := noted("peers", "indicator, code", selected(peers, all, matcher)+" and on (indicator, code) "+among)
	return fmt.Sprintf(`%s + on (indicator, code) group_left (place) (0 * (label_join(%s * on (indicator, code) group_left (peers) %s, "place", "/", "place", "peers") or on (indicator, code) max by (indicator, code) (%s)))`,
		expr, place, of, among)
}

// number writes a number as PromQL reads it.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
