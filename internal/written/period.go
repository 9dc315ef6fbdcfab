package written

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// ErrCumulative is the error for a phrase that is of all that came together over
// more than the one period that is asked for.
var ErrCumulative = errors.New("it is of what came together over more than one period")

// UnclearError is the error for 2025.1, which a cell of numbers makes of 2025.10.
type UnclearError struct{ Year int }

func (e *UnclearError) Error() string {
	return fmt.Sprintf("it can be January or, where a number lost its last 0, October: write %d-01 or %[1]d-10", e.Year)
}

// Period reads a period as people write it: in the canonical forms of package
// fact; as 2025年12月, 2025年12月份, 2025.12, 2025/12, 202512, 2025年四季度, 2025四季度,
// 2025年第4季度, 2025Q4, 2025年上半年, 2025年, 2025年度; as a day in the same forms;
// and with Chinese or full-width digits and blanks between. A day may be
// followed by the time of midnight, as programs write it.
//
// The cadence decides only where a phrase leaves it open. 截至2025年12月31日,
// 2025年12月底 and 2025年末 speak of the period of the cadence that ends there;
// 2025年1-12月 and 2025年前三季度 of the period that the months or quarters fill, or
// of their last one where they begin with January. Any other phrase, and one
// that fits no period of the cadence at its end, gives its own period, whatever
// its cadence.
//
// A phrase without a year in four digits is an error, and so is 2025.1:
// an UnclearError.
//
// For an indicator of the kind flow see FlowPeriod.
func Period(s string, cadence fact.Cadence) (fact.Period, error) {
	p, err := read(s)
	if err != nil {
		return fact.Period{}, err
	}
	period, ok := p.period(cadence)
	if !ok {
		return fact.Period{}, fmt.Errorf("%s speaks of %s to %s, which is no %s: name one %s", Quoted(s), p.from, p.to, cadence, cadence)
	}
	return period, nil
}

// FlowPeriod is Period for an indicator that wants each period's own amount. A
// phrase that sums up, such as 2025年1-9月, 2025年前三季度, 2025年12月累计 or 截至2025年底,
// must fill a period of the cadence exactly, as 2025年1-3月 does a quarter; else the
// error is ErrCumulative. What is counted up to an end began with January.
func FlowPeriod(s string, cadence fact.Cadence) (fact.Period, error) {
	p, err := read(s)
	if err != nil {
		return fact.Period{}, err
	}
	if !p.cumulative && !p.atEnd {
		return Period(s, cadence)
	}
	first := p.from
	if p.from == p.to {
		first = yearly(p.year)
	}
	end, ok := endingWith(p.to, cadence)
	if !ok || !start(end).Equal(start(first)) {
		return fact.Period{}, fmt.Errorf("%s does not name one %s: %w", Quoted(s), cadence, ErrCumulative)
	}
	return end, nil
}

// read reads a text that is one phrase, whatever it means to a cadence.
func read(s string) (phrase, error) {
	text := fold(s).text
	p, ok := wholePhrase(text)
	switch {
	case !ok:
		return phrase{}, noPeriod(s, text)
	case p.unclear:
		return phrase{}, fmt.Errorf("%s is no period: %w", Quoted(s), &UnclearError{p.year})
	}
	return p, nil
}

// midnights are what programs write behind a day.
var midnights = [...]string{" 00:00:00", " 0:00:00", " 00:00", " 0:00", "T00:00:00Z", "T00:00:00"}

// wholePhrase reads a text that is one phrase and nothing else.
func wholePhrase(text string) (phrase, bool) {
	for _, midnight := range midnights {
		if day, found := strings.CutSuffix(text, midnight); found {
			c := cursor{rest: day}
			p, ok := c.phrase()
			return p, ok && c.rest == "" && p.from.Cadence() == fact.Daily
		}
	}
	c := cursor{rest: text}
	p, ok := c.phrase()
	return p, ok && c.rest == ""
}

// noPeriod says what a text lacks.
func noPeriod(s, text string) error {
	if _, ok := wholePhrase("2000年" + strings.TrimLeft(text, "年")); ok && text != "" {
		return fmt.Errorf("%s names no year: write it before, such as 2025年12月 or 2025-12", Quoted(s))
	}
	if _, ok := wholePhrase("20" + text); ok {
		return fmt.Errorf("%s names its year in two digits: write all four, such as 2025年12月 or 2025-12", Quoted(s))
	}
	return fmt.Errorf("%s is no period: expected a form such as 2025年12月, 2025-12, 2025年四季度, 2025-Q4, 2025年, 2025年12月31日 or 2025-12-31", Quoted(s))
}

// period returns what the phrase means to an indicator of the cadence. ok is
// false where several months or quarters are no period of it.
func (p phrase) period(cadence fact.Cadence) (period fact.Period, ok bool) {
	if p.from == p.to {
		if end, ok := endingWith(p.to, cadence); ok && p.atEnd {
			return end, true
		}
		return p.from, true
	}
	end, ok := endingWith(p.to, cadence)
	fills := ok && start(end).Equal(start(p.from))
	sinceJanuary := ok && cadence >= fact.Monthly && start(p.from).Equal(start(yearly(p.year)))
	return end, fills || sinceJanuary
}

// endingWith returns the period of the cadence that ends when p does.
func endingWith(p fact.Period, cadence fact.Cadence) (fact.Period, bool) {
	after := start(p.Next())
	end := fact.PeriodAt(after.AddDate(0, 0, -1), cadence)
	return end, start(end.Next()).Equal(after)
}

func start(p fact.Period) time.Time { return p.Start(time.UTC) }
