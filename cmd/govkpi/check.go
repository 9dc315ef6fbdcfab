package main

import (
	"fmt"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

// checkCommand is govkpi check.
type checkCommand struct {
	Config  string `help:"Configuration to check." type:"existingfile" required:""`
	Connect bool   `help:"Also connect to every collector's source, reading no figures."`
}

// Run reports every problem of the configuration.
func (c *checkCommand) Run(env *environment) error {
	cfg, err := config.LoadFile(c.Config, systemOptions())
	if err != nil {
		return err
	}
	checked, err := app.Check(cfg, env.now)
	if err != nil {
		return err
	}
	env.say("%s is sound. Indicators: %d, regions: %d, sources: %d, collectors: %d.",
		c.Config, len(cfg.Indicators), len(cfg.Regions), len(cfg.Sources), len(cfg.Collectors))
	if !c.Connect {
		return nil
	}
	failed := 0
	for _, connection := range checked.Connect(env.ctx) {
		if connection.Err != nil {
			failed++
			env.say("%s: %v", connection.Collector, connection.Err)
			continue
		}
		env.say("%s: connected", connection.Collector)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d collectors can't reach their source", failed, len(cfg.Collectors))
	}
	return nil
}
