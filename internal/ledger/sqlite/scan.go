package sqlite

import (
	"database/sql"
	"fmt"
	"math"
	"time"
)

// integer and float scan a column of exactly that type. database/sql takes them
// by a direct call, where it sets a plain int64 by way of reflection and text,
// which shows when a ledger of millions of facts is read.
type (
	integer int64
	float   float64
)

// Scan implements sql.Scanner.
func (i *integer) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("%w: %T where the ledger keeps integers", errDamaged, v)
	}
	*i = integer(n)
	return nil
}

// Scan implements sql.Scanner.
func (f *float) Scan(v any) error {
	n, ok := v.(float64)
	if !ok {
		return fmt.Errorf("%w: %T where the ledger keeps numbers", errDamaged, v)
	}
	*f = float(n)
	return nil
}

// The zero time is NULL.

func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// orEver is an instant up to which something is asked for; the zero time is no
// such bound.
func orEver(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixMilli()
}

func fromMillis(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}
