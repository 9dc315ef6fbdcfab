package collectors

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"
)

// Arena makes many small strings in few allocations. All strings of a chunk
// live as long as any of them, which is as it should be for those of one run.
// The zero value is ready for use; one goroutine uses it.
type Arena struct{ chunk strings.Builder }

const chunkSize = 32 << 10

// Keep returns the bytes as a string that stays valid: see Clean.
func (a *Arena) Keep(b []byte) string {
	if len(b) > chunkSize/8 || !utf8.Valid(b) {
		return Clean(b)
	}
	if a.chunk.Len()+len(b) > a.chunk.Cap() {
		a.chunk = strings.Builder{}
		a.chunk.Grow(chunkSize)
	}
	start := a.chunk.Len()
	a.chunk.Write(b)
	return a.chunk.String()[start:]
}

// Clean makes a string of bytes from a source. What is no UTF-8 (GBK in a file
// that says nothing about its encoding) becomes a visible replacement, so that
// the gate refuses the reading and somebody sees why.
func Clean(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// Memo remembers what was made of bytes that come again and again: names of
// counties, periods, sets of dimensions. The zero value is ready for use; one
// goroutine uses it.
type Memo[V any] struct {
	known map[string]V
	// Rows tend to come in an order, so most ask for the same as the one before.
	lastKey   []byte
	lastValue V
}

// The most that a Memo holds; a source in which nothing repeats must not fill
// the memory with it.
const memoSize = 1 << 15

// Get returns what was built of the key before, or builds it.
func (m *Memo[V]) Get(key []byte, build func(key []byte) V) V {
	if m.known != nil && bytes.Equal(key, m.lastKey) {
		return m.lastValue
	}
	value, ok := m.known[string(key)]
	if !ok {
		if m.known == nil || len(m.known) == memoSize {
			m.known = map[string]V{}
		}
		value = build(key)
		m.known[string(key)] = value
	}
	m.lastKey, m.lastValue = append(m.lastKey[:0], key...), value
	return value
}

// maxExact is the largest integer up to which a float64 holds every one.
const maxExact = 1 << 53

// Integer reads up to 18 digits with an optional minus sign; exact says whether
// a float64 holds the number.
func Integer(b []byte) (n int64, exact, ok bool) {
	digits := b
	if len(b) > 0 && b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(b) {
		n = -n
	}
	return n, -maxExact <= n && n <= maxExact, true
}

// CivilDate returns the date of a date, of a time without zone, or of a time
// with an offset as seen in the zone, all as YYYY-MM-DD. What is none of these it
// returns as it is, for the gate to refuse.
func CivilDate(s string, zone *time.Location) string {
	if len(s) <= len(time.DateOnly) || s[4] != '-' || s[7] != '-' || s[10] != ' ' && s[10] != 'T' {
		return s
	}
	clock := s[11:]
	at := strings.IndexAny(clock, "+-Z")
	if at < 0 {
		return s[:10]
	}
	layout := "2006-01-02 15:04:05"
	if strings.Count(clock[:at], ":") == 1 {
		layout = "2006-01-02 15:04"
	}
	switch len(clock) - at {
	case len("Z"), len("+08"):
		layout += "Z07"
	case len("+0800"):
		layout += "Z0700"
	case len("+08:00"):
		layout += "Z07:00"
	case len("+08:05:43"):
		layout += "Z07:00:00"
	}
	t, err := time.Parse(layout, s[:10]+" "+clock)
	if err != nil {
		return s
	}
	return t.In(zone).Format(time.DateOnly)
}
