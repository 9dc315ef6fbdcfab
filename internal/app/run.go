package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
	"github.com/govkpi/govkpi/internal/schedule"
)

// jobs makes a scheduled job of every collector of a site.
func (a *App) jobs(s *site) []schedule.Job {
	jobs := make([]schedule.Job, 0, len(s.collectors))
	for _, c := range s.config.Collectors {
		built := s.collectors[c.Name]
		retry := schedule.Retry{Attempts: c.Retry.Attempts, Backoff: c.Retry.Backoff, Window: c.Retry.Window}
		if !c.ForEach.IsZero() {
			retry = schedule.Retry{Attempts: 1} // each target has its own attempts
		}
		jobs = append(jobs, schedule.Job{
			Name: c.Name, Spec: built.spec, LastRun: a.status.lastRun(c.Name), Retry: retry,
			Run: func(ctx context.Context, trigger schedule.Trigger) error {
				_, err := a.run(ctx, c.Name, collectors.Trigger{Scheduled: trigger.Scheduled, Attempt: trigger.Attempt})
				if errors.Is(err, collectors.ErrStopped) {
					return fmt.Errorf("%w: %w", context.Canceled, err) // the scheduler's word for it
				}
				return err
			},
		})
	}
	return jobs
}

// job is what a Runner needs to know of a collector.
func (c *builtCollector) job() collectors.Job {
	return collectors.Job{
		Name: c.Name, Collector: c.puller, Deadline: c.Deadline,
		FanOut: !c.ForEach.IsZero(), Targets: c.targets, Parallel: c.Parallel, Retry: collectors.Retry(c.Retry), Hanging: c.hanging,
	}
}

// withPlace does something with a collector while nobody else uses it, in one of
// the places that there are for runs. It ends with the App. The site is the one
// in force when all that was waited for.
func (a *App) withPlace(ctx context.Context, name string, work func(ctx context.Context, s *site, c builtCollector) error) error {
	unlock, err := a.busy.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	// The scheduler knows only of its own runs.
	select {
	case a.places <- struct{}{}:
		defer func() { <-a.places }()
	case <-ctx.Done():
		return fmt.Errorf("waiting for a place to run %s: %w", name, ctx.Err())
	}
	s := a.site.Load()
	if err := s.mustHave(name); err != nil { // a reload took it away meanwhile
		return err
	}
	return work(ctx, s, s.collectors[name])
}

// asks does the same for somebody who asked.
func (a *App) asks(ctx context.Context, name string, work func(ctx context.Context, s *site, c builtCollector) error) error {
	if err := a.site.Load().mustHave(name); err != nil {
		return err
	}
	a.asked.Add(1)
	defer a.asked.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.stopping, cancel)() //nolint:contextcheck // either context ends the run
	return a.withPlace(ctx, name, work)
}

// run is the way of a figure: the collector pulls, the gate decides, the ledger
// keeps, the head and with it everything downstream moves on.
func (a *App) run(ctx context.Context, name string, trigger collectors.Trigger) (run fact.Run, err error) {
	err = a.withPlace(ctx, name, func(ctx context.Context, s *site, c builtCollector) error {
		run, err = a.pull(ctx, s, c, trigger)
		return err
	})
	return run, err
}

func (a *App) pull(ctx context.Context, s *site, c builtCollector, trigger collectors.Trigger) (fact.Run, error) {
	a.status.started(c.Name)
	a.telemetry.Started(c.Name)
	runner := collectors.Runner{
		Ledger: a.ledger(),
		Open: func(target collectors.Target) collectors.Intake {
			return s.gate.Open(c.terms(s.register, target))
		},
		Zone:    s.config.Site.Zone,
		Now:     a.Now,
		Log:     a.Log,
		Redact:  s.config.Secrets.Redact,
		Observe: a.observe, Deciding: a.deciding.RLocker(),
	}
	run, err := runner.Run(ctx, c.job(), trigger)
	if a.newRegions.Load() && a.stopping.Err() == nil {
		if refused := a.takeRegions(context.WithoutCancel(ctx)); refused != nil {
			a.Log.ErrorContext(ctx, "collected regions can't be used yet; it is tried again after the next run", "collector", c.Name, "err", refused)
		}
	}
	return run, err
}

func (a *App) observe(ended collectors.Ended) {
	a.status.observe(ended.Run, ended.Targets)
	a.telemetry.ObserveRun(ended.Run, ended.Rejections, ended.Held)
	a.telemetry.ObserveTargets(ended.Run.Collector, ended.Targets)
	if ended.Unchanged {
		a.telemetry.Unchanged(ended.Run.Collector)
	}
}

// ledger is the ledger as runs and decisions write it.
func (a *App) ledger() committer {
	return committer{Store: a.store, memory: a.memory, newRegions: &a.newRegions}
}

// committer moves on with every commit what is held in memory.
type committer struct {
	*sqlite.Store
	*memory
	newRegions *atomic.Bool // set where regions came
}

// Commit implements collectors.Ledger.
func (c committer) Commit(ctx context.Context, d fact.Delivery) (fact.Committed, error) {
	committed, err := c.Store.Commit(ctx, d)
	if err == nil {
		c.apply(committed)
		if len(committed.Regions) > 0 {
			c.newRegions.Store(true)
		}
	}
	return committed, err
}

// Collect runs one collector now, after its running run if it has one, through
// the same path as a scheduled run. The error wraps web.ErrUnknownCollector for
// a name that is not configured; that of a run that failed is Run.Error.
//
// A source that can be asked for history delivers what is of since or later; a
// zero since asks for what a scheduled run would.
func (a *App) Collect(ctx context.Context, name string, since fact.Period) (run fact.Run, err error) {
	err = a.asks(ctx, name, func(ctx context.Context, s *site, c builtCollector) error {
		run, err = a.pull(ctx, s, c, collectors.Trigger{Attempt: 1, Since: since})
		return err
	})
	return run, err
}

// DryRun reads a collector's source, compares it with the ledger and writes for
// a person what a run would bring; at most so many figures and rejections of
// each delivery. Nothing is stored. The error is that of the run.
func (a *App) DryRun(ctx context.Context, name string, since fact.Period, w io.Writer, most int) error {
	return a.asks(ctx, name, func(ctx context.Context, s *site, c builtCollector) error {
		preview, runErr := s.preview(ctx, c, since, a.foundation())
		if err := preview.WriteText(w, most); err != nil {
			return fmt.Errorf("write the preview: %w", err)
		}
		return runErr
	})
}

// keyedLocks hands out one lock a name.
type keyedLocks struct {
	mu    sync.Mutex
	locks map[string]chan struct{}
}

// lock waits until nobody else holds the name, or ctx ends.
func (k *keyedLocks) lock(ctx context.Context, name string) (unlock func(), err error) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[string]chan struct{}{}
	}
	held, ok := k.locks[name]
	if !ok {
		held = make(chan struct{}, 1)
		k.locks[name] = held
	}
	k.mu.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the running run of %s: %w", name, ctx.Err())
	}
}
