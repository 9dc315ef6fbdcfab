package lint

import (
	"fmt"
	"slices"
	"strings"
)

// The matchers and properties that every Grafana from 9.4 to 13 knows, as far as
// boards of ours may use them.
var (
	matchers   = [...]string{"byName", "byNames", "byRegexp", "byType", "byFrameRefID"}
	properties = [...]string{"unit", "decimals", "displayName", "color", "thresholds", "mappings", "links", "noValue", "min", "max"}
)

// overrideKnown: Grafana skips an override that it does not understand.
func overrideKnown(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, p := range b.Panels {
			for _, o := range p.FieldConfig.Overrides {
				checkOverride(place{b, p}, o, report)
			}
		}
	}
}

func checkOverride(at place, o override, report func(place, string)) {
	if !slices.Contains(matchers[:], o.Matcher.ID) {
		report(at, fmt.Sprintf("an override has the matcher %q, which is unknown", o.Matcher.ID))
	}
	if refID, ok := o.Matcher.Options.(string); ok && o.Matcher.ID == "byFrameRefID" {
		if !slices.ContainsFunc(at.panel.Targets, func(t target) bool { return t.RefID == refID }) {
			report(at, fmt.Sprintf("an override is for the query %s, which the panel does not have", refID))
		}
	}
	for _, property := range o.Properties {
		if !slices.Contains(properties[:], property.ID) && !strings.HasPrefix(property.ID, "custom.") {
			report(at, fmt.Sprintf("an override sets %q, which is unknown", property.ID))
		}
	}
}
