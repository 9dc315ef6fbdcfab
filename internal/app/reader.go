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
	return sqlite.OpenReadOnly(ctx, sqlite.Options{File: file, Now: now, Log: discard()})
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

	folder   string // of the ledger
	register *register
	board    *standing.Board
	now      func() time.Time
}

// discard is the log of what only reads.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// OpenReader opens the ledger that the configuration names, for reading.
func OpenReader(ctx context.Context, cfg *config.Config, now func() time.Time) (*Reader, error) {
	store, err := OpenStore(ctx, filepath.Join(cfg.Ledger.Path, LedgerFile), now)
	if err != nil {
		return nil, err
	}
	return newReader(ctx, cfg, cfg.Ledger.Path, store, now)
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
	return newReader(ctx, cfg, folder, store, now)
}

func newReader(ctx context.Context, cfg *config.Config, folder string, store *Store, now func() time.Time) (*Reader, error) {
	register, err := newRegister(ctx, cfg, cfg.Regions, store, discard())
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	// Totals read the ledger, not what is held of it in memory.
	board := newBoard(cfg, register.Register, foundation{memory: emptyMemory(now), store: store, now: now})
	return &Reader{Store: store, Config: cfg, folder: folder, register: register, board: board, now: now}, nil
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
	cfg, err := configurationAt(ctx, store, accepted[0].Accepted, o)
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

// RegionCode returns the code of the region that somebody means; empty stays so.
func (r *Reader) RegionCode(meant string) (string, error) { return r.register.codeOf(meant) }

// Instant is ParseInstant in the site's zone; what lies ahead is refused.
func (r *Reader) Instant(when string) (time.Time, error) {
	return instantBefore(when, r.Config.Site.Zone, r.now())
}

// DecidedValue returns the figure that was decided on: of a rejection the one that
// was refused.
func (r *Reader) DecidedValue(ctx context.Context, d *fact.Decision) (fact.Optional, error) {
	return decidedValue(ctx, r.Store, d)
}

// TotalsQuery says which figures to put together.
type TotalsQuery struct {
	Indicator string
	Period    fact.Period
	Level     fact.Level // 0 is the reporting regions
	// AsItWas lists the reporting regions under the codes and names of the period.
	AsItWas bool
	KnownBy time.Time // zero is now
}

// Totals puts an indicator's figures together; see standing.Board.Totals.
func (r *Reader) Totals(ctx context.Context, q TotalsQuery) ([]Total, error) {
	board := r.board
	if !q.KnownBy.IsZero() {
		v, err := r.view(ctx, knowledge{Store: r.Store, by: q.KnownBy}, "")
		if err != nil {
			return nil, err
		}
		board = v.board
	}
	known, err := board.Indicator(q.Indicator)
	if err != nil {
		return nil, err
	}
	if q.AsItWas {
		return board.TotalsAsItWas(ctx, known, q.Period)
	}
	return board.Totals(ctx, known, q.Period, q.Level)
}
