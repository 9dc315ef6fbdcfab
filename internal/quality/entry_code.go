package quality

import (
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// entryCode reads the code of an entry.
type entryCode struct{}

func (entryCode) check(c *entryCandidate) *fact.Text {
	code := strings.TrimSpace(c.entry.Code)
	if code == "" {
		return say(
			"未填写代码：请填写地区代码，或检查采集配置中代码列的对应关系。",
			"No code is given: give the region's code, or check which column the collector reads it from.",
		)
	}
	if !isCode(code) {
		return say(
			"%s 不是地区代码：代码为 2 至 18 位数字，首位不为 0，且不带空格或其他字符。",
			"%s is no code of a region: a code has 2 to 18 digits, the first of which is not 0, and nothing else.",
			written.Quoted(code),
		)
	}
	c.region.Code = code
	return nil
}

// isCode reports whether s has the form of a region's code.
func isCode(s string) bool { return len(s) >= 2 && len(s) <= 18 && s[0] != '0' && allDigits(s) }
