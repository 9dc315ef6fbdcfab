package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// Decisions lists decisions: see ledger.Store.
func (s *Store) Decisions(ctx context.Context, query ledger.DecisionQuery) ([]fact.Decision, error) {
	where, arguments, err := figureFilter("decision", query.Indicator, query.Region, query.Period)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: list decisions: %w", s.file, err)
	}
	where, arguments = ordered(where, arguments, "decision.delivery DESC, decision.id", query.Limit)
	var list []fact.Decision
	err = s.read(ctx, "list decisions", func(tx *sql.Tx) error {
		return eachDecision(ctx, tx, func(d fact.Decision) error {
			list = append(list, d)
			return nil
		}, where, arguments...)
	})
	return list, err
}

// selectDecisions is the statement that eachDecision completes; see selectHeld.
const selectDecisions = `SELECT decision.id, decision.action, indicator.name, decision.period, decision.region, dimensions.text,
		decision.revision, decision.held, decision.overruled, delivery.run, delivery.recorded, run.by, run.reason
	FROM decision CROSS JOIN indicator ON indicator.id = decision.indicator CROSS JOIN dimensions ON dimensions.id = decision.dimensions
		CROSS JOIN delivery ON delivery.id = decision.delivery CROSS JOIN run ON run.id = delivery.run
	WHERE true`

// eachDecision calls each for every decision that the conditions select.
func eachDecision(ctx context.Context, tx *sql.Tx, each func(fact.Decision) error, where string, arguments ...any) error {
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		var (
			d              fact.Decision
			number         int32
			region         int64
			revision, held sql.NullInt64
			overruled      sql.NullFloat64
		)
		if err := rows.Scan(&d.ID, &d.Action, &d.Indicator, &number, &region, &d.Dimensions,
			&revision, &held, &overruled, &d.Run, &d.Recorded, &d.By, &d.Reason); err != nil {
			return err
		}
		period, ok := fact.PeriodFromNumber(number)
		if !ok {
			return fmt.Errorf("%w: decision %d is on %d, which is no period", errDamaged, d.ID, number)
		}
		d.Period, d.Region = period, strconv.FormatInt(region, 10)
		d.Revision, d.Held = int32(revision.Int64), held.Int64
		d.Overruled = fact.Optional{Value: overruled.Float64, OK: overruled.Valid}
		return each(d)
	}, selectDecisions+where, arguments...)
}
