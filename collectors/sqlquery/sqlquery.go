// Package sqlquery is the kind of collector that runs a SQL query. It reads the
// rows of one query on PostgreSQL, MySQL, MariaDB or SQLite and hands on one
// reading a row (long form) or one for each of several columns (wide form).
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
	"github.com/govkpi/govkpi/internal/fact"
)

// Kind is the kind "sqlquery". docs/collectors/sqlquery.md describes its
// options.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name: "sqlquery",
		New: func(source, collector collectors.Options) (collectors.Collector, error) {
			s, err := read(source, collector)
			if err != nil {
				return nil, err
			}
			return &query{settings: s, redact: redactor(s.source.secrets)}, nil
		},
	}
}

// query is the collector. It holds no connection between runs.
type query struct {
	settings
	redact func(string) string
}

// grace is how much longer than the server we wait for a statement to end: the
// server's own error says more.
const grace = time.Second

var errTimeout = errors.New("statement timeout")

// Collect implements collectors.Collector.
func (q *query) Collect(ctx context.Context, request collectors.Request, emit func(fact.Reading) error) (collectors.Summary, error) {
	since, err := q.since(request)
	if err != nil {
		return collectors.Summary{}, err
	}
	p := pull{query: q, zone: request.Now.Location(), emit: emit, input: newDigest()}
	args := make([]string, q.statement.parameters())
	for i := range args {
		args[i] = since
	}
	err = q.run(ctx, request.Now, q.statement.sql(q.driver.placeholder), args, p.header, p.row)
	asked := newDigest()
	asked.texts(q.statement.text, since)
	summary := collectors.Summary{Rows: p.rows, QueryDigest: asked.sum(), InputDigest: p.input.sum()}
	if p.err != nil { // our own or the gate's, whatever the driver made of it
		err = p.err
	}
	return summary, err
}

// Ping implements collectors.Collector.
func (q *query) Ping(ctx context.Context) error {
	header, row := func([]string) error { return nil }, func([]cell) error { return nil }
	return q.run(ctx, time.Time{}, q.driver.ping, nil, header, row)
}

// since returns the parameter :since, or nothing where the query has none.
func (q *query) since(request collectors.Request) (string, error) {
	switch {
	case q.statement.parameters() > 0 && !request.Since.IsZero():
		return request.Since.Start(request.Now.Location()).Format(time.DateOnly), nil
	case q.statement.parameters() > 0:
		return request.Now.Add(-q.lookback).Format(time.DateOnly), nil
	case !request.Since.IsZero():
		return "", fmt.Errorf("history since %s was asked for, but the query has no :since: add it and lookback to the collector's options", request.Since)
	}
	return "", nil
}

// run connects, runs a statement and closes the connection.
func (q *query) run(ctx context.Context, now time.Time, sql string, args []string, header func([]string) error, row func([]cell) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, q.timeout+grace, errTimeout)
	defer cancel()
	s, err := q.source.open(limited, policy{timeout: q.timeout, now: now})
	if err != nil {
		return q.explain(ctx, limited, connecting, err)
	}
	defer s.close()
	limit := q.timeout
	if q.driver.enforces {
		limit += grace
	}
	limited, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	if err := s.query(limited, sql, args, header, row); err != nil {
		return q.explain(ctx, limited, querying, err)
	}
	return nil
}

// What a run is doing when it fails.
const (
	connecting = "connect to"
	querying   = "query"
)

// explain makes an error for the operator, without secrets. The context that
// Collect was called with decides over the one limited by us.
func (q *query) explain(ctx, limited context.Context, doing string, err error) error {
	what := fmt.Sprintf("%s %s at %s", doing, q.driver.name, q.source.where)
	advice := ""
	if doing == connecting {
		advice = ": check that the database runs and can be reached, and the url with its user and password"
	}
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("%s: %w", what, ctx.Err())
	case errors.Is(context.Cause(limited), errTimeout), q.driver.timedOut(err):
		if advice == "" {
			advice = ": make the query cheaper or raise statement_timeout"
		}
		err = fmt.Errorf("%s: no answer within the statement_timeout of %s (%w)%s", what, q.timeout, err, advice)
	default:
		err = fmt.Errorf("%s: %w%s", what, err, advice)
	}
	return collectors.CleanError(err, q.redact) //nolint:wrapcheck // it is made here
}

// pull is one run of the query.
type pull struct {
	*query
	zone   *time.Location
	emit   func(fact.Reading) error
	mapper *mapper
	input  *digest
	rows   int
	err    error // that ended the pull and is not the source's
}

func (p *pull) header(names []string) error {
	p.input.texts(names...)
	p.mapper, p.err = p.layout.bind(names, p.zone, p.emit)
	return p.err
}

func (p *pull) row(cells []cell) error {
	if p.rows == p.rowLimit {
		p.err = fmt.Errorf("the query returned more rows than the row_limit of %d; nothing was taken: let the query select less, or raise row_limit", p.rowLimit)
		return p.err
	}
	p.rows++
	p.input.cells(cells)
	p.err = p.mapper.row(cells)
	return p.err
}
