package httpjson

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

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
