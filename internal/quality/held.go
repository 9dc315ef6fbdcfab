package quality

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// heldAt is a held figure with its place in the delivery: the index of its fact.
type heldAt struct {
	fact.HeldFact
	index int32
}

func (s *stage) heldAt(i int32, f *fact.Fact, reason *fact.Text) heldAt {
	return heldAt{
		HeldFact: fact.HeldFact{Key: f.Key(), Value: f.Value, Place: f.Place, Stage: s.id, Reason: s.reason(reason)},
		index:    i,
	}
}

// heldInOrder returns the figures as they came in the delivery.
func heldInOrder(list []heldAt) []fact.HeldFact {
	slices.SortFunc(list, func(a, b heldAt) int { return int(a.index) - int(b.index) })
	var held []fact.HeldFact
	for i := range list {
		held = append(held, list[i].HeldFact)
	}
	return held
}
