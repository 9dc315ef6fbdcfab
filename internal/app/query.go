package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/promapi"
	"github.com/govkpi/govkpi/internal/promapi/chronicle"
	"github.com/govkpi/govkpi/internal/promapi/telemetry"
)

// QueryTable is what a PromQL query gives at one instant.
type QueryTable = promapi.Table

// QueryRow is one of its rows.
type QueryRow = promapi.Row

// Query evaluates a PromQL expression at an instant on what had been recorded by
// another; a zero instant is now.
func (r *Reader) Query(ctx context.Context, expression string, at, knownBy time.Time) (*QueryTable, error) {
	asked, err := r.asking(ctx)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = r.now()
	}
	if !knownBy.IsZero() {
		ctx = promapi.WithKnownBy(ctx, knownBy)
	}
	table, err := promapi.Ask(ctx, asked.engine, asked.queryable, expression, at)
	return table, errors.Join(err, asked.end())
}

// asking is what a reader's queries are put to; end must be called after the last.
type asking struct {
	engine    *promapi.Engine
	queryable *promapi.Queryable
	end       func() error
}

func (r *Reader) asking(ctx context.Context) (*asking, error) {
	source, err := r.series(ctx)
	if err != nil {
		return nil, err
	}
	recorded, end, err := telemetry.OpenReadOnly(filepath.Join(r.folder, TelemetryFolder), discard())
	if err != nil {
		return nil, err
	}
	return &asking{
		engine:    promapi.NewEngine(promapi.EngineOptions{Limits: limitsOf(r.Config), Log: discard()}),
		queryable: promapi.NewQueryable(source, recorded, r.now), end: end,
	}, nil
}

// series is the ledger as PromQL sees it. All that was recorded of followed
// indicators is read; of others, when they are asked about.
func (r *Reader) series(ctx context.Context) (promapi.Source, error) {
	since, err := firstAccepted(ctx, r.Store, r.now)
	if err != nil {
		return nil, err
	}
	timeline, err := ledger.OpenTimeline(ctx, r.Store, followed(r.Config.Indicators))
	if err != nil {
		return nil, err
	}
	walker, err := exposition.NewWalker(walked(r.Config, r.register))
	if err != nil {
		return nil, err
	}
	now := &present{config: r.Config, register: r.register, walker: walker}
	return chronicle.New(&archive{
		store: r.Store, memory: &memory{head: &ledger.Head{}, timeline: timeline, since: since}, now: r.now, log: discard(),
		present: func() *present { return now },
	}), nil
}
