package sqlquery

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// clean makes a string of bytes from a source. What is no UTF-8 (GBK in a file
// that says nothing about its encoding) becomes a visible replacement, so that
// the gate refuses the reading and somebody sees why.
func clean(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// The largest integer up to which a float64 holds every one.
const maxExact = 1 << 53

// numberOf reads a number that a float64 holds exactly as the source gave it;
// an integer beyond that is not.
func numberOf(b []byte) (float64, bool) {
	if n, ok := integer(b); ok {
		return float64(n), -maxExact <= n && n <= maxExact
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, false
	}
	isInteger := bytes.IndexFunc(b, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) < 0
	return f, !isInteger
}

// integer reads up to 18 digits with an optional minus sign.
func integer(b []byte) (n int64, ok bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, true
}

// valueOf makes a value of a cell; ok is false for a boolean, which is none.
func valueOf(c cell, texts *arena) (v fact.Value, ok bool) {
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
	return fact.TextValue(texts.keep(c.bytes)), true
}

// civilDate returns the date of a date, of a time without zone, or of a time
// with an offset as seen in the zone. What is none of these it returns as it
// is, for the gate to refuse.
func civilDate(s string, zone *time.Location) string {
	if len(s) <= len(time.DateOnly) || s[4] != '-' || s[7] != '-' || s[10] != ' ' && s[10] != 'T' {
		return s
	}
	clock := s[11:]
	at := strings.IndexAny(clock, "+-Z")
	if at < 0 {
		return s[:10]
	}
	var layout string
	switch len(clock) - at {
	case len("Z"), len("+08"):
		layout = "2006-01-02 15:04:05Z07"
	case len("+0800"):
		layout = "2006-01-02 15:04:05Z0700"
	case len("+08:00"):
		layout = "2006-01-02 15:04:05Z07:00"
	case len("+08:05:43"):
		layout = "2006-01-02 15:04:05Z07:00:00"
	}
	t, err := time.Parse(layout, s[:10]+" "+clock)
	if err != nil {
		return s
	}
	return t.In(zone).Format(time.DateOnly)
}
