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
	"github.com/govkpi/govkpi/internal/web"
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
	// Total is figures put together.
	Total = standing.Total
)

// ErrLocked is wrapped by the error of New where another process writes the
// ledger.
var ErrLocked = sqlite.ErrLocked

// ErrUnknownCollector is wrapped where a name is not that of a collector.
var ErrUnknownCollector = web.ErrUnknownCollector

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

	register *register
	board    *standing.Board
}

// OpenReader opens the ledger that the configuration names, for reading.
func OpenReader(ctx context.Context, cfg *config.Config, now func() time.Time) (*Reader, error) {
	store, err := OpenStore(ctx, filepath.Join(cfg.Ledger.Path, LedgerFile), now)
	if err != nil {
		return nil, err
	}
	return newReader(ctx, cfg, store, now)
}

// OpenReaderOf opens the ledger in a folder, for reading, with the configuration
// that was last accepted into it. The options say where its references lead.
func OpenReaderOf(ctx context.Context, folder string, o config.Options, now func() time.Time) (*Reader, error) {
	store, err := OpenStore(ctx, filepath.Join(folder, LedgerFile), now)
	if err != nil {
		return nil, err
	}
	cfg, err := lastAccepted(ctx, store, o)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return newReader(ctx, cfg, store, now)
}

func newReader(ctx context.Context, cfg *config.Config, store *Store, now func() time.Time) (*Reader, error) {
	register, err := newRegister(ctx, cfg, cfg.Regions, store, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &Reader{Store: store, Config: cfg, register: register, board: newBoard(cfg, register.Register, &ledger.Head{}, store, now)}, nil
}

// ForReading returns options that put a word in the place of every reference
// that leads nowhere: what only reads a ledger needs no secrets.
func ForReading(o config.Options) config.Options {
	return config.Options{
		Env: func(name string) (string, bool) {
			if value, ok := o.Env(name); ok && value != "" {
				return value, true
			}
			return notNeeded, true
		},
		ReadSecret: func(string) ([]byte, error) { return []byte(notNeeded), nil },
	}
}

// notNeeded stands for a secret in a configuration that is only read with.
const notNeeded = "not-needed"

// lastAccepted loads the newest configuration that the ledger keeps.
func lastAccepted(ctx context.Context, store *Store, o config.Options) (*config.Config, error) {
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
	cfg, err := config.Load(tree, newest.Files[0].Name, o)
	if err != nil {
		return nil, fmt.Errorf("the configuration that the ledger keeps can't be used; name one with --config: %w", err)
	}
	return cfg, nil
}

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

// RegionName returns what a region is called; empty where it is unknown.
func (r *Reader) RegionName(code string) string {
	if found, ok := r.register.ByCode(code); ok {
		return found.Name
	}
	return ""
}

// Totals puts an indicator's figures together; see standing.Board.Totals.
func (r *Reader) Totals(ctx context.Context, indicator string, period fact.Period, level fact.Level) ([]Total, error) {
	known, err := r.board.Indicator(indicator)
	if err != nil {
		return nil, err
	}
	return r.board.Totals(ctx, known, period, level)
}
