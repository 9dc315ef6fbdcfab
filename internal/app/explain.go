package app

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/explain"
	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/standing"
	"github.com/govkpi/govkpi/internal/web"
	"github.com/govkpi/govkpi/internal/written"
)

type (
	// Document says where a figure comes from.
	Document = explain.Document
	// Language is one that a Document can be written in.
	Language = explain.Language
)

// ParseLanguage reads zh or en.
func ParseLanguage(s string) (Language, error) { return explain.ParseLanguage(s) }

// Explain implements web.Figures.
func (a *App) Explain(ctx context.Context, q Question) (any, error) {
	s := a.site.Load()
	asked, err := questionOf(q, s.config.Site.Zone, a.Now())
	if err != nil {
		return nil, err
	}
	k := knowledge{Store: a.store, by: asked.AsKnownAt}
	v := &view{config: s.config, register: s.register, board: s.board, ledger: k}
	if !k.by.IsZero() {
		if v, err = a.past(ctx, s, k, asked.Indicator); err != nil {
			return nil, err
		}
	}
	return v.explain(ctx, asked, a.Now)
}

// past is the view at an instant. The configuration of then is mostly that of
// now and need not be loaded again; what is followed is in memory, with all that
// was recorded of it.
func (a *App) past(ctx context.Context, s *site, k knowledge, indicator string) (*view, error) {
	accepted, err := a.acceptedAt(ctx, k.by)
	if err != nil {
		return nil, err
	}
	cfg, register := s.config, s.register
	changed := accepted.Digest != cfg.Digest
	if changed {
		if cfg, err = configurationAt(ctx, a.store, k.by, noSecrets()); err != nil {
			return nil, err
		}
	}
	if changed || register.newest > k.by.UnixMilli() { // some were not known then
		if register, err = newRegister(ctx, cfg, register.configuredOf(cfg), k, a.Log); err != nil {
			return nil, err
		}
	}
	ids := related(cfg.Indicators, indicator)
	now := followed(s.config.Indicators)
	if !slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(now, id) && !isRatio(cfg.Indicators, id) }) {
		return newView(cfg, register, k, a.memory.timeline, a.memory.since, a.Now), nil
	}
	return viewOf(ctx, cfg, register, k, ids, a.memory.since, a.Now)
}

// acceptedAt is the configuration that was in force at an instant, without its
// files.
func (a *App) acceptedAt(ctx context.Context, t time.Time) (ledger.Configuration, error) {
	accepted, err := a.store.Configurations(ctx)
	if err != nil {
		return ledger.Configuration{}, err
	}
	for _, c := range accepted { // the newest first
		if !c.Accepted.After(t) {
			return c, nil
		}
	}
	return ledger.Configuration{}, nothingKnown(t, a.memory.since, a.site.Load().config.Site.Zone)
}

func isRatio(indicators []fact.Indicator, id string) bool {
	return slices.ContainsFunc(indicators, func(i fact.Indicator) bool { return i.ID == id && i.Kind == fact.RatioKind })
}

// nothingKnown refuses an instant before the ledger's first configuration.
func nothingKnown(at, since time.Time, zone *time.Location) error {
	began, asked := since.In(zone).Format(time.DateTime), at.In(zone).Format(time.DateTime)
	return refuse("%[2]s 时台账尚未启用（启用于 %[1]s）。", "Nothing was known at %[2]s: the ledger's first configuration was accepted at %[1]s.", began, asked)
}

// noSecrets loads a configuration that is only read with.
func noSecrets() config.Options {
	return ForReading(config.Options{Env: func(string) (string, bool) { return "", false }})
}

// Explain says where a figure comes from; the error of a question that can't be
// answered says why.
func (r *Reader) Explain(ctx context.Context, q Question) (*Document, error) {
	asked, err := questionOf(q, r.Config.Site.Zone, r.now())
	if err != nil {
		return nil, err
	}
	v, err := r.view(ctx, knowledge{Store: r.Store, by: asked.AsKnownAt}, asked.Indicator)
	if err != nil {
		return nil, err
	}
	return v.explain(ctx, asked, r.now)
}

// view is what was known of an indicator at an instant; a zero instant is now, and
// without an indicator nothing but totals can be asked for.
func (r *Reader) view(ctx context.Context, k knowledge, indicator string) (*view, error) {
	since, err := firstAccepted(ctx, r.Store, r.now)
	if err != nil {
		return nil, err
	}
	cfg, register := r.Config, r.register
	if !k.by.IsZero() {
		if cfg, err = configurationAt(ctx, r.Store, k.by, noSecrets()); errors.Is(err, ledger.ErrNotFound) {
			return nil, nothingKnown(k.by, since, r.Config.Site.Zone)
		}
		if err != nil {
			return nil, err
		}
		if register, err = newRegister(ctx, cfg, cfg.Regions, k, discard()); err != nil {
			return nil, err
		}
	}
	return viewOf(ctx, cfg, register, k, related(cfg.Indicators, indicator), since, r.now)
}

