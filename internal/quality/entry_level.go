package quality

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// entryLevel finds the level of an entry, as it is given or follows from the
// length of the code, and holds the two against each other.
type entryLevel struct{}

// The lengths of codes: GB/T 2260 down to counties, GB/T 10114 below them. A
// grid's is longer than a village's.
const (
	countyDigits   = 6
	townshipDigits = 9
	villageDigits  = 12
)

func (entryLevel) check(c *entryCandidate) *fact.Text {
	given := strings.TrimSpace(c.entry.Level)
	derived := levelOf(c.region.Code)
	if derived == 0 {
		return say(
			"代码 %s 有 %d 位，不属于任何级别：省、市、县为 6 位，乡级为 9 位，村级为 12 位，网格为 13 至 18 位。",
			"Code %s has %d digits and is of no level: provinces, cities and counties have 6, townships 9, villages 12, grids 13 to 18.",
			c.region.Code, len(c.region.Code),
		)
	}
	if given == "" {
		c.region.Level = derived
		return nil
	}
	level, err := fact.ParseLevel(given)
	if err != nil {
		return say(
			"无法识别级别 %s：应为 %s 之一；也可不填，由代码长度确定。",
			"%s is no level: write one of %s, or leave it to the length of the code.",
			written.Quoted(given), levelNames(),
		)
	}
	// Six digits don't say which of the three they are.
	if level != derived && (level > fact.County || derived > fact.County) {
		return say(
			"代码 %s 有 %d 位，应为%s，而级别填为%s：请核对代码和级别。",
			"Code %s has %d digits, as a %s has, but its level is given as %s: check both.",
			c.region.Code, len(c.region.Code), levelText(derived), levelText(level),
		)
	}
	c.region.Level = level
	return nil
}

// levelOf returns the level that a code is of by its length and, where it is one
// of six digits, by the zeros at its end; 0 is none.
func levelOf(code string) fact.Level {
	switch {
	case len(code) == countyDigits && strings.HasSuffix(code, "0000"):
		return fact.Province
	case len(code) == countyDigits && strings.HasSuffix(code, "00"):
		return fact.City
	case len(code) == countyDigits:
		return fact.County
	case len(code) == townshipDigits:
		return fact.Township
	case len(code) == villageDigits:
		return fact.Village
	case len(code) > villageDigits:
		return fact.Grid
	}
	return 0
}

func levelNames() fact.Text {
	var names []string
	for level := fact.Province; level <= fact.Grid; level++ {
		names = append(names, level.String())
	}
	return either(names)
}
