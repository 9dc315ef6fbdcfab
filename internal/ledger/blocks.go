package ledger

import (
	"slices"
	"sort"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// blockSize keeps a block of series within the allocator's small sizes (32 KiB)
// and makes a correction of one figure among millions copy no more than that.
const blockSize = 256

// seriesKey tells the series of one indicator apart.
type seriesKey struct {
	region     string
	dimensions fact.Dimensions
}

func (k seriesKey) compare(l seriesKey) int {
	if c := strings.Compare(k.region, l.region); c != 0 {
		return c
	}
	return strings.Compare(string(k.dimensions), string(l.dimensions))
}

// blocks is a list of series of some sort, sorted by key and cut into blocks of
// which none is empty. A block is never written once it is published, so that
// readers need no lock: the next state shares the blocks that nothing touched.
type blocks[S any] [][]S

// changes are what takes a list of series to its next state, sorted by key.
type changes[S any] interface {
	// key is that of a series, changed that of a change.
	key(series *S) seriesKey
	changed(i int) seriesKey
	// advance returns the next state of a series, which may be a new one that has
	// nothing but its key yet, and where the changes of the series after it begin.
	advance(series S, from int) (next S, end int)
	// start is a series that has nothing but the key of the change.
	start(i int) S
}

// apply returns the next state by the first n changes.
func (old blocks[S]) apply(by changes[S], n int) blocks[S] {
	b := blockBuilder[S]{out: make(blocks[S], 0, len(old)+1)}
	from := 0
	for i, block := range old {
		if from == n {
			b.out = append(b.out, old[i:]...)
			break
		}
		end := n
		if i+1 < len(old) {
			end = firstAfter(by, from, n, by.key(&old[i+1][0]))
		}
		if from == end {
			b.out = append(b.out, block)
			continue
		}
		b.merge(block, by, from, end)
		from = end
	}
	if from < n { // only where there was no block to take them
		b.merge(nil, by, from, n)
	}
	return b.out
}

// firstAfter returns the first of the changes from..n whose key is not before
// the one given.
func firstAfter[S any](by changes[S], from, n int, key seriesKey) int {
	return from + sort.Search(n-from, func(i int) bool { return by.changed(from+i).compare(key) >= 0 })
}

// find returns the series with the key.
func (old blocks[S]) find(key seriesKey, keyOf func(*S) seriesKey) (*S, bool) {
	i, first := slices.BinarySearchFunc(old, key, func(block []S, key seriesKey) int { return keyOf(&block[0]).compare(key) })
	if !first {
		i-- // the block before is the one that may have it
	}
	if i < 0 {
		return nil, false
	}
	block := old[i]
	at := sort.Search(len(block), func(i int) bool { return keyOf(&block[i]).compare(key) >= 0 }) // copies none
	if at == len(block) || keyOf(&block[at]) != key {
		return nil, false
	}
	return &block[at], true
}

// blockBuilder cuts a run of series into blocks of one half to one blockSize,
// or less where the run is shorter.
type blockBuilder[S any] struct {
	out     blocks[S]
	pending []S // at most two blocks
}

// merge appends the series of a block, advanced by the changes from..end.
func (b *blockBuilder[S]) merge(block []S, by changes[S], from, end int) {
	for from < end {
		key := by.changed(from)
		c := 1
		for len(block) > 0 {
			if c = by.key(&block[0]).compare(key); c >= 0 {
				break
			}
			b.add(block[0])
			block, c = block[1:], 1
		}
		var s S
		if c == 0 {
			s, block = block[0], block[1:]
		} else {
			s = by.start(from)
		}
		s, from = by.advance(s, from)
		b.add(s)
	}
	for i := range block {
		b.add(block[i])
	}
	b.flush()
}

func (b *blockBuilder[S]) add(s S) {
	if len(b.pending) == 2*blockSize {
		b.cut(blockSize)
	}
	b.pending = append(b.pending, s)
}

func (b *blockBuilder[S]) flush() {
	if len(b.pending) > blockSize {
		b.cut(len(b.pending) / 2)
	}
	b.cut(len(b.pending))
}

func (b *blockBuilder[S]) cut(n int) {
	if n == 0 {
		return
	}
	b.out = append(b.out, slices.Clone(b.pending[:n]))
	b.pending = slices.Delete(b.pending, 0, n)
}
