package sqlite

import (
	"encoding/binary"
	"hash/crc64"
	"math"
)

// checksum runs over the facts of one delivery in the table's order, then over
// its regions in theirs. SQLite's own pages have none, so without it a flipped
// bit in a value would stay unseen.
type checksum uint64

// add takes one fact, as numbers in big-endian order: indicator, period, region,
// dimensions, revision, value, place and row. Ledgers store the result, so this
// must not change.
func (c *checksum) add(e *entry, value float64, place, row int32) {
	b := make([]byte, 0, 40)
	b = binary.BigEndian.AppendUint32(b, uint32(e.indicator))
	b = binary.BigEndian.AppendUint32(b, uint32(e.period))
	b = binary.BigEndian.AppendUint64(b, uint64(e.region))
	b = binary.BigEndian.AppendUint32(b, uint32(e.dimensions))
	b = binary.BigEndian.AppendUint32(b, uint32(e.revision))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(value))
	b = binary.BigEndian.AppendUint32(b, uint32(place))
	b = binary.BigEndian.AppendUint32(b, uint32(row))
	*c = checksum(crc64.Update(uint64(*c), crc64.MakeTable(crc64.ECMA), b))
}

// addRegion takes one entry of a register: code, revision, level, name, parent
// (0 for none), place and row; a text with its length in bytes before it. This
// must not change either.
func (c *checksum) addRegion(e *regionEntry, level, name string, place, row int32) {
	b := make([]byte, 0, 128)
	b = binary.BigEndian.AppendUint64(b, uint64(e.code))
	b = binary.BigEndian.AppendUint32(b, uint32(e.revision))
	for _, text := range []string{level, name} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(e.parent.Int64))
	b = binary.BigEndian.AppendUint32(b, uint32(place))
	b = binary.BigEndian.AppendUint32(b, uint32(row))
	*c = checksum(crc64.Update(uint64(*c), crc64.MakeTable(crc64.ECMA), b))
}
