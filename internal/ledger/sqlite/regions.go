package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// regionEntry is one delivered entry of a register, as the table has it.
type regionEntry struct {
	code   int64
	parent sql.NullInt64
	// revision is the newest the ledger has, later the one to be written.
	revision int32
	index    int32 // of the entry in the delivery
	same     bool  // the newest revision says the same already
}

// makeRegionEntries validates the entries of a delivery and returns them in the
// table's order.
func makeRegionEntries(regions []fact.RegionFact) ([]regionEntry, error) {
	entries := make([]regionEntry, len(regions))
	for i := range regions {
		if err := makeRegionEntry(&regions[i].Region, &entries[i]); err != nil {
			return nil, fmt.Errorf("region %d of the delivery (%s): %w", i+1, describeRegion(&regions[i]), err)
		}
		entries[i].index = int32(i)
	}
	slices.SortFunc(entries, func(a, b regionEntry) int { return cmp.Compare(a.code, b.code) })
	for i := 1; i < len(entries); i++ {
		if a, b := &entries[i-1], &entries[i]; a.code == b.code {
			return nil, fmt.Errorf("the delivery has %s twice, as its regions %d and %d: the gate lets one through",
				describeRegion(&regions[a.index]), min(a.index, b.index)+1, max(a.index, b.index)+1)
		}
	}
	return entries, nil
}

func makeRegionEntry(r *fact.Region, e *regionEntry) (err error) {
	if e.code, err = regionNumber(r.Code); err != nil {
		return err
	}
	if _, err := fact.ParseLevel(r.Level.String()); err != nil {
		return errors.New("it has no level")
	}
	if r.Parent == "" {
		return nil
	}
	e.parent.Valid = true
	if e.parent.Int64, err = regionNumber(r.Parent); err != nil {
		return fmt.Errorf("the region above it: %w", err)
	}
	return nil
}

func describeRegion(r *fact.RegionFact) string {
	s := r.Code + " " + r.Name
	if r.Place != (fact.Place{}) {
		s += " at " + r.Place.String()
	}
	return s
}

// compareRegions sets revision and same of each entry from what the ledger has:
// see compareWithNewest.
func compareRegions(ctx context.Context, tx *sql.Tx, regions []fact.RegionFact, entries []regionEntry) error {
	if len(entries) == 0 {
		return nil
	}
	pass, err := tx.PrepareContext(ctx, "SELECT code, revision, level, name, parent FROM region WHERE code BETWEEN ? AND ? ORDER BY code, revision")
	if err != nil {
		return err
	}
	defer pass.Close()
	for len(entries) > 0 {
		if entries, err = compareRegionsOnce(ctx, pass, regions, entries); err != nil {
			return err
		}
	}
	return nil
}

// compareRegionsOnce does so in one pass, and returns the entries that are left
// for the next.
func compareRegionsOnce(ctx context.Context, pass *sql.Stmt, regions []fact.RegionFact, entries []regionEntry) ([]regionEntry, error) {
	rows, err := pass.QueryContext(ctx, entries[0].code, entries[len(entries)-1].code)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var (
		code, revision integer
		level, name    string
		parent         sql.NullInt64
		idle           int
	)
	for len(entries) > 0 && rows.Next() {
		if err := rows.Scan(&code, &revision, &level, &name, &parent); err != nil {
			return nil, err
		}
		for len(entries) > 0 && entries[0].code < int64(code) {
			entries, idle = entries[1:], 0
		}
		switch {
		case len(entries) == 0:
		case entries[0].code == int64(code):
			// Later revisions follow and overwrite this.
			e := &entries[0]
			r := &regions[e.index]
			e.revision = int32(revision)
			e.same = level == r.Level.String() && name == r.Name && parent == e.parent
		default:
			if idle++; idle == maxIdle {
				return entries, nil
			}
		}
	}
	return nil, rows.Err()
}

