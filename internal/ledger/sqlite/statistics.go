package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/govkpi/govkpi/internal/ledger"
)

// Statistics counts what the ledger holds: see ledger.Store. It reads no facts:
// each delivery knows how many it brought.
func (s *Store) Statistics(ctx context.Context) (ledger.Statistics, error) {
	var n ledger.Statistics
	err := s.read(ctx, "count what it holds", func(tx *sql.Tx) (err error) {
		if n.Facts, n.Regions, n.Decisions, err = s.counted.advance(ctx, tx); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM run), (SELECT count(*) FROM rejection),
			(SELECT count(*) FROM held WHERE closing IS NULL)`).Scan(&n.Runs, &n.Rejections, &n.Held)
	})
	if err != nil {
		return ledger.Statistics{}, err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(s.file + suffix)
		if errors.Is(err, fs.ErrNotExist) { // the log exists only while somebody writes
			continue
		}
		if err != nil {
			return ledger.Statistics{}, fmt.Errorf("ledger %s: count what it holds: %w", s.file, err)
		}
		n.Bytes += info.Size()
	}
	return n, nil
}

// advance returns the numbers of facts, regions and decisions after adding what
// the deliveries since the last call brought.
func (c *counted) advance(ctx context.Context, tx *sql.Tx) (facts, regions, decisions int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var newest, changed int64
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0), coalesce(sum(changed), 0), coalesce(sum(regions), 0), coalesce(sum(decisions), 0)
		FROM delivery WHERE id > ?`, c.delivery).Scan(&newest, &changed, &regions, &decisions)
	if err != nil {
		return 0, 0, 0, err
	}
	c.delivery = max(c.delivery, newest)
	c.facts += changed - regions
	c.regions += regions
	c.decisions += decisions
	return c.facts, c.regions, c.decisions, nil
}
