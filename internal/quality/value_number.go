package quality

import (
	"errors"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// valueNumber reads the number, as databases or people write it.
type valueNumber struct{}

func (valueNumber) check(c *candidate) (*fact.Text, error) {
	v, ok := c.reading.Value.Number()
	if !ok {
		text := c.reading.Value.String()
		var err error
		if v, err = written.Number(text); err != nil && !errors.Is(err, strconv.ErrRange) {
			return say(
				"%s 不是数字：请写成 1234、1,234.5、1.2万 或 85%% 的形式，不要带“个”等计量单位或其他文字。",
				"%s is no number: write it as 1234, 1,234.5, 1.2万 or 85%%, without the unit that is counted or other words.",
				written.Quoted(text),
			), nil
		}
	}
	if v == 0 {
		v = 0 // not -0, which would be written with its sign
	}
	c.value = v
	return nil, nil
}
