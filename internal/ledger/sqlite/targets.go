package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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

// Targets lists how a run went for its targets: see ledger.Store.
func (s *Store) Targets(ctx context.Context, run int64) ([]fact.TargetRun, error) {
	var targets []fact.TargetRun
	err := s.read(ctx, "list targets", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			t := fact.TargetRun{Run: run}
			var started, ended sql.NullInt64
			err := rows.Scan(&t.Target, &started, &ended, &t.Outcome, &t.Attempts, &t.Rows, &t.Accepted, &t.Changed, &t.Rejected, &t.Error)
			t.Start, t.End = fromMillis(started), fromMillis(ended)
			targets = append(targets, t)
			return err
		}, `SELECT name, started, ended, outcome, attempts, rows, accepted, changed, rejected, error
			FROM target_run JOIN target ON target.id = target_run.target WHERE run = ? ORDER BY position`, run)
	})
	return targets, err
}

const lastSuccesses = `SELECT name, (SELECT ended FROM target_run WHERE target = target.id AND outcome = 'success' ORDER BY run DESC LIMIT 1)
	FROM target WHERE collector = ?`

// LastSuccesses lists when each target was last pulled: see ledger.Store. It
// searches an index for each target, however many runs there were.
func (s *Store) LastSuccesses(ctx context.Context, collector string) (map[string]time.Time, error) {
	successes := map[string]time.Time{}
	err := s.read(ctx, "list last successes", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			var (
				name  string
				ended sql.NullInt64
			)
			err := rows.Scan(&name, &ended)
			if ended.Valid {
				successes[name] = fromMillis(ended)
			}
			return err
		}, lastSuccesses, collector)
	})
	return successes, err
}
