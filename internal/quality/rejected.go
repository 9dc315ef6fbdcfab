package quality

import (
	"cmp"
	"math"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// moment says where in a delivery something came: after how many that passed,
// and as the how-manieth of those that did not, or are totals. What passed needs
// none to be kept: it is the last after as many as its index.
type moment struct{ after, nth int32 }

func momentOf(index int32) moment { return moment{after: index, nth: math.MaxInt32} }

// rejected is a rejection with what had been found out about the reading.
type rejected struct {
	fact.Rejection
	moment
	// indicator, region and period are of a reading that a readingStage
	// refused, and zero where they can't be told.
	indicator *fact.Indicator
	region    *fact.Region
	period    fact.Period
	// understood says that the column was read and its words understood, so that
	// it is the right one.
	understood bool
}

// early reports whether a stage that looks at one reading, and not at a total,
// refused it.
func (r *rejected) early() bool { return r.nth != math.MaxInt32 && !r.Reading.Total }

// inOrder returns the rejections as they came in the delivery.
func inOrder(list []rejected) []fact.Rejection {
	slices.SortStableFunc(list, func(a, b rejected) int {
		return cmp.Or(cmp.Compare(a.after, b.after), cmp.Compare(a.nth, b.nth))
	})
	rejections := make([]fact.Rejection, len(list))
	for i := range list {
		rejections[i] = list[i].Rejection
	}
	return rejections
}
