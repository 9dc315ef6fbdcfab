package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
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

// PlanDeliveries says how SQLite goes about a query of deliveries, and
// PlanLastSuccesses about the last successes: a step a line.
func PlanDeliveries(t *testing.T, s *Store, query fact.DeliveryQuery) string {
	t.Helper()
	text, arguments := selectDeliveries("grids", query)
	return plan(t, s, text, arguments)
}

// PlanLastSuccesses: see PlanDeliveries.
func PlanLastSuccesses(t *testing.T, s *Store) string {
	t.Helper()
	return plan(t, s, lastSuccesses, []any{"grids"})
}

func plan(t *testing.T, s *Store, text string, arguments []any) string {
	t.Helper()
	var steps []string
	err := s.read(t.Context(), "explain a query", func(tx *sql.Tx) error {
		return eachRow(t.Context(), tx, func(rows *sql.Rows) error {
			var (
				id, parent, unused int
				step               string
			)
			err := rows.Scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}, "EXPLAIN QUERY PLAN "+text, arguments...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
