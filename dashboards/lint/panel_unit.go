package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// units are those that boards of ours may use; Grafana shows any other text
// behind the figure.
var units = [...]string{"none", "short", "locale", "percent", "percentunit", "s", "ms", "m", "h", "d", "bytes", "decbytes", "dateTimeAsLocal", "dateTimeAsIso", "ops", "reqps"}

// panelUnit: a figure without a unit can be anything.
func panelUnit(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, p := range b.Panels {
			if silent(p.Type) {
				continue
			}
			at := place{b, p}
			checkUnit(at, p.FieldConfig.Defaults.Unit, report)
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					var unit string
					if property.ID == "unit" && json.Unmarshal(property.Value, &unit) == nil {
						checkUnit(at, unit, report)
					}
				}
			}
		}
	}
}

func checkUnit(at place, unit string, report func(place, string)) {
	switch {
	case unit == "":
		report(at, "it has no unit: none is one")
	case !slices.Contains(units[:], unit) && !strings.HasPrefix(unit, "time:") && !strings.HasPrefix(unit, "suffix:"):
		report(at, fmt.Sprintf("the unit %q is unknown", unit))
	}
}
