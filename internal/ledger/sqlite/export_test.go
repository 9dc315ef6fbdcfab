package sqlite

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
)

// OpenWith opens a ledger with other migrations than the program's.
func OpenWith(ctx context.Context, o Options, migrations fs.FS) (*Store, error) {
	return openWith(ctx, o, migrations)
}

// Publish gives a complete file its name.
func Publish(temporary, file string) error { return publish(temporary, file) }

// LimitPages bounds how far the file may grow, as a full disk does.
func LimitPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	if _, err := s.writer.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

// ShortenBusyTimeout makes the writer give up at once where another program
// holds a lock.
func ShortenBusyTimeout(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.writer.ExecContext(t.Context(), "PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
}