// questionOf reads what was asked for.
func questionOf(q Question, zone *time.Location, now time.Time) (asked explain.Question, err error) {
	asked.Indicator, asked.Region = q.Indicator, q.Region
	if q.Period != "" {
		if asked.Period, err = fact.ParsePeriod(q.Period); err != nil {
			return asked, refuseAs(http.StatusBadRequest, fact.Text{ZH: "统计期“" + q.Period + "”不符合格式，应为 2025、2025-Q4、2025-12 等。", EN: err.Error()})
		}
	}
	if asked.AsKnownAt, err = instantBefore(q.AsKnownAt, zone, now); err != nil {
		return asked, refuseAs(http.StatusBadRequest, fact.Text{ZH: "时点“" + q.AsKnownAt + "”应为已过去的日期或时间，如 2026-01-15 或 2026-01-15T09:00:00+08:00。", EN: err.Error()})
	}
	return asked, nil
}

func (v *view) explain(ctx context.Context, q explain.Question, now func() time.Time) (*Document, error) {
	e := explain.New(explain.Options{
		Indicators: v.config.Indicators, Regions: v.register, Calendar: v.config.Calendar,
		Ledger: evidence{v.ledger}, Rejections: evidence{v.ledger}, Facts: periods{v.ledger}, Board: explainedBoard{v.board},
		ReadPeriod: written.Period, Since: v.board.Since, Zone: v.config.Site.Zone, Now: now,
	})
	return e.Explain(ctx, q)
}

// evidence reads a ledger as explain does.
type evidence struct{ knowledge }

// Held implements explain.Ledger.
func (e evidence) Held(ctx context.Context, indicator, region string, period fact.Period) ([]fact.HeldFact, error) {
	return e.knowledge.Held(ctx, ledger.HeldQuery{Indicator: indicator, Region: region, Period: period})
}

// Decisions implements explain.Ledger.
func (e evidence) Decisions(ctx context.Context, indicator, region string, period fact.Period) ([]fact.Decision, error) {
	return e.knowledge.Decisions(ctx, ledger.DecisionQuery{Indicator: indicator, Region: region, Period: period})
}

// Rejections implements explain.Rejections.
func (e evidence) Rejections(ctx context.Context, indicator string, as []string, limit int) ([]fact.Rejection, error) {
	return e.Store.Rejections(ctx, ledger.RejectionQuery{Indicator: indicator, Written: as, Limit: limit})
}

// explainedBoard is a board as explain asks it.
type explainedBoard struct{ *standing.Board }

// Total implements explain.Board.
func (b explainedBoard) Total(ctx context.Context, indicator *fact.Indicator, region string, period fact.Period) (total fact.Rollup, ok bool, err error) {
	found, known := b.Regions.ByCode(region)
	if !known {
		return total, false, nil
	}
	totals, err := b.Totals(ctx, indicator, period, found.Level)
	if err != nil {
		return total, false, err
	}
	i := slices.IndexFunc(totals, func(t standing.Total) bool { return t.Region.Code == region })
	if i < 0 {
		return total, false, nil
	}
	t := totals[i]
	return fact.Rollup{
		Region: region, Period: period, Value: fact.Some(t.Value), Policy: t.Policy,
		Reported: t.Reported, Carried: t.Carried, Compared: t.Compared, Expected: t.Expected,
	}, true, nil
}

// Held implements web.Figures.
func (a *App) Held(ctx context.Context, q web.HeldQuestion) (any, error) {
	s := a.site.Load()
	asked, region, err := s.listed(q.Question, a.Now())
	if err != nil {
		return nil, err
	}
	held, err := knowledge{Store: a.store, by: asked.AsKnownAt}.Held(ctx, ledger.HeldQuery{
		Indicator: asked.Indicator, Region: region, Period: asked.Period, Waiting: !q.Closed, Limit: q.Limit,
	})
	if err != nil {
		return nil, err
	}
	rows := make([]heldRow, len(held))
	for i := range held {
		rows[i] = s.heldRow(&held[i])
	}
	return rows, nil
}

// Decisions implements web.Figures.
func (a *App) Decisions(ctx context.Context, q Question, limit int) (any, error) {
	s := a.site.Load()
	asked, region, err := s.listed(q, a.Now())
	if err != nil {
		return nil, err
	}
	decisions, err := knowledge{Store: a.store, by: asked.AsKnownAt}.Decisions(ctx, ledger.DecisionQuery{
		Indicator: asked.Indicator, Region: region, Period: asked.Period, Limit: limit,
	})
	if err != nil {
		return nil, err
	}
	rows := make([]decisionRow, len(decisions))
	for i := range decisions {
		rows[i] = s.decisionRow(&decisions[i])
		value, err := decidedValue(ctx, a.store, &decisions[i])
		if err != nil {
			return nil, err
		}
		if value.OK {
			rows[i].Value = &value.Value
		}
	}
	return rows, nil
}

// decidedValue returns the figure that was decided on; see Reader.DecidedValue.
func decidedValue(ctx context.Context, store *Store, d *fact.Decision) (fact.Optional, error) {
	if d.Action == fact.Reject {
		return d.Overruled, nil
	}
	return valueOf(ctx, store, d.Key, d.Revision)
}

// listed reads a question in which everything may be left out.
func (s *site) listed(q Question, now time.Time) (asked explain.Question, region string, err error) {
	if asked, err = questionOf(q, s.config.Site.Zone, now); err != nil {
		return asked, "", err
	}
	region, err = s.register.codeOf(q.Region)
	return asked, region, err
}
