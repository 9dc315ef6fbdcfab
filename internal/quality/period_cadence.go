package quality

import "github.com/govkpi/govkpi/internal/fact"

// periodCadence refuses periods of another length than the indicator's: a
// quarter's figure beside three months' would count the same things twice.
type periodCadence struct{ clock clock }

func (s periodCadence) check(c *candidate) (*fact.Text, error) {
	wanted := c.indicator.Cadence
	if c.period.Cadence() == wanted {
		return nil, nil
	}
	reason := say(
		"%s 是%s，而指标%s按%s报送：请按此周期报送，例如 %s。",
		"%s is a %s, but indicator %s is reported by %s: deliver a figure for each, such as %s.",
		c.period.String(), cadenceText(c.period.Cadence()), called(c.indicator), cadenceText(wanted), s.clock.ended[wanted].String(),
	)
	c.period = fact.Period{} // it is none that a figure can be of
	return reason, nil
}
