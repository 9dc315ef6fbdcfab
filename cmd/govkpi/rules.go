package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/app"
)

// rulesCommands is govkpi rules.
type rulesCommands struct {
	Generate rulesGenerateCommand `cmd:"" help:"Write the alert rules of a configuration, as files for any Prometheus."`
	Check    rulesCheckCommand    `cmd:"" help:"Read rules as Prometheus does, and hold their metrics and labels against those that there are."`
	Backtest rulesBacktestCommand `cmd:"" help:"Say month by month whom the alert rules would have named, by what was known then."`
	Test     rulesTestCommand     `cmd:"" help:"Run unit tests of promtool on the alert rules of a configuration."`
}

// rulesOf says which configuration's rules are meant.
type rulesOf struct {
	Config string `help:"Configuration to make rules of." type:"existingfile" required:""`
}

func (r rulesOf) load() (*config.Config, error) {
	return config.LoadFile(r.Config, app.ForReading(systemOptions()))
}

// rulesGenerateCommand is govkpi rules generate.
type rulesGenerateCommand struct {
	rulesOf
	Out string `help:"Folder to write into; without it the rules are printed." type:"path"`
}

// Run writes one file for each kind of alert.
func (c *rulesGenerateCommand) Run(env *environment) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	files, err := app.RuleFiles(cfg)
	if err != nil {
		return err
	}
	if c.Out == "" {
		for _, f := range files {
			if _, err := env.stdout.Write(f.Content); err != nil {
				return fmt.Errorf("print the rules: %w", err)
			}
		}
		return nil
	}
	if err := writeRules(c.Out, files); err != nil {
		return err
	}
	env.say("%d files of rules are in %s.", len(files), c.Out)
	return nil
}

func writeRules(folder string, files []app.RuleFile) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder for the rules: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.Content, 0o644); err != nil {
			return fmt.Errorf("write the rules: %w", err)
		}
	}
	return nil
}

// rulesCheckCommand is govkpi rules check.
type rulesCheckCommand struct {
	rulesOf
	Files []string `arg:"" optional:"" type:"existingfile" help:"Rule files to check in the place of those that the configuration makes."`
}

// Run reports all that is wrong with the rules.
func (c *rulesCheckCommand) Run(env *environment) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	var files []app.RuleFile
	for _, name := range c.Files {
		content, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the rules: %w", err)
		}
		files = append(files, app.RuleFile{Name: name, Content: content})
	}
	if len(files) == 0 {
		if files, err = app.RuleFiles(cfg); err != nil {
			return err
		}
	}
	rules := 0
	var faults []error
	for _, f := range files {
		n, err := app.CheckRuleFile(cfg, f)
		rules += n
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return err
	}
	env.say("%d rules in %d files are sound.", rules, len(files))
	return nil
}

// rulesTestCommand is govkpi rules test.
type rulesTestCommand struct {
	rulesOf
	Files []string `arg:"" type:"existingfile" help:"Unit tests of promtool. They name rule files such as ReportOverdue.yaml, without a folder."`
}

// Run puts the rules beside the tests and lets promtool run these.
func (c *rulesTestCommand) Run(env *environment) (err error) {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	files, err := app.RuleFiles(cfg)
	if err != nil {
		return err
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		return fmt.Errorf("unit tests are run by promtool, which is not installed (Debian: package prometheus): %w", err)
	}
	folder, err := os.MkdirTemp("", "govkpi-rules-")
	if err != nil {
		return fmt.Errorf("make a folder for the tests: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := writeRules(folder, files); err != nil {
		return err
	}
	args := []string{"test", "rules"}
	for n, name := range c.Files {
		content, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the tests: %w", err)
		}
		// Tests of several folders may share a name.
		copied := filepath.Join(folder, fmt.Sprintf("%03d-%s", n, filepath.Base(name)))
		if err := os.WriteFile(copied, content, 0o600); err != nil {
			return fmt.Errorf("copy the tests: %w", err)
		}
		args = append(args, copied)
	}
	command := exec.CommandContext(env.ctx, promtool, args...)
	command.Stdout, command.Stderr = env.stdout, env.stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("the rules do not pass: %w", err)
	}
	return nil
}
