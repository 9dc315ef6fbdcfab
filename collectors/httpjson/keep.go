package httpjson

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"
)

// arena makes many small strings in few allocations. All strings of a chunk
// live as long as any of them, which is as it should be for those of one run.
type arena struct{ chunk strings.Builder }

const chunkSize = 32 << 10

// keep returns the bytes as a string that stays valid.
func (a *arena) keep(b []byte) string {
	if a.chunk.Len()+len(b) > a.chunk.Cap() {
		if len(b) > chunkSize/8 {
			return string(b)
		}
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
	v, ok := m.known[string(key)]
	if !ok {
		if m.known == nil || len(m.known) == memoSize {
			m.known = map[string]V{}
		}
		v = build(key)
		m.known[string(key)] = v
	}
	m.lastKey, m.lastValue = append(m.lastKey[:0], key...), v
	return v
}

// appendText appends a text with its length, so that two lists of texts are
// equal exactly if what was appended for them is.
func appendText(b, s []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cutText undoes appendText.
func cutText(b []byte) (s, rest []byte) {
	length, n := binary.Uvarint(b)
	b = b[n:]
	return b[:length], b[length:]
}

// digest hashes texts one after the other, each with its length before it.
type digest struct{ hash hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) bytes(b []byte) {
	var length [binary.MaxVarintLen64]byte
	d.hash.Write(length[:binary.PutUvarint(length[:], uint64(len(b)))])
	d.hash.Write(b)
}

func (d digest) texts(texts ...string) {
	for _, s := range texts {
		d.bytes([]byte(s))
	}
}

// sum returns the digest in hex.
func (d digest) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }
