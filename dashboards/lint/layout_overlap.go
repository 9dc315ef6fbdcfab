package lint

import "fmt"

// gridWidth is how many columns a board has.
const gridWidth = 24

// layoutOverlap: Grafana moves panels that overlap or reach beyond the grid, and
// nobody knows where to.
func layoutOverlap(s *set, report func(place, string)) {
	for _, b := range s.boards {
		for i, p := range b.Panels {
			g := p.GridPos
			if g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > gridWidth {
				report(place{b, p}, fmt.Sprintf("%d wide from column %d and %d high from row %d is not within the %d columns", g.W, g.X, g.H, g.Y, gridWidth))
			}
			for _, other := range b.Panels[:i] {
				if overlap(g, other.GridPos) {
					report(place{b, p}, fmt.Sprintf("it lies on %q", other.name()))
				}
			}
		}
	}
}

func overlap(a, b grid) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}
