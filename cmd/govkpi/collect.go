package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// collectCommand is govkpi collect.
type collectCommand struct {
	Name   string `arg:"" help:"Collector to run."`
	Config string `help:"Configuration that has the collector." type:"existingfile" xor:"where"`
	Since  string `help:"First period wanted, such as 2024-01, from a source that can be asked for history; without it, what a scheduled run asks for."`
	DryRun bool   `help:"Show what the run would bring and what would be rejected, and store nothing." name:"dry-run"`
	Server string `help:"Have a running govkpi do it, by its address, such as http://127.0.0.1:9600." xor:"where"`
	login
}

// Run runs the collector and says how it went.
func (c *collectCommand) Run(env *environment) error {
	var since fact.Period
	if c.Since != "" {
		var err error
		if since, err = fact.ParsePeriod(c.Since); err != nil {
			return fmt.Errorf("--since: %w", err)
		}
	}
	switch {
	case c.Server != "":
		return c.ask(env)
	case c.Config == "":
		return errors.New("which configuration? Name it with --config FILE, or a running server with --server URL")
	}
	if c.DryRun {
		return c.dryRun(env, since)
	}
	var run fact.Run
	err := withApp(env, c.Config, func(a *app.App) (err error) {
		run, err = a.Collect(env.ctx, c.Name, since)
		return err
	})
	if run.Outcome == fact.Partial {
		c.report(env, run)
		return fmt.Errorf("run %d of %s is partial: %w", run.ID, c.Name, err)
	}
	if run.Error != "" {
		return fmt.Errorf("run %d of %s failed: %w", run.ID, c.Name, err)
	}
	if err != nil {
		return err
	}
	c.report(env, run)
	return nil
}

func (c *collectCommand) report(env *environment, run fact.Run) {
	env.say("Run %d of %s: %d rows, %d accepted, %d new or changed, %d rejected%s.",
		run.ID, c.Name, run.Rows, run.Accepted, run.Changed, run.Rejected, run.HeldNote())
}

// dryRun holds what would come against the ledger, which another program may be
// writing.
func (c *collectCommand) dryRun(env *environment, since fact.Period) (err error) {
	cfg, err := config.LoadFile(c.Config, systemOptions())
	if err != nil {
		return err
	}
	checked, err := app.CheckWithLedger(env.ctx, cfg, env.now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, checked.Close()) }()
	return preview(env, checked, since, c.Name)
}

// query is what the server is told beside the name.
func (c *collectCommand) query() url.Values {
	query := url.Values{}
	if c.Since != "" {
		query.Set("since", c.Since)
	}
	if c.DryRun {
		query.Set("dry_run", "1")
	}
	return query
}

// ask posts to the running server and prints what it answers.
func (c *collectCommand) ask(env *environment) error {
	server, err := c.client(c.Server)
	if err != nil {
		return err
	}
	answer, status, err := server.post(env.ctx, "/-/collect/"+url.PathEscape(c.Name)+"?"+c.query().Encode(), "text/plain", http.NoBody)
	if err != nil {
		return err
	}
	line := strings.TrimSpace(string(answer))
	if status != http.StatusOK {
		return fmt.Errorf("the server answers: %s", line)
	}
	env.say("%s", line)
	return nil
}
