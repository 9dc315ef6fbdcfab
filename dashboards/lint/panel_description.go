package lint

import "strings"

// panelDescription: whoever looks at a figure wants to know what it counts.
func panelDescription(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for _, p := range b.Panels {
			if strings.TrimSpace(p.Description) == "" {
				report(place{b, p}, "it has no description")
			}
			if strings.TrimSpace(p.Title) == "" && p.Type != "text" {
				report(place{b, p}, "it has no title")
			}
		}
	}
}
