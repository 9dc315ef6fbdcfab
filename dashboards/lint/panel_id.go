package lint

import "fmt"

// panelID: links and alerts name a panel by its id.
func panelID(s *set, report func(place, string)) {
	for _, b := range s.boards {
		seen := map[int]bool{}
		for _, p := range b.Panels {
			if p.ID < 1 || seen[p.ID] {
				report(place{b, p}, fmt.Sprintf("its id %d is not its own: every panel of a board has another, from 1 on", p.ID))
			}
			seen[p.ID] = true
		}
	}
}
