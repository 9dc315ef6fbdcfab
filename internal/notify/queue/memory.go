package queue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/govkpi/govkpi/internal/notify"
)

// Remember implements notify.Memory.
func (q *Queue) Remember(ctx context.Context, heard, forget []notify.Heard) error {
	return q.write(ctx, "store alerts", func(ctx context.Context, tx *sql.Tx) error {
		for _, h := range heard {
			alert, err := json.Marshal(h.Alert)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO heard (identity, alert, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET alert = excluded.alert, at = excluded.at",
				[]byte(h.Identity()), string(alert), millis(h.At)); err != nil {
				return err
			}
		}
		for _, h := range forget {
			if _, err := tx.ExecContext(ctx, "DELETE FROM heard WHERE identity = ?", []byte(h.Identity())); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remembered implements notify.Memory.
func (q *Queue) Remembered(ctx context.Context) (all []notify.Heard, err error) {
	err = q.write(ctx, "read alerts", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT alert, at FROM heard")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var alert string
			var at int64
			if err := rows.Scan(&alert, &at); err != nil {
				return err
			}
			h := notify.Heard{At: fromMillis(at)}
			if err := json.Unmarshal([]byte(alert), &h.Alert); err != nil {
				return fmt.Errorf("an alert is damaged: %w", err)
			}
			all = append(all, h)
		}
		return rows.Err()
	})
	return all, err
}

// Fired implements notify.Memory.
func (q *Queue) Fired(ctx context.Context) (time.Time, error) {
	var at int64
	err := q.write(ctx, "read when the digest was made", func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, "SELECT at FROM fired").Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return fromMillis(at), err
}

// SetFired implements notify.Memory.
func (q *Queue) SetFired(ctx context.Context, at time.Time) error {
	return q.write(ctx, "note when the digest was made", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO fired (one, at) VALUES (1, ?) ON CONFLICT DO UPDATE SET at = excluded.at", millis(at))
		return err
	})
}
