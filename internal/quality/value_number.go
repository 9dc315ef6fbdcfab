package quality

import (
	"errors"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
)

// valueNumber reads the number.
type valueNumber struct{}

func (valueNumber) check(c *candidate) (*fact.Text, error) {
	v, ok := c.reading.Value.Number()
	if !ok {
		written := c.reading.Value.String()
		var err error
		if v, err = ParseNumber(written); err != nil && !errors.Is(err, strconv.ErrRange) {
			return say(
				"%s 不是数字：请只写数字，例如 1234 或 1234.5，不要带千分位符号、单位或文字。",
				"%s is no number: write plain digits such as 1234 or 1234.5, without thousands separators, units or words.",
				quoted(written),
			), nil
		}
	}
	if v == 0 {
		v = 0 // not -0, which would be written with its sign
	}
	c.value = v
	return nil, nil
}
