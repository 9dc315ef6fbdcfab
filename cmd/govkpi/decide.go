package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/fact"
)

// signature says who decides and why, and where: by a running server, or in a
// ledger that no server has.
type signature struct {
	Config string `help:"Configuration whose ledger to use, while no server runs on it." type:"existingfile" xor:"where"`
	Server string `help:"Have a running govkpi do it, by its address, such as http://127.0.0.1:9600." xor:"where"`
	login
	By     string `help:"Your name, for the record; with --server it is the user who logs in."`
	Reason string `help:"Why, for the record." required:""`
}

// check refuses what does not say enough.
func (s signature) check() error {
	switch {
	case s.Server == "" && s.Config == "":
		return errors.New("which ledger? Name it with --config FILE, or a running server with --server URL")
	case s.Server == "" && s.By == "":
		return errors.New("who decides? Give your name with --by")
	case s.Server != "" && s.By != "":
		return errors.New("--by is not taken with --server: the record has the name of the user who logs in, see --user")
	}
	return nil
}

// decide has an order carried out and reports what became of it.
func (s signature) decide(env *environment, order app.Order) error {
	if err := s.check(); err != nil {
		return err
	}
	order.By, order.Reason = s.By, s.Reason
	var decided app.Decided
	if s.Server != "" {
		server, err := s.client(s.Server)
		if err != nil {
			return err
		}
		if err := server.order(env.ctx, app.APIPrefix+string(order.Action), order, &decided); err != nil {
			return err
		}
	} else if err := withApp(env, s.Config, func(a *app.App) (err error) {
		decided, err = a.Order(env.ctx, order)
		return err
	}); err != nil {
		return err
	}
	return report(env, order.Action, decided)
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// done is the past tense of the commands.
func done(action fact.Action) string {
	switch action {
	case fact.Confirm:
		return "Confirmed"
	case fact.Release:
		return "Released"
	case fact.Reject:
		return "Rejected"
	case fact.Correct:
		return "Corrected"
	}
	return string(action)
}

// mostReported is how many figures a confirmation lists one by one.
const mostReported = 10

func report(env *environment, action fact.Action, decided app.Decided) error {
	env.say("%s %s, recorded as run %d.", done(action), counted(len(decided.Figures), "figure"), decided.Run)
	t := &table{header: []string{"indicator", "code", "name", "period", "value", "revision"}, numbers: map[int]bool{4: true, 5: true}}
	for _, f := range decided.Figures[:min(len(decided.Figures), mostReported)] {
		t.add(f.Indicator, f.Code, f.Name, f.Period, number(f.Value), fmt.Sprint(f.Revision))
	}
	if err := t.text(env.stdout); err != nil {
		return err
	}
	if rest := len(decided.Figures) - mostReported; rest > 0 {
		env.say("and %d more", rest)
	}
	return nil
}

// withApp does something with a govkpi of our own, which runs nothing by itself.
func withApp(env *environment, file string, work func(*app.App) error) (err error) {
	a, err := app.New(env.ctx, app.Options{
		Load: func() (*config.Config, error) { return config.LoadFile(file, systemOptions()) },
		Now:  env.now, Log: env.log, Version: version, Revision: revision,
	})
	if errors.Is(err, app.ErrLocked) {
		return fmt.Errorf("a running govkpi has the ledger: ask that one, with --server URL in the place of --config (%w)", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Stop(context.WithoutCancel(env.ctx))) }()
	return work(a)
}

// confirmCommand is govkpi confirm.
type confirmCommand struct {
	Indicator string   `arg:"" help:"Indicator, by its id."`
	Period    string   `help:"Period whose figures to confirm." required:""`
	Region    []string `help:"Only of this region, by code or name; repeatable. Without it, all that are provisional." sep:"none"`
	AsKnownAt string   `help:"Refuse where a figure has changed since you looked at them, at a time such as 2026-01-15T09:00:00+08:00." name:"as-known-at"`
	signature
}

// Run confirms figures.
func (c *confirmCommand) Run(env *environment) error {
	if slices.Contains(c.Region, "") { // as a variable that is not set makes it
		return errors.New("--region is empty: leave it out to confirm all, or name a region")
	}
	return c.decide(env, app.Order{Action: fact.Confirm, Indicator: c.Indicator, Period: c.Period, Regions: c.Region, AsKnownAt: c.AsKnownAt})
}

// releaseCommand is govkpi release.
type releaseCommand struct {
	ID []int64 `arg:"" help:"Held figures, by their numbers in govkpi held."`
	signature
}

// Run releases a held figure.
func (c *releaseCommand) Run(env *environment) error {
	return c.decide(env, app.Order{Action: fact.Release, Held: c.ID})
}

// rejectCommand is govkpi reject.
type rejectCommand struct {
	ID []int64 `arg:"" help:"Held figures, by their numbers in govkpi held."`
	signature
}

// Run rejects a held figure.
func (c *rejectCommand) Run(env *environment) error {
	return c.decide(env, app.Order{Action: fact.Reject, Held: c.ID})
}

// correctCommand is govkpi correct.
type correctCommand struct {
	Indicator  string            `arg:"" help:"Indicator, by its id."`
	Region     string            `arg:"" help:"Region, by code or name."`
	Period     string            `arg:"" help:"Period: 2025, 2025-H2, 2025-Q4, 2025-12, 2025-W52 or 2025-12-31."`
	Value      string            `arg:"" help:"The right figure, in the indicator's unit; a negative one after a --."`
	Was        string            `help:"What it is now in your eyes; where it is something else, the correction is refused."`
	Dimensions map[string]string `help:"Dimensions of the figure, such as --dimension sex=female." name:"dimension"`
	signature
}

// Run files a correction.
func (c *correctCommand) Run(env *environment) error {
	return c.decide(env, app.Order{
		Action: fact.Correct, Indicator: c.Indicator, Region: c.Region, Period: c.Period, Value: c.Value, Was: c.Was, Dimensions: c.Dimensions,
	})
}

// ledgerImportCommand is govkpi ledger import.
type ledgerImportCommand struct {
	File string `arg:"" help:"CSV file of past figures." type:"existingfile"`
	signature
}

// Run imports past figures.
func (c *ledgerImportCommand) Run(env *environment) error {
	if err := c.check(); err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the figures to import: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	var imported app.Imported
	if c.Server != "" {
		imported, err = c.send(env, file)
	} else {
		err = withApp(env, c.Config, func(a *app.App) (err error) {
			imported, err = a.ImportFigures(env.ctx, file, c.By, c.Reason)
			return err
		})
	}
	if err != nil {
		return err
	}
	return c.report(env, imported)
}

func (c *ledgerImportCommand) send(env *environment, file io.Reader) (imported app.Imported, err error) {
	server, err := c.client(c.Server)
	if err != nil {
		return imported, err
	}
	err = server.send(env.ctx, app.APIPrefix+"import?"+url.Values{"reason": {c.Reason}}.Encode(), "text/csv", file, &imported)
	return imported, err
}

// report fails where something was refused: a script must notice.
func (c *ledgerImportCommand) report(env *environment, imported app.Imported) error {
	env.say("Run %d: %d rows, %d accepted, %d new or changed, %d held, %d rejected.",
		imported.Run, imported.Rows, imported.Accepted, imported.Changed, imported.Held, imported.Rejected)
	for _, r := range imported.Rejections {
		env.say("%s  refused by %s\n    %s\n    %s", r.Place, r.Stage, r.Reason.ZH, r.Reason.EN)
	}
	if imported.Rejected > 0 {
		env.warn("%s refused; what was accepted is in the ledger: mend the rest and import the file again", counted(imported.Rejected, "row"))
		return errReported
	}
	return nil
}
