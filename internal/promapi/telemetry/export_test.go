package telemetry

import (
	"context"
	"fmt"
)

// Compact does now what the TSDB does of itself within a minute.
func (s *Store) Compact(ctx context.Context) error {
	s.db.ForceHeadMMap()
	if err := s.db.Compact(ctx); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// BlocksSize adds up the blocks on disk.
func (s *Store) BlocksSize() (bytes int64, blocks int) {
	for _, b := range s.db.Blocks() {
		bytes += b.Size()
		blocks++
	}
	return bytes, blocks
}
