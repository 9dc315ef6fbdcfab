package ledger

import (
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// blockSize keeps a block within the allocator's small sizes (32 KiB) and makes
// a correction of one figure among millions copy no more than that.
const blockSize = 256

// blocks is a sorted list of series, cut into blocks of which none is empty. A
// block is never written once it is published, so that readers need no lock:
// the next state shares the blocks that no fact touched.
type blocks [][]fact.Series

// apply returns the next state. order holds the indexes of facts to apply,
// sorted by key.
func (old blocks) apply(facts []fact.Fact, order []int32) blocks {
	b := blockBuilder{out: make(blocks, 0, len(old)+1)}
	for i, block := range old {
		mine := len(order)
		if i+1 < len(old) {
			next := &old[i+1][0]
			mine, _ = slices.BinarySearchFunc(order, next, func(j int32, s *fact.Series) int {
				return compareKeys(facts[j].Region, facts[j].Dimensions, s.Region, s.Dimensions)
			})
		}
		if mine == 0 {
			b.out = append(b.out, block)
			continue
		}
		b.merge(block, facts, order[:mine])
		order = order[mine:]
	}
	if len(order) > 0 { // only where there was no block to take them
		b.merge(nil, facts, order)
	}
	return b.out
}

// blockBuilder cuts a run of series into blocks of one half to one blockSize,
// or less where the run is shorter.
type blockBuilder struct {
	out     blocks
	pending []fact.Series // at most two blocks
}

// merge appends the series of a block, advanced by facts.
func (b *blockBuilder) merge(block []fact.Series, facts []fact.Fact, order []int32) {
	for len(order) > 0 {
		f := &facts[order[0]]
		for len(block) > 0 && compareKeys(block[0].Region, block[0].Dimensions, f.Region, f.Dimensions) < 0 {
			b.add(block[0])
			block = block[1:]
		}
		s := fact.Series{Region: f.Region, Dimensions: f.Dimensions}
		if len(block) > 0 && block[0].Region == f.Region && block[0].Dimensions == f.Dimensions {
			s = block[0]
			block = block[1:]
		}
		for len(order) > 0 && facts[order[0]].Region == s.Region && facts[order[0]].Dimensions == s.Dimensions {
			apply(&s, &facts[order[0]])
			order = order[1:]
		}
		b.add(s)
	}
	for _, s := range block {
		b.add(s)
	}
	b.flush()
}

func (b *blockBuilder) add(s fact.Series) {
	if len(b.pending) == 2*blockSize {
		b.cut(blockSize)
	}
	b.pending = append(b.pending, s)
}

func (b *blockBuilder) flush() {
	if len(b.pending) > blockSize {
		b.cut(len(b.pending) / 2)
	}
	b.cut(len(b.pending))
}

func (b *blockBuilder) cut(n int) {
	if n == 0 {
		return
	}
	b.out = append(b.out, slices.Clone(b.pending[:n]))
	b.pending = slices.Delete(b.pending, 0, n)
}
