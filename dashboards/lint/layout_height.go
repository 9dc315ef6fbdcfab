package lint

import "fmt"

// wallRows is how many rows of the grid a screen of 1080 pixels holds.
const wallRows = 27

// layoutHeight: nobody scrolls a wall; and a row panel keeps the playlist of
// newer Grafanas from fitting a board to the screen.
func layoutHeight(s *set, report func(place, string)) {
	for _, b := range s.boards {
		if !b.wall() {
			continue
		}
		for _, p := range b.Panels {
			if bottom := p.GridPos.Y + p.GridPos.H; bottom > wallRows {
				report(place{b, p}, fmt.Sprintf("it ends in row %d: a wall has %d", bottom, wallRows))
			}
			if p.Type == "row" {
				report(place{b, p}, "a wall has no row panels")
			}
		}
	}
}
