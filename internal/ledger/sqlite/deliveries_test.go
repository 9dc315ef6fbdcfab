package sqlite_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

// What a run asks for each of a hundred files or targets is found by an index
// and in order, however long the ledger's past.
func TestQueriesSearch(t *testing.T) {
	s, _ := newStore(t)
	for name, c := range map[string]struct {
		query fact.DeliveryQuery
		index string
	}{
		"a target":            {fact.DeliveryQuery{Target: "a", Limit: 1}, "delivery_by_target (target=?)"},
		"a target and query":  {fact.DeliveryQuery{Target: "a", QueryDigest: "q"}, "delivery_by_target (target=?)"},
		"rows":                {fact.DeliveryQuery{InputDigest: "i"}, "delivery_by_input (input_digest=?)"},
		"rows under a target": {fact.DeliveryQuery{Target: "a", InputDigest: "i", QueryDigest: "q"}, "delivery_by_"},
		"the newest":          {fact.DeliveryQuery{Limit: 1}, "run_by_collector (collector=?)"},
		"a query":             {fact.DeliveryQuery{QueryDigest: "q"}, "run_by_collector (collector=?)"},
	} {
		t.Run(name, func(t *testing.T) {
			plan := sqlite.PlanDeliveries(t, s, c.query)
			if first, _, _ := strings.Cut(plan, "\n"); !strings.Contains(first, c.index) {
				t.Errorf("SQLite begins with %q; want %s", first, c.index)
			}
			if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("SQLite reads or sorts all:\n%s", plan)
			}
		})
	}
	for name, c := range map[string]struct{ plan, by string }{
		"last outcomes":            {sqlite.PlanLastOutcome(t, s), "target_run_by_target (target=? AND outcome=? AND run=?)"},
		"earlier, of a target":     {sqlite.PlanEarlier(t, s, "360603"), "delivery_by_target (target=? AND run<?)"},
		"earlier, without targets": {sqlite.PlanEarlier(t, s, ""), "run_by_collector (collector=? AND id<?)"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(c.plan, "SCAN") || strings.Contains(c.plan, "TEMP B-TREE") || !strings.Contains(c.plan, c.by) {
				t.Errorf("SQLite reads or sorts all, or goes not by %s:\n%s", c.by, c.plan)
			}
		})
	}
	// The list of runs is read, as for the last run of each; deliveries are not.
	t.Run("last rejections", func(t *testing.T) {
		for step := range strings.Lines(sqlite.PlanLastRejections(t, s)) {
			if strings.Contains(step, "SCAN") && !strings.Contains(step, "COVERING INDEX run_by_collector") {
				t.Errorf("SQLite reads all: %s", step)
			}
		}
	})
}

// fillDeliveries gives a ledger 1,000 runs of 10 collectors with 100 targets
// each, which is 100,000 deliveries, by the shell: they are not what is measured.
func fillDeliveries(b *testing.B, file string) {
	b.Helper()
	err := shell(b, file, `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
			INSERT INTO run (id, collector, started, outcome, attempt) SELECT i, 'collector-' || (i % 10), i, 'running', 1 FROM n;
		WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
			INSERT INTO delivery SELECT i + 1, i / 100 + 1, 360100 + i % 100, i, 0, 0, 0, 0, 'query', format('%064x', i * 7919), 0, 0, 0, 0 FROM n;
		WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
			INSERT INTO target SELECT i + 1, 'collector-' || (i % 10), 360100 + i / 10 FROM n;
		INSERT INTO target_run SELECT run, target - 360099, target.id, recorded, recorded, iif(run.id % 20 < 10, 'success', 'failure'), 1, 0, 0, 0, 0, ''
			FROM delivery JOIN run ON run.id = run JOIN target ON target.collector = run.collector AND target.name = delivery.target;
		UPDATE run SET outcome = 'success', ended = started, targets = 100`)
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDeliveries asks a ledger of 100,000 deliveries what a run asks it, and
// compares with reading the newest run, about the least one can ask.
func BenchmarkDeliveries(b *testing.B) {
	long, file := newStore(b)
	fillDeliveries(b, file)
	if found, err := long.Check(b.Context()); err != nil || len(found) > 0 {
		b.Fatal(found, err)
	}
	bare := func(n int) time.Duration {
		began := time.Now()
		for range n {
			if _, err := long.Runs(b.Context(), ledger.RunQuery{Limit: 1}); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(began) / time.Duration(n)
	}
	bare(50) // the first ones open the file
	for name, ask := range map[string]func(s ledger.Store) (int, error){
		"target": func(s ledger.Store) (int, error) {
			list, err := s.Deliveries(b.Context(), "collector-3", fact.DeliveryQuery{Target: "360117", QueryDigest: "query", Limit: 1})
			return len(list), err
		},
		"input": func(s ledger.Store) (int, error) {
			list, err := s.Deliveries(b.Context(), "collector-3", fact.DeliveryQuery{InputDigest: fmt.Sprintf("%064x", 50217*7919)})
			return len(list), err
		},
		"newest": func(s ledger.Store) (int, error) {
			list, err := s.Deliveries(b.Context(), "collector-3", fact.DeliveryQuery{Limit: 1})
			return len(list), err
		},
		"collector": func(s ledger.Store) (int, error) {
			list, err := s.Deliveries(b.Context(), "collector-3", fact.DeliveryQuery{QueryDigest: "query"})
			return len(list) / 10_000, err
		},
		"outcomes": func(s ledger.Store) (int, error) {
			list, err := s.LastOutcomes(b.Context(), "collector-3")
			return len(list) / 100, err
		},
		"rejections": func(s ledger.Store) (int, error) {
			list, err := s.Rejections(b.Context(), ledger.RejectionQuery{LastFinished: true})
			return len(list) + 1, err
		},
		"successes": func(s ledger.Store) (int, error) {
			list, err := s.LastSuccesses(b.Context(), "collector-3")
			return len(list) / 100, err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := ask(long); err != nil || n != 1 {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bare(200)), "x-of-bare")
		})
	}
}

// BenchmarkRepeats commits a file with a refused reading that the run before
// refused as well, into a ledger of 100,000 deliveries, and compares with a file
// of which nothing is known.
func BenchmarkRepeats(b *testing.B) {
	long, file := newStore(b)
	fillDeliveries(b, file)
	n := 0
	commit := func(b *testing.B, target, input string) {
		b.Helper()
		n++
		run, err := long.Begin(b.Context(), fact.Run{Collector: "collector-3", Start: fixedNow()})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := long.Commit(b.Context(), fact.Delivery{Run: run, Target: target, QueryDigest: "query", InputDigest: input,
			Rejections: []fact.Rejection{{Stage: "bounds"}}}); err != nil {
			b.Fatal(err)
		}
	}
	for name, target := range map[string]string{"target": "360117", "whole": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				commit(b, target, "same")
			}
			took := b.Elapsed() / time.Duration(b.N)
			began := time.Now()
			for range b.N {
				commit(b, fmt.Sprintf("file %d", n), fmt.Sprintf("rows %d", n))
			}
			b.ReportMetric(float64(took)/float64(time.Since(began)/time.Duration(b.N)), "x-of-bare")
		})
	}
}
