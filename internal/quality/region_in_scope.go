package quality

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// regionInScope refuses regions outside of those that the indicator is limited
// to.
type regionInScope struct {
	regions *divisions
	names   names
}

func (s regionInScope) check(c *candidate) (*fact.Text, error) {
	scope := c.indicator.Within
	if len(scope) == 0 || s.inside(scope, c.region) {
		return nil, nil
	}
	limits := make([]string, len(scope))
	for i, code := range scope {
		limits[i] = s.names.of(code)
	}
	return say(
		"指标%s只在 %s 范围内采集，%s 不在其中：请从数据中去掉该地区，或在指标目录中扩大 within 的范围。",
		"Indicator %s is collected only within %s; %s lies outside: leave the region out of the delivery, or widen the indicator's within in the catalogue.",
		called(c.indicator), either(limits), s.names.of(c.region.Code),
	), nil
}

func (s regionInScope) inside(scope []string, region *fact.Region) bool {
	if slices.Contains(scope, region.Code) {
		return true
	}
	for level := region.Level - 1; level >= fact.Province; level-- {
		if above, ok := s.regions.Above(region.Code, level); ok && slices.Contains(scope, above.Code) {
			return true
		}
	}
	successor := s.regions.successorOf(region.Code)
	return successor != nil && s.inside(scope, successor)
}
