package lint

import (
	"fmt"
	"slices"
)

// transformations are those that every Grafana from 9.4 to 13 knows.
var transformations = [...]string{
	"calculateField", "concatenate", "convertFieldType", "extractFields", "filterByRefId", "filterByValue", "filterFieldsByName", "groupBy",
	"groupingToMatrix", "histogram", "joinByField", "labelsToFields", "limit", "merge", "organize", "partitionByValues", "prepareTimeSeries",
	"reduce", "renameByRegex", "rowsToFields", "seriesToRows", "sortBy",
}

// transformationKnown: Grafana leaves a transformation out that it does not know,
// and the table shows what it was to tidy up.
func transformationKnown(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, p := range b.Panels {
			for _, t := range p.Transformations {
				if !slices.Contains(transformations[:], t.ID) {
					report(place{b, p}, fmt.Sprintf("the transformation %q is unknown", t.ID))
				}
			}
		}
	}
}
