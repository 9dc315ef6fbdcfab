package sqlite

import (
	"context"
	"database/sql"

	"github.com/govkpi/govkpi/internal/fact"
)

// checkedRegion is a row of the table region.
type checkedRegion struct {
	key         regionEntry
	level, name string
	delivery    int64
	place, row  integer
}

// regions reads the table in its order, in which an entry's revisions follow
// each other, and in which the checksums went on.
func (c *checker) regions(ctx context.Context) error {
	var before checkedRegion
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			r                        checkedRegion
			code, revision, delivery integer
		)
		if err := rows.Scan(&code, &revision, &r.level, &r.name, &r.key.parent, &delivery, &r.place, &r.row); err != nil {
			return err
		}
		r.key.code, r.key.revision, r.delivery = int64(code), int32(revision), int64(delivery)
		c.region(&r)
		c.regionRevision(&before, &r)
		before = r
		return nil
	}, "SELECT code, revision, level, name, parent, delivery, place, row FROM region ORDER BY code, revision")
}

// region checks one entry by itself, and counts it for its delivery.
func (c *checker) region(r *checkedRegion) {
	if !validCode(r.key.code) || r.key.parent.Valid && !validCode(r.key.parent.Int64) {
		c.found.add("region %d, below %d, has no valid code", r.key.code, r.key.parent.Int64)
	}
	if _, err := fact.ParseLevel(r.level); err != nil {
		c.found.add("region %d: %v", r.key.code, err)
	}
	if _, known := c.texts.places[int32(r.place)]; !known {
		c.found.add("region %d refers to a place (%d) that the ledger doesn't know", r.key.code, r.place)
	}
	d, known := c.deliveries[r.delivery]
	if !known {
		c.found.add("region %d belongs to delivery %d, which is missing", r.key.code, r.delivery)
		return
	}
	d.is.regions++
	d.is.checksum.addRegion(&r.key, r.level, r.name, int32(r.place), int32(r.row))
}

// regionRevision checks an entry against the row before it.
func (c *checker) regionRevision(before, r *checkedRegion) {
	if before.key.code != r.key.code {
		if r.key.revision != 1 {
			c.found.add("region %d begins with revision %d", r.key.code, r.key.revision)
		}
		return
	}
	switch {
	case r.key.revision != before.key.revision+1:
		c.found.add("region %d has no revision %d, although it has revision %d", r.key.code, before.key.revision+1, r.key.revision)
	case r.delivery <= before.delivery:
		c.found.add("revision %d of region %d came with delivery %d, before the revision it corrects", r.key.revision, r.key.code, r.delivery)
	case r.level == before.level && r.name == before.name && r.key.parent == before.key.parent:
		c.found.add("revision %d of region %d says what the one before says", r.key.revision, r.key.code)
	}
}
