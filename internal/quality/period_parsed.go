package quality

import (
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// periodParsed reads the period, or makes it of a date within it.
type periodParsed struct{ clock clock }

func (s periodParsed) check(c *candidate) (*fact.Text, error) {
	// A column of fixed width comes padded with blanks.
	period, date := strings.TrimSpace(c.reading.Period), strings.TrimSpace(c.reading.Date)
	cadence := c.indicator.Cadence
	switch {
	case period != "":
		p, err := fact.ParsePeriod(period)
		if err != nil {
			return say(
				"无法识别统计期 %s：指标%s按%s报送，请写成 %s 的形式。",
				"%s is no period: indicator %s is reported by %s, so write it in the form %s.",
				quoted(period), called(c.indicator), cadenceText(cadence), s.example(cadence),
			), nil
		}
		c.period = p
	case date != "":
		day, err := fact.ParsePeriod(date)
		if err != nil || day.Cadence() != fact.Daily {
			return say(
				"无法识别日期 %s：请写成 %s 的形式。",
				"%s is no date: write it in the form %s.",
				quoted(date), s.example(fact.Daily),
			), nil
		}
		c.period = fact.PeriodAt(day.Start(time.UTC), cadence)
	case c.reading.LastEnded:
		c.period = s.clock.ended[cadence]
	default:
		return say(
			"未注明统计期：请填写统计期，例如 %s，或检查采集配置中统计期列的对应关系。",
			"No period is named: give it, in the form %s, or check which column the collector reads it from.",
			s.example(cadence),
		), nil
	}
	return nil, nil
}

// example shows the form of a cadence's periods by the one that most readings
// are of.
func (s periodParsed) example(c fact.Cadence) string { return s.clock.ended[c].String() }
