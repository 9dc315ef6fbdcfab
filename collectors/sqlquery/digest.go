package sqlquery

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// digest hashes cells one after the other, each with its length before it, so
// that no two different results look the same.
type digest struct {
	hash   hash.Hash
	buffer []byte
}

const digestBuffer = 16 << 10

func newDigest() *digest {
	return &digest{hash: sha256.New(), buffer: make([]byte, 0, 2*digestBuffer)}
}

func (d *digest) cells(cells []cell) {
	for _, c := range cells {
		d.buffer = appendCell(d.buffer, c)
	}
	if len(d.buffer) >= digestBuffer {
		d.hash.Write(d.buffer)
		d.buffer = d.buffer[:0]
	}
}

func (d *digest) texts(texts ...string) {
	for _, s := range texts {
		d.buffer = append(binary.AppendUvarint(d.buffer, uint64(len(s))+1), s...)
	}
}

// sum returns the digest in hex. Nothing can be added afterwards.
func (d *digest) sum() string {
	d.hash.Write(d.buffer)
	return hex.EncodeToString(d.hash.Sum(nil))
}
