package config

import (
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Site is what the figures are of.
type Site struct {
	Name fact.Text
	// Zone is where a day begins and ends, for periods and schedules.
	Zone *time.Location
	// Region is the code of the region that is the whole site.
	Region string
	// ExpectedFrom is from when on reports are expected, of indicators that don't
	// say so themselves; zero is none.
	ExpectedFrom fact.Period
	// Notice is shown wherever figures are, such as that they are synthetic;
	// empty is none.
	Notice fact.Text
}

type siteBlock struct {
	Self         *node      `yaml:",self"`
	Name         textBlock  `yaml:"name"`
	Zone         string     `yaml:"zone"`
	Region       string     `yaml:"region"`
	ExpectedFrom *string    `yaml:"expected_from"`
	Notice       *textBlock `yaml:"notice"`
}

func (l *loader) site(b *siteBlock) Site {
	l.regionCode(b.Self.child("region"))
	site := Site{Name: l.text(&b.Name), Zone: l.zone(b.Self.child("zone")), Region: b.Region, ExpectedFrom: l.siteExpectedFrom(b)}
	if b.Notice != nil {
		site.Notice = l.text(b.Notice)
	}
	return site
}

// zone refuses Local too: what it means depends on the machine.
func (l *loader) zone(n *node) *time.Location {
	if n == nil || n.kind != text || l.problems.refused[n] {
		return nil
	}
	zone, err := time.LoadLocation(n.value)
	if err != nil || n.value == "Local" {
		l.problems.refuse(n, "there is no time zone %s: expected a name such as Asia/Shanghai", n.quote())
		return nil
	}
	return zone
}

// textBlock is a fact.Text.
type textBlock struct {
	Self *node  `yaml:",self"`
	ZH   string `yaml:"zh"`
	EN   string `yaml:"en"`
}

// text refuses line breaks: texts become HELP lines, headings and messages.
func (l *loader) text(b *textBlock) fact.Text {
	if b.Self != nil {
		l.oneLine(b.Self, "zh")
		l.oneLine(b.Self, "en")
	}
	return fact.Text{ZH: b.ZH, EN: b.EN}
}
