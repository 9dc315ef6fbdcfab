package sqlquery

import (
	"encoding/binary"
)

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
