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

// Put implements notify.Store. It also deletes what was settled KeepSettled ago.
func (q *Queue) Put(ctx context.Context, messages []notify.Message) (stored notify.Stored, err error) {
	err = q.write(ctx, "store messages", func(ctx context.Context, tx *sql.Tx) error {
		for _, m := range messages {
			if err := put(ctx, tx, m, &stored); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM message WHERE state NOT IN ('pending', 'sending') AND changed < ?", millis(q.now().Add(-KeepSettled)))
		return err
	})
	return stored, err
}

func put(ctx context.Context, tx *sql.Tx, m notify.Message, stored *notify.Stored) error {
	mention, err := json.Marshal(m.Mention)
	if err != nil {
		return err
	}
	replaced, err := affected(tx.ExecContext(ctx, `UPDATE message SET city = ?, subject = ?, body = ?, mention = ?
		WHERE channel = ? AND recipient = ? AND region = ? AND day = ? AND state = 'pending'`,
		m.City, m.Subject, m.Body, string(mention), m.Channel, m.To, m.Region, m.Day))
	if err != nil || replaced > 0 {
		stored.Replaced += replaced
		return err
	}
	made, err := affected(tx.ExecContext(ctx, `INSERT INTO message (channel, recipient, region, day, city, subject, body, mention, state, attempts, stored, next, changed, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?, ?, ?, '') ON CONFLICT DO NOTHING`,
		m.Channel, m.To, m.Region, m.Day, m.City, m.Subject, m.Body, string(mention), millis(m.Stored), millis(m.Next), millis(m.Changed)))
	stored.New += made
	stored.Kept += 1 - made
	return err
}

// Claim implements notify.Store.
func (q *Queue) Claim(ctx context.Context, channel string) (claimed *notify.Message, next time.Time, err error) {
	now := q.now()
	err = q.write(ctx, "take the next message", func(ctx context.Context, tx *sql.Tx) error {
		m, err := first(tx.QueryContext(ctx, columns+" FROM message WHERE channel = ? AND state = 'pending' ORDER BY next, id LIMIT 1", channel))
		if err != nil || m == nil {
			return err
		}
		free, err := q.free(ctx, tx, channel, now)
		if err != nil {
			return err
		}
		if next = latest(m.Next, free); next.After(now) {
			return nil
		}
		next = time.Time{}
		m.State, m.Changed, m.Attempts = notify.Sending, now, m.Attempts+1
		claimed = m
		if _, err := tx.ExecContext(ctx, "UPDATE message SET state = ?, changed = ?, attempts = ? WHERE id = ?", string(m.State), millis(now), m.Attempts, m.ID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO attempt (channel, at) VALUES (?, ?)", channel, millis(now))
		return err
	})
	if err != nil {
		return nil, time.Time{}, err
	}
	return claimed, next, nil
}

// free is when a channel may have its next attempt.
func (q *Queue) free(ctx context.Context, tx *sql.Tx, channel string, now time.Time) (time.Time, error) {
	// What lies in the future was written by a clock that has been put back.
	if _, err := tx.ExecContext(ctx, "DELETE FROM attempt WHERE channel = ? AND (at <= ? OR at > ?)", channel, millis(now.Add(-minute)), millis(now)); err != nil {
		return time.Time{}, err
	}
	var until int64
	if err := tx.QueryRowContext(ctx, "SELECT until FROM pause WHERE channel = ?", channel).Scan(&until); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, err
	}
	var nth int64 // the attempt that must be a minute old before the next one
	err := tx.QueryRowContext(ctx, "SELECT at FROM attempt WHERE channel = ? ORDER BY at DESC LIMIT 1 OFFSET ?", channel, PerMinute-1).Scan(&nth)
	if errors.Is(err, sql.ErrNoRows) {
		return fromMillis(until), nil
	}
	return latest(fromMillis(until), fromMillis(nth).Add(minute)), err
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Settle implements notify.Store.
func (q *Queue) Settle(ctx context.Context, m notify.Message, pause time.Time) error {
	return q.write(ctx, "note what became of a message", func(ctx context.Context, tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, "UPDATE message SET state = ?, attempts = ?, next = ?, changed = ?, error = ? WHERE id = ? AND state = 'sending'",
			string(m.State), m.Attempts, millis(m.Next), millis(m.Changed), m.Error, m.ID))
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("message %d is not being sent", m.ID)
		}
		if pause.IsZero() {
			return nil
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO pause (channel, until) VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until", m.Channel, millis(pause))
		return err
	})
}

