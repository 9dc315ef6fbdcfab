package workbook

import "github.com/govkpi/govkpi/internal/fact"

// counting remembers which periods the readings that pass through are of.
type counting struct {
	sinkOf
	periods []string
	seen    map[string]bool
	last    string
	several bool // sheets; their totals wait until it is known which are alone
	totals  []fact.Reading
}

// mostPeriodsShown is how many periods a receipt lists.
const mostPeriodsShown = 12

// Add implements sinkOf.
func (c *counting) Add(r fact.Reading) error {
	period := r.Period + r.Date
	if period != c.last && len(c.periods) <= mostPeriodsShown && !c.seen[period] {
		c.seen[period] = true
		c.periods = append(c.periods, period)
	}
	c.last = period
	if r.Total && c.several {
		c.totals = append(c.totals, r)
		return nil
	}
	return c.sinkOf.Add(r) //nolint:wrapcheck // the sink says it
}

// addTotals hands on the totals of figures that one sheet alone has. Where several
// have them, each is of its own sheet, and none of all.
func (c *counting) addTotals() error {
	type figure struct{ indicator, period, date string }
	sheets := map[figure]string{}
	shared := map[figure]bool{}
	for i := range c.totals {
		r := &c.totals[i]
		f := figure{r.Indicator, r.Period, r.Date}
		sheet, known := sheets[f]
		shared[f] = shared[f] || known && sheet != r.Place.Part
		sheets[f] = r.Place.Part
	}
	for _, r := range c.totals {
		if shared[figure{r.Indicator, r.Period, r.Date}] {
			continue
		}
		if err := c.sinkOf.Add(r); err != nil {
			return err //nolint:wrapcheck // the sink says it
		}
	}
	return nil
}
