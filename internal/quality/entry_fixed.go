package quality

import (
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/written"
)

// entryFixed refuses entries that contradict the configuration, which has the
// last word on the regions that it lists, and on the codes that are of the past.
type entryFixed struct {
	known   knownRegions
	retired func(code string) (*fact.Region, bool)
}

func (s entryFixed) check(c *entryCandidate) *fact.Text {
	configured, ok := s.known.fixed(c.region.Code)
	if !ok {
		return s.ofThePast(&c.region)
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

// ofThePast refuses an entry with a code that has been given up.
func (s entryFixed) ofThePast(region *fact.Region) *fact.Text {
	if s.retired == nil {
		return nil
	}
	successor, ok := s.retired(region.Code)
	if !ok {
		return nil
	}
	now := fact.Text{ZH: "已撤销", EN: "was abolished"}
	if successor != nil {
		now = *say("现为 %s (%s)", "is now %s (%s)", successor.Name, successor.Code)
	}
	return say(
		"%s 是历史代码，%s：请在来源中改用现行代码，或去掉这一行。",
		"%s is a code of the past; it %s: use today's code at the source, or leave the entry out.",
		region.Code, now,
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
