package sqlite

import (
	"context"
	"database/sql"

	"github.com/govkpi/govkpi/internal/fact"
)

// Deliveries lists deliveries: see ledger.Store.
func (s *Store) Deliveries(ctx context.Context, collector string, query fact.DeliveryQuery) ([]fact.Delivered, error) {
	text, arguments := selectDeliveries(collector, query)
	var list []fact.Delivered
	err := s.read(ctx, "list deliveries", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			d, err := scanDelivered(rows)
			list = append(list, d)
			return err
		}, text, arguments...)
	})
	return list, err
}

const deliveryColumns = `run, target, recorded, delivery.rows, delivery.accepted, delivery.changed, delivery.rejected, query_digest, input_digest`

func scanDelivered(rows *sql.Rows) (d fact.Delivered, err error) {
	var recorded sql.NullInt64
	err = rows.Scan(&d.Run, &d.Target, &recorded, &d.Rows, &d.Accepted, &d.Changed, &d.Rejected, &d.QueryDigest, &d.InputDigest)
	d.Recorded = fromMillis(recorded)
	return d, err
}

// selectDeliveries returns the statement of a query. CROSS JOIN makes SQLite
// begin with the table before it: with the deliveries of a name or a digest, of
// which there are few, and otherwise with the collector's runs. Each has an
// index in the order of runs, so that a limit ends the search early.
func selectDeliveries(collector string, query fact.DeliveryQuery) (text string, arguments []any) {
	from, run := "run CROSS JOIN delivery ON delivery.run = run.id", "run.id"
	if query.Target != "" || query.InputDigest != "" {
		from, run = "delivery CROSS JOIN run ON run.id = delivery.run", "delivery.run"
	}
	text = "SELECT " + deliveryColumns + " FROM " + from + " WHERE collector = ?"
	arguments = []any{collector}
	for _, c := range []struct{ column, value string }{
		{"target", query.Target}, {"query_digest", query.QueryDigest}, {"input_digest", query.InputDigest},
	} {
		if c.value != "" {
			text, arguments = text+" AND delivery."+c.column+" = ?", append(arguments, c.value)
		}
	}
	return ordered(text, arguments, run+" DESC, delivery.id DESC", query.Limit)
}
