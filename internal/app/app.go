// Package app is the composition root: it builds every part from one
// configuration, joins them along the way of a figure, and starts, reloads and
// stops them.
//
// It reads a config.Config and hands out an http.Handler. It is the only package
// that knows all the others; nothing imports it but the commands. Two Apps can
// live in one process as long as they have ledgers of their own.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
	"github.com/govkpi/govkpi/internal/rules"
	"github.com/govkpi/govkpi/internal/schedule"
	"github.com/govkpi/govkpi/internal/web"
)

// LedgerFile is the name of the ledger in its folder.
const LedgerFile = "ledger.db"

// Options are what an App is made from. All are required unless they say
// otherwise.
type Options struct {
	// Load reads the configuration; it is called at the start and at every
	// reload.
	Load func() (*config.Config, error)
	// Data is the ledger's folder; empty is the one the configuration names.
	Data string
	Now  func() time.Time
	Log  *slog.Logger
	// Version and Revision identify the build, for pages and metrics.
	Version  string
	Revision string
	// Login reports whether the password of a user has been checked before a
	// request with that name comes to the Handler; nil is nobody's.
	Login func(user string) bool
	// Deciders are those who may decide over HTTP, by the name they log in with;
	// none is nobody.
	Deciders []string
}

func (o Options) validate() error {
	for name, missing := range map[string]bool{"Load": o.Load == nil, "Now": o.Now == nil, "Log": o.Log == nil} {
		if missing {
			return fmt.Errorf("app: option %s is required", name)
		}
	}
	return nil
}

// App is a running govkpi. Its methods are safe for concurrent use.
type App struct {
	Options
	teardowns  teardowns
	store      *sqlite.Store
	memory     *memory
	telemetry  *exposition.Telemetry
	exposition *exposition.Exposition
	boards     *boardKeeper
	scheduler  *schedule.Scheduler
	handler    http.Handler
	status     *status
	redact     *redactor

	reloading sync.Mutex // one reload at a time
	site      atomic.Pointer[site]
	present   atomic.Pointer[present] // what of the site PromQL is answered from
	queries   queries
	alerting  alerting
	reloaded  atomic.Pointer[reloaded]
	busy      keyedLocks
	// newRegions says that the ledger has regions that the register has not.
	newRegions atomic.Bool
	places     chan struct{}  // as many as runs may be under way, whoever began them
	asked      sync.WaitGroup // runs that somebody asked for
	// deciding is held for reading while the gate judges a delivery and the ledger
	// takes it, and for writing while somebody decides.
	deciding sync.RWMutex
	stopping context.Context //nolint:containedctx // it ends with the App: what was asked for ends with it
	stop     context.CancelFunc
}

// New loads the configuration, opens the ledger, reads its newest figures and
// builds every part. Nothing runs until Start. On an error everything that was
// opened is closed again.
func New(ctx context.Context, o Options) (*App, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	a := &App{Options: o, redact: newRedactor(o.Log.Handler())}
	a.Log = slog.New(a.redact)
	a.teardowns.log = a.Log
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(err, a.teardowns.run(context.WithoutCancel(ctx)))
	}
	return a, nil
}

func (a *App) build(ctx context.Context) error {
	cfg, err := a.Load()
	if err != nil {
		return err
	}
	a.redact.use(cfg.Secrets)
	if a.Data == "" {
		a.Data = cfg.Ledger.Path
	}
	if err := a.openLedger(ctx); err != nil {
		return err
	}
	a.stopping, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	first, err := buildSite(ctx, cfg, a.foundation())
	if err != nil {
		return err
	}
	if err := a.accept(ctx, first); err != nil {
		return err
	}
	if a.status, err = newStatus(ctx, a.store, first, a.Now); err != nil {
		return err
	}
	a.scheduler = schedule.New(schedule.Options{Parallel: cfg.Schedule.Parallel, Now: a.Now, Log: a.Log, Skipped: func(name string) { a.telemetry.Skipped(name) }})
	if err := a.expose(ctx, cfg, first); err != nil {
		return err
	}
	a.places = make(chan struct{}, cfg.Schedule.Parallel)
	a.handler = web.NewHandler(web.Options{
		State: a, Operations: a, Figures: a, Metrics: a.exposition, PromQL: a.queries.handler, Alertmanager: a.alerting.webhook(), Login: a.Login, Deciders: a.Deciders, Log: a.Log, Now: a.Now,
	})
	return nil
}

