package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Begin records the start of a run: see ledger.Store.
func (s *Store) Begin(ctx context.Context, run fact.Run) (id int64, err error) {
	err = s.write(ctx, "begin a run of "+run.Collector, func(tx *sql.Tx) error {
		if _, err := fact.ParseOrigin(run.Origin.String()); err != nil {
			return err
		}
		// Runs are never deleted, so the next id is one more than their number.
		return tx.QueryRowContext(ctx, `INSERT INTO run (collector, scheduled, started, outcome, attempt, origin, by, reason)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			run.Collector, millis(run.Scheduled), run.Start.UnixMilli(), fact.Running, run.Attempt,
			run.Origin.String(), run.By, run.Reason).Scan(&id)
	})
	return id, err
}

// End records how a run went, and its targets: see ledger.Store.
func (s *Store) End(ctx context.Context, run fact.Run, targets ...fact.TargetRun) error {
	return s.write(ctx, fmt.Sprintf("end run %d", run.ID), func(tx *sql.Tx) error {
		switch run.Outcome {
		case fact.Succeeded, fact.Partial, fact.Failed, fact.Interrupted:
		default:
			return fmt.Errorf("a run can't end as %q: expected success, partial, failure or interrupted", run.Outcome)
		}
		var (
			collector string
			outcome   fact.Outcome
		)
		err := tx.QueryRowContext(ctx, "SELECT collector, outcome FROM run WHERE id = ?", run.ID).Scan(&collector, &outcome)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ledger.ErrNotFound
		case err != nil:
			return err
		case outcome != fact.Running:
			return fmt.Errorf("it has ended already (%s)", outcome)
		}
		if err := insertTargets(ctx, tx, run.ID, collector, targets); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE run SET ended = ?, outcome = ?, targets = ?, rows = ?, accepted = ?, changed = ?, rejected = ?, error = ? WHERE id = ?`,
			run.End.UnixMilli(), run.Outcome, len(targets), run.Rows, run.Accepted, run.Changed, run.Rejected, run.Error, run.ID)
		return err
	})
}

// InterruptRunning ends what a program before this one left running: see
// ledger.Store. What such a run had delivered stays, and is counted.
func (s *Store) InterruptRunning(ctx context.Context, now time.Time) (int, error) {
	var interrupted int64
	err := s.write(ctx, "mark unfinished runs as interrupted", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE run SET outcome = ?, ended = ?, (accepted, changed) = (
				SELECT accepted, changed FROM delivery WHERE delivery.run = run.id)
			WHERE outcome = ? AND origin = ? AND EXISTS (SELECT 1 FROM delivery WHERE delivery.run = run.id)`,
			fact.Succeeded, now.UnixMilli(), fact.Running, fact.Decided.String()); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE run SET outcome = ?, ended = ?, error = 'the program stopped before the run had ended',
				(rows, accepted, changed, rejected) = (
					SELECT coalesce(sum(rows), 0), coalesce(sum(accepted), 0), coalesce(sum(changed), 0), coalesce(sum(rejected), 0)
					FROM delivery WHERE delivery.run = run.id)
			WHERE outcome = ?`, fact.Interrupted, now.UnixMilli(), fact.Running)
		if err != nil {
			return err
		}
		interrupted, err = result.RowsAffected()
		return err
	})
	return int(interrupted), err
}

// lastFinished selects the ids of the newest ended run of each collector. "id"
// grows, so the newest has the greatest.
const lastFinished = `(SELECT max(id) FROM run WHERE outcome <> 'running' GROUP BY collector)`

// Runs lists runs: see ledger.Store.
func (s *Store) Runs(ctx context.Context, query ledger.RunQuery) ([]fact.Run, error) {
	text, arguments := "SELECT "+runColumns+" FROM run WHERE true", []any{}
	if query.Collector != "" {
		text, arguments = text+" AND collector = ?", append(arguments, query.Collector)
	}
	if query.LastFinished {
		text += " AND id IN " + lastFinished
	}
	text, arguments = ordered(text, arguments, "id DESC", query.Limit)
	var runs []fact.Run
	err := s.read(ctx, "list runs", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			r, err := scanRun(rows)
			runs = append(runs, r)
			return err
		}, text, arguments...)
	})
	return runs, err
}

const runColumns = `id, collector, scheduled, started, ended, outcome, attempt, origin, by, reason, rows, accepted, changed, rejected, error,
	(SELECT coalesce(sum(held), 0) FROM delivery WHERE delivery.run = run.id)`

func scanRun(rows *sql.Rows) (r fact.Run, err error) {
	var (
		scheduled, started, ended sql.NullInt64
		origin                    string
	)
	if err := rows.Scan(&r.ID, &r.Collector, &scheduled, &started, &ended, &r.Outcome, &r.Attempt, &origin, &r.By, &r.Reason,
		&r.Rows, &r.Accepted, &r.Changed, &r.Rejected, &r.Error, &r.Held); err != nil {
		return r, err
	}
	r.Scheduled, r.Start, r.End = fromMillis(scheduled), fromMillis(started), fromMillis(ended)
	if r.Origin, err = fact.ParseOrigin(origin); err != nil {
		return r, fmt.Errorf("%w: run %d: %w", errDamaged, r.ID, err)
	}
	return r, nil
}

func ordered(text string, arguments []any, by string, limit int) (string, []any) {
	text += " ORDER BY " + by
	if limit > 0 {
		text, arguments = text+" LIMIT ?", append(arguments, limit)
	}
	return text, arguments
}
