package quality

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// entryParent finds the code of the region above, as it is given or follows from
// the entry's own code.
type entryParent struct{}

func (entryParent) check(c *entryCandidate) *fact.Text {
	given := strings.TrimSpace(c.entry.Parent)
	if given == "" {
		c.region.Parent = parentOf(c.region.Code, c.region.Level)
		return nil
	}
	if !isCode(given) {
		return say(
			"上级代码 %s 不是地区代码：代码为 2 至 18 位数字，首位不为 0；也可不填，由本级代码推出。",
			"The parent %s is no code of a region: a code has 2 to 18 digits, the first of which is not 0; or leave it out, and it follows from the entry's own.",
			written.Quoted(given),
		)
	}
	c.region.Parent = given
	return nil
}

// parentOf returns the code that the code of a region of the level begins with;
// empty for a province. Those of grids need not begin so, and a county need not
// have a city; then there is no such region, and the source has to name it.
func parentOf(code string, level fact.Level) string {
	switch level {
	case fact.Province:
		return ""
	case fact.City:
		return code[:2] + "0000"
	case fact.County:
		return code[:4] + "00"
	case fact.Township:
		return code[:countyDigits]
	case fact.Village:
		return code[:townshipDigits]
	}
	return code[:villageDigits]
}
