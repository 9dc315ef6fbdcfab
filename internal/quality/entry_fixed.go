package quality

import (
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// entryFixed refuses entries that contradict the configuration, which has the
// last word on the regions that it lists.
type entryFixed struct {
	known knownRegions
	names names
}

func (s entryFixed) check(c *entryCandidate) *fact.Text {
	configured, ok := s.known.fixed(c.region.Code)
	if !ok {
		return nil
	}
	if configured.Name == c.region.Name && configured.Level == c.region.Level && configured.Parent == c.region.Parent {
		c.configured = true
		return nil
	}
	return say(
		"配置中 %s 为 %s，而来源中为 %s；以配置为准：请更正来源，或修改配置的 regions。",
		"The configuration has %s as %s, the source as %s; the configuration has the last word: correct the source, or regions in the configuration.",
		c.region.Code, describe(configured), describe(&c.region),
	)
}

// describe says everything of a region but its code.
func describe(r *fact.Region) fact.Text {
	level := levelText(r.Level)
	text := fact.Text{ZH: "“" + r.Name + "”（" + level.ZH, EN: written.Quoted(r.Name) + " (" + level.EN}
	if r.Parent != "" {
		text.ZH += "，上级 " + r.Parent
		text.EN += " in " + r.Parent
	}
	return fact.Text{ZH: text.ZH + "）", EN: text.EN + ")"}
}
