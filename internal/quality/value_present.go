package quality

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// valuePresent refuses empty cells: nothing is not zero.
type valuePresent struct{}

func (valuePresent) check(c *candidate) (*fact.Text, error) {
	v := c.reading.Value
	if _, isNumber := v.Number(); isNumber || !v.IsAbsent() && strings.TrimSpace(v.String()) != "" {
		return nil, nil
	}
	return say(
		"数值为空：请补填数值；确实为零的请填 0，尚无数据的请不要报送该行。",
		"The value is empty: give the figure, write 0 if it is zero, and leave the row out while it is not known.",
	), nil
}
