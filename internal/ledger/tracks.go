package ledger

import (
	"cmp"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// track is one series of a Timeline.
type track struct {
	fact.Track
	// early are confirmations of revisions that have not come yet; only their
	// Period, Revision and Confirmed are set.
	early []fact.Mark
}

// newMark is what was newly recorded of one series: a revision or, where
// confirms is set, the confirmation of one.
type newMark struct {
	seriesKey
	fact.Mark
	confirms bool
}

func markOf(f *fact.Fact) newMark {
	return newMark{seriesKey: keyOfFact(f), Mark: fact.Mark{
		Period: f.Period, Value: f.Value, Recorded: f.Recorded, Revision: f.Revision, Origin: f.Origin,
	}}
}

func confirmationOf(d *fact.Decision) newMark {
	return newMark{
		seriesKey: seriesKey{d.Region, d.Dimensions},
		Mark:      fact.Mark{Period: d.Period, Revision: d.Revision, Confirmed: d.Recorded}, confirms: true,
	}
}

func compareMarks(a, b fact.Mark) int {
	return cmp.Or(a.Period.Compare(b.Period), cmp.Compare(a.Revision, b.Revision))
}

// newMarks takes the tracks of one indicator to their next state.
type newMarks []newMark

// applyTo sorts n, and returns the next state of the tracks.
func (n newMarks) applyTo(tracks blocks[track]) blocks[track] {
	slices.SortFunc(n, func(a, b newMark) int {
		return cmp.Or(a.compare(b.seriesKey), compareMarks(a.Mark, b.Mark))
	})
	return tracks.apply(n, len(n))
}

func (newMarks) key(t *track) seriesKey { return seriesKey{t.Region, t.Dimensions} }

func (n newMarks) changed(i int) seriesKey { return n[i].seriesKey }

func (n newMarks) start(i int) track {
	return track{Track: fact.Track{Region: n[i].region, Dimensions: n[i].dimensions}}
}

// advance copies the marks of a track that readers may be looking at, into an
// array that has room for the new ones and no more.
func (n newMarks) advance(t track, from int) (track, int) {
	key := n[from].seriesKey
	end := from
	for end < len(n) && n[end].seriesKey == key {
		end++
	}
	revisions := 0
	for i := range n[from:end] {
		if !n[from+i].confirms {
			revisions++
		}
	}
	marks := append(make([]fact.Mark, 0, len(t.Marks)+revisions), t.Marks...)
	early := t.early
	for i := range n[from:end] {
		m := &n[from+i]
		if m.confirms {
			early = append(slices.Clip(early), m.Mark)
			continue
		}
		if at, known := slices.BinarySearchFunc(marks, m.Mark, compareMarks); !known {
			marks = slices.Insert(marks, at, m.Mark)
		}
	}
	t.Marks = marks
	t.early = confirm(marks, early)
	return t, end
}

// confirm enters confirmations into marks, and returns those of marks that are
// not there. The first confirmation of a revision is the one that counts.
func confirm(marks, confirmations []fact.Mark) (early []fact.Mark) {
	for _, c := range confirmations {
		list := marks
		at, found := slices.BinarySearchFunc(marks, c, compareMarks)
		if !found {
			list = early
			at, found = slices.BinarySearchFunc(early, c, compareMarks)
		}
		switch {
		case !found:
			early = slices.Insert(early, at, c)
		case list[at].Confirmed == 0 || c.Confirmed < list[at].Confirmed:
			list[at].Confirmed = c.Confirmed
		}
	}
	return early
}
