package region

import (
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// Positions in Register.regions are 32 bits wide, as a register of a whole
// country's grids still has fewer; pointers and strings would need twice to
// four times the memory.

// none is no position.
const none = ^uint32(0)

// maxRegions leaves room for none.
const maxRegions = 1<<32 - 2

// codeTable finds a position by code: open addressing with linear probing, half
// full. A slot holds half of the hash beside the position, so that a look at the
// region itself, far away in memory, is needed once only.
type codeTable struct {
	seed  maphash.Seed
	slots []uint64 // upper half of the hash, position + 1; 0 is free
}

func newCodeTable(regions []fact.Region) codeTable {
	t := codeTable{seed: maphash.MakeSeed(), slots: make([]uint64, 2*len(regions)+1)}
	for at := range regions {
		i, tag := t.start(regions[at].Code)
		for t.slots[i] != 0 {
			i = t.after(i)
		}
		t.slots[i] = tag | uint64(at+1)
	}
	return t
}

// start maps the lower half of the hash onto the slots by multiplication, which
// needs no size that is a power of two.
func (t *codeTable) start(code string) (i int, tag uint64) {
	h := maphash.String(t.seed, code)
	first, _ := bits.Mul64(h<<positionBits, uint64(len(t.slots)))
	return int(first), h &^ uint64(none)
}

func (t *codeTable) after(i int) int {
	if i++; i == len(t.slots) {
		return 0
	}
	return i
}

func (t *codeTable) find(regions []fact.Region, code string) (at uint32, ok bool) {
	if len(t.slots) == 0 {
		return none, false
	}
	i, tag := t.start(code)
	for ; t.slots[i] != 0; i = t.after(i) {
		if t.slots[i]&^uint64(none) != tag {
			continue
		}
		if at := uint32(t.slots[i]) - 1; regions[at].Code == code {
			return at, true
		}
	}
	return none, false
}

// nameIndex finds positions by the hash of a name or of its stem. An entry
// packs hash, level and position, so that the sorted entries of one hash and
// level are positions in order: those below a region stand together, and a name
// that a hundred thousand grids bear is looked up within a village as fast as
// any other.
type nameIndex struct {
	seed    maphash.Seed
	entries []uint64
	// starts holds where the entries begin whose upper bits are its index; the
	// last is the number of entries.
	starts []uint32
	shift  int
}

const (
	positionBits = 32
	levelBits    = 3
	hashShift    = positionBits + levelBits
)

func (x *nameIndex) hash(k key) uint64 {
	h := maphash.String(x.seed, k.base)
	if k.class != "" {
		h ^= bits.RotateLeft64(maphash.String(x.seed, k.class), 1)
	}
	return h >> hashShift << hashShift
}

func entryOf(hash uint64, level fact.Level, at uint32) uint64 {
	return hash | uint64(level)<<positionBits | uint64(at)
}

func newNameIndex(regions []fact.Region) nameIndex {
	x := nameIndex{seed: maphash.MakeSeed()}
	entries := 0
	eachKey(regions, func(uint32, key) { entries++ })
	x.entries = make([]uint64, 0, entries)
	eachKey(regions, func(at uint32, k key) {
		x.entries = append(x.entries, entryOf(x.hash(k), regions[at].Level, at))
	})
	slices.Sort(x.entries)

	const perBucket = 4
	buckets := bits.Len(uint(entries / perBucket))
	x.shift = 64 - buckets
	x.starts = make([]uint32, 1<<buckets+1)
	for _, e := range x.entries {
		x.starts[e>>x.shift+1]++
	}
	for i := 1; i < len(x.starts); i++ {
		x.starts[i] += x.starts[i-1]
	}
	return x
}

// eachKey yields what a region is looked up by: its name and, where that can be
// shortened, its stem.
func eachKey(regions []fact.Region, yield func(at uint32, k key)) {
	for at := range regions {
		name := fold(regions[at].Name)
		if name == "" {
			continue
		}
		yield(uint32(at), keyOf(name))
		if stem := stemOf(name, regions[at].Level); stem != "" {
			yield(uint32(at), key{base: stem})
		}
	}
}

// within returns the entries of a hash and a level whose positions lie in the
// span. Different names may share a hash.
func (x *nameIndex) within(hash uint64, level fact.Level, in span) []uint64 {
	bucket := hash >> x.shift
	entries := x.entries[x.starts[bucket]:x.starts[bucket+1]]
	first, _ := slices.BinarySearch(entries, entryOf(hash, level, in.first))
	entries = entries[first:]
	if len(entries) == 0 || entries[0] > entryOf(hash, level, in.last) {
		return nil // the common case, without a second search
	}
	end, _ := slices.BinarySearch(entries, entryOf(hash, level, in.last)+1)
	return entries[:end]
}
