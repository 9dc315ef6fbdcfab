package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
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

// PlanDeliveries says how SQLite goes about a query of deliveries: a step a line.
func PlanDeliveries(t *testing.T, s *Store, query fact.DeliveryQuery) string {
	t.Helper()
	text, arguments := selectDeliveries("grids", query)
	return plan(t, s, text, arguments)
}

// PlanEarlier says how SQLite finds the delivery before one of a target: see
// PlanDeliveries.
func PlanEarlier(t *testing.T, s *Store, target string) string {
	t.Helper()
	text, arguments := selectEarlier(&fact.Delivery{Target: target, Run: 1})
	return plan(t, s, text, arguments)
}

// PlanLastOutcome says how SQLite finds the last outcomes: see PlanDeliveries.
func PlanLastOutcome(t *testing.T, s *Store) string {
	t.Helper()
	return plan(t, s, lastOutcome, []any{"grids", "success"})
}

// PlanLastRejections says how SQLite finds the rejections of last runs: see
// PlanDeliveries.
func PlanLastRejections(t *testing.T, s *Store) string {
	t.Helper()
	text, arguments := selectRejections(ledger.RejectionQuery{LastFinished: true})
	return plan(t, s, text, arguments)
}

// PlanRejections says how SQLite finds rejections: see PlanDeliveries.
func PlanRejections(t *testing.T, s *Store, query ledger.RejectionQuery) string {
	t.Helper()
	text, arguments := selectRejections(query)
	return plan(t, s, text, arguments)
}

// PlanWaiting says how SQLite finds what waits for the figures of a delivery:
// see PlanDeliveries.
func PlanWaiting(t *testing.T, s *Store) string {
	t.Helper()
	return plan(t, s, selectHeld+waitingWithin, []any{0, 0, 0, 0})
}

// PlanHeld says how SQLite finds held figures: see PlanDeliveries.
func PlanHeld(t *testing.T, s *Store, indicator, region string, period fact.Period) string {
	t.Helper()
	where, arguments, err := figureFilter("held", indicator, region, period)
	if err != nil {
		t.Fatal(err)
	}
	return plan(t, s, selectHeld+where, arguments)
}

// PlanDecisions says how SQLite finds decisions: see PlanDeliveries.
func PlanDecisions(t *testing.T, s *Store, indicator, region string) string {
	t.Helper()
	where, arguments, err := figureFilter("decision", indicator, region, fact.Period{})
	if err != nil {
		t.Fatal(err)
	}
	where, arguments = ordered(where, arguments, "decision.delivery DESC, decision.id", 20)
	return plan(t, s, selectDecisions+where, arguments)
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