// expose builds what /metrics shows and puts the first site in force.
func (a *App) expose(ctx context.Context, cfg *config.Config, first *site) (err error) {
	registry := prometheus.NewRegistry()
	if a.telemetry, err = exposition.NewTelemetry(exposition.TelemetryOptions{
		Registry: registry, Version: a.Version, Revision: a.Revision, Next: a.scheduler.Next,
		Statistics: func(ctx context.Context) (exposition.LedgerSize, error) {
			statistics, err := a.store.Statistics(ctx)
			return exposition.LedgerSize{
				Bytes: statistics.Bytes, Facts: statistics.Facts, Runs: statistics.Runs, Rejections: statistics.Rejections,
				Held: statistics.Held, Decisions: statistics.Decisions,
			}, err
		},
	}); err != nil {
		return err
	}
	if a.boards, err = newBoardKeeper(a, registry); err != nil {
		return err
	}
	if a.exposition, err = exposition.New(exposition.Options{Registry: registry, Log: a.Log, Now: a.Now}); err != nil {
		return err
	}
	if err := a.use(ctx, first); err != nil {
		return err
	}
	a.noteReload(first.config.Digest, nil)
	return a.buildQueries(ctx, cfg, registry)
}

// foundation is what the App's sites are built on.
func (a *App) foundation() foundation {
	return foundation{memory: a.memory, store: a.store, now: a.Now, log: a.Log}
}

func (a *App) openLedger(ctx context.Context) error {
	var err error
	if a.store, err = sqlite.Open(ctx, sqlite.Options{File: filepath.Join(a.Data, LedgerFile), Now: a.Now, Log: a.Log}); err != nil {
		return err
	}
	a.teardowns.push("ledger", func(context.Context) error { return a.store.Close() })
	interrupted, err := a.store.InterruptRunning(ctx, a.Now())
	if err != nil {
		return err
	}
	if interrupted > 0 {
		a.Log.WarnContext(ctx, "runs were interrupted when the program last ended; what they had not delivered by then was not taken", "runs", interrupted)
	}
	a.memory, err = openMemory(ctx, a.store, a.Now)
	return err
}

// accept records a site's configuration as in force. The site then lets go of
// what is in the ledger and in the register: with millions of grids that is half
// of the program's memory.
func (a *App) accept(ctx context.Context, s *site) error {
	c := ledger.Configuration{Digest: s.config.Digest, Accepted: a.Now()}
	for _, f := range s.config.Files {
		c.Files = append(c.Files, ledger.ConfigurationFile{Name: f.Name, Content: f.Content})
	}
	if _, err := a.store.Accept(ctx, c); err != nil {
		return err
	}
	lean := *s.config
	lean.Files, lean.Regions = nil, nil
	s.config = &lean
	return nil
}

// Handler serves the pages, /metrics and the lifecycle endpoints.
func (a *App) Handler() http.Handler { return a.handler }

// Start lets the collectors run. It returns at once.
func (a *App) Start(ctx context.Context) error {
	if err := a.scheduler.Replace(a.jobs(a.site.Load())); err != nil {
		return err
	}
	if err := a.scheduler.Start(ctx); err != nil {
		return err
	}
	a.queries.recorder.Start(ctx)
	a.teardowns.push("telemetry rounds", a.queries.recorder.Stop)
	a.teardowns.push("collectors", func(ctx context.Context) error {
		a.stop()
		err := a.scheduler.Stop(ctx)
		a.asked.Wait()
		return err
	})
	if err := errors.Join(a.boards.start(ctx), a.startAlerting(ctx)); err != nil {
		return err
	}
	pruning, stopPruning := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.prune(pruning)
	}()
	a.teardowns.push("retention", func(context.Context) error {
		stopPruning()
		<-done
		return nil
	})
	return nil
}

// Stop lets running collectors finish until ctx ends, then drops them whole, and
// closes the ledger.
func (a *App) Stop(ctx context.Context) error { return a.teardowns.run(ctx) }

