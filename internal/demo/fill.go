package demo

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver of the sample database
)

//go:embed schema.sql
var schema string

// fillDatabase creates the database file and fills it; a file that is already
// there is an error. When it fails, or ctx ends, no file remains.
func (s *Sample) fillDatabase(ctx context.Context, file string) (err error) {
	created, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create the sample database (it must not exist yet): %w", err)
	}
	if err := created.Close(); err != nil {
		return fmt.Errorf("create the sample database: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	return s.change(ctx, file, func(tx *sql.Tx) error { return s.fill(ctx, tx) })
}

func (s *Sample) fill(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("create the tables: %w", err)
	}
	for _, t := range s.tables {
		if err := s.fillTable(ctx, tx, t); err != nil {
			return err
		}
	}
	if err := s.fillCases(ctx, tx); err != nil {
		return err
	}
	if err := s.fillSessions(ctx, tx); err != nil {
		return err
	}
	for _, w := range s.wrongRows() {
		err := insert(ctx, tx, w.Where, len(w.values), func(add func(...any) error) error { return add(w.values...) })
		if err != nil {
			return err
		}
	}
	return nil
}

// correctDatabase puts what counties correct right in a database that
// fillDatabase filled. A second time changes nothing.
func (s *Sample) correctDatabase(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("correct the sample database: %w", err)
	}
	return s.change(ctx, file, func(tx *sql.Tx) error {
		for _, c := range s.story.Corrections {
			statement, values, here := s.update(c)
			if !here {
				continue
			}
			if _, err := tx.ExecContext(ctx, statement, values...); err != nil {
				return fmt.Errorf("correct %s of %s for %s: %w", c.Indicator, c.Region, c.Period, err)
			}
		}
		return nil
	})
}

// change runs a transaction on the file. It is not made durable: a demo that
// loses power begins anew.
func (s *Sample) change(ctx context.Context, file string, work func(*sql.Tx) error) (err error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("sample database: %w", err)
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: "_pragma=synchronous(off)&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return fmt.Errorf("open the sample database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("open the sample database: %w", err)
	}
	if err := work(tx); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) { // done: ctx has ended
			err = errors.Join(err, undo)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("write the sample database: %w", err)
	}
	return nil
}

func (s *Sample) fillTable(ctx context.Context, tx *sql.Tx, t table) error {
	if !t.items {
		return s.fillRows(ctx, tx, t, t.columns, nil)
	}
	for _, item := range t.columns {
		if err := s.fillRows(ctx, tx, t, []column{item}, []any{item.name}); err != nil {
			return err
		}
	}
	return nil
}

// fillRows writes a row for every period and region: where, when, what (in a
// table of items) and the columns' figures, in the schema's order.
func (s *Sample) fillRows(ctx context.Context, tx *sql.Tx, t table, columns []column, what []any) error {
	figures := s.figures[columns[0].indicator] // the others have the same periods and regions
	var indicators []string
	for _, c := range columns {
		indicators = append(indicators, c.indicator)
	}
	width := len(t.where.columns) + 1 + len(what) + len(columns)
	return insert(ctx, tx, t.name, width, func(add func(...any) error) error {
		for i, p := range figures.periods {
			for k, region := range figures.regions {
				values, ok := s.row(indicators, i, k, false)
				if !ok {
					continue
				}
				row := append(t.where.write(s.register, region), t.when(p))
				row = append(row, what...)
				for _, value := range values {
					row = append(row, value)
				}
				if err := add(row...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// insert adds the rows that write gives it to a table of so many columns.
func insert(ctx context.Context, tx *sql.Tx, table string, columns int, write func(add func(...any) error) error) (err error) {
	statement, err := tx.PrepareContext(ctx, "INSERT INTO "+table+" VALUES ("+marks(columns)+")")
	if err != nil {
		return fmt.Errorf("fill table %s: %w", table, err)
	}
	defer func() { err = errors.Join(err, statement.Close()) }()
	return write(func(values ...any) error {
		if _, err := statement.ExecContext(ctx, values...); err != nil {
			return fmt.Errorf("fill table %s: %w", table, err)
		}
		return nil
	})
}

// update is the statement that sets a figure right, and false for one that is
// not kept in the database.
func (s *Sample) update(c Correction) (statement string, values []any, here bool) {
	t, figure, here := s.keeper(c.Indicator)
	if !here {
		return "", nil, false
	}
	set, conditions := figure.name, append([]string{t.period}, t.where.columns...)
	values = append([]any{c.Value, t.when(c.Period)}, t.where.write(s.register, s.register.byCode[c.Region])...)
	if t.items {
		set, conditions = "amount", append(conditions, "item")
		values = append(values, figure.name)
	}
	return "UPDATE " + t.name + " SET " + set + " = ? WHERE " + strings.Join(conditions, " = ? AND ") + " = ?", values, true
}

// keeper returns the table and the column that keep an indicator's figures.
func (s *Sample) keeper(indicator string) (t table, c column, found bool) {
	for _, t := range s.tables {
		for _, c := range t.columns {
			if c.indicator == indicator {
				return t, c, true
			}
		}
	}
	return table{}, column{}, false
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
