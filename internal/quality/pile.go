package quality

import "slices"

// pile collects very many values. One slice that grows would copy all it holds
// again and again, and need more than twice the memory while it does.
type pile[T any] struct {
	chunks [][]T
	count  int32
}

// How many values are allocated at once, after the first few.
const chunk = 1024

func (p *pile[T]) add(value T) {
	if p.count%chunk == 0 {
		var next []T
		if p.count > 0 { // most deliveries are small
			next = make([]T, 0, chunk)
		}
		p.chunks = append(p.chunks, next)
	}
	last := &p.chunks[len(p.chunks)-1]
	*last = append(*last, value)
	p.count++
}

// take returns all of it in one slice and keeps nothing.
func (p *pile[T]) take() []T {
	chunks := p.chunks
	p.chunks = nil
	if len(chunks) == 1 {
		return chunks[0]
	}
	return slices.Concat(chunks...)
}
