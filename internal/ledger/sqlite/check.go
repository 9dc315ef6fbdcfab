package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// maxFindings bounds what a check tells: of a thousand broken facts the first
// say enough.
const maxFindings = 100

// Check reads the whole ledger: see ledger.Store. Beside what SQLite checks, it
// verifies that every fact, region, held figure and decision is the one its
// delivery brought (by checksum), that revisions have no gaps and never repeat
// what the one before says, that held figures were closed by what the ledger has
// and decisions speak of what it has, that recorded times never go backwards,
// that a run has as many targets as it ended with, and that files of
// configurations have their digest.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	var found findings
	err := s.read(ctx, "check", func(tx *sql.Tx) error {
		c := checker{tx: tx, found: &found, deliveries: map[int64]*checkedDelivery{}}
		steps := []struct {
			what string
			run  func(context.Context) error
		}{
			{"the file's structure", c.structure},
			{"references between tables", c.references},
			{"dictionaries", c.dictionaries},
			{"runs", c.runs},
			{"targets", c.targets},
			{"deliveries", c.readDeliveries},
			{"what was delivered", c.content},
			{"configurations", c.configurations},
		}
		for _, step := range steps {
			err := step.run(ctx)
			switch {
			case isDamage(err):
				found.add("reading %s failed: %v", step.what, err)
			case err != nil:
				return fmt.Errorf("%s: %w", step.what, err)
			}
		}
		return nil
	})
	switch {
	case isDamage(err): // SQLite may find it as late as at the end of the reading
		found.add("%v", err)
	case err != nil:
		return nil, err
	}
	return found.sentences(), nil
}

// findings collects sentences up to a bound.
type findings struct {
	list []string
	more int
}

func (f *findings) add(format string, arguments ...any) {
	if len(f.list) == maxFindings {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Sprintf(format, arguments...))
}

func (f *findings) sentences() []string {
	if f.more == 0 {
		return f.list
	}
	return append(f.list, fmt.Sprintf("and %d more", f.more))
}

type checker struct {
	tx         *sql.Tx
	found      *findings
	texts      texts
	deliveries map[int64]*checkedDelivery
}

// checkedDelivery is what a delivery says it brought, and what is there.
type checkedDelivery struct {
	said, is struct {
		facts, regions, held, decisions int64
		checksum                        checksum
	}
}

func (c *checker) each(ctx context.Context, each func(*sql.Rows) error, query string) error {
	return eachRow(ctx, c.tx, each, query)
}

// inOrder notices which ids before the one given are missing in a table that has
// 1, 2, 3 ... without a gap; last is the one before, or 0.
func (c *checker) inOrder(what string, last *int64, id int64) {
	if id != *last+1 {
		c.found.add("%s %d to %d are missing", what, *last+1, id-1)
	}
	*last = id
}

// validCode reports whether a number is the digits of a region's code.
func validCode(code int64) bool { return code >= 10 && code < 1e18 }

func (c *checker) structure(ctx context.Context) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var message string
		err := rows.Scan(&message)
		if err == nil && message != "ok" {
			c.found.add("the file's structure is damaged: %s", message)
		}
		return err
	}, fmt.Sprintf("PRAGMA integrity_check(%d)", maxFindings))
}

func (c *checker) references(ctx context.Context) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			table, parent string
			row           sql.NullInt64 // NULL for a table without row ids
			number        int64
		)
		err := rows.Scan(&table, &row, &parent, &number)
		if err == nil {
			c.found.add("row %d of table %s refers to a row of table %s that is missing", row.Int64, table, parent)
		}
		return err
	}, "PRAGMA foreign_key_check")
}

func (c *checker) dictionaries(ctx context.Context) (err error) {
	if c.texts, err = loadTexts(ctx, c.tx); err != nil {
		return err
	}
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			number         int32
			name, firstDay string
		)
		if err := rows.Scan(&number, &name, &firstDay); err != nil {
			return err
		}
		p, ok := fact.PeriodFromNumber(number)
		if !ok || p.String() != name || p.Start(time.UTC).Format(time.DateOnly) != firstDay {
			c.found.add("period %d is kept as %s from %s, which it isn't", number, name, firstDay)
		}
		return nil
	}, "SELECT number, name, first_day FROM period")
}

