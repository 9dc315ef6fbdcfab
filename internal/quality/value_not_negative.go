package quality

import "github.com/govkpi/govkpi/internal/fact"

// valueNotNegative refuses figures below zero, unless the catalogue's lower
// bound says that the indicator can be negative.
type valueNotNegative struct{}

func (valueNotNegative) check(c *candidate) (*fact.Text, error) {
	if lowest := c.indicator.Min; c.value >= 0 || lowest != nil && *lowest < 0 {
		return nil, nil
	}
	return say(
		"%s 为负数，而指标%s不应小于 0：请核对数值；若确可为负，请在指标目录中设置负的 bounds.min。",
		"%s is negative, but indicator %s can't be less than 0: check the figure; if it can be negative, give the indicator a bounds.min below 0 in the catalogue.",
		figure(c.value), called(c.indicator),
	), nil
}
