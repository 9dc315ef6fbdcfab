package main

import (
	"errors"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

// grafanaCommands is govkpi grafana.
type grafanaCommands struct {
	Generate grafanaGenerateCommand `cmd:"" help:"Write the files from which a Grafana provisions itself: data source, boards, maps, and a sample grafana.ini."`
	Plan     grafanaPlanCommand     `cmd:"" help:"Show what in a remote Grafana is not as it should be. Nothing is changed."`
	Apply    grafanaApplyCommand    `cmd:"" help:"Make a remote Grafana as it should be. What somebody changed there by hand is left alone."`
	WallURL  grafanaWallCommand     `cmd:"" name:"wall-url" help:"Print the addresses for a browser on a wall."`
}

type grafanaGenerateCommand struct {
	Config  string `help:"Configuration whose boards to write." type:"existingfile" required:""`
	Out     string `help:"Folder to write to." type:"path" required:""`
	Install string `help:"Where that folder will lie on Grafana's machine." default:"/var/lib/grafana/govkpi"`
	Force   bool   `help:"Write over files that somebody changed or made."`
}

// Run writes the files. They need no secret.
func (c *grafanaGenerateCommand) Run(env *environment) error {
	cfg, err := config.LoadFile(c.Config, app.ForReading(systemOptions()))
	if err != nil {
		return err
	}
	g, err := app.NewGrafana(cfg, "")
	if err != nil {
		return err
	}
	written, err := g.Generate(c.Out, c.Install, c.Force)
	for _, name := range written.Changed {
		env.say("wrote %s", name)
	}
	for _, name := range written.Deleted {
		env.say("deleted %s", name)
	}
	if err != nil {
		return err
	}
	env.say("%s: %d files written, %d deleted, %d as they were.", c.Out, len(written.Changed), len(written.Deleted), written.Unchanged)
	return nil
}

// remoteGrafana is what the commands on a remote Grafana share.
type remoteGrafana struct {
	Config string `help:"Configuration with the Grafana under grafana.url." type:"existingfile" required:""`
	Data   string `help:"Folder that remembers what was written; the ledger's unless given." type:"path"`
}

func (c remoteGrafana) open() (*app.Grafana, *config.Config, error) {
	cfg, err := config.LoadFile(c.Config, grafanaOptions())
	if err != nil {
		return nil, nil, err
	}
	g, err := app.NewGrafana(cfg, c.Data)
	return g, cfg, err
}

// grafanaOptions reads secrets where they are there, and a word in the place of
// the others: those of sources are not needed.
func grafanaOptions() config.Options {
	o := app.ForReading(systemOptions())
	o.ReadSecret = func(file string) ([]byte, error) {
		if content, err := systemOptions().ReadSecret(file); err == nil {
			return content, nil
		}
		return app.ForReading(systemOptions()).ReadSecret(file)
	}
	return o
}

type grafanaPlanCommand struct {
	remoteGrafana
	Force    bool `help:"Show what --force would do."`
	Prune    bool `help:"Show what --prune would do."`
	ExitCode bool `help:"Fail where anything is not as it should be." name:"exit-code"`
}

// Run prints the plan.
func (c *grafanaPlanCommand) Run(env *environment) error {
	g, cfg, err := c.open()
	if err != nil {
		return err
	}
	plan, err := g.Plan(env.ctx, c.Force, c.Prune)
	if err != nil {
		return redacted(cfg, err)
	}
	if err := plan.WriteText(env.stdout); err != nil {
		return err
	}
	if c.ExitCode && !plan.Unchanged() {
		return errReported
	}
	return nil
}

type grafanaApplyCommand struct {
	remoteGrafana
	Force bool `help:"Write ours over what somebody changed by hand; Grafana's history keeps theirs."`
	Prune bool `help:"Delete boards that we made and that are not wanted any more."`
}

// Run plans and applies.
func (c *grafanaApplyCommand) Run(env *environment) error {
	g, cfg, err := c.open()
	if err != nil {
		return err
	}
	plan, err := g.Plan(env.ctx, c.Force, c.Prune)
	if err != nil {
		return redacted(cfg, err)
	}
	if err := plan.WriteText(env.stdout); err != nil {
		return err
	}
	if err := g.Apply(env.ctx, plan, func(sentence string) { env.say("done: %s", sentence) }); err != nil {
		return redacted(cfg, err)
	}
	return nil
}

type grafanaWallCommand struct {
	remoteGrafana
}

// Run prints one address a line, with the title behind it.
func (c *grafanaWallCommand) Run(env *environment) error {
	g, cfg, err := c.open()
	if err != nil {
		return err
	}
	urls, err := g.WallURLs(env.ctx)
	if err != nil {
		return redacted(cfg, err)
	}
	for _, one := range urls {
		env.say("%s  %s", one.URL, one.Title)
	}
	return nil
}

// redacted takes secrets out of what some server between us and Grafana said.
func redacted(cfg *config.Config, err error) error {
	return errors.New(cfg.Secrets.Redact(err.Error()))
}