// content reads all that deliveries brought in the order in which the checksums
// were taken, then compares it with what they say.
func (c *checker) content(ctx context.Context) error {
	for _, read := range []func(context.Context) error{c.facts, c.regions, c.held, c.closings, c.decisions} {
		if err := read(ctx); err != nil {
			return err
		}
	}
	c.brought()
	return nil
}

// checkedFact is a row of the table fact.
type checkedFact struct {
	key                  entry
	value                float64
	delivery, place, row int64
}

// facts reads the table in its order, in which a fact's revisions follow each
// other, and in which the checksums were taken.
func (c *checker) facts(ctx context.Context) error {
	var before checkedFact
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			indicator, period, region, dimensions, revision, delivery, place, row integer
			value                                                                 float
		)
		if err := rows.Scan(&indicator, &period, &region, &dimensions, &revision, &value, &delivery, &place, &row); err != nil {
			return err
		}
		f := checkedFact{
			key: entry{indicator: int32(indicator), period: int32(period), region: int64(region),
				dimensions: int32(dimensions), revision: int32(revision)},
			value: float64(value), delivery: int64(delivery), place: int64(place), row: int64(row),
		}
		c.fact(&f)
		c.revision(&before, &f)
		before = f
		return nil
	}, `SELECT indicator, period, region, dimensions, revision, value, delivery, place, row FROM fact
		ORDER BY indicator, period, region, dimensions, revision`)
}

// fact checks one fact by itself, and counts it for its delivery.
func (c *checker) fact(f *checkedFact) {
	_, indicator := c.texts.indicators[f.key.indicator]
	_, dimensions := c.texts.dimensions[f.key.dimensions]
	_, place := c.texts.places[int32(f.place)]
	_, period := fact.PeriodFromNumber(f.key.period)
	switch {
	case !indicator, !dimensions, !place, !period:
		c.found.add("%s refers to an indicator, period, dimensions or place (%d) that the ledger doesn't know", c.name(f), f.place)
	case !validCode(f.key.region):
		c.found.add("%s has no valid region code", c.name(f))
	case math.IsInf(f.value, 0):
		c.found.add("%s has the value %v", c.name(f), f.value)
	}
	d, known := c.deliveries[f.delivery]
	if !known {
		c.found.add("%s belongs to delivery %d, which is missing", c.name(f), f.delivery)
		return
	}
	d.is.facts++
	d.is.checksum.add(&f.key, f.value, int32(f.place), int32(f.row))
}

// revision checks a fact against the row before it.
func (c *checker) revision(before, f *checkedFact) {
	if before.key.compare(&f.key) != 0 || before.key.revision == 0 {
		if f.key.revision != 1 {
			c.found.add("%s begins with revision %d", c.name(f), f.key.revision)
		}
		return
	}
	switch {
	case f.key.revision != before.key.revision+1:
		c.found.add("%s has no revision %d, although it has revision %d", c.name(f), before.key.revision+1, f.key.revision)
	case f.delivery <= before.delivery:
		c.found.add("revision %d of %s came with delivery %d, before the revision it corrects", f.key.revision, c.name(f), f.delivery)
	case f.value == before.value:
		c.found.add("revision %d of %s has the value of the one before", f.key.revision, c.name(f))
	}
}

func (c *checker) name(f *checkedFact) string { return c.nameKey(&f.key) }

func (c *checker) nameKey(key *entry) string {
	indicator, known := c.texts.indicators[key.indicator]
	if !known {
		indicator = fmt.Sprintf("indicator %d", key.indicator)
	}
	when := fmt.Sprintf("period %d", key.period)
	if p, ok := fact.PeriodFromNumber(key.period); ok {
		when = p.String()
	}
	name := fmt.Sprintf("%s of region %d for %s", indicator, key.region, when)
	if d := c.texts.dimensions[key.dimensions]; d != "" {
		name += " {" + string(d) + "}"
	}
	return name
}

func (c *checker) configurations(ctx context.Context) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			id         int64
			digest     string
			compressed []byte
		)
		if err := rows.Scan(&id, &digest, &compressed); err != nil {
			return err
		}
		content, err := unpackContent(compressed)
		switch {
		case err != nil:
			c.found.add("content %d of a configuration can't be unpacked: %v", id, err)
		case contentDigest(content) != digest:
			c.found.add("content %d of a configuration is not what was recorded: its digest differs", id)
		}
		return nil
	}, "SELECT id, digest, gzip FROM content ORDER BY id")
}