// Abandon implements notify.Store.
func (q *Queue) Abandon(ctx context.Context, known []string) (abandoned int, err error) {
	list, err := json.Marshal(known)
	if err != nil {
		return 0, fmt.Errorf("queue of messages %s: write the names of channels: %w", q.file, err)
	}
	if known == nil {
		list = []byte("[]")
	}
	err = q.write(ctx, "give up messages", func(ctx context.Context, tx *sql.Tx) error {
		abandoned, err = affected(tx.ExecContext(ctx, `UPDATE message SET state = 'failed', changed = ?, error = 'the configuration has no channel of this name any more'
			WHERE state = 'pending' AND channel NOT IN (SELECT value FROM json_each(?))`, millis(q.now()), string(list)))
		return err
	})
	return abandoned, err
}

// Retry makes a message that Failed or is Doubtful wait for its next attempt,
// with as much time as a new one.
func (q *Queue) Retry(ctx context.Context, id int64) (notify.Message, error) {
	var retried notify.Message
	err := q.write(ctx, fmt.Sprintf("retry message %d", id), func(ctx context.Context, tx *sql.Tx) error {
		m, err := first(tx.QueryContext(ctx, columns+" FROM message WHERE id = ?", id))
		switch {
		case err != nil:
			return err
		case m == nil:
			return errors.New("there is none of this number; govkpi notify queue lists them")
		case m.State != notify.Failed && m.State != notify.Doubtful:
			return fmt.Errorf("it is %s: only one that failed or is doubtful can be retried", m.State)
		}
		now := millis(q.now())
		retried = *m
		retried.State = notify.Pending
		_, err = tx.ExecContext(ctx, "UPDATE message SET state = 'pending', attempts = 0, stored = ?, next = ?, changed = ? WHERE id = ?", now, now, now, id)
		return err
	})
	return retried, err
}

// Messages lists all messages, the newest first; of the states, or of all where
// none is named.
func (q *Queue) Messages(ctx context.Context, states ...notify.State) (messages []notify.Message, err error) {
	if len(states) == 0 {
		states = notify.States()
	}
	list, err := json.Marshal(states)
	if err != nil {
		return nil, fmt.Errorf("queue of messages %s: write the names of states: %w", q.file, err)
	}
	err = q.write(ctx, "list messages", func(ctx context.Context, tx *sql.Tx) error {
		messages, err = scan(tx.QueryContext(ctx, columns+" FROM message WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id DESC", string(list)))
		return err
	})
	return messages, err
}

// Summary implements notify.Store.
func (q *Queue) Summary(ctx context.Context) (notify.Summary, error) {
	summary := notify.Summary{Messages: map[notify.State]int{}}
	err := q.write(ctx, "count messages", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT state, count(*), min(stored) FROM message GROUP BY state")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var state string
			var count int
			var stored int64
			if err := rows.Scan(&state, &count, &stored); err != nil {
				return err
			}
			summary.Messages[notify.State(state)] = count
			oldest := fromMillis(stored)
			waits := state == string(notify.Pending) || state == string(notify.Sending)
			if waits && (summary.Oldest.IsZero() || oldest.Before(summary.Oldest)) {
				summary.Oldest = oldest
			}
		}
		return rows.Err()
	})
	return summary, err
}

// columns begins a query that scan reads.
const columns = "SELECT id, channel, recipient, region, day, city, subject, body, mention, state, attempts, stored, next, changed, error"

func scan(rows *sql.Rows, err error) ([]notify.Message, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var messages []notify.Message
	for rows.Next() {
		var m notify.Message
		var mention, state string
		var stored, next, changed int64
		if err := rows.Scan(&m.ID, &m.Channel, &m.To, &m.Region, &m.Day, &m.City, &m.Subject, &m.Body, &mention, &state, &m.Attempts, &stored, &next, &changed, &m.Error); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(mention), &m.Mention); err != nil {
			return nil, fmt.Errorf("message %d: its mentions are damaged: %w", m.ID, err)
		}
		m.State, m.Stored, m.Next, m.Changed = notify.State(state), fromMillis(stored), fromMillis(next), fromMillis(changed)
		messages = append(messages, m)
	}
	return messages, rows.Err()
}

func first(rows *sql.Rows, err error) (*notify.Message, error) {
	messages, err := scan(rows, err)
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	return &messages[0], nil
}
