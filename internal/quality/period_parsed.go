package quality

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// periodParsed reads the period, or makes it of a date within it.
type periodParsed struct {
	clock clock
	// last is the phrase read last: a column of words repeats the same few, and
	// often one, all the way down.
	last phrase
}

type phrase struct {
	text    string
	cadence fact.Cadence
	flow    bool
	period  fact.Period
	err     error
}

func (s *periodParsed) check(c *candidate) (*fact.Text, error) {
	// A column of fixed width comes padded with blanks.
	period, date := strings.TrimSpace(c.reading.Period), strings.TrimSpace(c.reading.Date)
	cadence := c.indicator.Cadence
	switch {
	case period != "":
		p, err := s.read(period, cadence, c.indicator.Kind == fact.Flow)
		if err != nil {
			return s.refuse(c, period, err), nil
		}
		c.period = p
	case date != "":
		day, err := s.read(date, fact.Daily, false)
		if err != nil || day.Cadence() != fact.Daily {
			return say(
				"无法识别日期 %s：请写成 %s%s 的形式。",
				"%s is no date: write it in the form %s%s.",
				written.Quoted(date), s.example(fact.Daily), s.inWords(fact.Daily),
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

// refuse says why a text is no period of the indicator.
func (s *periodParsed) refuse(c *candidate, text string, err error) *fact.Text {
	of := c.indicator
	period, cadence := written.Quoted(text), cadenceText(of.Cadence)
	var unclear *written.UnclearError
	switch {
	case errors.Is(err, written.ErrCumulative):
		c.understood = true
		return say(
			"统计期 %s 是累计的，而指标%s（kind: flow）要的是每个统计期（%s）本身的发生数，不是累计数：请报送本期数并写明统计期，例如 %s；只有年初以来累计数的，请在指标目录中改为 kind: flow_ytd。",
			"%s is cumulative, but indicator %s (kind: flow) wants each period's own amount, by %s: deliver that, for a period such as %s; where the source has only the amount since January, make it kind: flow_ytd in the catalogue.",
			period, called(of), cadence, s.example(of.Cadence),
		)
	case errors.As(err, &unclear):
		c.understood = true
		return say(
			"统计期 %s 可能是 1 月，也可能是 10 月（按数字存放的 %s.10 会丢掉末尾的 0）：请写成 %[2]s-01 或 %[2]s-10。",
			"%s can be January or October, because %s.10 loses its last 0 where it is kept as a number: write %[2]s-01 or %[2]s-10.",
			period, strconv.Itoa(unclear.Year),
		)
	}
	return say(
		"无法识别统计期 %s：指标%s按%s报送，请写明年份，写成 %s%s 的形式。",
		"%s is no period: indicator %s is reported by %s, so write it with its year, in the form %s%s.",
		period, called(of), cadence, s.example(of.Cadence), s.inWords(of.Cadence),
	)
}

// read reads a period in its canonical form or, far more slowly, as people
// write it.
func (s *periodParsed) read(text string, cadence fact.Cadence, flow bool) (fact.Period, error) {
	if p, err := fact.ParsePeriod(text); err == nil {
		return p, nil
	}
	if s.last.text != text || s.last.cadence != cadence || s.last.flow != flow {
		read := written.Period
		if flow {
			read = written.FlowPeriod
		}
		p, err := read(text, cadence)
		s.last = phrase{text, cadence, flow, p, err}
	}
	return s.last.period, s.last.err
}

// example shows the form of a cadence's periods by the one that most readings
// are of.
func (s *periodParsed) example(c fact.Cadence) string { return s.clock.ended[c].String() }

// inWords shows the same period as people write it, where they do.
func (s *periodParsed) inWords(c fact.Cadence) fact.Text {
	start := s.clock.ended[c].Start(time.UTC)
	var words string
	switch c {
	case fact.Daily:
		words = start.Format("2006年1月2日")
	case fact.Monthly:
		words = start.Format("2006年1月")
	case fact.Quarterly:
		words = start.Format("2006年第") + strconv.Itoa((int(start.Month())+2)/3) + "季度"
	case fact.HalfYearly:
		words = start.Format("2006年") + [...]string{"上半年", "下半年"}[start.Month()/time.July]
	case fact.Yearly:
		words = start.Format("2006年")
	default:
		return fact.Text{} // nobody writes weeks in words
	}
	return fact.Text{ZH: " 或 " + words, EN: " or " + words}
}
