// Package sqlquery is the kind of collector that runs a SQL query. It reads the
// rows of one query on PostgreSQL, MySQL, MariaDB or SQLite and hands on one
// reading a row (long form), one for each of several columns (wide form), or an
// entry of a register of regions.
//
// A run opens a connection, reads in a session that can't write, and closes the
// connection. Rows flow through: no more than one is held at a time, and texts
// that repeat are held once.
package sqlquery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/govkpi/govkpi/collectors"
)

// Kind is the kind "sqlquery". docs/collectors/sqlquery.md describes its
// options.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name: "sqlquery",
		New: func(blocks collectors.Blocks) (collectors.Collector, error) {
			s, err := read(blocks)
			if err != nil {
				return nil, err
			}
			return &query{s}, nil
		},
	}
}

// query is the collector. It holds no connection between runs.
type query struct{ settings }

// Collect implements collectors.Collector.
func (q *query) Collect(ctx context.Context, request collectors.Request, sink collectors.Sink) (collectors.Summary, error) {
	since, err := q.since(request)
	if err != nil {
		return collectors.Summary{}, err
	}
	db, err := q.database(request.Target)
	if err != nil {
		return collectors.Summary{}, err
	}
	p := pull{query: q, request: request, sink: sink, input: newDigest()}
	args := q.statement.arguments(since, request.Target)
	err = db.run(ctx, request.Now, q.statement.sql(q.address.driver.placeholder), args, p.header, p.row)
	summary := collectors.Summary{Rows: p.rows, QueryDigest: q.asked(since, request.Target), InputDigest: p.input.sum()}
	if p.err != nil { // our own or the gate's, whatever the driver made of it
		err = p.err
	}
	return summary, err
}

// Ping implements collectors.Collector.
func (q *query) Ping(ctx context.Context, target collectors.Target) error {
	db, err := q.database(target)
	if err != nil {
		return err
	}
	header, row := func([]string) error { return nil }, func([]cell) error { return nil }
	return db.run(ctx, time.Time{}, db.driver.ping, nil, header, row)
}

// database returns the database to ask for a target.
func (q *query) database(target collectors.Target) (*database, error) {
	if q.fanOut && target.IsZero() {
		return nil, errors.New("the query is run for one region at a time, and no region was given; this is a fault of the program")
	}
	located, err := q.address.of(target)
	if err != nil {
		return nil, fmt.Errorf("the url of the source: %w", err)
	}
	return &database{source: located, driver: q.address.driver, timeout: q.timeout, redact: redactor(located.secrets)}, nil
}

// since returns the parameter :since, or nothing where the query has none.
func (q *query) since(request collectors.Request) (string, error) {
	switch {
	case q.statement.has(sinceParameter) && !request.Since.IsZero():
		return request.Since.Start(request.Now.Location()).Format(time.DateOnly), nil
	case q.statement.has(sinceParameter):
		return request.Now.Add(-q.lookback).Format(time.DateOnly), nil
	case !request.Since.IsZero():
		return "", fmt.Errorf("history since %s was asked for, but the query has no :since: add it and lookback to the collector's options", request.Since)
	}
	return "", nil
}

// asked is the digest of the question: the query, its parameters, and what of
// the target went into the URL.
func (q *query) asked(since string, target collectors.Target) string {
	d := newDigest()
	d.texts(q.statement.text, since)
	for _, placeholders := range [][]string{q.statement.targets(), q.address.template.Placeholders()} {
		for _, placeholder := range placeholders {
			value, _ := target.Value(placeholder)
			d.texts(placeholder, value)
		}
	}
	return d.sum()
}

// pull is one run of the query.
type pull struct {
	*query
	request collectors.Request
	sink    collectors.Sink
	each    func([]cell) error // makes of a row what it stands for
	input   *digest
	rows    int
	err     error // that ended the pull and is not the source's
}

func (p *pull) header(names []string) error {
	p.input.texts(names...)
	if p.layout.Register != nil {
		var r *registrar
		r, p.err = bindRegister(p.layout.Register, names, p.sink.AddRegion)
		p.each = r.row
		return p.err
	}
	var m *mapper
	m, p.err = bind(&p.layout, names, &p.request, p.sink.Add)
	p.each = m.row
	return p.err
}

func (p *pull) row(cells []cell) error {
	if p.rows == p.rowLimit {
		p.err = fmt.Errorf("the query returned more rows than the row_limit of %d; nothing was taken: let the query select less, or raise row_limit", p.rowLimit)
		return p.err
	}
	p.rows++
	p.input.cells(cells)
	p.err = p.each(cells)
	return p.err
}
