package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/compression"
)

// Options are what a Store is opened with; all are required.
type Options struct {
	// Folder is the TSDB's own, and made where it is missing.
	Folder string
	// Retention is how long samples are kept. They go by blocks, each up to 27
	// days, so that the oldest may be kept that much longer.
	Retention time.Duration
	Now       func() time.Time
	Log       *slog.Logger
	// Registerer takes the metrics of the Store and its Recorder, govkpi_telemetry_*.
	Registerer prometheus.Registerer
}

func (o Options) validate() error {
	switch {
	case o.Folder == "":
		return errors.New("telemetry: Options.Folder is required")
	case o.Retention < minRetention:
		return fmt.Errorf("telemetry: Options.Retention is %s; it must be at least %s", o.Retention, minRetention)
	case o.Now == nil:
		return errors.New("telemetry: Options.Now is required")
	case o.Log == nil:
		return errors.New("telemetry: Options.Log is required")
	case o.Registerer == nil:
		return errors.New("telemetry: Options.Registerer is required")
	}
	return nil
}

// The TSDB is laid out for a few hundred series that are kept for more than a
// year, in a program that does other things.
const (
	// A block is first written for a day, and three of one length become one of
	// the next: 1, 3, 9, 27 days. With Prometheus' own two hours there would be
	// twelve times as many files to write, and more memory to hold them open.
	minBlock = 24 * time.Hour
	maxBlock = 27 * minBlock
	// minRetention leaves something to query while the oldest block goes.
	minRetention = 2 * minBlock
	// The write-ahead log holds up to three days. A third of its segments goes at
	// a time, so that one segment for all would never go.
	walSegment = 4 << 20
	// chunkSegment is allocated on the disk whole before a block is written, and
	// cut to size afterwards: Prometheus' half a gigabyte would fail on a disk that
	// has room enough.
	chunkSegment = 32 << 20
	// Prometheus prepares its table of series for millions: 16,384 stripes.
	stripes = 128
)

func tsdbOptions(retention time.Duration) *tsdb.Options {
	o := tsdb.DefaultOptions()
	o.RetentionDuration = retention.Milliseconds()
	o.MinBlockDuration = minBlock.Milliseconds()
	o.MaxBlockDuration = maxBlock.Milliseconds()
	o.WALSegmentSize = walSegment
	o.WALCompression = compression.Snappy
	o.MaxBlockChunkSegmentSize = chunkSegment
	o.HeadChunksWriteBufferSize = chunks.MinWriteBufferSize
	o.StripeSize = stripes
	// One process writes, with one clock: a sample that comes late is a mistake.
	o.OutOfOrderTimeWindow = 0
	return o
}

// Store is the TSDB. It is a storage.Queryable, a storage.ChunkQueryable and a
// storage.AppendableV2; all methods are safe for concurrent use.
type Store struct {
	folder  string
	db      *tsdb.DB
	stats   *tsdb.DBStats
	metrics *metrics
}

// Open opens the TSDB in a folder, which it locks until Close. A write-ahead log
// that is damaged is cut where the damage begins, as Prometheus does. A block
// that can't be opened is set aside, named in the log, and missing from answers.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	log := o.Log.With("part", "telemetry")
	if err := os.MkdirAll(o.Folder, 0o750); err != nil {
		return nil, explain(o.Folder, err)
	}
	removeSandboxes(ctx, o.Folder, log)
	if err := setAsideDamage(ctx, o.Folder, log); err != nil {
		return nil, explain(o.Folder, err)
	}
	s, own := &Store{folder: o.Folder, stats: tsdb.NewDBStats()}, prometheus.NewRegistry()
	var err error
	if s.db, err = tsdb.Open(o.Folder, log, own, tsdbOptions(o.Retention), s.stats); err != nil {
		return nil, explain(o.Folder, err)
	}
	if s.metrics, err = newMetrics(s.db, own, o.Registerer); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.metrics.measure(o.Folder)
	if newest := s.db.Head().MaxTime(); newest > o.Now().UnixMilli() && s.db.Head().NumSeries() > 0 {
		log.WarnContext(ctx, "the newest telemetry is later than the clock, which may have been wrong when that was recorded: nothing is recorded before the clock has passed it; to go on at once, move the folder away and restart",
			"newest", time.UnixMilli(newest).UTC(), "folder", o.Folder)
	}
	return s, nil
}

// Close ends compaction and gives the folder free. Everything that was committed
// is on disk.
func (s *Store) Close() error {
	s.metrics.unregister()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close telemetry %s: %w", s.folder, err)
	}
	return nil
}

// Querier implements storage.Queryable.
func (s *Store) Querier(mint, maxt int64) (storage.Querier, error) {
	q, err := s.db.Querier(mint, maxt)
	if err != nil {
		return nil, fmt.Errorf("query telemetry: %w", err)
	}
	return q, nil
}

// ChunkQuerier implements storage.ChunkQueryable.
func (s *Store) ChunkQuerier(mint, maxt int64) (storage.ChunkQuerier, error) {
	q, err := s.db.ChunkQuerier(mint, maxt)
	if err != nil {
		return nil, fmt.Errorf("query telemetry: %w", err)
	}
	return q, nil
}

// AppenderV2 implements storage.AppendableV2, for the rules manager.
func (s *Store) AppenderV2(ctx context.Context) storage.AppenderV2 { return s.db.AppenderV2(ctx) }

// StartTime returns the time of the oldest sample, in milliseconds since the Unix
// epoch; math.MaxInt64 where there is none.
func (s *Store) StartTime() (int64, error) {
	start, err := s.db.StartTime()
	if err != nil {
		return 0, fmt.Errorf("find the oldest telemetry: %w", err)
	}
	return start, nil
}

// Stats counts series by name and label, as /api/v1/status/tsdb shows them. It
// looks at the newest day or two, which are in memory.
func (s *Store) Stats(label string, limit int) (*tsdb.Stats, error) {
	return s.db.Head().Stats(label, limit), nil
}

// WALReplayStatus says how far reading the write-ahead log has come.
func (s *Store) WALReplayStatus() (tsdb.WALReplayStatus, error) {
	return s.stats.Head.WALReplayStatus.GetWALReplayStatus(), nil
}

// BlockMetas describes the blocks on disk.
func (s *Store) BlockMetas() ([]tsdb.BlockMeta, error) { return s.db.BlockMetas(), nil }

// Snapshot writes a copy into a new folder while the Store is in use; with head
// also what is not in blocks yet.
func (s *Store) Snapshot(folder string, head bool) error {
	if err := s.db.Snapshot(folder, head); err != nil {
		return fmt.Errorf("copy telemetry to %s: %w", folder, err)
	}
	return nil
}

// errKept answers a request to delete. Prometheus' API has one.
var errKept = errors.New("telemetry is deleted by its retention only")

// Delete refuses: what the program said of itself is not edited.
func (*Store) Delete(context.Context, int64, int64, ...*labels.Matcher) error { return errKept }

// CleanTombstones refuses, as there are none.
func (*Store) CleanTombstones() error { return errKept }
