package quality

import (
	"math"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// valueFinite refuses what a source computed by dividing by zero, and numbers
// too large to be held.
type valueFinite struct{}

func (valueFinite) check(c *candidate) (*fact.Text, error) {
	if !math.IsNaN(c.value) && !math.IsInf(c.value, 0) {
		return nil, nil
	}
	return say(
		"%s 不是有限的数值：请检查来源中的计算（例如除数为零）后重新报送。",
		"%s is not a finite number: check how the source computes it (a division by zero, perhaps) and deliver it again.",
		written.Quoted(c.reading.Value.String()),
	), nil
}
