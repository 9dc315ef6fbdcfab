package quality

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// indicatorKnown finds the indicator in the catalogue. Ratios are computed from
// two others, so that they can be rolled up; nobody delivers one.
type indicatorKnown struct{ indicators map[string]*fact.Indicator }

func (s indicatorKnown) check(c *candidate) (*fact.Text, error) {
	id := strings.TrimSpace(c.reading.Indicator)
	if id == "" {
		return say(
			"未注明指标：请在数据中填写指标编号，或检查采集配置中指标列的对应关系。",
			"No indicator is named: give the indicator's id, or check which column the collector reads it from.",
		), nil
	}
	indicator, ok := s.indicators[id]
	if !ok {
		return say(
			"指标目录中没有 %s：请更正数据或采集配置中的指标编号，或先在指标目录中登记该指标。",
			"The catalogue has no indicator %s: correct the id in the source or the collector's configuration, or add the indicator to the catalogue first.",
			written.Quoted(id),
		), nil
	}
	if indicator.Kind == fact.RatioKind {
		return say(
			"指标%s是比率，由系统计算，不接受填报：请改为报送其分子 %s 和分母 %s。",
			"Indicator %s is a ratio, which is computed and never delivered: deliver its numerator %s and its denominator %s instead.",
			called(indicator), indicator.Numerator, indicator.Denominator,
		), nil
	}
	c.indicator = indicator
	return nil, nil
}
