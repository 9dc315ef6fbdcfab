package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
)

// How a fact.Value is kept: a reading may hold any number or text or none, and
// SQLite has no NaN.
const (
	kindAbsent = "absent"
	kindNumber = "number"
	kindText   = "text"
)

func insertRejections(ctx context.Context, tx *sql.Tx, delivery int64, rejections []fact.Rejection) error {
	into := newBulk(tx, "rejection", []string{"delivery"}, []string{"stage", "reason_zh", "reason_en", "indicator", "region", "within",
		"period", "date", "value_kind", "value", "dimensions", "part", "field", "row"})
	if err := into.share(ctx, delivery); err != nil {
		return err
	}
	for i := range rejections {
		r := &rejections[i]
		within, err := encodeWithin(r.Reading.Within)
		if err != nil {
			return err
		}
		kind, value := encodeValue(r.Reading.Value)
		if err := into.row(ctx, r.Stage, r.Reason.ZH, r.Reason.EN, r.Reading.Indicator, r.Reading.Region, within,
			r.Reading.Period, r.Reading.Date, kind, value, string(r.Reading.Dimensions),
			r.Reading.Place.Part, r.Reading.Place.Field, int64(r.Reading.Place.Row)); err != nil {
			return err
		}
	}
	return into.flush(ctx)
}

// encodeWithin returns a JSON array, which the sqlite3 shell can take apart, or
// nil for no names.
func encodeWithin(names []string) (any, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(names); err != nil {
		return nil, err
	}
	return string(bytes.TrimSpace(b.Bytes())), nil
}

func encodeValue(v fact.Value) (kind string, value any) {
	switch number, ok := v.Number(); {
	case v.IsAbsent():
		return kindAbsent, nil
	case !ok:
		return kindText, v.String()
	case math.IsNaN(number):
		return kindNumber, nil
	default:
		return kindNumber, number
	}
}

func decodeValue(kind string, value any) (fact.Value, error) {
	switch v := value.(type) {
	case nil:
		if kind == kindNumber {
			return fact.NumberValue(math.NaN()), nil
		}
		return fact.Value{}, nil
	case float64:
		return fact.NumberValue(v), nil
	case string:
		return fact.TextValue(v), nil
	}
	return fact.Value{}, fmt.Errorf("%w: a rejected reading has a value of type %T", errDamaged, value)
}

// selectEarlier returns the statement that finds the delivery of the same target
// by the newest run before of the same collector. Few collectors share the name
// of a target or part, which so leads to it; the empty one all may share, but it
// is in most runs of a collector that has it.
func selectEarlier(d *fact.Delivery) (text string, arguments []any) {
	from, run := "delivery CROSS JOIN run ON run.id = delivery.run", "delivery.run"
	if d.Target == "" {
		from, run = "run CROSS JOIN delivery ON delivery.run = run.id", "run.id"
	}
	return `SELECT delivery.id, delivery.rejected, query_digest, input_digest FROM ` + from + `
		WHERE delivery.target = ? AND run.collector = (SELECT collector FROM run WHERE id = ?) AND ` + run + ` < ?
		ORDER BY ` + run + ` DESC LIMIT 1`,
		[]any{d.Target, d.Run, d.Run}
}

// deleteRepeated deletes the rejections of the delivery before the one given,
// which is not in the ledger yet, where that has as many for the same rows.
func deleteRepeated(ctx context.Context, tx *sql.Tx, d *fact.Delivery) error {
	if len(d.Rejections) == 0 || d.QueryDigest == "" || d.InputDigest == "" {
		return nil
	}
	var (
		earlier, rejected int64
		query, input      string
	)
	text, arguments := selectEarlier(d)
	err := tx.QueryRowContext(ctx, text, arguments...).Scan(&earlier, &rejected, &query, &input)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case query != d.QueryDigest || input != d.InputDigest || rejected != int64(len(d.Rejections)):
		return nil
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM rejection WHERE delivery = ?", earlier)
	return err
}

