package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

func (c *checker) runs(ctx context.Context) error {
	var last int64
	return c.each(ctx, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		if err == nil {
			c.inOrder("runs", &last, id)
		}
		return err
	}, "SELECT id FROM run ORDER BY id")
}

// targets verifies that each run has as many as it ended with, which are
// numbered and of its own collector.
func (c *checker) targets(ctx context.Context) error {
	return c.each(ctx, func(rows *sql.Rows) error {
		var run, said, are, last, strange int64
		err := rows.Scan(&run, &said, &are, &last, &strange)
		switch {
		case err != nil:
		case said != are:
			c.found.add("run %d ended with %d targets and %d are there", run, said, are)
		case last != are:
			c.found.add("the %d targets of run %d are not numbered from 1 on", are, run)
		case strange > 0:
			c.found.add("run %d has %d targets of another collector", run, strange)
		}
		return err
	}, `SELECT run.id, run.targets, count(position), coalesce(max(position), 0), coalesce(sum(target.collector <> run.collector), 0)
		FROM run LEFT JOIN target_run ON target_run.run = run.id LEFT JOIN target ON target.id = target_run.target
		WHERE run.targets > 0 OR position IS NOT NULL GROUP BY run.id`)
}

func (c *checker) readDeliveries(ctx context.Context) error {
	var last, lastRecorded int64
	return c.each(ctx, func(rows *sql.Rows) error {
		var (
			id, recorded, sum int64
			d                 checkedDelivery
		)
		if err := rows.Scan(&id, &recorded, &d.said.facts, &d.said.regions, &d.said.held, &d.said.decisions, &sum); err != nil {
			return err
		}
		c.inOrder("deliveries", &last, id)
		if recorded < lastRecorded {
			c.found.add("delivery %d was recorded %s before the one before it", id, time.Duration(lastRecorded-recorded)*time.Millisecond)
		}
		lastRecorded = recorded
		d.said.checksum = checksum(sum)
		c.deliveries[id] = &d
		return nil
	}, "SELECT id, recorded, changed - regions, regions, held, decisions, checksum FROM delivery ORDER BY id")
}

// brought compares what the deliveries said with what has been added up.
func (c *checker) brought() {
	for id := range int64(len(c.deliveries)) {
		d := c.deliveries[id+1]
		switch {
		case d == nil: // reported as missing
		case d.said.facts != d.is.facts:
			c.found.add("delivery %d brought %d facts and %d are there", id+1, d.said.facts, d.is.facts)
		case d.said.regions != d.is.regions:
			c.found.add("delivery %d brought %d regions and %d are there", id+1, d.said.regions, d.is.regions)
		case d.said.held != d.is.held:
			c.found.add("delivery %d brought %d held figures and %d are there", id+1, d.said.held, d.is.held)
		case d.said.decisions != d.is.decisions:
			c.found.add("delivery %d brought %d decisions and %d are there", id+1, d.said.decisions, d.is.decisions)
		case d.said.checksum != d.is.checksum:
			c.found.add("the %s of delivery %d are not those that were recorded: their checksum differs", d.content(), id+1)
		}
	}
}

// content says what a delivery brought; one that brought nothing has closed held
// figures.
func (d *checkedDelivery) content() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{
		{d.is.facts, "facts"}, {d.is.regions, "regions"}, {d.is.held, "held figures"}, {d.is.decisions, "decisions"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return "closings"
	}
	return strings.Join(parts, " and ")
}
