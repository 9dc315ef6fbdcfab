package config

import (
	"github.com/govkpi/govkpi/internal/fact"
)

// siteExpectedFrom reads from when on the site expects reports. It refuses a
// period that no year follows: an indicator could be expected in none.
func (l *loader) siteExpectedFrom(b *siteBlock) fact.Period {
	p := enumerated(l, b.Self, "expected_from", fact.ParsePeriod)
	if _, ok := firstFrom(p, fact.Yearly); !p.IsZero() && !ok {
		n := b.Self.child("expected_from")
		l.problems.refuse(n, "%s is too late: there is no year that begins then or later", n.quote())
		return fact.Period{}
	}
	return p
}

// expectedFrom returns the first period that must be reported: the indicator's
// own, or else the site's, or none.
func (l *loader) expectedFrom(b *indicatorBlock, cadence fact.Cadence) fact.Period {
	p := l.config.Site.ExpectedFrom
	if n := b.Self.child("expected_from"); n != nil {
		p = enumerated(l, b.Self, "expected_from", fact.ParsePeriod)
		if cadence != 0 && !p.IsZero() && p.Cadence() < cadence {
			l.problems.refuse(n, "%s is a %s, shorter than the indicator's cadence, %s", n.quote(), p.Cadence(), cadence)
			return fact.Period{}
		}
	}
	if cadence == 0 || p.IsZero() {
		return fact.Period{}
	}
	first, _ := firstFrom(p, cadence)
	return first
}

// firstFrom returns the first period of a cadence that begins when p does or
// later; ok is false where there is none.
func firstFrom(p fact.Period, cadence fact.Cadence) (first fact.Period, ok bool) {
	if p.IsZero() {
		return p, false
	}
	first = cadence.FirstFrom(p)
	_, err := fact.ParsePeriod(first.String())
	return first, err == nil
}
