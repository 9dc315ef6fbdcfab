package config

import "github.com/govkpi/govkpi/internal/fact"

type milestoneBlock struct {
	Self      *node     `yaml:",self"`
	Day       string    `yaml:"day"`
	Title     textBlock `yaml:"title"`
	Source    string    `yaml:"source"`
	Synthetic *bool     `yaml:"synthetic"`
}

func (l *loader) loadMilestones(blocks []*milestoneBlock) {
	type mark struct{ day, title string }
	first := map[mark]*node{}
	for _, b := range blocks {
		m := fact.Milestone{Title: l.text(&b.Title), Source: b.Source, Day: l.milestoneDay(b)}
		l.oneLine(b.Self, "source")
		if b.Synthetic != nil {
			m.Synthetic = *b.Synthetic
		}
		key := mark{b.Day, b.Title.ZH}
		if before, again := first[key]; again && b.Day != "" {
			l.problems.at(b.Self.at, "milestones: the same milestone stands at %s:%d already", before.at.file.name, before.at.line)
		}
		first[key] = b.Self
		l.config.Milestones = append(l.config.Milestones, m)
	}
}

// milestoneDay refuses what is longer than a day: charts mark a moment.
func (l *loader) milestoneDay(b *milestoneBlock) fact.Period {
	if !l.problems.has(b.Self, "day") {
		return fact.Period{}
	}
	n := b.Self.child("day")
	day, ok := parsed(l, n, fact.ParsePeriod)
	if ok && day.Cadence() != fact.Daily {
		l.problems.refuse(n, "%s is a %s: expected a day, such as 2026-01-01", n.quote(), day.Cadence())
	}
	return day
}
