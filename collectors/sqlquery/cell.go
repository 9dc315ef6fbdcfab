package sqlquery

import (
	"bytes"
	"strconv"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// kind is what a cell holds, as far as it matters.
type kind uint8

const (
	null    kind = iota
	text         // text; and decimals, whose digits a float could not hold
	number       // an integer or floating-point number, in digits
	boolean      // true or false
)

// cell is one column of one row. Its bytes are valid until the next row.
type cell struct {
	bytes []byte // UTF-8 as a rule, but a source may err
	kind  kind
}

// numberOf reads a number that a float64 holds exactly as the source gave it;
// an integer beyond that is not.
func numberOf(b []byte) (float64, bool) {
	if n, exact, ok := collectors.Integer(b); ok {
		return float64(n), exact
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, false
	}
	isInteger := bytes.IndexFunc(b, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) < 0
	return f, !isInteger
}

// valueOf makes a value of a cell; ok is false for a boolean, which is none.
func valueOf(c cell, texts *collectors.Arena) (v fact.Value, ok bool) {
	switch c.kind {
	case null:
		return fact.Value{}, true
	case boolean:
		return fact.Value{}, false
	case number:
		if f, exact := numberOf(c.bytes); exact {
			return fact.NumberValue(f), true
		}
	}
	return fact.TextValue(texts.Keep(c.bytes)), true
}
