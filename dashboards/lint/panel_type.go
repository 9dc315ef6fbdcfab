package lint

import (
	"fmt"
	"slices"
)

// panelTypes are those that come with every Grafana from 9.4 to 13.
var panelTypes = [...]string{
	"alertlist", "barchart", "bargauge", "gauge", "geomap", "heatmap", "histogram", "piechart", "row", "stat",
	"state-timeline", "status-history", "table", "text", "timeseries",
}

// panelType: for a type that is not installed Grafana shows an error in its
// place; and graph, singlestat and table-old have gone with Angular.
func panelType(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, p := range b.Panels {
			if !slices.Contains(panelTypes[:], p.Type) {
				report(place{b, p}, fmt.Sprintf("the type %q does not come with Grafana 9.4 to 13", p.Type))
			}
		}
	}
}
