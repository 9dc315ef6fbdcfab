package sqlite

import (
	"context"
	"database/sql"

	"github.com/govkpi/govkpi/internal/fact"
)

// maxIdle is how many rows in a row a pass reads in vain before a further pass
// begins at the next entry. A county's grids lie side by side among all of the
// province's, its own figure far from them: what lies between is not read. A
// search costs as much as some 30 rows.
const maxIdle = 32

// compareWithNewest sets revision and same of each entry from what the ledger
// has.
func compareWithNewest(ctx context.Context, tx *sql.Tx, facts []fact.Fact, entries []entry) error {
	if len(entries) == 0 {
		return nil
	}
	pass, err := tx.PrepareContext(ctx, `SELECT region, dimensions, revision, value FROM fact
		WHERE indicator = ? AND period = ? AND region BETWEEN ? AND ? ORDER BY region, dimensions, revision`)
	if err != nil {
		return err
	}
	defer pass.Close()
	for group := range groups(entries) {
		for len(group) > 0 {
			if group, err = compareGroup(ctx, pass, facts, group); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareGroup does so for entries of one indicator and period, in one pass. It
// returns those that are left for the next.
func compareGroup(ctx context.Context, pass *sql.Stmt, facts []fact.Fact, group []entry) ([]entry, error) {
	first, last := &group[0], &group[len(group)-1]
	rows, err := pass.QueryContext(ctx, first.indicator, first.period, first.region, last.region)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var (
		region, dimensions, revision integer
		value                        float
		idle                         int
	)
	have := entry{indicator: first.indicator, period: first.period}
	for len(group) > 0 && rows.Next() {
		if err := rows.Scan(&region, &dimensions, &revision, &value); err != nil {
			return nil, err
		}
		have.region, have.dimensions = int64(region), int32(dimensions)
		for len(group) > 0 && group[0].compare(&have) < 0 {
			group, idle = group[1:], 0
		}
		switch {
		case len(group) == 0:
		case group[0].compare(&have) == 0:
			// Later revisions follow and overwrite this.
			group[0].revision = int32(revision)
			group[0].same = float64(value) == facts[group[0].index].Value
		case group[0].region > have.region: // so a pass that began there gets further
			if idle++; idle == maxIdle {
				return group, nil
			}
		}
	}
	return nil, rows.Err()
}
