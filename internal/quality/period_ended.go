package quality

import "github.com/govkpi/govkpi/internal/fact"

// periodEnded refuses figures of a period that is still running, or lies ahead.
type periodEnded struct{ clock clock }

func (s periodEnded) check(c *candidate) (*fact.Text, error) {
	last := s.clock.ended[c.period.Cadence()]
	if c.period.Compare(last) <= 0 {
		return nil, nil
	}
	const minute = "2006-01-02 15:04"
	reason := say(
		"统计期 %s 到 %s 才结束：统计期结束后方可报送，目前最新可报送的是 %s。",
		"Period %s does not end before %s: deliver it after its end; the newest that can be delivered now is %s.",
		c.period.String(), c.period.End(s.clock.zone).Format(minute), last.String(),
	)
	c.period = fact.Period{} // it is none that a figure can be of
	return reason, nil
}
