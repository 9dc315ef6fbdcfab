package sqlquery

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// arena makes many small strings in few allocations. All strings of a chunk
// live as long as any of them, which is as it should be for those of one run.
type arena struct{ chunk strings.Builder }

const chunkSize = 32 << 10

// keep returns the bytes as a string that stays valid.
func (a *arena) keep(b []byte) string {
	if len(b) > chunkSize/8 || !utf8.Valid(b) {
		return clean(b)
	}
	if a.chunk.Len()+len(b) > a.chunk.Cap() {
		a.chunk = strings.Builder{}
		a.chunk.Grow(chunkSize)
	}
	start := a.chunk.Len()
	a.chunk.Write(b)
	return a.chunk.String()[start:]
}

// memo remembers what was made of bytes that come again and again: names of
// counties, periods, sets of dimensions.
type memo[V any] struct {
	known map[string]V
	// Rows tend to come in an order, so most ask for the same as the one before.
	lastKey   []byte
	lastValue V
}

// The most that a memo holds; a source in which nothing repeats must not fill
// the memory with it.
const memoSize = 1 << 15

// get returns what was built of the key before, or builds it.
func (m *memo[V]) get(key []byte, build func(key []byte) V) V {
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

// appendCell appends a cell so that two rows of cells are equal exactly if what
// was appended for them is.
func appendCell(b []byte, c cell) []byte {
	if c.kind == null {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(c.bytes))+1)
	return append(b, c.bytes...)
}

// cutCell undoes appendCell, as far as a cell's text goes.
func cutCell(b []byte) (content, rest []byte) {
	length, n := binary.Uvarint(b)
	b = b[n:]
	if length == 0 {
		return nil, b
	}
	return b[:length-1], b[length-1:]
}
