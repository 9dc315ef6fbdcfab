package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// bulkRows is how many rows one statement inserts: more gain nothing that can
// be measured, and so many stay below SQLite's limit of 32,766 parameters.
const bulkRows = 250

// bulk inserts many rows into a table by few statements. Columns that many rows
// share are bound once for all of them.
type bulk struct {
	tx         *sql.Tx
	table      string
	shared     []string
	columns    []string
	statements map[int]*sql.Stmt // by number of rows; the transaction closes them
	rows       int
	args       []any // of the statement being filled: the shared ones first
}

func newBulk(tx *sql.Tx, table string, shared, columns []string) *bulk {
	return &bulk{tx: tx, table: table, shared: shared, columns: columns, statements: map[int]*sql.Stmt{}}
}

// share sets the values of the shared columns for the rows that follow.
func (b *bulk) share(ctx context.Context, values ...any) error {
	err := b.flush(ctx)
	b.args = append(b.args[:0], values...)
	return err
}

// row adds a row; its values must be of the driver's types.
func (b *bulk) row(ctx context.Context, values ...any) error {
	b.args = append(b.args, values...)
	if b.rows++; b.rows < bulkRows {
		return nil
	}
	return b.flush(ctx)
}

// flush writes what is left.
func (b *bulk) flush(ctx context.Context) error {
	if b.rows == 0 {
		return nil
	}
	statement := b.statements[b.rows]
	if statement == nil {
		var err error
		if statement, err = b.tx.PrepareContext(ctx, b.text()); err != nil {
			return err
		}
		b.statements[b.rows] = statement
	}
	_, err := statement.ExecContext(ctx, b.args...)
	b.rows, b.args = 0, b.args[:len(b.shared)]
	return err
}

// text returns the statement for the rows at hand.
func (b *bulk) text() string {
	row := make([]string, 0, len(b.shared)+len(b.columns))
	for i := range b.shared {
		row = append(row, "?"+strconv.Itoa(i+1))
	}
	for range b.columns {
		row = append(row, "?") // the next number not used so far
	}
	one := "(" + strings.Join(row, ", ") + ")"
	return "INSERT INTO " + b.table + " (" + strings.Join(b.shared, ", ") + ", " + strings.Join(b.columns, ", ") + ") VALUES " +
		one + strings.Repeat(", "+one, b.rows-1)
}
