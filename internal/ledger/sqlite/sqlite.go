package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver that sql.Open knows as "sqlite"

	"github.com/govkpi/govkpi/internal/ledger"
)

// maxReaders bounds how many queries run at once; a further one waits.
const maxReaders = 4

// Options say which ledger to open.
type Options struct {
	// File is the ledger's file. Open creates it, and its folder, where there
	// is none.
	File string
	// Now is the clock that facts and rejections are recorded by, and Log hears
	// about migrations. Open requires both.
	Now func() time.Time
	Log *slog.Logger
}

func (o Options) validate() error {
	switch {
	case o.File == "":
		return errors.New("open ledger: Options.File is empty: name the ledger's file")
	case o.Now == nil:
		return errors.New("open ledger: Options.Now is nil: give a clock")
	case o.Log == nil:
		return errors.New("open ledger: Options.Log is nil: give a logger")
	}
	return nil
}

// Store is a ledger in an SQLite file. It implements ledger.Store.
type Store struct {
	file    string
	now     func() time.Time
	log     *slog.Logger
	readers *sql.DB

	// The rest is nil in a store that only reads.
	writer  *sql.DB
	lock    *lock
	writing chan struct{} // holds a token while a write transaction is open
	closed  bool          // guarded by writing

	counted counted
}

// counted remembers how many facts, regions and decisions the deliveries up to
// one brought, so that Statistics adds up the later ones only.
type counted struct {
	mu        sync.Mutex
	delivery  int64
	facts     int64
	regions   int64
	decisions int64
}

var _ ledger.Store = (*Store)(nil)

// Open opens the ledger for reading and writing, brings its tables up to date
// and locks out any other that would write. It fails where another process has
// it open for writing, where the file is no ledger, and where a newer program
// wrote it.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	return openWith(ctx, o, embeddedMigrations())
}

func openWith(ctx context.Context, o Options, migrations fs.FS) (_ *Store, err error) {
	file, err := filepath.Abs(o.File)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", o.File, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, fmt.Errorf("open ledger %s: make its folder: %w", file, err)
	}
	s := &Store{file: file, now: o.Now, log: o.Log, writing: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	if s.lock, err = acquireLock(file); err != nil {
		return nil, err
	}
	if s.writer, err = sql.Open("sqlite", writerDSN(file)); err != nil {
		return nil, s.explain("open", err)
	}
	s.writer.SetMaxOpenConns(1)
	if err := s.migrate(ctx, migrations); err != nil {
		return nil, err
	}
	if err := s.openReaders(); err != nil {
		return nil, err
	}
	return s, nil
}

// OpenReadOnly opens a ledger for reading, also while a server writes it. Its
// methods that would change the ledger fail. Of the options, only File is used.
func OpenReadOnly(ctx context.Context, o Options) (_ *Store, err error) {
	if o.File == "" {
		return nil, errors.New("open ledger: Options.File is empty: name the ledger's file")
	}
	file, err := filepath.Abs(o.File)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", o.File, err)
	}
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w: name the folder that the server keeps its data in, or start the server once", file, err)
	}
	s := &Store{file: file}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	if err := s.openReaders(); err != nil {
		return nil, err
	}
	if err := s.inspect(ctx, s.readers, embeddedMigrations()); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Store) openReaders() (err error) {
	if s.readers, err = sql.Open("sqlite", readerDSN(s.file)); err != nil {
		return s.explain("open", err)
	}
	s.readers.SetMaxOpenConns(maxReaders)
	s.readers.SetMaxIdleConns(maxReaders)
	return nil
}

// Both kinds of connection keep their page cache small: what is read often is
// in ledger.Head, and the operating system caches the file as well.

func writerDSN(file string) string {
	return dsn(file, url.Values{
		"_txlock":       {"immediate"},
		"_busy_timeout": {"10000"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		"_error_rc":     {"true"},
		"_pragma":       {"cache_size(-8192)", "journal_size_limit(33554432)"},
	})
}

func readerDSN(file string) string {
	return dsn(file, url.Values{
		"mode":          {"ro"},
		"_busy_timeout": {"10000"},
		"_error_rc":     {"true"},
		"_pragma":       {"cache_size(-2048)"},
	})
}

func dsn(file string, parameters url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: file, RawQuery: parameters.Encode()}).String()
}

// Close waits for the writer and closes the store. Closing it twice is
// harmless.
func (s *Store) Close() error {
	if s.writer != nil {
		s.writing <- struct{}{}
		defer func() { <-s.writing }()
		if s.closed {
			return nil
		}
		s.closed = true
	}
	if err := s.release(); err != nil {
		return fmt.Errorf("close ledger %s: %w", s.file, err)
	}
	return nil
}

// release closes what has been opened so far; readers before the writer, which
// then is the last and moves the write-ahead log into the file.
func (s *Store) release() error {
	var failed []error
	if s.readers != nil {
		failed = append(failed, s.readers.Close())
	}
	if s.writer != nil {
		failed = append(failed, s.writer.Close())
	}
	if s.lock != nil {
		failed = append(failed, s.lock.release())
	}
	return errors.Join(failed...)
}

// write runs one write transaction; what says what for, in errors.
func (s *Store) write(ctx context.Context, what string, do func(tx *sql.Tx) error) error {
	if s.writer == nil {
		return fmt.Errorf("ledger %s: %s: it is open for reading only", s.file, what)
	}
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return fmt.Errorf("ledger %s: %s: wait for the writer before: %w", s.file, what, ctx.Err())
	}
	if s.closed {
		return fmt.Errorf("ledger %s: %s: it is closed", s.file, what)
	}
	return s.transact(ctx, s.writer, what, do)
}

// read runs one read transaction: all of do sees the ledger at one moment.
func (s *Store) read(ctx context.Context, what string, do func(tx *sql.Tx) error) error {
	return s.transact(ctx, s.readers, what, do)
}

func (s *Store) transact(ctx context.Context, db *sql.DB, what string, do func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(what, whyEnded(ctx, err))
	}
	if err := do(tx); err != nil {
		// The rollback's own error would say no more than the one at hand.
		_ = tx.Rollback()
		return s.explain(what, whyEnded(ctx, err))
	}
	if err := tx.Commit(); err != nil {
		return s.explain(what, whyEnded(ctx, err))
	}
	return nil
}
