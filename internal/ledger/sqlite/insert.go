package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"github.com/govkpi/govkpi/internal/fact"
)

// factInserter writes the facts of one delivery.
//
// Most deliveries bring one indicator and period for the first time, from one
// place and without dimensions. Their rows then differ in three columns, and
// binding the others once for many rows takes a tenth off a large commit.
type factInserter struct {
	delivery int64
	texts    *dictionaries
	facts    []fact.Fact
	alike    *bulk // rows that differ in region, value and row only
	mixed    *bulk
	changed  int
	sum      checksum
}

// insertFacts writes the entries that differ from the ledger, gives them their
// revision, and returns how many there were and their checksum.
func insertFacts(ctx context.Context, tx *sql.Tx, texts *dictionaries, delivery int64, facts []fact.Fact, entries []entry) (int, checksum, error) {
	in := factInserter{
		delivery: delivery, texts: texts, facts: facts,
		alike: newBulk(tx, "fact", []string{"delivery", "indicator", "period", "dimensions", "revision", "place"}, []string{"region", "value", "row"}),
		mixed: newBulk(tx, "fact", []string{"delivery", "indicator", "period"}, []string{"dimensions", "revision", "place", "region", "value", "row"}),
	}
	for group := range groups(entries) {
		if err := in.insert(ctx, group); err != nil {
			return 0, 0, err
		}
	}
	return in.changed, in.sum, nil
}

// insert writes a group of one indicator and period.
func (in *factInserter) insert(ctx context.Context, group []entry) error {
	if !slices.ContainsFunc(group, func(e entry) bool { return !e.same }) {
		return nil
	}
	into, err := in.open(ctx, group)
	if err != nil {
		return err
	}
	for i := range group {
		e := &group[i]
		if e.same {
			continue
		}
		e.revision++
		f := &in.facts[e.index]
		place, err := in.place(e)
		if err != nil {
			return err
		}
		value := f.Value + 0 // -0 becomes 0
		in.sum.add(e, value, place, f.Place.Row)
		in.changed++
		if into == in.alike {
			err = into.row(ctx, e.region, value, int64(f.Place.Row))
		} else {
			err = into.row(ctx, int64(e.dimensions), int64(e.revision), int64(place), e.region, value, int64(f.Place.Row))
		}
		if err != nil {
			return err
		}
	}
	return into.flush(ctx)
}

// open returns the statement that fits all of a group, with what its rows share
// bound.
func (in *factInserter) open(ctx context.Context, group []entry) (*bulk, error) {
	first := &group[0]
	at := in.facts[first.index].Place
	for i := range group {
		e := &group[i]
		p := &in.facts[e.index].Place
		if e.dimensions != first.dimensions || e.revision != first.revision || p.Part != at.Part || p.Field != at.Field {
			return in.mixed, in.mixed.share(ctx, in.delivery, int64(first.indicator), int64(first.period))
		}
	}
	place, err := in.place(first)
	if err != nil {
		return nil, err
	}
	return in.alike, in.alike.share(ctx, in.delivery, int64(first.indicator), int64(first.period),
		int64(first.dimensions), int64(first.revision+1), int64(place))
}

func (in *factInserter) place(e *entry) (int32, error) {
	p := &in.facts[e.index].Place
	return in.texts.places.id(placeKey{part: p.Part, field: p.Field})
}
