package explain

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Ledger is the part of the ledger that keeps figures and decisions on them. A
// zero period is all.
type Ledger interface {
	// Provenances returns every revision of the figures of an indicator and
	// region, ordered by period, dimensions and revision.
	Provenances(ctx context.Context, indicator, region string, period fact.Period) ([]fact.Provenance, error)
	// Held returns held figures, the newest first.
	Held(ctx context.Context, indicator, region string, period fact.Period) ([]fact.HeldFact, error)
	// Decisions returns decisions, the newest first.
	Decisions(ctx context.Context, indicator, region string, period fact.Period) ([]fact.Decision, error)
}

// Rejections is the part of the ledger that keeps what was refused.
type Rejections interface {
	// Rejections returns those of an indicator whose region is written in one of
	// the ways, the newest first and at most so many.
	Rejections(ctx context.Context, indicator string, written []string, limit int) ([]fact.Rejection, error)
}

// Facts reads the newest revisions of many regions.
type Facts interface {
	// Between calls each for the newest revision of every fact of an indicator
	// whose period begins neither before from nor after to.
	Between(ctx context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error
}

// Board is what stands. What it returns is shared and is not changed.
type Board interface {
	Reports(indicator *fact.Indicator) []fact.Report
	Rankings(indicator *fact.Indicator) []fact.Ranking
	// Target returns what a region's figure for a period should reach, and how much
	// of it the figure does; both are missing where there is no target.
	Target(indicator *fact.Indicator, region string, period fact.Period, value float64) (target, attainment fact.Optional)
	// Rollups returns the roll-ups at the period that is common to the site.
	Rollups(indicator *fact.Indicator) []fact.Rollup
	// Total returns the roll-up of a region at any other period; ok is false where
	// nobody has reported it.
	Total(ctx context.Context, indicator *fact.Indicator, region string, period fact.Period) (total fact.Rollup, ok bool, err error)
	Discrepancies(indicator *fact.Indicator) []fact.Discrepancy
	// ReconciliationsOf sets the published figures of an indicator against our own
	// totals.
	ReconciliationsOf(ctx context.Context, indicator *fact.Indicator) ([]fact.Reconciliation, error)
}

// Regions is the register of regions. The regions it returns are its own.
type Regions interface {
	ByCode(code string) (*fact.Region, bool)
	// Successor returns the region that stands for an old code today, and the
	// change that ended the old one.
	Successor(code string) (today *fact.Region, change fact.RegionChange, ok bool)
	Above(code string, level fact.Level) (*fact.Region, bool)
	Under(code string, level fact.Level) iter.Seq[*fact.Region]
	// Written returns the codes and names, old ones too, that mean the region.
	Written(code string) []string
	// ResolveAt finds the region that somebody means, as of a period; a zero one is
	// today. A region that became a part of another later is returned with its own
	// code. The error of what is not exactly one has a method Explain() fact.Text.
	ResolveAt(written string, levels []fact.Level, within []string, period fact.Period) (*fact.Region, error)
	// AsOf returns a region with the code that it had in a period.
	AsOf(code string, period fact.Period) fact.Region
}

// Calendar knows when reports are due.
type Calendar interface {
	// Due returns the instant before which the report of a period is due, so many
	// working days after its end, and whether only weekends were known.
	Due(period fact.Period, grace int) (due time.Time, weekendsOnly bool)
	// WorkingDaysBetween counts the whole working days between two instants.
	WorkingDaysBetween(from, to time.Time) int
}

// Options are what an Explainer is made from; all are required.
type Options struct {
	Indicators []fact.Indicator
	Regions    Regions
	Calendar   Calendar
	Ledger     Ledger
	Rejections Rejections
	Facts      Facts
	Board      Board
	// ReadPeriod reads a period as a source writes it, for a cadence.
	ReadPeriod func(written string, cadence fact.Cadence) (fact.Period, error)
	// Since is when the ledger accepted its first configuration: an indicator
	// without ExpectedFrom is expected from the first period that ended after it.
	Since time.Time
	Zone  *time.Location
	Now   func() time.Time
}

// Explainer answers where numbers come from. It belongs to one configuration,
// and to one view of the ledger: for a Question with AsKnownAt, the caller gives
// a Board and Facts of that instant. It is safe for concurrent use.
type Explainer struct {
	Options
	byID map[string]*fact.Indicator
}

// New returns an Explainer. The options must be complete and the indicators
// valid, as config returns them.
func New(o Options) *Explainer {
	e := &Explainer{Options: o, byID: make(map[string]*fact.Indicator, len(o.Indicators))}
	for i := range o.Indicators {
		e.byID[o.Indicators[i].ID] = &o.Indicators[i]
	}
	return e
}

// Question asks about one figure.
type Question struct {
	Indicator string // id
	Region    string // a code or a name
	// Period is the figure's; zero is the newest that has one.
	Period fact.Period
	// AsKnownAt leaves out all that was recorded after it; zero is nothing.
	AsKnownAt time.Time
}

// Refusal is why a question can't be answered: a sentence for whoever asked.
type Refusal struct{ Reason fact.Text }

// Error returns the reason in English.
func (r *Refusal) Error() string { return r.Reason.EN }

// Explain returns the reason in both languages.
func (r *Refusal) Explain() fact.Text { return r.Reason }

// Explain answers a question. A question that can't be answered is a *Refusal;
// other errors are the ledger's.
func (e *Explainer) Explain(ctx context.Context, q Question) (*Document, error) {
	s, err := e.subject(q)
	if err != nil {
		return nil, err
	}
	if err := s.gather(ctx); err != nil {
		return nil, fmt.Errorf("explain %s of %s: %w", q.Indicator, s.region.Code, err)
	}
	if err := s.choose(q.Period); err != nil {
		return nil, err
	}
	d, err := s.document(ctx)
	if err != nil {
		return nil, fmt.Errorf("explain %s of %s: %w", q.Indicator, s.region.Code, err)
	}
	return d, nil
}

// subject is what one question is about, and what is known of it.
type subject struct {
	*Explainer
	indicator *fact.Indicator
	// region is today's, or one that became a part of another since, which former
	// says then; codes are its own and those it had before.
	region    *fact.Region
	codes     []string
	former    *Former
	now       time.Time
	asKnownAt time.Time
	reports   []fact.Report
	// collected is the evidence of the indicator, or of the numerator and the
	// denominator of a ratio; of a region that does not report it, none.
	collected []*evidence
	figures   cells // of the region, from what was collected
	period    fact.Period
	chosen    Chosen
}

func (e *Explainer) subject(q Question) (*subject, error) {
	indicator, ok := e.byID[q.Indicator]
	if !ok {
		return nil, e.unknownIndicator(q.Indicator)
	}
	var levels []fact.Level
	for l := fact.Province; l <= indicator.LowestLevel(); l++ {
		levels = append(levels, l)
	}
	region, codes, former, err := e.find(q, levels)
	if err != nil {
		return nil, err
	}
	s := &subject{Explainer: e, indicator: indicator, region: region, codes: codes, former: former, now: e.Now(), asKnownAt: q.AsKnownAt, reports: e.Board.Reports(indicator)}
	if !q.AsKnownAt.IsZero() {
		s.now = q.AsKnownAt
	}
	return s, nil
}

func (e *Explainer) unknownIndicator(id string) error {
	ids := make([]string, 0, len(e.byID))
	for have := range e.byID {
		ids = append(ids, have)
	}
	slices.Sort(ids)
	return &Refusal{fact.Text{
		ZH: fmt.Sprintf("目录中没有指标“%s”；现有指标：%s", id, strings.Join(ids, "、")),
		EN: fmt.Sprintf("no indicator %q in the catalogue; there are %s", id, strings.Join(ids, ", ")),
	}}
}

// parts returns the indicators that are collected for this one: itself, or the
// numerator and the denominator of a ratio.
func (e *Explainer) parts(indicator *fact.Indicator) []*fact.Indicator {
	var parts []*fact.Indicator
	for _, id := range indicator.Sources() {
		parts = append(parts, e.byID[id])
	}
	return parts
}

// choose settles which period is explained.
func (s *subject) choose(asked fact.Period) error {
	now := fact.LastEnded(s.now.In(s.Zone), s.indicator.Cadence)
	if !asked.IsZero() {
		if asked.Cadence() != s.indicator.Cadence {
			return &Refusal{fact.Text{
				ZH: fmt.Sprintf("%s的统计期是 %s 这样的长度，没有 %s 的数", s.indicator.Title.ZH, now, asked),
				EN: fmt.Sprintf("%s has a figure a %s, so none for %s: ask for one such as %s", s.indicator.ID, s.indicator.Cadence, asked, now),
			}}
		}
		s.period, s.chosen = asked, ChosenAsked
		return nil
	}
	s.period, s.chosen = s.newest(), ChosenNewest
	if s.period.IsZero() && !s.indicator.HasLevel(s.region.Level) {
		if rollup, ok := s.rollupOf(s.region.Code); ok {
			s.period, s.chosen = rollup.Period, ChosenCommon
		}
	}
	if s.period.IsZero() {
		s.period, s.chosen = now, ChosenDue
		if report, ok := s.report(); ok {
			s.period = report.Period
		}
	}
	return nil
}

// stands returns the code of the region of today that the figure counts for.
func (s *subject) stands() string {
	if s.former != nil {
		return s.former.Into.Code
	}
	return s.region.Code
}

// report is that of the region; ok is false where it is not expected.
func (s *subject) report() (fact.Report, bool) {
	i := slices.IndexFunc(s.reports, func(r fact.Report) bool { return r.Region == s.region.Code })
	if i < 0 {
		return fact.Report{}, false
	}
	return s.reports[i], true
}

// rollupOf is the roll-up of a region at the common period.
func (s *subject) rollupOf(code string) (fact.Rollup, bool) {
	rollups := s.Board.Rollups(s.indicator)
	i := slices.IndexFunc(rollups, func(r fact.Rollup) bool { return r.Region == code })
	if i < 0 {
		return fact.Rollup{}, false
	}
	return rollups[i], true
}
