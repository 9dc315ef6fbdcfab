package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// origin is what a fact takes from its delivery.
type origin struct{ run, recorded int64 }

// origins looks deliveries up while facts or regions are read. Neighbours mostly
// share theirs, so those that were met are kept.
type origins struct {
	lookup *sql.Stmt
	known  map[int64]origin
}

func (o *origins) prepare(ctx context.Context, tx *sql.Tx) (err error) {
	o.known = map[int64]origin{}
	o.lookup, err = tx.PrepareContext(ctx, "SELECT run, recorded FROM delivery WHERE id = ?")
	return err
}

func (o *origins) close() { _ = o.lookup.Close() }

// of returns the origin of what a delivery brought.
func (o *origins) of(ctx context.Context, delivery int64) (origin, error) {
	from, known := o.known[delivery]
	if known {
		return from, nil
	}
	err := o.lookup.QueryRowContext(ctx, delivery).Scan(&from.run, &from.recorded)
	if errors.Is(err, sql.ErrNoRows) {
		return from, fmt.Errorf("%w: a fact or region refers to delivery %d, which is missing", errDamaged, delivery)
	}
	o.known[delivery] = from
	return from, err
}
