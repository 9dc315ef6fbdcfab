package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// insertTargets writes how a run went for its targets.
func insertTargets(ctx context.Context, tx *sql.Tx, run int64, collector string, targets []fact.TargetRun) error {
	if len(targets) == 0 {
		return nil
	}
	ids, err := targetIDs(ctx, tx, collector)
	if err != nil {
		return err
	}
	into := newBulk(tx, "target_run", []string{"run"}, []string{"position", "target", "started", "ended", "outcome", "attempts",
		"rows", "accepted", "changed", "rejected", "error"})
	if err := into.share(ctx, run); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range targets {
		t := &targets[i]
		if err := checkTarget(t, seen); err != nil {
			return fmt.Errorf("target %d of the run: %w", i+1, err)
		}
		id, known := ids[t.Target]
		if !known {
			if err := tx.QueryRowContext(ctx, "INSERT INTO target (collector, name) VALUES (?, ?) RETURNING id", collector, t.Target).Scan(&id); err != nil {
				return err
			}
		}
		if err := into.row(ctx, int64(i+1), id, millis(t.Start), millis(t.End), string(t.Outcome), int64(t.Attempts),
			int64(t.Rows), int64(t.Accepted), int64(t.Changed), int64(t.Rejected), t.Error); err != nil {
			return err
		}
	}
	return into.flush(ctx)
}

func checkTarget(t *fact.TargetRun, seen map[string]bool) error {
	switch {
	case t.Target == "":
		return errors.New("it has no name")
	case seen[t.Target]:
		return fmt.Errorf("%s is there twice", t.Target)
	case t.Outcome != fact.Succeeded && t.Outcome != fact.Failed && t.Outcome != fact.Interrupted:
		return fmt.Errorf("%s can't end as %q: expected success, failure or interrupted", t.Target, t.Outcome)
	}
	seen[t.Target] = true
	return nil
}

func targetIDs(ctx context.Context, tx *sql.Tx, collector string) (map[string]int64, error) {
	ids := map[string]int64{}
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var (
			id   int64
			name string
		)
		err := rows.Scan(&id, &name)
		ids[name] = id
		return err
	}, "SELECT id, name FROM target WHERE collector = ?", collector)
	return ids, err
}

const targetColumns = "target_run.run, name, started, ended, outcome, attempts, rows, accepted, changed, rejected, error"

func scanTarget(rows *sql.Rows) (t fact.TargetRun, err error) {
	var started, ended sql.NullInt64
	err = rows.Scan(&t.Run, &t.Target, &started, &ended, &t.Outcome, &t.Attempts, &t.Rows, &t.Accepted, &t.Changed, &t.Rejected, &t.Error)
	t.Start, t.End = fromMillis(started), fromMillis(ended)
	return t, err
}

// Targets lists how a run went for its targets: see ledger.Store.
func (s *Store) Targets(ctx context.Context, run int64) ([]fact.TargetRun, error) {
	var targets []fact.TargetRun
	err := s.read(ctx, "list targets", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			t, err := scanTarget(rows)
			targets = append(targets, t)
			return err
		}, "SELECT "+targetColumns+" FROM target_run JOIN target ON target.id = target_run.target WHERE run = ? ORDER BY position", run)
	})
	return targets, err
}

// lastOutcome selects, for each target of a collector, its newest run with an
// outcome. It searches an index for each target, however many runs there were.
const lastOutcome = "SELECT " + targetColumns + ` FROM target CROSS JOIN target_run ON target_run.target = target.id AND outcome = ?2
		AND run = (SELECT max(run) FROM target_run WHERE target = target.id AND outcome = ?2)
	WHERE collector = ?1`

func eachLastOutcome(ctx context.Context, tx *sql.Tx, collector string, outcome fact.Outcome, each func(fact.TargetRun)) error {
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		t, err := scanTarget(rows)
		each(t)
		return err
	}, lastOutcome, collector, string(outcome))
}

// LastSuccesses lists when each target was last pulled: see ledger.Store.
func (s *Store) LastSuccesses(ctx context.Context, collector string) (map[string]time.Time, error) {
	successes := map[string]time.Time{}
	err := s.read(ctx, "list last successes", func(tx *sql.Tx) error {
		return eachLastOutcome(ctx, tx, collector, fact.Succeeded, func(t fact.TargetRun) {
			if !t.End.IsZero() {
				successes[t.Target] = t.End
			}
		})
	})
	return successes, err
}

// LastOutcomes lists how each target last went: see ledger.Store.
func (s *Store) LastOutcomes(ctx context.Context, collector string) ([]fact.TargetRun, error) {
	newest := map[string]fact.TargetRun{}
	err := s.read(ctx, "list last outcomes", func(tx *sql.Tx) error {
		for _, outcome := range []fact.Outcome{fact.Succeeded, fact.Failed} {
			if err := eachLastOutcome(ctx, tx, collector, outcome, func(t fact.TargetRun) {
				if t.Run > newest[t.Target].Run {
					newest[t.Target] = t
				}
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b fact.TargetRun) int {
		return cmp.Or(cmp.Compare(len(a.Target), len(b.Target)), cmp.Compare(a.Target, b.Target))
	}), nil
}
