package telemetry

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// OpenReadOnly looks at a folder that another process may be writing. Each
// Querier sees what had been recorded when it was made; it reads the write-ahead
// log for that, which takes a fraction of a second, and is for one goroutine. It
// needs to write into the folder: a copy of what is not in blocks yet goes there
// and is deleted by the Querier's Close, or by the function that is returned,
// which ends all Queriers. A folder that isn't there holds nothing.
func OpenReadOnly(folder string, log *slog.Logger) (storage.Queryable, func() error, error) {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return storage.QueryableFunc(func(int64, int64) (storage.Querier, error) { return storage.NoopQuerier(), nil }),
			func() error { return nil }, nil
	case err != nil:
		return nil, nil, explain(folder, err)
	case !info.IsDir():
		return nil, nil, fmt.Errorf("open telemetry %s: it is a file, not a folder", folder)
	}
	r := &reader{folder: folder, log: log, open: map[*view]bool{}}
	return r, r.close, nil
}

// reader opens a view for each Querier. The TSDB's package can look at a folder
// for one Querier at a time only.
type reader struct {
	folder string
	log    *slog.Logger

	mu     sync.Mutex
	open   map[*view]bool
	closed bool
}

// Where the writer is in the middle of a record or of deleting a block, what a
// reader finds makes no sense. A moment later it does.
const attempts = 8

// pause is how long the n-th attempt waits: in all some seconds, longer than it
// takes to write a block.
func pause(n int) <-chan time.Time { return time.After(time.Duration(n*n) * 20 * time.Millisecond) }

// Querier implements storage.Queryable.
func (r *reader) Querier(mint, maxt int64) (storage.Querier, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errors.New("query telemetry: it is closed")
	}
	if !recorded(r.folder) {
		return storage.NoopQuerier(), nil
	}
	var err error
	for n := range attempts {
		<-pause(n)
		var v *view
		before := r.layout()
		if v, err = r.view(mint, maxt); err == nil && r.layout() == before {
			r.open[v] = true
			return v, nil
		}
		if err == nil {
			// A block was written while the view was made: what moved into it may be
			// in neither of the two that the view consists of.
			err = errors.Join(errMoved, v.end())
		}
		if errors.Is(err, fs.ErrPermission) {
			break
		}
	}
	return nil, fmt.Errorf("query telemetry %s: %w", r.folder, err)
}

var errMoved = errors.New("the program was putting samples in order: ask again")

// layout names the blocks and the oldest parts of the write-ahead log, which change
// where samples move from the one to the other.
func (r *reader) layout() string {
	var names strings.Builder
	for _, pattern := range []string{"*/meta.json", "wal/checkpoint.*"} {
		found, err := filepath.Glob(filepath.Join(r.folder, pattern))
		if err != nil {
			continue // not reached: the patterns are sound
		}
		for _, name := range found {
			names.WriteString(name + "\n")
		}
	}
	segments, err := filepath.Glob(filepath.Join(r.folder, "wal", "0*"))
	if err == nil && len(segments) > 0 {
		names.WriteString(segments[0])
	}
	return names.String()
}

// recorded reports whether anything was ever written to a folder.
func recorded(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "wal"))
	return err == nil
}

func (r *reader) view(mint, maxt int64) (*view, error) {
	db, err := tsdb.OpenDBReadOnly(r.folder, "", r.log)
	if err != nil {
		return nil, fmt.Errorf("make room for a copy of the newest samples: %w", err)
	}
	q, err := db.Querier(mint, maxt)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &view{Querier: q, db: db, of: r}, nil
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	var failed []error
	for v := range r.open {
		failed = append(failed, v.end())
	}
	clear(r.open)
	return errors.Join(failed...)
}

// view is a Querier with the TSDB that it reads.
type view struct {
	storage.Querier
	db *tsdb.DBReadOnly
	of *reader
}

// Close implements storage.Querier. It can be called again.
func (v *view) Close() error {
	v.of.mu.Lock()
	defer v.of.mu.Unlock()
	if !v.of.open[v] {
		return nil
	}
	delete(v.of.open, v)
	return v.end()
}

func (v *view) end() error {
	if err := errors.Join(v.Querier.Close(), v.db.Close()); err != nil {
		return fmt.Errorf("close telemetry %s: %w", v.of.folder, err)
	}
	return nil
}
