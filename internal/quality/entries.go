package quality

import (
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// entryIntake takes the entries of a register of regions. Like an Intake for
// readings it keeps nothing else of the source's rows.
type entryIntake struct {
	onEntry    []entryStage
	onRegister []entryStage
	onClose    []entryStage
	passed     pile[fact.RegionFact]
	added      int
	refused    pile[rejected] // by the stages for single entries
}

// entryCandidate is an entry on its way through the gate, with what the stages
// have found so far.
type entryCandidate struct {
	entry  fact.RegionEntry
	region fact.Region
	// configured says that the configuration lists the very same, so that there
	// is nothing to add.
	configured bool
}

func newEntryIntake(stages []entryStage) entryIntake {
	register := slices.IndexFunc(stages, func(s entryStage) bool { return s.register != nil })
	closing := slices.IndexFunc(stages, func(s entryStage) bool { return s.closing != nil })
	return entryIntake{onEntry: stages[:register], onRegister: stages[register:closing], onClose: stages[closing:]}
}

func (in *entryIntake) add(entry fact.RegionEntry) {
	in.added++
	c := entryCandidate{entry: entry}
	for i := range in.onEntry {
		s := &in.onEntry[i]
		if reason := s.entry.check(&c); reason != nil {
			in.refused.add(rejected{
				Rejection: fact.Rejection{Reading: c.asReading(), Stage: s.id, Reason: s.reason(reason)},
				moment:    moment{after: in.passed.count, nth: int32(in.added)},
			})
			return
		}
	}
	if !c.configured {
		in.passed.add(fact.RegionFact{Region: compact(c.region), Place: entry.Place})
	}
}

// compact copies the texts of a region, which may hold on to a whole row, into
// one.
func compact(r fact.Region) fact.Region {
	text := strings.Join([]string{r.Code, r.Name, r.Parent}, "")
	name, parent := len(r.Code), len(r.Code)+len(r.Name)
	return fact.Region{Code: text[:name], Name: text[name:parent], Parent: text[parent:], Level: r.Level}
}

// close judges the register as a whole.
func (in *entryIntake) close() ([]fact.RegionFact, []rejected) {
	all := in.refused.take()
	d := newDelivered(in.passed.take(), all, in.added)
	for again := true; again; {
		again = false
		for k := range in.onRegister {
			s := &in.onRegister[k]
			s.register.check(d, func(i int32, reason *fact.Text) {
				again = true
				d.refused[i] = true
				all = append(all, rejected{
					Rejection: fact.Rejection{Reading: entryReading(&d.entries[i]), Stage: s.id, Reason: s.reason(reason)},
					moment:    momentOf(i),
				})
			})
		}
	}
	for i := range in.onClose {
		all = in.onClose[i].closing.concludeRegister(in.onClose[i].id, d, all)
	}
	return d.accepted(), all
}

// asReading is how a refused entry is reported, as the source wrote it.
func (c *entryCandidate) asReading() fact.Reading {
	r := fact.Reading{Region: c.entry.Code, Value: fact.TextValue(c.entry.Name), Place: c.entry.Place}
	if c.entry.Parent != "" {
		r.Within = []string{c.entry.Parent}
	}
	return r
}

// entryReading is how one is reported that was refused at the end, as the gate
// understood it.
func entryReading(e *fact.RegionFact) fact.Reading {
	r := fact.Reading{Region: e.Code, Value: fact.TextValue(e.Name), Place: e.Place}
	if e.Parent != "" {
		r.Within = []string{e.Parent}
	}
	return r
}

// delivered is what the stages for single entries let through, with an order in
// which equal codes stand side by side.
type delivered struct {
	entries []fact.RegionFact // in the order they came
	refused []bool            // by index of entries
	byCode  []int32           // indices of entries by code, then as they came
	// lost are the codes of the entries that the stages for single entries
	// refused.
	lost  map[string]bool
	added int // how many entries there were
}

func newDelivered(entries []fact.RegionFact, early []rejected, added int) *delivered {
	d := &delivered{
		entries: entries, refused: make([]bool, len(entries)), byCode: make([]int32, len(entries)),
		lost: map[string]bool{}, added: added,
	}
	for i := range d.byCode {
		d.byCode[i] = int32(i)
	}
	slices.SortFunc(d.byCode, func(a, b int32) int {
		if c := strings.Compare(entries[a].Code, entries[b].Code); c != 0 {
			return c
		}
		return int(a) - int(b)
	})
	for i := range early {
		d.lost[strings.TrimSpace(early[i].Reading.Region)] = true
	}
	return d
}

// of returns the indices of all entries of a code.
func (d *delivered) of(code string) []int32 {
	start, _ := slices.BinarySearchFunc(d.byCode, code, func(i int32, code string) int {
		return strings.Compare(d.entries[i].Code, code)
	})
	end := start
	for end < len(d.byCode) && d.entries[d.byCode[end]].Code == code {
		end++
	}
	return d.byCode[start:end]
}

// find returns the entry of a code that stands. wasRefused says that there are
// only refused ones.
func (d *delivered) find(code string) (entry *fact.RegionFact, wasRefused bool) {
	all := d.of(code)
	for _, i := range all {
		if !d.refused[i] {
			return &d.entries[i], false
		}
	}
	return nil, len(all) > 0 || d.lost[code]
}

// accepted moves the entries that were not refused together and returns them.
func (d *delivered) accepted() []fact.RegionFact {
	kept := d.entries[:0]
	for i := range d.entries {
		if !d.refused[i] {
			kept = append(kept, d.entries[i])
		}
	}
	return kept
}

// knownRegions are those that don't come with the delivery.
type knownRegions struct {
	regions    Regions
	configured func(code string) (*fact.Region, bool)
}

// fixed returns the region that the configuration lists under a code.
func (k knownRegions) fixed(code string) (*fact.Region, bool) {
	if k.configured == nil {
		return nil, false
	}
	return k.configured(code)
}
