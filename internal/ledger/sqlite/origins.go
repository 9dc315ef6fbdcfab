package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// origin is what a fact takes from its delivery.
type origin struct {
	run, recorded int64
	how           fact.Origin
}

// origins looks deliveries up while facts or regions are read. Neighbours mostly
// share theirs, so those that were met are kept.
type origins struct {
	lookup *sql.Stmt
	known  map[int64]origin
}

func (o *origins) prepare(ctx context.Context, tx *sql.Tx) (err error) {
	o.known = map[int64]origin{}
	o.lookup, err = tx.PrepareContext(ctx, "SELECT run, recorded, origin FROM delivery JOIN run ON run.id = run WHERE delivery.id = ?")
	return err
}

func (o *origins) close() { _ = o.lookup.Close() }

// of returns the origin of what a delivery brought.
func (o *origins) of(ctx context.Context, delivery int64) (origin, error) {
	from, known := o.known[delivery]
	if known {
		return from, nil
	}
	var how string
	err := o.lookup.QueryRowContext(ctx, delivery).Scan(&from.run, &from.recorded, &how)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return from, fmt.Errorf("%w: a fact or region refers to delivery %d, which is missing", errDamaged, delivery)
	case err != nil:
		return from, err
	}
	if from.how, err = fact.ParseOrigin(how); err != nil {
		return from, fmt.Errorf("%w: run %d: %w", errDamaged, from.run, err)
	}
	o.known[delivery] = from
	return from, nil
}
