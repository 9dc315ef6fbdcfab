package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // the driver that sql.Open knows as "sqlite"

	"github.com/govkpi/govkpi/internal/notify"
)

// PerMinute is how many attempts a channel has in a minute: what the robots of
// WeCom, DingTalk and Feishu allow.
const PerMinute = 20

// minute is a little longer than one, for the other side counts by a clock and
// after a delay of its own.
const minute = 61 * time.Second

// KeepSettled is how long messages are kept that nobody waits for any more.
const KeepSettled = 90 * 24 * time.Hour

// ErrSending is wrapped by the error of TakeSending where another process sends.
var ErrSending = errors.New("another process sends")

// schema makes the tables. Times are in milliseconds since the Unix epoch.
const schema = `
CREATE TABLE IF NOT EXISTS message (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	channel TEXT NOT NULL, recipient TEXT NOT NULL, region TEXT NOT NULL, day TEXT NOT NULL,
	city TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, mention TEXT NOT NULL,
	state TEXT NOT NULL, attempts INTEGER NOT NULL,
	stored INTEGER NOT NULL, next INTEGER NOT NULL, changed INTEGER NOT NULL, error TEXT NOT NULL,
	UNIQUE (channel, recipient, region, day)
) STRICT;
CREATE INDEX IF NOT EXISTS message_waiting ON message (channel, next, id) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS attempt (channel TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS attempt_at ON attempt (channel, at);
CREATE TABLE IF NOT EXISTS pause (channel TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS heard (identity BLOB PRIMARY KEY, alert TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fired (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;
`

// version is that of the schema; a file of another one is refused.
const version = 1

// Queue is a queue in a file. Its methods are safe for concurrent use.
type Queue struct {
	file string
	now  func() time.Time
	db   *sql.DB
	lock *os.File // held while this process may send; nil is not
}

var (
	_ notify.Store  = (*Queue)(nil)
	_ notify.Memory = (*Queue)(nil)
)

// Empty is the file of a queue that is on no disk and ends with its Close, for
// those who only look.
const Empty = ":memory:"

// Open opens the queue in a file and makes it where there is none.
func Open(ctx context.Context, file string, now func() time.Time) (*Queue, error) {
	if file == Empty {
		return open(ctx, file, file, now)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, fmt.Errorf("open the queue of messages: make its folder: %w", err)
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("open the queue of messages: %w", err)
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: absolute, RawQuery: url.Values{
		"_txlock": {"immediate"}, "_busy_timeout": {"10000"}, "_synchronous": {"FULL"}, "_journal_mode": {"WAL"},
	}.Encode()}
	return open(ctx, absolute, dsn.String(), now)
}

func open(ctx context.Context, file, dsn string, now func() time.Time) (*Queue, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open the queue of messages %s: %w", file, err)
	}
	db.SetMaxOpenConns(1)
	q := &Queue{file: file, now: now, db: db}
	if err := q.write(ctx, "open it", q.prepare); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return q, nil
}

func (q *Queue) prepare(ctx context.Context, tx *sql.Tx) error {
	var found int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found > version {
		return fmt.Errorf("a newer program wrote it (version %d, this one knows %d): use that program", found, version)
	}
	if found == version {
		return nil
	}
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}

// Close closes the file and lets others send. What is being sent is Doubtful at
// the next TakeSending.
func (q *Queue) Close() error {
	err := q.db.Close()
	if q.lock != nil {
		err = errors.Join(err, q.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("close the queue of messages %s: %w", q.file, err)
	}
	return nil
}

// TakeSending makes this the process that sends, until Close or its end, and
// makes Doubtful what the one before it was sending when it ended. It returns how
// many these are, and an ErrSending where another process sends.
func (q *Queue) TakeSending(ctx context.Context) (doubtful int, err error) {
	if q.lock != nil {
		return 0, nil
	}
	// The lock file stays: removing it would let two processes hold locks on two
	// files of one name.
	lock, err := os.OpenFile(q.file+".lock", os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return 0, fmt.Errorf("lock the queue of messages: %w: the folder must be writable for this user", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrSending
		}
		return 0, fmt.Errorf("lock the queue of messages %s: %w", q.file, err)
	}
	q.lock = lock
	err = q.write(ctx, "find what was being sent", func(ctx context.Context, tx *sql.Tx) error {
		doubtful, err = affected(tx.ExecContext(ctx, "UPDATE message SET state = ?, changed = ?, error = ? WHERE state = ?",
			string(notify.Doubtful), millis(q.now()),
			"the program ended while it was sending this, so that it may have arrived or not: ask, and retry it where it has not", string(notify.Sending)))
		return err
	})
	return doubtful, err
}

// write runs one transaction; what says what for, in errors.
func (q *Queue) write(ctx context.Context, what string, do func(ctx context.Context, tx *sql.Tx) error) error {
	tx, err := q.db.BeginTx(ctx, nil)
	if err == nil {
		if err = do(ctx, tx); err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback() // its own error would say no more
		}
	}
	if err != nil {
		return fmt.Errorf("queue of messages %s: %s: %w", q.file, what, err)
	}
	return nil
}

func affected(result sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
