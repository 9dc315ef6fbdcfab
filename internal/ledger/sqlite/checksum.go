package sqlite

import (
	"encoding/binary"
	"hash/crc64"
	"math"

	"github.com/govkpi/govkpi/internal/fact"
)

// checksum runs over the facts of one delivery in the table's order, then over
// its regions in theirs; then, by id, over the held figures that it brought,
// those that it closed, and its decisions. SQLite's own pages have none, so
// without it a flipped bit in a value would stay unseen.
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
	c.update(b)
}

// addRegion takes one entry of a register: code, revision, level, name, parent
// (0 for none), place and row; a text with its length in bytes before it. This
// must not change either.
func (c *checksum) addRegion(e *regionEntry, level, name string, place, row int32) {
	b := make([]byte, 0, 128)
	b = binary.BigEndian.AppendUint64(b, uint64(e.code))
	b = binary.BigEndian.AppendUint32(b, uint32(e.revision))
	b = appendTexts(b, level, name)
	b = binary.BigEndian.AppendUint64(b, uint64(e.parent.Int64))
	b = binary.BigEndian.AppendUint32(b, uint32(place))
	b = binary.BigEndian.AppendUint32(b, uint32(row))
	c.update(b)
}

// addHeld takes one held figure: id, indicator, period, region, dimensions,
// value, place, row, stage and reasons; a text as above. This and those below
// must not change either.
func (c *checksum) addHeld(h *heldRow) {
	b := make([]byte, 0, 256)
	b = binary.BigEndian.AppendUint64(b, uint64(h.ID))
	b = appendKey(b, &h.key)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(h.Value))
	b = binary.BigEndian.AppendUint32(b, uint32(h.place))
	b = binary.BigEndian.AppendUint32(b, uint32(h.Place.Row))
	c.update(appendTexts(b, h.Stage, h.Reason.ZH, h.Reason.EN))
}

// addClosing takes how the delivery closed a held figure: id and closing.
func (c *checksum) addClosing(id int64, closing fact.Closing) {
	b := make([]byte, 0, 32)
	c.update(appendTexts(binary.BigEndian.AppendUint64(b, uint64(id)), string(closing)))
}

// addDecision takes one decision: id, indicator, period, region, dimensions,
// revision (0 for none), held (0 for none), whether a value was overruled and
// which (0 for none), action, and the name and reason of its run.
func (c *checksum) addDecision(d *decision) {
	b := make([]byte, 0, 256)
	b = binary.BigEndian.AppendUint64(b, uint64(d.ID))
	b = appendKey(b, &d.key)
	b = binary.BigEndian.AppendUint32(b, uint32(d.Revision))
	b = binary.BigEndian.AppendUint64(b, uint64(d.Held))
	overruled := byte(0)
	if d.Overruled.OK {
		overruled = 1
	}
	b = append(b, overruled)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(d.Overruled.Value))
	c.update(appendTexts(b, string(d.Action), d.By, d.Reason))
}

func (c *checksum) update(b []byte) {
	*c = checksum(crc64.Update(uint64(*c), crc64.MakeTable(crc64.ECMA), b))
}

func appendKey(b []byte, key *entry) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(key.indicator))
	b = binary.BigEndian.AppendUint32(b, uint32(key.period))
	b = binary.BigEndian.AppendUint64(b, uint64(key.region))
	return binary.BigEndian.AppendUint32(b, uint32(key.dimensions))
}

func appendTexts(b []byte, texts ...string) []byte {
	for _, text := range texts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	return b
}
