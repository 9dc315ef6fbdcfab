package quality

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// dimensionsDeclared holds a reading to the dimensions of its indicator: each of
// them, once, with a value from the list, and no other. A total beside its parts
// would be counted twice.
type dimensionsDeclared struct {
	// passed remembers what was found in order. It holds no more entries than
	// the catalogue declares combinations.
	passed map[declared]fact.Dimensions
}

type declared struct {
	indicator  *fact.Indicator
	dimensions fact.Dimensions
}

func (s dimensionsDeclared) check(c *candidate) (*fact.Text, error) {
	given := c.reading.Dimensions
	if given == "" && len(c.indicator.Dimensions) == 0 {
		return nil, nil
	}
	if d, ok := s.passed[declared{c.indicator, given}]; ok {
		c.dimensions = d
		return nil, nil
	}
	pairs := given.Pairs()
	if reason := faultOf(c.indicator, pairs); reason != nil {
		return reason, nil
	}
	c.dimensions = fact.MakeDimensions(pairs...)
	s.passed[declared{c.indicator, c.dimensions}] = c.dimensions
	return nil, nil
}

func faultOf(indicator *fact.Indicator, pairs []fact.Pair) *fact.Text {
	for i, p := range pairs {
		at := slices.IndexFunc(indicator.Dimensions, func(d fact.Dimension) bool { return d.Name == p.Name })
		if at < 0 {
			return say(
				"指标%s没有维度 %s：请从采集配置中去掉该维度，或先在指标目录中登记。",
				"Indicator %s has no dimension %s: remove it from the collector's columns, or declare it in the catalogue first.",
				called(indicator), written.Quoted(p.Name),
			)
		}
		if values := indicator.Dimensions[at].Values; !slices.Contains(values, p.Value) {
			return say(
				"维度 %s 的取值不能是 %s：应为 %s 之一。",
				"Dimension %s can't be %s: write one of %s.",
				p.Name, written.Quoted(strings.TrimSpace(p.Value)), either(values),
			)
		}
		if slices.ContainsFunc(pairs[:i], func(before fact.Pair) bool { return before.Name == p.Name }) {
			return say(
				"维度 %s 出现了两次：请检查采集配置中的维度列。",
				"Dimension %s is given twice: check the collector's columns of dimensions.",
				p.Name,
			)
		}
	}
	for _, d := range indicator.Dimensions {
		if !slices.ContainsFunc(pairs, func(p fact.Pair) bool { return p.Name == d.Name }) {
			return say(
				"缺少维度 %s：指标%s须按其取值（%s）分别报送。",
				"Dimension %s is missing: indicator %s is delivered separately for each of %s.",
				d.Name, called(indicator), either(d.Values),
			)
		}
	}
	return nil
}
