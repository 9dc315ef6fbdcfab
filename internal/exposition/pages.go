package exposition

import (
	"encoding/binary"
	"io"
	"slices"
)

// The chunks that a body is kept in: the first is small, as most families are,
// and each is twice the one before, up to pageSize. Nothing is ever moved, so a
// body of any size costs its own bytes and at most one page more.
const (
	firstPage = 4 << 10
	pageSize  = 256 << 10
)

// pages collects a body. What is written stays where it was put; parts are in
// the order of the body and may share a chunk.
type pages struct {
	parts [][]byte
	open  []byte // the part being written; its capacity ends with its chunk
	chunk int    // size of the newest chunk
	size  int    // bytes in parts

	forks []fork
	frame frame
}

// fork is a part that reads otherwise in the second variant of the body.
type fork struct {
	part        int
	alternative []byte
}

// frame is a message whose length precedes it and is known only afterwards.
type frame struct {
	chunk []byte // begins with the gap for the length, then the message's first part
	part  int    // index of that first part
	start int    // size before the message
}

// room returns the open part with space for at least n more bytes. The caller
// appends them and hands the result to keep.
func (p *pages) room(n int) []byte {
	if cap(p.open)-len(p.open) < n {
		p.cut()
		p.chunk = max(firstPage, min(2*p.chunk, pageSize))
		p.open = make([]byte, 0, max(p.chunk, n))
	}
	return p.open
}

func (p *pages) keep(open []byte) { p.open = open }

// Write implements io.Writer; it never fails.
func (p *pages) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		open := p.room(1)
		fits := min(cap(open)-len(open), len(b))
		p.keep(append(open, b[:fits]...))
		b = b[fits:]
	}
	return n, nil
}

// written returns how many bytes have been written.
func (p *pages) written() int { return p.size + len(p.open) }

// cut ends the open part; the next one goes on in the same chunk.
func (p *pages) cut() {
	if len(p.open) == 0 {
		return
	}
	p.size += len(p.open)
	p.parts = append(p.parts, slices.Clip(p.open))
	p.open = p.open[len(p.open):]
}

// writeFork writes bytes that differ between the two variants of the body.
func (p *pages) writeFork(first, second []byte) {
	p.cut()
	open := p.room(len(first))
	p.forks = append(p.forks, fork{part: len(p.parts), alternative: second})
	p.keep(append(open, first...))
	p.cut()
}

// beginFrame writes the beginning of a message, which must not be empty, and
// leaves a gap before it for its length.
func (p *pages) beginFrame(beginning []byte) {
	p.cut()
	chunk := p.room(binary.MaxVarintLen64 + len(beginning))
	p.frame = frame{chunk: chunk, part: len(p.parts), start: p.size}
	p.open = chunk[binary.MaxVarintLen64:binary.MaxVarintLen64]
	p.open = append(p.open, beginning...)
}

// endFrame puts the length right before the message, of which a further number
// of bytes will follow behind the pages.
func (p *pages) endFrame(further int) {
	p.cut()
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(p.size-p.frame.start+further))
	first := &p.parts[p.frame.part]
	*first = slices.Clip(p.frame.chunk[binary.MaxVarintLen64-n : binary.MaxVarintLen64+len(*first)])
	copy(*first, length[:n])
	p.size += n
}

// take appends all that q holds, without copying it. q must not be used again.
func (p *pages) take(q *pages) {
	p.cut()
	q.cut()
	for _, f := range q.forks {
		p.forks = append(p.forks, fork{part: len(p.parts) + f.part, alternative: f.alternative})
	}
	p.parts = append(p.parts, q.parts...)
	p.size += q.size
}

// body returns what was written. p must not be used again.
func (p *pages) body() body {
	p.cut()
	return body{parts: p.parts, size: p.size}
}

// variant returns the body with the second reading of every fork; it shares the
// other parts with the first.
func (p *pages) variant() body {
	b := p.body()
	b.parts = slices.Clone(b.parts)
	for _, f := range p.forks {
		b.size += len(f.alternative) - len(b.parts[f.part])
		b.parts[f.part] = f.alternative
	}
	return b
}

// body is an encoded answer or the first part of one. It never changes.
type body struct {
	parts [][]byte
	size  int
}

// WriteTo implements io.WriterTo.
func (b body) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for _, part := range b.parts {
		n, err := w.Write(part)
		written += int64(n)
		if err != nil {
			return written, err //nolint:wrapcheck // the writer's own error, as io.Copy hands it on
		}
	}
	return written, nil
}
