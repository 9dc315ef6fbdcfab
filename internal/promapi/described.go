package promapi

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Described lists the families of a source and those that a gatherer has now,
// sorted by name. What can't be gathered is left out.
func Described(source Source, telemetry prometheus.Gatherer) []Family {
	all := source.Families()
	// It has what could be gathered; the scrape tells of the rest.
	gathered, _ := telemetry.Gather()
	for _, f := range gathered {
		all = append(all, Family{Name: f.GetName(), Help: f.GetHelp(), Type: strings.ToLower(f.GetType().String())})
	}
	slices.SortFunc(all, func(a, b Family) int { return strings.Compare(a.Name, b.Name) })
	return all
}
