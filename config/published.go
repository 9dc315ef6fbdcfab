package config

import (
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

type publishedBlock struct {
	Self        *node    `yaml:",self"`
	Period      string   `yaml:"period"`
	Value       float64  `yaml:"value"`
	Precision   string   `yaml:"precision"`
	Step        *float64 `yaml:"step"`
	Region      string   `yaml:"region"`
	PeriodBasis string   `yaml:"period_basis"`
	FigureBasis string   `yaml:"figure_basis"`
	Citation    string   `yaml:"citation"`
}

func (l *loader) published(b *indicatorBlock, in *fact.Indicator) []fact.Published {
	type figure struct {
		region string
		period fact.Period
	}
	first := map[figure]*node{}
	var all []fact.Published
	for i := range b.Published {
		p := l.publishedFigure(&b.Published[i], in)
		key := figure{p.Region, p.Period}
		if before, again := first[key]; again && p.Region != "" && !p.Period.IsZero() {
			l.problems.at(b.Published[i].Self.at, "published: there is a figure for %s and %s already, at %s:%d", p.Region, p.Period, before.at.file.name, before.at.line)
		} else {
			first[key] = b.Published[i].Self
		}
		all = append(all, p)
	}
	return all
}

func (l *loader) publishedFigure(b *publishedBlock, in *fact.Indicator) fact.Published {
	p := fact.Published{Region: b.Region, Value: b.Value, PeriodBasis: b.PeriodBasis, FigureBasis: b.FigureBasis, Citation: b.Citation}
	for _, key := range []string{"period_basis", "figure_basis", "citation"} {
		l.oneLine(b.Self, key)
	}
	l.regionCode(b.Self.child("region"))
	p.Period = l.publishedPeriod(b, in.Cadence)
	p.Precision = enumerated(l, b.Self, "precision", parsePrecision)
	step := b.Self.child("step")
	switch {
	case p.Precision == fact.Nearest && step == nil:
		l.problems.at(b.Self.key, `published: "step" is missing: precision nearest needs what the figure was rounded to`)
	case p.Precision != 0 && p.Precision != fact.Nearest && step != nil:
		l.problems.refuseKey(step, "only precision nearest has a step; this is %q", b.Precision)
	case b.Step != nil && l.problems.has(b.Self, "step"):
		p.Step = *b.Step
		if p.Step <= 0 {
			l.problems.refuse(step, "must be more than 0, found %v", p.Step)
		}
	}
	if in.Unit.Counts && l.problems.has(b.Self, "value") && b.Value != math.Trunc(b.Value) {
		l.problems.refuse(b.Self.child("value"), "%v is no whole number, but the unit counts whole things", b.Value)
	}
	return p
}

// publishedPeriod refuses a period that no figure of the indicator lies in.
func (l *loader) publishedPeriod(b *publishedBlock, cadence fact.Cadence) fact.Period {
	var none fact.Period
	if !l.problems.has(b.Self, "period") {
		return none
	}
	n := b.Self.child("period")
	p, ok := parsed(l, n, fact.ParsePeriod)
	if ok && cadence != 0 && p.Cadence() < cadence {
		l.problems.refuse(n, "%s is a %s, shorter than the indicator's cadence, %s", n.quote(), p.Cadence(), cadence)
		return none
	}
	return p
}
