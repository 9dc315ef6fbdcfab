package app

import (
	"context"
	"iter"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/grafana"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/schedule"
)

// grafanaJob is what the logs call the application of boards to Grafana.
const grafanaJob = "grafana"

// boardKeeper applies boards to Grafana, at the start and on a schedule, where
// the configuration in force says so.
type boardKeeper struct {
	app         *App
	provisioner *grafana.Provisioner
	scheduler   *schedule.Scheduler // of its own: a slow Grafana takes no place from collectors
	once        sync.WaitGroup
}

func newBoardKeeper(a *App, registry prometheus.Registerer) (*boardKeeper, error) {
	k := &boardKeeper{app: a, scheduler: schedule.New(schedule.Options{Parallel: 1, Now: a.Now, Log: a.Log})}
	var err error
	k.provisioner, err = grafana.NewProvisioner(grafana.ProvisionerOptions{Target: k.target, Registry: registry, Now: a.Now, Log: a.Log})
	return k, err
}

// target is what the site in force wants. Its configuration has let go of its
// regions, which the register has.
func (k *boardKeeper) target(context.Context) (*grafana.Remote, grafana.Desired, error) {
	s := k.app.site.Load()
	remote, err := grafanaRemote(s.config, k.app.Data)
	if err != nil {
		return nil, grafana.Desired{}, err
	}
	desired, err := grafanaDesired(s.config, s.register.regions())
	return remote, desired, err
}

func (r *register) regions() iter.Seq[fact.Region] {
	return func(yield func(fact.Region) bool) {
		for known := range r.All() {
			if !yield(*known) {
				return
			}
		}
	}
}

// jobs are those of a site: one or none.
func (k *boardKeeper) jobs(s *site) []schedule.Job {
	g := s.config.Grafana
	if g == nil || g.Schedule == "" {
		return nil
	}
	spec, err := grafanaSpec(s.config)
	if err != nil {
		return nil // not reached: buildSite has refused it
	}
	job := schedule.Job{
		Name: grafanaJob, Spec: spec, Retry: schedule.Retry{Attempts: 1},
		Run: func(ctx context.Context, _ schedule.Trigger) error { return k.provisioner.Run(ctx) },
	}
	if !g.ApplyAtStart {
		job.LastRun = k.app.Now() // one that never ran would run at once
	}
	return []schedule.Job{job}
}

// grafanaSpec reads grafana.schedule; without one it is zero.
func grafanaSpec(cfg *config.Config) (schedule.Spec, error) {
	g := cfg.Grafana
	if g == nil || g.Schedule == "" {
		return schedule.Spec{}, nil
	}
	spec, err := schedule.Parse(g.Schedule, cfg.Site.Zone)
	if err != nil {
		return spec, g.Block.Errorf("schedule", "%w", err)
	}
	return spec, nil
}

// use goes by the schedule of a site from now on.
func (k *boardKeeper) use(s *site) error { return k.scheduler.Replace(k.jobs(s)) }

// start lets it run, and applies once where that is all that is wanted. It returns
// at once.
func (k *boardKeeper) start(ctx context.Context) error {
	s := k.app.site.Load()
	if err := k.use(s); err != nil {
		return err
	}
	if err := k.scheduler.Start(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	k.app.teardowns.push("grafana", func(ctx context.Context) error {
		stop()
		err := k.scheduler.Stop(ctx)
		k.once.Wait()
		return err
	})
	if g := s.config.Grafana; g != nil && g.ApplyAtStart && g.Schedule == "" {
		k.once.Go(func() {
			if err := k.provisioner.Run(running); err != nil {
				k.app.Log.ErrorContext(running, "boards were not applied to grafana as a whole", "err", err)
			}
		})
	}
	return nil
}
