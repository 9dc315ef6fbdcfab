package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// version and revision are set by the linker; see the Makefile.
var (
	version  = "development"
	revision = "unknown"
)

// Exit codes: what went wrong decides whether a script should try again.
const (
	exitOK     = 0
	exitFailed = 1 // the command ran and says why it failed
	exitUsage  = 2 // the command line was not understood
)

// commands is the command line.
type commands struct {
	LogLevel  string `help:"Least severe message to log: ${enum}." enum:"debug,info,warn,error" default:"info" name:"log-level"`
	LogFormat string `help:"How to log: ${enum}." enum:"text,json" default:"text" name:"log-format"`

	Serve      serveCommand      `cmd:"" help:"Run the collectors and serve metrics and pages."`
	Demo       demoCommand       `cmd:"" help:"Run the shipped Jiangxi configuration on synthetic source systems."`
	Check      checkCommand      `cmd:"" help:"Check a configuration without running it."`
	Collect    collectCommand    `cmd:"" help:"Run one collector now."`
	Figures    figuresCommand    `cmd:"" help:"Print an indicator's figures for a period."`
	Query      queryCommand      `cmd:"" help:"Evaluate a PromQL expression on the ledger."`
	Explain    explainCommand    `cmd:"" help:"Say where a figure comes from, and what became of it."`
	Held       heldCommand       `cmd:"" help:"List figures that wait until somebody releases or rejects them."`
	Confirm    confirmCommand    `cmd:"" help:"Confirm provisional figures."`
	Release    releaseCommand    `cmd:"" help:"Take a held figure: it is right."`
	Reject     rejectCommand     `cmd:"" help:"Refuse a held figure: it is wrong."`
	Correct    correctCommand    `cmd:"" help:"File the right figure in the place of a wrong one."`
	Decisions  decisionsCommand  `cmd:"" help:"List what was confirmed, released, rejected and corrected, by whom and why."`
	Runs       runsCommand       `cmd:"" help:"List runs, the newest first."`
	Targets    targetsCommand    `cmd:"" help:"List how a run went for each of its targets."`
	Rejections rejectionsCommand `cmd:"" help:"List refused readings with their reasons."`
	Rules      rulesCommands     `cmd:"" help:"Make, check and test Prometheus alert rules."`
	Ledger     ledgerCommands    `cmd:"" help:"Check, back up or restore a ledger; import and export figures."`
	Notify     notifyCommands    `cmd:"" help:"Tell people of alerts: preview and send digests, look at the queue."`
	Grafana    grafanaCommands   `cmd:"" help:"Provision a Grafana with the boards: by files, or over HTTP."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// environment is what every command gets.
type environment struct {
	//nolint:containedctx // kong calls Run with one argument
	ctx    context.Context // ends at SIGINT or SIGTERM
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
	now    func() time.Time
}

// say prints a line for the user. A reader that has gone away is no failure of
// the command.
func (e *environment) say(format string, args ...any) {
	_, _ = fmt.Fprintf(e.stdout, format+"\n", args...)
}

// warn prints a line beside the output, which may go to a file or a program.
func (e *environment) warn(format string, args ...any) {
	_, _ = fmt.Fprintf(e.stderr, "govkpi: "+format+"\n", args...)
}

// errReported is returned by a command that has already printed what is wrong.
var errReported = errors.New("reported")

func run(args []string, stdout, stderr io.Writer) int {
	env := &environment{stdout: stdout, stderr: stderr, now: time.Now}
	var cli commands
	exited := -1
	parser, err := kong.New(&cli,
		kong.Name("govkpi"),
		kong.Description("Metrics and observability for governance KPIs: from the source systems to Prometheus, with a ledger of every figure."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		env.warn("%v", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		env.warn("%v\nRun govkpi --help for the commands.", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env.ctx, env.log = ctx, newLogger(stderr, cli.LogLevel, cli.LogFormat)
	if err := command.Run(env); err != nil {
		if !errors.Is(err, errReported) {
			env.warn("%v", err)
		}
		return exitFailed
	}
	return exitOK
}

func newLogger(w io.Writer, level, format string) *slog.Logger {
	var least slog.Level
	// The parser has checked the level against its enum.
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: least}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// versionCommand is govkpi version.
type versionCommand struct{}

// Run prints the version.
//
//nolint:unparam // commands return an error
func (versionCommand) Run(env *environment) error {
	env.say("govkpi %s (%s)", version, revision)
	return nil
}
