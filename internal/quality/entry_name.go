package quality

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// entryName reads the name of an entry. Only a grid may have none, or one of
// digits.
type entryName struct{}

func (entryName) check(c *entryCandidate) *fact.Text {
	name := strings.TrimSpace(c.entry.Name)
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return say(
			"名称 %s 含有乱码或控制字符（如换行）：请在来源中更正名称。",
			"The name %s has broken or control characters, such as a line break: correct it at the source.",
			written.Quoted(name),
		)
	}
	if c.region.Level != fact.Grid && !strings.ContainsFunc(name, unicode.IsLetter) {
		return say(
			"%s %s 的名称 %s 中没有文字：除网格外，每个地区都要有名称；请填写名称，或检查采集配置中名称列的对应关系。",
			"The name %[3]s of %[1]s %[2]s has no letter: every region but a grid has a name; give it, or check which column the collector reads it from.",
			levelText(c.region.Level), c.region.Code, written.Quoted(name),
		)
	}
	c.region.Name = name
	return nil
}
