package httpjson

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// kind is what a value of JSON is.
type kind uint8

const (
	missing kind = iota // there is no such key
	null
	text
	number
	boolean
	list
	object
)

// String names a kind for messages.
func (k kind) String() string {
	switch k {
	case missing:
		return "missing"
	case null:
		return "null"
	case text:
		return "a text"
	case number:
		return "a number"
	case boolean:
		return "true or false"
	case list:
		return "a list"
	}
	return "an object"
}

// value is a value of JSON that a column picked. Its text is that of a text,
// the digits of a number, true or false, and nothing otherwise; it is valid
// until the next row.
type value struct {
	text []byte
	kind kind
}

func (v value) absent() bool { return v.kind <= null }

// longestText is the most bytes that a name, period or figure has. What is
// longer is something else, and must not fill the ledger with rejections.
const longestText = 4096

var (
	errBoolean = errors.New("the value is true or false, a figure must be a number: let jq count or convert it")
	errNested  = errors.New("expected a text or number: let jq pick one field of it")
)

// word checks that a value can stand where a text is expected.
func (v value) word() error {
	switch {
	case v.kind == list, v.kind == object:
		return fmt.Errorf("the value is %s; %w", v.kind, errNested)
	case len(v.text) > longestText:
		return fmt.Errorf("the value is a text of %d bytes; expected at most %d", len(v.text), longestText)
	}
	return nil
}

// figure makes a figure of a value.
func (v value) figure(texts *collectors.Arena) (fact.Value, error) {
	if err := v.word(); err != nil {
		return fact.Value{}, err
	}
	switch v.kind {
	case missing, null:
		return fact.Value{}, nil
	case boolean:
		return fact.Value{}, errBoolean
	case number:
		if f, exact := numberOf(v.text); exact {
			return fact.NumberValue(f), nil
		}
	}
	return fact.TextValue(texts.Keep(v.text)), nil
}

// exactDigits is how many decimal digits a float64 always holds.
const exactDigits = 15

// numberOf reads a number that a float64 holds as the source gave it: an
// integer up to 2^53, and a decimal fraction that comes out again with the same
// digits.
func numberOf(b []byte) (float64, bool) {
	if n, exact, ok := collectors.Integer(b); ok {
		return float64(n), exact
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !bytes.ContainsAny(b, ".eE") {
		return 0, false
	}
	digits := significant(b)
	if len(digits) <= exactDigits {
		return f, true
	}
	return f, bytes.Equal(digits, significant(strconv.AppendFloat(nil, f, 'e', -1, 64)))
}

// significant returns the digits of a number without its sign, point, exponent
// and the zeros before and behind.
func significant(b []byte) []byte {
	if end := bytes.IndexAny(b, "eE"); end >= 0 {
		b = b[:end]
	}
	digits := make([]byte, 0, len(b))
	for _, c := range b {
		if '0' <= c && c <= '9' {
			digits = append(digits, c)
		}
	}
	return bytes.Trim(digits, "0")
}
