package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
	"github.com/govkpi/govkpi/internal/standing"
)

// What commands say to a Reader and hear from it, so that they need no package
// but this one.
type (
	// Store is a ledger.
	Store = sqlite.Store
	// RunQuery selects runs.
	RunQuery = ledger.RunQuery
	// RejectionQuery selects rejections.
	RejectionQuery = ledger.RejectionQuery
	// Totals are figures put together.
	Totals = standing.Totals
)

// ErrLocked is wrapped by the error of New where another process writes the
// ledger.
var ErrLocked = sqlite.ErrLocked

// OpenStore opens a ledger's file for reading, also one that a running program
// writes.
func OpenStore(ctx context.Context, file string, now func() time.Time) (*Store, error) {
	return sqlite.OpenReadOnly(ctx, sqlite.Options{File: file, Now: now, Log: slog.New(slog.DiscardHandler)})
}

// Restore puts a backup in the place of a ledger that is not there.
func Restore(ctx context.Context, backup, file string) error {
	return sqlite.Restore(ctx, backup, file)
}

// Reader reads a ledger, also one that a running program writes, together with a
// configuration. The commands that only look are built on it.
type Reader struct {
	Store  *Store
	Config *config.Config
	board  *standing.Board
}

// OpenReader opens the ledger that the configuration names, for reading.
func OpenReader(ctx context.Context, cfg *config.Config, now func() time.Time) (*Reader, error) {
	return openReader(ctx, cfg.Ledger.Path, cfg, now)
}

// OpenReaderOf opens the ledger in a folder, for reading, with the configuration
// that was last accepted into it.
func OpenReaderOf(ctx context.Context, folder string, now func() time.Time) (*Reader, error) {
	return openReader(ctx, folder, nil, now)
}

func openReader(ctx context.Context, folder string, cfg *config.Config, now func() time.Time) (*Reader, error) {
	store, err := OpenStore(ctx, filepath.Join(folder, LedgerFile), now)
	if err != nil {
		return nil, err
	}
	if cfg == nil {
		if cfg, err = lastAccepted(ctx, store); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
	s, err := buildReading(cfg, store, now)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &Reader{Store: store, Config: cfg, board: s}, nil
}

// lastAccepted loads the newest configuration that the ledger keeps. Its secrets
// are not there, nor needed by what only reads.
func lastAccepted(ctx context.Context, store *Store) (*config.Config, error) {
	accepted, err := store.Configurations(ctx)
	if err != nil {
		return nil, err
	}
	if len(accepted) == 0 {
		return nil, errors.New("the ledger has no configuration yet: name one with --config")
	}
	newest, err := store.ConfigurationAt(ctx, accepted[0].Accepted)
	if err != nil {
		return nil, err
	}
	tree, err := storedTree(newest.Files)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(tree, newest.Files[0].Name, config.Options{
		Env:        func(string) (string, bool) { return notStored, true },
		ReadSecret: func(string) ([]byte, error) { return []byte(notStored), nil },
	})
	if err != nil {
		return nil, fmt.Errorf("the configuration that the ledger keeps can't be read by this version; name one with --config: %w", err)
	}
	return cfg, nil
}

// notStored stands for every secret of a configuration that comes from a ledger.
const notStored = "not-stored"

// storedTree makes a tree of files in memory.
func storedTree(files []ledger.ConfigurationFile) (fs.FS, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, f := range files {
		part, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			return nil, fmt.Errorf("unpack the stored configuration: %w", err)
		}
		if _, err := part.Write(f.Content); err != nil {
			return nil, fmt.Errorf("unpack the stored configuration: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("unpack the stored configuration: %w", err)
	}
	tree, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		return nil, fmt.Errorf("unpack the stored configuration: %w", err)
	}
	return tree, nil
}

// Close closes the ledger.
func (r *Reader) Close() error { return r.Store.Close() }

// Totals puts an indicator's figures together; see standing.Board.Totals.
func (r *Reader) Totals(ctx context.Context, indicator string, period fact.Period, level fact.Level) (Totals, error) {
	known, err := r.board.Indicator(indicator)
	if err != nil {
		return Totals{}, err
	}
	return r.board.Totals(ctx, known, period, level)
}

func buildReading(cfg *config.Config, store *Store, now func() time.Time) (*standing.Board, error) {
	register, err := newRegister(cfg)
	if err != nil {
		return nil, err
	}
	return newBoard(cfg, register, &ledger.Head{}, store, now), nil
}
