package app

import (
	"context"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
	"github.com/govkpi/govkpi/internal/standing"
)

// knowledge is a ledger as it was known at an instant; a zero instant leaves out
// nothing.
type knowledge struct {
	*sqlite.Store
	by time.Time
}

// Facts leaves out what was recorded later.
func (k knowledge) Facts(ctx context.Context, query ledger.FactQuery, each func(fact.Fact) error) error {
	query.KnownBy = k.by
	return k.Store.Facts(ctx, query, each)
}

// knew reports whether something recorded then was known.
func (k knowledge) knew(recorded int64) bool { return k.by.IsZero() || recorded <= k.by.UnixMilli() }

// Held leaves out what was held later, and opens again what was decided later.
func (k knowledge) Held(ctx context.Context, query ledger.HeldQuery) ([]fact.HeldFact, error) {
	if k.by.IsZero() {
		return k.Store.Held(ctx, query)
	}
	waiting, limit := query.Waiting, query.Limit
	query.Waiting, query.Limit = false, 0
	all, err := k.Store.Held(ctx, query)
	var held []fact.HeldFact
	for _, h := range all {
		if !k.knew(h.Recorded) {
			continue
		}
		if !h.Waits() && !k.knew(h.Closed) {
			h.Closed, h.Closing = 0, ""
		}
		if !waiting || h.Waits() {
			held = append(held, h)
		}
		if limit > 0 && len(held) == limit {
			break
		}
	}
	return held, err
}

// Decisions leaves out later ones.
func (k knowledge) Decisions(ctx context.Context, query ledger.DecisionQuery) ([]fact.Decision, error) {
	if k.by.IsZero() {
		return k.Store.Decisions(ctx, query)
	}
	limit := query.Limit
	query.Limit = 0
	all, err := k.Store.Decisions(ctx, query)
	var known []fact.Decision
	for _, d := range all {
		if k.knew(d.Recorded) {
			known = append(known, d)
		}
		if limit > 0 && len(known) == limit {
			break
		}
	}
	return known, err
}

// Regions leaves out what was recorded later.
func (k knowledge) Regions(ctx context.Context, _ time.Time, each func(fact.RegionFact) error) error {
	return k.Store.Regions(ctx, k.by, each)
}

// view is what follows for some indicators from a configuration and what was
// known of a ledger.
type view struct {
	config   *config.Config
	register *register
	board    *standing.Board
	ledger   knowledge
}

// viewOf builds the view of what a ledger knew of an indicator and of those it is
// made of or compared with, at an instant; zero is now.
func viewOf(ctx context.Context, cfg *config.Config, register *register, k knowledge, indicators []string, since time.Time, now func() time.Time) (*view, error) {
	timeline, err := ledger.OpenTimeline(ctx, k, indicators)
	if err != nil {
		return nil, err
	}
	return newView(cfg, register, k, timeline, since, now), nil
}

// newView is viewOf with a timeline that has all that was recorded of the
// indicators, then and since.
func newView(cfg *config.Config, register *register, k knowledge, timeline *ledger.Timeline, since time.Time, now func() time.Time) *view {
	at := k.by
	if at.IsZero() {
		at = now()
	}
	return &view{config: cfg, register: register, ledger: k, board: standing.New(standing.Options{
		Indicators: cfg.Indicators, Regions: register.Register, Head: &ledger.Head{}, Facts: periods{k}, Tracks: timeline,
		Calendar: cfg.Calendar, Zone: cfg.Site.Zone, Site: cfg.Site.Region, Now: now, Since: since, AsKnownAt: at,
	})}
}

// related are an indicator and those that say something of it: the parts of a
// ratio, and what it is compared with.
func related(indicators []fact.Indicator, id string) []string {
	if id == "" {
		return nil
	}
	ids := []string{id}
	for i := range indicators {
		in := &indicators[i]
		switch {
		case in.ID == id && in.Kind == fact.RatioKind:
			ids = append(ids, in.Numerator, in.Denominator)
		case in.ID == id && in.Compare != nil:
			ids = append(ids, in.Compare.With)
		case in.Compare != nil && in.Compare.With == id:
			ids = append(ids, in.ID)
		}
	}
	return ids
}

// configurationAt loads the configuration that was in force at an instant.
func configurationAt(ctx context.Context, store *Store, t time.Time, o config.Options) (*config.Config, error) {
	accepted, err := store.ConfigurationAt(ctx, t)
	if err != nil {
		return nil, err
	}
	tree, err := storedTree(accepted.Files)
	if err != nil {
		return nil, err
	}
	return config.Load(tree, accepted.Files[0].Name, o)
}
