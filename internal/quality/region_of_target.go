package quality

import "github.com/govkpi/govkpi/internal/fact"

// regionOfTarget refuses what a source that is asked about one region says about
// another.
type regionOfTarget struct {
	target target
	names  names
}

func (s *regionOfTarget) check(c *candidate) (*fact.Text, error) {
	if c.region == nil || s.target.holds(c.region.Code) {
		return nil, nil
	}
	return say(
		"本次采集只针对 %s，%s 不在其中：请核对来源的地址、查询条件或文件是否属于该地区。",
		"This delivery was pulled for %s; %s does not lie in it: check that the address, query or folder of the source is this region's own.",
		s.names.of(s.target.code), s.names.of(c.region.Code),
	), nil
}
