package standing

import "github.com/govkpi/govkpi/internal/fact"

// headcounts count who spoke of which period, by the head, and who may have:
// what is further back than its three periods it can't tell, nor whether what
// came under a retired code came under today's too. They are few periods and
// many regions, so that lists are faster than maps.
type headcounts struct {
	spoke   []headcount
	perhaps []headcount // under a retired code
	edges   []headcount // of any period before that
	// merger is the newest of those that somebody under a retired code came to: who
	// spoke of a period before it may have spoken for a part only.
	merger fact.Period
}

type headcount struct {
	period   fact.Period
	expected int // further ones spoke without being asked
}

func (h *headcounts) add(r *spokesman) {
	counts := &h.spoke
	if r.retired {
		counts = &h.perhaps
		if isBefore(h.merger, r.merger) || h.merger.IsZero() {
			h.merger = r.merger
		}
	}
	for _, p := range r.periods() {
		count(counts, p, r.expected)
	}
	if edge := r.edge(); !edge.IsZero() {
		count(&h.edges, edge, r.expected)
	}
}

func count(counts *[]headcount, p fact.Period, expected bool) {
	for i := range *counts {
		if (*counts)[i].period == p {
			(*counts)[i].expected += one(expected)
			return
		}
	}
	*counts = append(*counts, headcount{p, one(expected)})
}

// answer is what the head says.
type answer uint8

const (
	no answer = iota
	perhaps
	yes
)

// closed says whether a period is closed with a figure of it: everybody spoke, or
// its report has fallen due, and anybody spoke.
func (h *headcounts) closed(p fact.Period, passed bool, everybody int) answer {
	var spoke, more int
	var anybody, others bool
	for _, c := range h.spoke {
		if c.period == p {
			spoke, anybody = c.expected, true
		}
	}
	for _, c := range h.perhaps {
		if c.period == p {
			more, anybody = more+c.expected, true
		}
	}
	for _, c := range h.edges {
		if isBefore(p, c.period) {
			more, others = more+c.expected, true
		}
	}
	switch {
	case !passed && spoke+more < everybody, !anybody && !others:
		return no
	case !passed && spoke < everybody, !anybody, p.Precedes(h.merger):
		return perhaps
	}
	return yes
}
