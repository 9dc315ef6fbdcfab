package quality

import "github.com/govkpi/govkpi/internal/fact"

// valueInBounds refuses figures that nobody would believe of any region.
type valueInBounds struct{}

func (valueInBounds) check(c *candidate) (*fact.Text, error) {
	if lowest := c.indicator.Min; lowest != nil && c.value < *lowest {
		return say(
			"%s 低于指标%s的下限 %s：请核对数值和单位（%s）；若数值属实，请在指标目录中调整 bounds.min。",
			"%s is below %[3]s, the least that is believed of indicator %[2]s: check the figure and that it is in %[4]s; if it is right, lower bounds.min in the catalogue.",
			figure(c.value), called(c.indicator), figure(*lowest), c.indicator.Unit.Title,
		), nil
	}
	if highest := c.indicator.Max; highest != nil && c.value > *highest {
		return say(
			"%s 高于指标%s的上限 %s：请核对数值和单位（%s）；若数值属实，请在指标目录中调整 bounds.max。",
			"%s is above %[3]s, the most that is believed of indicator %[2]s: check the figure and that it is in %[4]s; if it is right, raise bounds.max in the catalogue.",
			figure(c.value), called(c.indicator), figure(*highest), c.indicator.Unit.Title,
		), nil
	}
	return nil, nil
}
