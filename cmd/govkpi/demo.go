package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/internal/app"
	"github.com/govkpi/govkpi/internal/demo"
	"github.com/govkpi/govkpi/internal/fact"
)

// demoCommand is govkpi demo.
type demoCommand struct {
	Listen        string   `help:"Address to serve on." default:"127.0.0.1:9600"`
	WebConfigFile string   `help:"As that of govkpi serve, for those who decide." type:"existingfile" name:"web-config-file"`
	Decider       []string `help:"Who may decide over HTTP; see govkpi serve." sep:"none"`
	Data          string   `help:"Folder for the sample systems and the ledger; without it, a fresh temporary one that is removed at the end." type:"path"`
	Now           string   `help:"Time at which the demo begins, such as 2026-01-05T08:00:00+08:00; without it, now."`
}

// How long the demo's collectors may take until all have run once.
const demoReadyWithin = time.Minute

// Run makes and fills the sample systems, then serves the shipped configuration
// on them until the environment's context ends.
func (c *demoCommand) Run(env *environment) (err error) {
	now, err := clockFrom(c.Now, env.now)
	if err != nil {
		return err
	}
	folder, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	// The configuration names the sample API's address, so that comes first.
	api, err := new(net.ListenConfig).Listen(env.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the sample API: %w", err)
	}
	defer api.Close() //nolint:errcheck // the server may have closed it

	sources := filepath.Join(folder, "sources")
	load := func() (*config.Config, error) {
		return config.Load(jiangxi.Files, "demo.yaml", config.Options{Env: demo.Env(sources, "http://"+api.Addr().String())})
	}
	sample, err := newSample(load, now())
	if err != nil {
		return err
	}
	systems := sample.Systems(sources)
	_, statErr := os.Stat(sources)
	used := statErr == nil // by an earlier demo
	server := server{
		listen: c.Listen, webConfigFile: c.WebConfigFile, stopWithin: 10 * time.Second,
		options: app.Options{Load: load, Data: folder, Now: now, Log: env.log, Version: version, Revision: revision, Deciders: c.Decider},
		prepare: func(ctx context.Context) error {
			if err := fillSources(ctx, systems, sources, used); err != nil {
				return err
			}
			go serveSample(env, api, systems.Handler())
			return nil
		},
		started: func(ctx context.Context, a *app.App, address string) error {
			env.say("govkpi demo: synthetic figures, sample systems and ledger in %s", folder)
			if err := firstRuns(ctx, a); err != nil {
				return err
			}
			if err := correct(ctx, env, a, systems); err != nil {
				return err
			}
			env.say("Ready: http://%s/ and http://%s/metrics; in another shell:", address, address)
			env.say("%s figures --data %s --indicator elder_meal_sites --period %s --by city", os.Args[0], folder, fact.LastEnded(now(), fact.Monthly))
			env.say("%s explain elder_meal_sites 360603 --period 2025-06 --data %s", os.Args[0], folder)
			env.say("The collectors now run on their schedules; end the demo with Ctrl-C.")
			return nil
		},
	}
	return server.run(env.ctx)
}

// serveSample serves the sample API until the listener is closed.
func serveSample(env *environment, listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	if err := server.Serve(listener); err != nil && !errors.Is(err, net.ErrClosed) {
		env.log.ErrorContext(env.ctx, "the sample API has stopped", "err", err)
	}
}

// clockFrom returns a clock that begins at the given time and runs as the
// system's does; without a time it is the system's.
func clockFrom(begin string, system func() time.Time) (func() time.Time, error) {
	if begin == "" {
		return system, nil
	}
	at, err := time.Parse(time.RFC3339, begin)
	if err != nil {
		return nil, fmt.Errorf("--now: %w: expected a time such as 2026-01-05T08:00:00+08:00", err)
	}
	offset := at.Sub(system())
	return func() time.Time { return system().Add(offset) }, nil
}

// folder is where the demo keeps its files; remove undoes what it made.
func (c *demoCommand) folder() (folder string, remove func() error, err error) {
	if c.Data != "" {
		return c.Data, func() error { return nil }, os.MkdirAll(c.Data, 0o750)
	}
	folder, err = os.MkdirTemp("", "govkpi-demo-")
	return folder, func() error { return os.RemoveAll(folder) }, err
}

// newSample computes the sample systems of the shipped configuration.
func newSample(load func() (*config.Config, error), now time.Time) (*demo.Sample, error) {
	cfg, err := load()
	if err != nil {
		return nil, err
	}
	return demo.New(cfg.Regions, cfg.Indicators, now.In(cfg.Site.Zone))
}

// fillSources makes the sample systems anew: their figures follow from now. In a
// folder that an earlier demo has used, counties have corrected their figures
// already; showing the wrong ones again would make revisions that mean nothing.
func fillSources(ctx context.Context, systems *demo.Systems, folder string, used bool) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("replace the sample systems of an earlier demo: %w", err)
	}
	if err := systems.Fill(ctx); err != nil {
		return err
	}
	if used {
		return systems.Correct(ctx)
	}
	return nil
}

// firstRuns waits until every collector has run once, now or for an earlier demo.
func firstRuns(ctx context.Context, a *app.App) error {
	ctx, cancel := context.WithTimeout(ctx, demoReadyWithin)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		ready, waiting := a.Ready()
		if ready {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the collectors %v have not run within %s: %w", waiting, demoReadyWithin, ctx.Err())
		case <-ticker.C:
		}
	}
}

// correct lets the sample's counties correct earlier months, and collects what
// they corrected: the ledger then holds figures with more than one revision.
func correct(ctx context.Context, env *environment, a *app.App, systems *demo.Systems) error {
	if err := systems.Correct(ctx); err != nil {
		return err
	}
	for _, c := range a.Collectors() {
		run, err := a.Collect(ctx, c.Name, fact.Period{})
		if err != nil {
			return err
		}
		if run.Changed > 0 {
			env.say("Counties corrected earlier figures, found by %s: %d", c.Name, run.Changed)
		}
	}
	return nil
}
