package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/web"
)

// status knows each collector's last run, and whether the program is ready. It
// is safe for concurrent use.
type status struct {
	now   func() time.Time
	start time.Time

	mu   sync.Mutex
	site *site
	last map[string]fact.Run // ended runs, by collector
	// targets is how it went last for each target.
	targets map[string][]fact.TargetRun
	ready   bool // once true it stays so
	// running are the collectors whose run is under way.
	running map[string]bool
	// succeeded is the end of each collector's last successful run.
	succeeded map[string]time.Time
}

type runReader interface {
	Runs(ctx context.Context, query ledger.RunQuery) ([]fact.Run, error)
	LastOutcomes(ctx context.Context, collector string) ([]fact.TargetRun, error)
}

// How many of a collector's runs are searched for its last success.
const searchedRuns = 1000

// newStatus reads from the ledger how each collector's last run went.
func newStatus(ctx context.Context, runs runReader, s *site, now func() time.Time) (*status, error) {
	last, err := runs.Runs(ctx, ledger.RunQuery{LastFinished: true})
	if err != nil {
		return nil, err
	}
	st := &status{now: now, start: now(), site: s, last: map[string]fact.Run{}, targets: map[string][]fact.TargetRun{}, running: map[string]bool{}, succeeded: map[string]time.Time{}}
	for _, run := range last {
		// The last run may have been cut off before it knew of its targets.
		targets, err := runs.LastOutcomes(ctx, run.Collector)
		if err != nil {
			return nil, err
		}
		st.observe(run, targets)
		if run.Outcome == fact.Succeeded {
			continue
		}
		earlier, err := runs.Runs(ctx, ledger.RunQuery{Collector: run.Collector, Limit: searchedRuns})
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(earlier, func(r fact.Run) bool { return r.Outcome == fact.Succeeded }); i >= 0 {
			st.succeeded[run.Collector] = earlier[i].End
		}
	}
	return st, nil
}

func (s *status) use(next *site) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.site = next
}

func (s *status) started(collector string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[collector] = true
}

// observe takes note of a run that has ended, and of how it went for each of its
// targets.
func (s *status) observe(run fact.Run, targets []fact.TargetRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, run.Collector)
	s.last[run.Collector] = run
	s.targets[run.Collector] = merged(s.targets[run.Collector], targets)
	if run.Outcome == fact.Succeeded {
		s.succeeded[run.Collector] = run.End
	}
}

// lastSuccess is the end of the collector's last successful run.
func (s *status) lastSuccess(collector string) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := s.succeeded[collector]
	return end, ok
}

// of is the collector's last ended run, whose ID is 0 where there is none, and
// whether another is under way.
func (s *status) of(collector string) (last fact.Run, running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[collector], s.running[collector]
}

// lastRun is when the collector last ran to an end, for the schedule to catch up
// what was missed since; an interrupted run does not count.
func (s *status) lastRun(collector string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	run, ok := s.last[collector]
	if !ok || run.Outcome == fact.Interrupted {
		return time.Time{} // it runs at once
	}
	return run.Start
}

// waiting lists the collectors that have never ended a run, in this or an earlier
// life of the program, nor passed their deadline since its start, and latches ready when there are none.
func (s *status) waiting() (ready bool, waiting []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return true, nil
	}
	now := s.now()
	for _, c := range s.site.config.Collectors {
		if _, ended := s.last[c.Name]; !ended && now.Before(s.start.Add(s.site.collectors[c.Name].longest())) {
			waiting = append(waiting, c.Name)
		}
	}
	s.ready = len(waiting) == 0
	return s.ready, waiting
}

// merged returns the outcomes with newer ones in their place; what was interrupted
// says nothing of its target.
func merged(outcomes, newer []fact.TargetRun) []fact.TargetRun {
	outcomes = slices.Clone(outcomes)
	at := make(map[string]int, len(outcomes))
	for i := range outcomes {
		at[outcomes[i].Target] = i
	}
	for _, t := range newer {
		i, known := at[t.Target]
		switch {
		case t.Outcome == fact.Interrupted:
		case known:
			outcomes[i] = t
		default:
			outcomes = append(outcomes, t)
		}
	}
	return outcomes
}

// targetsOf is how it went last for each target of a collector, also for those
// that it no longer has.
func (s *status) targetsOf(collector string) []fact.TargetRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.targets[collector]
}

// failed are the targets of a collector whose last pull failed, with their names.
func (s *site) failed(collector string, targets []fact.TargetRun) []web.FailedTarget {
	present := map[string]bool{}
	for _, target := range s.collectors[collector].targets {
		present[target.Code] = true
	}
	var failed []web.FailedTarget
	for _, t := range targets {
		if t.Outcome != fact.Failed || !present[t.Target] {
			continue
		}
		row := web.FailedTarget{Code: t.Target, Reason: t.Error}
		if r, ok := s.register.ByCode(t.Target); ok {
			row.Name = r.Name
		}
		failed = append(failed, row)
	}
	return failed
}

// longest is how long one attempt at everything can take.
func (c builtCollector) longest() time.Duration {
	if c.ForEach.IsZero() {
		return c.Deadline
	}
	rounds := (len(c.targets) + c.Parallel - 1) / c.Parallel
	return c.Deadline * time.Duration(max(1, rounds))
}

// How long the landing page waits for the ledger.
const pageDeadline = 2 * time.Second

// Site implements web.State.
func (a *App) Site() web.Site {
	cfg := a.site.Load().config
	ctx, cancel := context.WithTimeout(a.stopping, pageDeadline)
	defer cancel()
	statistics, err := a.store.Statistics(ctx)
	if err != nil { // the page has other things to tell
		a.Log.WarnContext(ctx, "the landing page can't tell how many figures are held", "err", err)
	}
	return web.Site{Name: cfg.Site.Name, Notice: cfg.Site.Notice, Zone: cfg.Site.Zone, Version: a.Version, Held: statistics.Held}
}

// Collectors implements web.State.
func (a *App) Collectors() []web.Collector {
	s := a.site.Load()
	rows := make([]web.Collector, 0, len(s.collectors))
	for _, c := range s.config.Collectors {
		row := web.Collector{Name: c.Name, Source: s.collectors[c.Name].source}
		row.Last, row.Running = a.status.of(c.Name)
		row.Targets = len(s.collectors[c.Name].targets)
		row.Failed = s.failed(c.Name, a.status.targetsOf(c.Name))
		row.Next, _ = a.scheduler.Next(c.Name)
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(x, y web.Collector) int { return x.Next.Compare(y.Next) })
	return rows
}

// Ready implements web.State.
func (a *App) Ready() (bool, []string) { return a.status.waiting() }
