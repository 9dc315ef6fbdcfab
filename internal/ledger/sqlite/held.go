package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// heldRow is a held figure, and its key as the tables have it.
type heldRow struct {
	fact.HeldFact
	key   entry
	place int32 // of one to be written
}

// Held lists held figures: see ledger.Store.
func (s *Store) Held(ctx context.Context, query ledger.HeldQuery) ([]fact.HeldFact, error) {
	where, arguments, err := figureFilter("held", query.Indicator, query.Region, query.Period)
	if err != nil {
		return nil, fmt.Errorf("ledger %s: list held figures: %w", s.file, err)
	}
	if query.ID != 0 {
		where, arguments = where+" AND held.id = ?", append(arguments, query.ID)
	}
	if query.Waiting {
		where += " AND held.closing IS NULL"
	}
	where, arguments = ordered(where, arguments, "held.delivery DESC, held.id", query.Limit)
	var list []fact.HeldFact
	err = s.read(ctx, "list held figures", func(tx *sql.Tx) error {
		return eachHeld(ctx, tx, func(h *heldRow) error {
			list = append(list, h.HeldFact)
			return nil
		}, where, arguments...)
	})
	return list, err
}

// figureFilter returns the conditions that select rows of held or decision by
// figure.
func figureFilter(table, indicator, region string, period fact.Period) (where string, arguments []any, err error) {
	if indicator != "" {
		where, arguments = where+" AND "+table+".indicator = (SELECT id FROM indicator WHERE name = ?)", append(arguments, indicator)
	}
	if region != "" {
		number, err := regionNumber(region)
		if err != nil {
			return "", nil, err
		}
		where, arguments = where+" AND "+table+".region = ?", append(arguments, number)
	}
	if !period.IsZero() {
		where, arguments = where+" AND "+table+".period = ?", append(arguments, period.Number())
	}
	return where, arguments, nil
}

// selectHeld is the statement that eachHeld completes. CROSS JOIN keeps SQLite
// from beginning with a table that held only refers to.
const selectHeld = `SELECT held.id, held.indicator, held.period, held.region, held.dimensions, indicator.name, dimensions.text,
		held.value, place.part, place.field, held.row, held.stage, held.reason_zh, held.reason_en,
		delivery.run, delivery.recorded, closer.recorded, held.closing
	FROM held CROSS JOIN indicator ON indicator.id = held.indicator CROSS JOIN dimensions ON dimensions.id = held.dimensions
		CROSS JOIN place ON place.id = held.place CROSS JOIN delivery ON delivery.id = held.delivery
		LEFT JOIN delivery AS closer ON closer.id = held.closed_by
	WHERE true`

// eachHeld calls each for every held figure that the conditions select.
func eachHeld(ctx context.Context, tx *sql.Tx, each func(*heldRow) error, where string, arguments ...any) error {
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		var (
			h       heldRow
			closed  sql.NullInt64
			closing sql.NullString
		)
		if err := rows.Scan(&h.ID, &h.key.indicator, &h.key.period, &h.key.region, &h.key.dimensions, &h.Indicator, &h.Dimensions,
			&h.Value, &h.Place.Part, &h.Place.Field, &h.Place.Row, &h.Stage, &h.Reason.ZH, &h.Reason.EN,
			&h.Run, &h.Recorded, &closed, &closing); err != nil {
			return err
		}
		period, ok := fact.PeriodFromNumber(h.key.period)
		if !ok {
			return fmt.Errorf("%w: held figure %d is for %d, which is no period", errDamaged, h.ID, h.key.period)
		}
		h.Period, h.Region = period, strconv.FormatInt(h.key.region, 10)
		h.Closed, h.Closing = closed.Int64, fact.Closing(closing.String)
		return each(&h)
	}, selectHeld+where, arguments...)
}
