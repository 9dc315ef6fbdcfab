package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/govkpi/govkpi/internal/fact"
)

// Provenances returns where figures came from: see ledger.Store. It searches the
// region once for each period of the indicator.
func (s *Store) Provenances(ctx context.Context, indicator, region string, period fact.Period) ([]fact.Provenance, error) {
	var list []fact.Provenance
	err := s.read(ctx, "read where figures came from", func(tx *sql.Tx) (err error) {
		p := provenanceReader{tx: tx, indicator: indicator, region: region, sources: map[int64]source{}}
		list, err = p.read(ctx, period)
		return err
	})
	return list, err
}

// revisionKey says which revision of an indicator's and region's figures is
// meant.
type revisionKey struct {
	period     fact.Period
	dimensions fact.Dimensions
	revision   int32
}

// source is a delivery and its run.
type source struct {
	run      fact.Run
	delivery fact.Delivered
}

type provenanceReader struct {
	tx                *sql.Tx
	indicator, region string
	decisions         map[revisionKey][]fact.Decision
	sources           map[int64]source // by the delivery's id
	list              []fact.Provenance
}

func (p *provenanceReader) read(ctx context.Context, period fact.Period) ([]fact.Provenance, error) {
	region, err := regionNumber(p.region)
	if err != nil {
		return nil, err
	}
	var indicator int32
	err = p.tx.QueryRowContext(ctx, "SELECT id FROM indicator WHERE name = ?", p.indicator).Scan(&indicator)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := p.readDecisions(ctx, period); err != nil {
		return nil, err
	}
	periods := []fact.Period{period}
	if period.IsZero() {
		if periods, err = periodsOf(ctx, p.tx, indicator); err != nil {
			return nil, err
		}
	}
	figures, err := p.tx.PrepareContext(ctx, `SELECT dimensions.text, revision, value, delivery, part, field, row
		FROM fact CROSS JOIN dimensions ON dimensions.id = fact.dimensions CROSS JOIN place ON place.id = fact.place
		WHERE indicator = ? AND period = ? AND region = ? ORDER BY dimensions.text, revision`)
	if err != nil {
		return nil, err
	}
	defer figures.Close()
	for _, period := range periods {
		if err := p.readPeriod(ctx, figures, indicator, period, region); err != nil {
			return nil, err
		}
	}
	return p.list, nil
}

func (p *provenanceReader) readDecisions(ctx context.Context, period fact.Period) error {
	where, arguments, err := figureFilter("decision", p.indicator, p.region, period)
	if err != nil {
		return err
	}
	p.decisions = map[revisionKey][]fact.Decision{}
	return eachDecision(ctx, p.tx, func(d fact.Decision) error {
		key := revisionKey{d.Period, d.Dimensions, d.Revision}
		p.decisions[key] = append(p.decisions[key], d)
		return nil
	}, where+" ORDER BY decision.id", arguments...)
}

func (p *provenanceReader) readPeriod(ctx context.Context, figures *sql.Stmt, indicator int32, period fact.Period, region int64) error {
	first := len(p.list)
	rows, err := figures.QueryContext(ctx, indicator, period.Number(), region)
	if err != nil {
		return err
	}
	defer rows.Close()
	var deliveries []int64
	for rows.Next() {
		var delivery int64
		f := fact.Fact{Indicator: p.indicator, Region: p.region, Period: period}
		if err := rows.Scan(&f.Dimensions, &f.Revision, &f.Value, &delivery, &f.Place.Part, &f.Place.Field, &f.Place.Row); err != nil {
			return err
		}
		p.list, deliveries = append(p.list, fact.Provenance{Fact: f}), append(deliveries, delivery)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i, delivery := range deliveries {
		if err := p.complete(ctx, &p.list[first+i], delivery); err != nil {
			return err
		}
	}
	return nil
}

// complete adds what the delivery, its run and the decisions say of a revision.
func (p *provenanceReader) complete(ctx context.Context, f *fact.Provenance, delivery int64) error {
	from, known := p.sources[delivery]
	if !known {
		var err error
		if from, err = readSource(ctx, p.tx, delivery); err != nil {
			return err
		}
		p.sources[delivery] = from
	}
	f.Source, f.Delivery = from.run, from.delivery
	f.Run, f.Origin, f.Recorded = from.run.ID, from.run.Origin, from.delivery.Recorded.UnixMilli()
	f.Decisions = p.decisions[revisionKey{f.Period, f.Dimensions, f.Revision}]
	return nil
}

func readSource(ctx context.Context, tx *sql.Tx, delivery int64) (source, error) {
	var (
		from  source
		found int
	)
	err := eachRow(ctx, tx, func(rows *sql.Rows) (err error) {
		found++
		from.delivery, err = scanDelivered(rows)
		return err
	}, "SELECT "+deliveryColumns+" FROM delivery WHERE id = ?", delivery)
	if err != nil {
		return from, err
	}
	err = eachRow(ctx, tx, func(rows *sql.Rows) (err error) {
		found++
		from.run, err = scanRun(rows)
		return err
	}, "SELECT "+runColumns+" FROM run WHERE id = ?", from.delivery.Run)
	if err == nil && found != 2 {
		err = fmt.Errorf("%w: a fact refers to delivery %d, which or whose run is missing", errDamaged, delivery)
	}
	return from, err
}