// Reload parses, validates and builds the configuration anew; only when all of
// that has gone well does it take the place of the one in force. On an error
// nothing has changed but the metric that says so.
func (a *App) Reload(ctx context.Context) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	if a.stopping.Err() != nil {
		return errors.New("the program is stopping")
	}
	cfg, next, groups, err := a.prepare(ctx)
	if err != nil {
		a.noteReload("", err)
		a.Log.ErrorContext(ctx, "configuration refused; the one in force stays", "err", err)
		return err
	}
	a.redact.use(cfg.Secrets)
	old := a.site.Load()
	if err := errors.Join(a.use(ctx, next), a.scheduler.Replace(a.jobs(next)), a.boards.use(next), a.useAlerting(ctx, cfg, groups)); err != nil {
		return err // not reached: prepare has checked all that these refuse
	}
	a.noteReload(next.config.Digest, nil)
	for name := range old.collectors {
		if _, kept := next.collectors[name]; !kept {
			a.telemetry.Forget(name)
		}
	}
	a.Log.InfoContext(ctx, "configuration reloaded", "digest", cfg.Digest, "indicators", len(cfg.Indicators), "collectors", len(cfg.Collectors))
	return nil
}

// prepare does everything of a reload that can fail.
func (a *App) prepare(ctx context.Context) (*config.Config, *site, []rules.Group, error) {
	cfg, err := a.Load()
	if err != nil {
		return nil, nil, nil, err
	}
	was := a.site.Load().config
	switch {
	case cfg.Schedule.Parallel != was.Schedule.Parallel || cfg.Ledger.Path != was.Ledger.Path:
		return nil, nil, nil, errors.New("schedule.parallel and ledger.path are read at start only: put them back, or restart the program")
	case cfg.PromQL != was.PromQL || cfg.Telemetry != was.Telemetry:
		return nil, nil, nil, errors.New("promql and telemetry are read at start only: put them back, or restart the program")
	}
	groups, err := a.checkAlerting(cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	next, err := buildSite(ctx, cfg, a.foundation())
	if err != nil {
		return nil, nil, nil, err
	}
	return cfg, next, groups, a.accept(ctx, next)
}

// takeRegions puts the site in force anew with the regions that a run has just
// brought, so that figures of these regions resolve from now on.
func (a *App) takeRegions(ctx context.Context) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	a.newRegions.Store(false) // what comes from now on is for the next
	next, err := a.site.Load().withRegions(ctx, a.foundation())
	if err != nil {
		a.newRegions.Store(true)
		return fmt.Errorf("build the register with the regions that were collected: %w", err)
	}
	if err := errors.Join(a.use(ctx, next), a.scheduler.Replace(a.jobs(next))); err != nil {
		return fmt.Errorf("use the register with the regions that were collected: %w", err)
	}
	return nil
}

// use puts a site in force.
func (a *App) use(ctx context.Context, s *site) error {
	if err := a.memory.timeline.Follow(ctx, followed(s.config.Indicators)); err != nil {
		return err
	}
	if err := a.exposition.SetSite(s.exposed()); err != nil {
		return err
	}
	walker, err := exposition.NewWalker(s.exposed())
	if err != nil {
		return err
	}
	a.present.Store(&present{config: s.config, register: s.register, walker: walker, board: s.board})
	known := calendarEnd(s.config.Calendar, s.config.Site.Zone, a.Now())
	if known.IsZero() {
		a.Log.WarnContext(ctx, "the calendar has no holidays of this year: due dates count weekends only; add a file of them under calendar.days")
	}
	a.telemetry.SetCalendar(known)
	a.site.Store(s)
	a.status.use(s)
	for _, c := range s.config.Collectors {
		a.telemetry.Track(c.Name)
		if succeeded, ok := a.status.lastSuccess(c.Name); ok {
			a.telemetry.SetLastSuccess(c.Name, succeeded)
		}
		if err := a.trackTargets(ctx, c.Name, s.collectors[c.Name].targets); err != nil {
			return err
		}
	}
	return nil
}

// How often rejections past their retention are deleted.
const pruneEvery = 24 * time.Hour

func (a *App) prune(ctx context.Context) {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		before := a.Now().Add(-a.site.Load().config.Ledger.KeepRejections)
		switch n, err := a.store.PruneRejections(ctx, before); {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.Log.ErrorContext(ctx, "cannot delete old rejections; trying again tomorrow", "err", err)
		case n > 0:
			a.Log.InfoContext(ctx, "deleted rejections past their retention", "rejections", n, "before", before)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
