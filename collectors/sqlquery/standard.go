package sqlquery

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"time"
)

// standardSession reads through a driver of database/sql, without the pool and
// the copying that database/sql puts before it: a run needs one connection.
type standardSession struct {
	conn sqldriver.Conn
	// offset is the distance from UTC, such as +08:00, in which the server
	// writes columns of the type TIMESTAMP.
	offset string
	// hangUp says that ending a query early reads all its rows unless the
	// connection is closed first.
	hangUp bool
}

var errDriver = errors.New("the database driver lacks what this program needs; this is a fault of the program")

// exec runs a statement that returns nothing.
func (s *standardSession) exec(ctx context.Context, sql string) error {
	conn, ok := s.conn.(sqldriver.ExecerContext)
	if !ok {
		return errDriver
	}
	_, err := conn.ExecContext(ctx, sql, nil)
	return err //nolint:wrapcheck // the caller says where
}

func (s *standardSession) query(ctx context.Context, sql string, args []string, header func([]string) error, row func([]cell) error) error {
	conn, ok := s.conn.(sqldriver.ConnPrepareContext)
	if !ok {
		return errDriver
	}
	prepared, err := conn.PrepareContext(ctx, sql)
	if err != nil {
		return err //nolint:wrapcheck // the caller says where
	}
	defer func() { _ = prepared.Close() }() // nothing was written, nothing can be lost
	if want := prepared.NumInput(); want >= 0 && want != len(args) {
		return fmt.Errorf("the query has %d parameters of its own; write :since, or with for_each :region_code and its like", want-len(args))
	}
	statement, ok := prepared.(sqldriver.StmtQueryContext)
	if !ok {
		return errDriver
	}
	values := make([]sqldriver.NamedValue, len(args))
	for i, arg := range args {
		values[i] = sqldriver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	rows, err := statement.QueryContext(ctx, values)
	if err != nil {
		return err //nolint:wrapcheck // the caller says where
	}
	if err := s.read(ctx, rows, header, row); err != nil {
		if s.hangUp {
			_ = s.conn.Close()
		}
		_ = rows.Close() // its error only follows from the other
		return err
	}
	return rows.Close() //nolint:wrapcheck // the caller says where
}

func (s *standardSession) read(ctx context.Context, rows sqldriver.Rows, header func([]string) error, row func([]cell) error) error {
	names := rows.Columns()
	if err := header(names); err != nil {
		return err
	}
	types := make([]string, len(names))
	if typed, ok := rows.(sqldriver.RowsColumnTypeDatabaseTypeName); ok {
		for i := range names {
			types[i] = typed.ColumnTypeDatabaseTypeName(i)
		}
	}
	values, cells := make([]sqldriver.Value, len(names)), make([]cell, len(names))
	scratch := make([][]byte, len(names))
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := rows.Next(values)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err //nolint:wrapcheck // the caller says where
		}
		for i, value := range values {
			cells[i] = s.cell(value, types[i], &scratch[i])
		}
		if err := row(cells); err != nil {
			return err
		}
	}
}

// cell writes a value as text. Scratch is the column's own memory for it.
func (s *standardSession) cell(value sqldriver.Value, typeName string, scratch *[]byte) cell {
	b, of := (*scratch)[:0], text
	switch v := value.(type) {
	case nil:
		return cell{}
	case []byte:
		if typeName == "BIT" {
			return cell{bytes: new(big.Int).SetBytes(v).Append(b, 10), kind: boolean}
		}
		if typeName != "TIMESTAMP" {
			return cell{bytes: v, kind: text}
		}
		b = append(append(b, v...), s.offset...)
	case string:
		b = append(b, v...)
	case int64:
		b, of = strconv.AppendInt(b, v, 10), number
		if typeName == "BOOLEAN" || typeName == "BOOL" {
			of = boolean
		}
	case uint64:
		b, of = strconv.AppendUint(b, v, 10), number
	case float64:
		b, of = strconv.AppendFloat(b, v, 'f', -1, 64), number
	case float32:
		// By way of its own digits: 0.1 of a FLOAT is not 0.10000000149.
		b, of = strconv.AppendFloat(b, float64(v), 'f', -1, 32), number
	case bool:
		b, of = strconv.AppendBool(b, v), boolean
	case time.Time:
		b = appendCivil(b, v)
	default:
		b = fmt.Append(b, v)
	}
	*scratch = b
	return cell{bytes: b, kind: of}
}

// appendCivil writes the time as its own zone has it; midnight is a mere date.
func appendCivil(b []byte, t time.Time) []byte {
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return t.AppendFormat(b, time.DateOnly)
	}
	return t.AppendFormat(b, time.DateTime)
}

func (s *standardSession) close() { _ = s.conn.Close() }
