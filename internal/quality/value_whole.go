package quality

import (
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

// valueWhole holds indicators that count things to whole numbers.
type valueWhole struct{}

// Above this not every whole number can be held in a float64.
const mostCounted = 1 << 53

func (valueWhole) check(c *candidate) (*fact.Text, error) {
	if !c.indicator.Unit.Counts {
		return nil, nil
	}
	if c.value != math.Trunc(c.value) {
		return say(
			"%s 不是整数，而指标%s按整数计（单位：%s）：请核对数值，并确认没有误用“万”等单位。",
			"%s is not a whole number, but indicator %s counts whole %s: check the figure, and that it is not given in thousands or as a share.",
			figure(c.value), called(c.indicator), c.indicator.Unit.Title,
		), nil
	}
	if math.Abs(c.value) > mostCounted {
		return say(
			"%s 超出可精确记录的范围（%s）：请核对数值和单位（%s）。",
			"%s is beyond what can be counted exactly (%s): check the figure and that it is in %s.",
			figure(c.value), figure(mostCounted), c.indicator.Unit.Title,
		), nil
	}
	return nil, nil
}