// insertRegions writes the entries that differ from the ledger, gives them their
// revision, goes on with the delivery's checksum, and returns how many there
// were.
func insertRegions(ctx context.Context, tx *sql.Tx, texts *dictionaries, delivery int64, regions []fact.RegionFact, entries []regionEntry, sum *checksum) (int, error) {
	into := newBulk(tx, "region", []string{"delivery"}, []string{"code", "revision", "level", "name", "parent", "place", "row"})
	if err := into.share(ctx, delivery); err != nil {
		return 0, err
	}
	changed := 0
	for i := range entries {
		e := &entries[i]
		if e.same {
			continue
		}
		e.revision++
		changed++
		r := &regions[e.index]
		place, err := texts.places.id(placeKey{part: r.Place.Part, field: r.Place.Field})
		if err != nil {
			return 0, err
		}
		level := r.Level.String()
		sum.addRegion(e, level, r.Name, place, r.Place.Row)
		var parent any
		if e.parent.Valid {
			parent = e.parent.Int64
		}
		if err := into.row(ctx, e.code, int64(e.revision), level, r.Name, parent, int64(place), int64(r.Place.Row)); err != nil {
			return 0, err
		}
	}
	return changed, into.flush(ctx)
}

// takeRegions is takeFacts for the entries of a register.
func (c *commit) takeRegions() []fact.RegionFact {
	for i := range c.Regions {
		c.Regions[i].Revision = 0
	}
	for i := range c.regions {
		if e := &c.regions[i]; !e.same {
			c.Regions[e.index].Revision = e.revision
		}
	}
	changed := c.Regions[:0]
	for _, r := range c.Regions {
		if r.Revision == 0 {
			continue
		}
		r.Villages, r.Recorded, r.Run = 0, c.recorded, c.Run
		changed = append(changed, r)
	}
	return changed
}

// Regions reads the entries of registers: see ledger.Store.
func (s *Store) Regions(ctx context.Context, knownBy time.Time, each func(fact.RegionFact) error) error {
	var stopped error
	err := s.read(ctx, "read regions", func(tx *sql.Tx) error {
		r := regionReader{knownBy: orEver(knownBy), each: func(r fact.RegionFact) error {
			stopped = each(r)
			return stopped
		}}
		return r.read(ctx, tx)
	})
	if stopped != nil {
		return stopped
	}
	return err
}

// regionReader turns rows into entries, of which it hands on the newest.
type regionReader struct {
	each    func(fact.RegionFact) error
	knownBy int64 // what was recorded later is passed over
	texts   texts
	origins origins
	at      int64           // the code of
	pending fact.RegionFact // the entry whose last revision may not have come yet
}

func (r *regionReader) read(ctx context.Context, tx *sql.Tx) (err error) {
	if r.texts, err = loadTexts(ctx, tx); err != nil {
		return err
	}
	if err := r.origins.prepare(ctx, tx); err != nil {
		return err
	}
	defer r.origins.close()
	if err := eachRow(ctx, tx, func(rows *sql.Rows) error { return r.row(ctx, rows) },
		"SELECT code, revision, level, name, parent, delivery, place, row FROM region ORDER BY code, revision"); err != nil {
		return err
	}
	return r.flush()
}

func (r *regionReader) row(ctx context.Context, rows *sql.Rows) error {
	var (
		code, revision, delivery, place, row integer
		level, name                          string
		parent                               sql.NullInt64
	)
	if err := rows.Scan(&code, &revision, &level, &name, &parent, &delivery, &place, &row); err != nil {
		return err
	}
	from, err := r.origins.of(ctx, int64(delivery))
	if err != nil || from.recorded > r.knownBy {
		return err
	}
	if int64(code) != r.at {
		if err := r.flush(); err != nil {
			return err
		}
		r.at = int64(code)
		r.pending.Code = strconv.FormatInt(r.at, 10)
	}
	p := &r.pending
	if p.Level, err = fact.ParseLevel(level); err != nil {
		return fmt.Errorf("%w: region %d: %w", errDamaged, code, err)
	}
	p.Name, p.Parent = name, ""
	if parent.Valid {
		p.Parent = strconv.FormatInt(parent.Int64, 10)
	}
	p.Revision, p.Run, p.Recorded = int32(revision), from.run, from.recorded
	at := r.texts.places[int32(place)]
	p.Place = fact.Place{Part: at.part, Field: at.field, Row: int32(row)}
	return nil
}

// flush hands on the newest revision of an entry.
func (r *regionReader) flush() error {
	if r.at == 0 {
		return nil
	}
	return r.each(r.pending)
}
