package main

import (
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// rulesBacktestCommand is govkpi rules backtest.
type rulesBacktestCommand struct {
	where
	From string `help:"First period, such as 2025-01." required:""`
	To   string `help:"Last period, such as 2025-12." required:""`
}

// Run says month by month whom the rules would have named, by what was known then.
func (c *rulesBacktestCommand) Run(env *environment) error {
	reader, err := c.open(env)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it was only read
	var bounds [2]fact.Period
	for i, given := range []struct{ flag, text string }{{"--from", c.From}, {"--to", c.To}} {
		if bounds[i], err = fact.ParsePeriod(given.text); err != nil {
			return fmt.Errorf("%s: %w", given.flag, err)
		}
	}
	zone := reader.Config.Site.Zone
	question := app.ReviewQuestion{From: bounds[0].Start(zone), To: bounds[1].End(zone)}
	if !question.From.Before(question.To) {
		return fmt.Errorf("--to %s ends before --from %s begins", c.To, c.From)
	}
	if now := env.now(); question.To.After(now) {
		question.To = now.Truncate(time.Second)
		env.warn("%s has not ended: the back-test goes up to now", c.To)
	}
	review, err := reader.Review(env.ctx, question)
	if err != nil {
		return err
	}
	if review.From.After(question.From) {
		env.warn("nothing was known before %s: the back-test begins there", review.From.In(zone).Format(time.DateTime))
	}
	if review.Evaluations == 0 {
		return fmt.Errorf("there is no morning at nine from %s to %s, so that nothing was evaluated", review.From.In(zone).Format(time.DateTime), review.To.In(zone).Format(time.DateTime))
	}
	return review.Print(env.stdout, zone)
}
