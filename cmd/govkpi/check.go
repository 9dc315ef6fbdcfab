package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// checkCommand is govkpi check.
type checkCommand struct {
	Config  string   `help:"Configuration to check." type:"existingfile" required:""`
	Connect bool     `help:"Also connect to every collector's source, reading no figures; or, with names, read what these collectors would bring and show the first of it and all that would be rejected. Nothing is stored."`
	Names   []string `arg:"" optional:"" help:"Collectors to read with --connect."`
}

// Run reports every problem of the configuration.
func (c *checkCommand) Run(env *environment) (err error) {
	if len(c.Names) > 0 && !c.Connect {
		return errors.New("names of collectors go with --connect: a check without it asks no source")
	}
	cfg, err := config.LoadFile(c.Config, systemOptions())
	if err != nil {
		return err
	}
	build := app.Check
	if len(c.Names) > 0 { // what would come is held against what has been collected
		build = app.CheckWithLedger
	}
	checked, err := build(env.ctx, cfg, env.now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, checked.Close()) }()
	env.say("%s is sound. Indicators: %d, regions: %d, sources: %d, collectors: %d.",
		c.Config, len(cfg.Indicators), len(cfg.Regions), len(cfg.Sources), len(cfg.Collectors))
	warnOfCalendar(env, cfg)
	switch {
	case len(c.Names) > 0:
		return preview(env, checked, fact.Period{}, c.Names...)
	case c.Connect:
		return connect(env, checked)
	}
	return nil
}

// warnOfCalendar names the years without holidays in which reports are or soon
// will be due.
func warnOfCalendar(env *environment, cfg *config.Config) {
	const ahead = 30 * 24 * time.Hour // the next year's holidays are known by then
	last := env.now().In(cfg.Site.Zone).Add(ahead).Year()
	first := last
	for i := range cfg.Indicators {
		if from := cfg.Indicators[i].ExpectedFrom; !from.IsZero() {
			first = min(first, from.End(cfg.Site.Zone).Year())
		}
	}
	var missing []string
	for year := first; year <= last; year++ {
		if !cfg.Calendar.Known(year) {
			missing = append(missing, strconv.Itoa(year))
		}
	}
	if len(missing) > 0 {
		env.warn("the calendar has no holidays of %s: due dates there count weekends only; add a file of them under calendar.days", strings.Join(missing, ", "))
	}
}

// connect says of every source whether it can be reached.
func connect(env *environment, checked *app.Checked) error {
	connections := checked.Connect(env.ctx)
	failed := 0
	for _, connection := range connections {
		name := connection.Collector
		if connection.Target != "" {
			name += ", " + connection.Target
		}
		if connection.Err != nil {
			failed++
			env.say("%s: %v", name, connection.Err)
			continue
		}
		env.say("%s: connected", name)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d connections failed", failed, len(connections))
	}
	return nil
}

// How many figures, and how many rejections, a preview shows of each delivery.
const mostPreviewed = 10

// preview shows what collectors would bring, and stores nothing.
func preview(env *environment, checked *app.Checked, since fact.Period, names ...string) error {
	failed := 0
	for _, name := range names {
		found, runErr := checked.Preview(env.ctx, name, since)
		if errors.Is(runErr, app.ErrUnknownCollector) {
			return runErr
		}
		if err := found.WriteText(env.stdout, mostPreviewed); err != nil {
			return err
		}
		if runErr == nil {
			continue
		}
		failed++
		if found.Run.Outcome == fact.Partial {
			env.say("%s would succeed in part: %v", name, runErr)
			continue
		}
		env.say("%s would fail: %v", name, runErr)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d collectors would fail, some perhaps in part", failed, len(names))
	}
	return nil
}