// lastRejected selects the deliveries of the newest ended run of each collector,
// and those of running runs that have repeated one of these: see deleteRepeated.
const lastRejected = `(SELECT id FROM delivery WHERE run IN ` + lastFinished + `
	UNION ALL
	SELECT again.id FROM run AS running CROSS JOIN delivery AS again ON again.run = running.id
		CROSS JOIN delivery AS earlier ON earlier.target = again.target
			AND earlier.run = (SELECT max(id) FROM run WHERE collector = running.collector AND outcome <> 'running')
	WHERE running.outcome = 'running' AND again.rejected > 0 AND earlier.rejected = again.rejected
		AND again.query_digest <> '' AND earlier.query_digest = again.query_digest
		AND again.input_digest <> '' AND earlier.input_digest = again.input_digest)`

func selectRejections(query ledger.RejectionQuery) (text string, arguments []any) {
	text = `SELECT run.id, run.collector, delivery.target, delivery.recorded, stage, reason_zh, reason_en, indicator, region, within, period, date,
			value_kind, value, dimensions, part, field, row
		FROM rejection JOIN delivery ON delivery.id = rejection.delivery JOIN run ON run.id = delivery.run WHERE true`
	if query.Collector != "" {
		text, arguments = text+" AND run.collector = ?", append(arguments, query.Collector)
	}
	if query.Indicator != "" {
		text, arguments = text+" AND indicator = ?", append(arguments, query.Indicator)
	}
	if n := len(query.Written); n > 0 {
		text += " AND region IN (?" + strings.Repeat(", ?", n-1) + ")"
		for _, written := range query.Written {
			arguments = append(arguments, written)
		}
	}
	if query.Run != 0 {
		text, arguments = text+" AND run.id = ?", append(arguments, query.Run)
	}
	if query.LastFinished {
		text += " AND delivery.id IN " + lastRejected
	}
	return ordered(text, arguments, "delivery.id DESC, rejection.id", query.Limit)
}

// Rejections lists refused readings: see ledger.Store.
func (s *Store) Rejections(ctx context.Context, query ledger.RejectionQuery) ([]fact.Rejection, error) {
	text, arguments := selectRejections(query)
	var rejections []fact.Rejection
	err := s.read(ctx, "list rejections", func(tx *sql.Tx) error {
		return eachRow(ctx, tx, func(rows *sql.Rows) error {
			r, err := scanRejection(rows)
			rejections = append(rejections, r)
			return err
		}, text, arguments...)
	})
	return rejections, err
}

func scanRejection(rows *sql.Rows) (r fact.Rejection, err error) {
	var (
		recorded   sql.NullInt64
		kind       string
		value      any
		names      sql.NullString
		dimensions string
		place      = &r.Reading.Place
	)
	if err := rows.Scan(&r.Run, &r.Collector, &r.Target, &recorded, &r.Stage, &r.Reason.ZH, &r.Reason.EN, &r.Reading.Indicator, &r.Reading.Region,
		&names, &r.Reading.Period, &r.Reading.Date, &kind, &value, &dimensions, &place.Part, &place.Field, &place.Row); err != nil {
		return r, err
	}
	r.Recorded, r.Reading.Dimensions = fromMillis(recorded), fact.Dimensions(dimensions)
	if names.Valid {
		if err := json.Unmarshal([]byte(names.String), &r.Reading.Within); err != nil {
			return r, fmt.Errorf("%w: the names above a rejected reading: %w", errDamaged, err)
		}
	}
	r.Reading.Value, err = decodeValue(kind, value)
	return r, err
}

// PruneRejections deletes old rejections: see ledger.Store. Later deliveries
// were recorded later, so those to prune are all up to one delivery.
func (s *Store) PruneRejections(ctx context.Context, before time.Time) (int, error) {
	var pruned int64
	err := s.write(ctx, "delete old rejections", func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM rejection
			WHERE delivery <= (SELECT id FROM delivery WHERE recorded < ? ORDER BY id DESC LIMIT 1)`, before.UnixMilli())
		if err != nil {
			return err
		}
		pruned, err = result.RowsAffected()
		return err
	})
	return int(pruned), err
}
