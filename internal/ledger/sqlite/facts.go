package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Facts reads facts: see ledger.Store. It reads one indicator and period after
// the other, so a query for one region or a few periods touches no others.
func (s *Store) Facts(ctx context.Context, query ledger.FactQuery, each func(fact.Fact) error) error {
	var region sql.NullInt64
	if query.Region != "" {
		number, err := regionNumber(query.Region)
		if err != nil {
			return fmt.Errorf("ledger %s: read facts: %w", s.file, err)
		}
		region = sql.NullInt64{Int64: number, Valid: true}
	}
	var stopped error
	err := s.read(ctx, "read facts", func(tx *sql.Tx) error {
		r := factReader{all: query.AllRevisions, knownBy: orEver(query.KnownBy)}
		r.each = func(f fact.Fact) error {
			stopped = each(f)
			return stopped
		}
		if err := r.prepare(ctx, tx, region.Valid); err != nil {
			return err
		}
		defer r.close()
		return r.read(ctx, tx, query, region)
	})
	if stopped != nil {
		return stopped
	}
	return err
}

// factReader turns the rows of one indicator and period at a time into facts.
type factReader struct {
	all     bool  // also superseded revisions
	knownBy int64 // what was recorded later is passed over
	each    func(fact.Fact) error
	texts   texts
	group   *sql.Stmt // the facts of an indicator and period
	origins origins
	pending []fact.Fact // of one region
	at      int64       // that region
}

func (r *factReader) prepare(ctx context.Context, tx *sql.Tx, oneRegion bool) (err error) {
	if r.texts, err = loadTexts(ctx, tx); err != nil {
		return err
	}
	where := ""
	if oneRegion {
		where = " AND region = ?"
	}
	if r.group, err = tx.PrepareContext(ctx, `SELECT region, dimensions, revision, value, delivery, place, row FROM fact
		WHERE indicator = ? AND period = ?`+where+` ORDER BY region, dimensions, revision`); err != nil {
		return err
	}
	return r.origins.prepare(ctx, tx)
}

func (r *factReader) close() {
	_ = r.group.Close()
	r.origins.close()
}

func (r *factReader) read(ctx context.Context, tx *sql.Tx, query ledger.FactQuery, region sql.NullInt64) error {
	for _, indicator := range r.indicators(query.Indicators) {
		periods, err := periodsOf(ctx, tx, indicator)
		if err != nil {
			return err
		}
		for _, p := range periods {
			if !within(p, query.From, query.To) {
				continue
			}
			if err := r.readGroup(ctx, indicator, p, region); err != nil {
				return err
			}
		}
	}
	return nil
}

// indicators returns the ids of the named indicators, or of all, by name.
func (r *factReader) indicators(names []string) []int32 {
	var ids []int32
	for id, name := range r.texts.indicators {
		if len(names) == 0 || slices.Contains(names, name) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return strings.Compare(r.texts.indicators[a], r.texts.indicators[b])
	})
	return ids
}

// periodsOf lists the periods an indicator has facts for, by one search of the
// index each; SELECT DISTINCT would read them all.
func periodsOf(ctx context.Context, tx *sql.Tx, indicator int32) ([]fact.Period, error) {
	var periods []fact.Period
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var number int32
		if err := rows.Scan(&number); err != nil {
			return err
		}
		p, ok := fact.PeriodFromNumber(number)
		if !ok {
			return fmt.Errorf("%w: indicator %d has facts for %d, which is no period", errDamaged, indicator, number)
		}
		periods = append(periods, p)
		return nil
	}, `WITH RECURSIVE step (period) AS (
			SELECT min(period) FROM fact WHERE indicator = ?1
			UNION ALL
			SELECT (SELECT min(period) FROM fact WHERE indicator = ?1 AND period > step.period) FROM step WHERE period IS NOT NULL)
		SELECT period FROM step WHERE period IS NOT NULL`, indicator)
	return periods, err
}

// within compares the periods' first days, whatever their lengths.
func within(p, from, to fact.Period) bool {
	day := p.Start(time.UTC)
	return (from.IsZero() || !day.Before(from.Start(time.UTC))) && (to.IsZero() || !day.After(to.Start(time.UTC)))
}

func (r *factReader) readGroup(ctx context.Context, indicator int32, p fact.Period, region sql.NullInt64) error {
	arguments := []any{indicator, p.Number()}
	if region.Valid {
		arguments = append(arguments, region.Int64)
	}
	rows, err := r.group.QueryContext(ctx, arguments...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var (
		code, dimensions, revision, delivery, place, row integer
		value                                            float
	)
	f := fact.Fact{Indicator: r.texts.indicators[indicator], Period: p}
	for rows.Next() {
		if err := rows.Scan(&code, &dimensions, &revision, &value, &delivery, &place, &row); err != nil {
			return err
		}
		if int64(code) != r.at || f.Region == "" {
			if err := r.flush(); err != nil {
				return err
			}
			r.at, f.Region = int64(code), strconv.FormatInt(int64(code), 10)
		}
		from, err := r.origins.of(ctx, int64(delivery))
		if err != nil {
			return err
		}
		if from.recorded > r.knownBy {
			continue
		}
		f.Dimensions, f.Revision, f.Value = r.texts.dimensions[int32(dimensions)], int32(revision), float64(value)
		f.Run, f.Recorded, f.Origin = from.run, from.recorded, from.how
		at := r.texts.places[int32(place)]
		f.Place = fact.Place{Part: at.part, Field: at.field, Row: int32(row)}
		r.add(f)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return r.flush()
}

// add keeps a fact until its region is complete; the newest revision takes the
// place of the one before, unless all are asked for.
func (r *factReader) add(f fact.Fact) {
	if n := len(r.pending); n > 0 && !r.all && r.pending[n-1].Dimensions == f.Dimensions {
		r.pending[n-1] = f
		return
	}
	r.pending = append(r.pending, f)
}

// flush hands on a region's facts. The table has its dimensions in the order in
// which the ledger met them.
func (r *factReader) flush() error {
	if len(r.pending) > 1 {
		slices.SortFunc(r.pending, func(a, b fact.Fact) int {
			return cmp.Or(cmp.Compare(a.Dimensions, b.Dimensions), cmp.Compare(a.Revision, b.Revision))
		})
	}
	for _, f := range r.pending {
		if err := r.each(f); err != nil {
			return err
		}
	}
	r.pending = r.pending[:0]
	return nil
}
