// Package standing says what follows from facts, targets, the calendar and the
// catalogue: the current figure of every region with its state, its previous one
// and its attainment; who has reported and who is overdue; ranks; roll-ups to
// city and province with their coverage; totals over regions and periods; and
// how all that compares with published figures and with other sources.
//
// It reads what the ledger recorded (Tracks, the Head and, for totals, the
// ledger itself); it hands figures, reports, rankings, roll-ups, totals and
// reconciliations on to exposition, to the explanation of a figure and to the
// commands. Everything here can be computed again at any time, also as it was
// known in the past. The rules are in docs/standing.md and docs/rollups.md.
package standing

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Head holds the newest figures of every series, in memory. A Board reads of it
// the indicators that are not followed.
type Head interface {
	// Series yields the series of an indicator, sorted by region and dimensions.
	Series(indicator string) iter.Seq[fact.Series]
	Lookup(indicator, region string, dimensions fact.Dimensions) (fact.Series, bool)
	// VersionOf changes whenever a figure of the indicator does.
	VersionOf(indicator string) uint64
}

// Tracks holds all that was recorded of the followed indicators.
type Tracks interface {
	// Tracks yields the series of an indicator, sorted by region and dimensions.
	Tracks(indicator string) iter.Seq[fact.Track]
	// Held returns the held figures of an indicator, whether they wait or not.
	Held(indicator string) []fact.HeldFact
	// Version changes whenever anything of the indicator does.
	Version(indicator string) uint64
}

// Facts is the part of a ledger that totals are computed from.
type Facts interface {
	// Between calls each for the newest revision of every fact of an indicator
	// whose period begins neither before from nor after to, ordered by period,
	// region and dimensions.
	Between(ctx context.Context, indicator string, from, to fact.Period, each func(fact.Fact) error) error
}

// Regions is the part of the region register that a Board needs.
type Regions interface {
	ByCode(code string) (*fact.Region, bool)
	Above(code string, level fact.Level) (*fact.Region, bool)
	Under(code string, level fact.Level) iter.Seq[*fact.Region]
	// Successor returns the region that stands today for a code that is no longer
	// one, and how it came to: where the old region became a part of another, at
	// whatever step, the change that made it one.
	Successor(code string) (*fact.Region, fact.RegionChange, bool)
	// AsOf returns the region as it was called in a period.
	AsOf(code string, p fact.Period) fact.Region
}

// Calendar says by when reports are due.
type Calendar interface {
	// Due returns when the report for a period is due, exclusive, with a grace in
	// working days. weekendsOnly says that it knows no holidays of that year.
	Due(p fact.Period, grace int) (due time.Time, weekendsOnly bool)
}

// Options are what a Board is made from; all but the last two are required.
// Head is not needed where every indicator is followed, or AsKnownAt is set.
type Options struct {
	Indicators []fact.Indicator
	Regions    Regions
	Site       string // code of the region that the site is
	Head       Head
	Tracks     Tracks
	Facts      Facts
	Calendar   Calendar
	Zone       *time.Location
	Now        func() time.Time
	// Since is when the ledger accepted its first configuration. An indicator that
	// does not say otherwise is expected from the period on that ends after it;
	// the zero time expects nothing.
	Since time.Time
	// AsKnownAt makes a board of the past: as it was at that instant, and for
	// whoever knew then what had been recorded by then. Everything comes from
	// Tracks, also what is not followed; Facts must leave out what was recorded
	// later; Now is not asked. The zero time is a board of the present.
	AsKnownAt time.Time
}

// Board answers what stands. It belongs to one configuration: a reload makes a
// new one. What it has worked out it keeps, by indicator, until a figure of that
// indicator changes or time passes one of its bounds. It is safe for concurrent
// use. What it returns is shared and must not be changed.
type Board struct {
	Options
	desks map[string]*desk // by indicator
	known int64            // see knownBy
	// versioned are those whose versions say all, in the catalogue's order: a ratio
	// that is followed changes when a part does.
	versioned []*desk
}

// desk is where the work on one indicator lies.
type desk struct {
	indicator *fact.Indicator
	// sources are the indicators whose figures this one is made of: itself, or the
	// numerator and the denominator.
	sources  []*fact.Indicator
	targets  targetIndex
	policy   policy
	followed bool
	roster   func() *roster // made once

	stands          latest[*snapshot]
	differences     latest[*comparison]
	lagging         remembered[map[lagKey]fact.Figure]
	makeups         remembered[map[string]*fact.Makeup]
	reconciliations remembered[[]fact.Reconciliation]
	edge            remembered[fact.Period]    // see headReaches
	spoken          remembered[[]fact.Instant] // see records
}

// New returns a Board. The options must be complete and the indicators valid, as
// config returns them.
func New(o Options) *Board {
	b := &Board{Options: o, desks: make(map[string]*desk, len(o.Indicators))}
	b.known = math.MaxInt64
	if !o.AsKnownAt.IsZero() {
		b.known = o.AsKnownAt.UnixMilli()
		b.Now = func() time.Time { return o.AsKnownAt }
	}
	for i := range b.Indicators {
		indicator := &b.Indicators[i]
		d := &desk{indicator: indicator, targets: indexTargets(indicator.Targets)}
		d.roster = sync.OnceValue(func() *roster {
			return newRoster(indicator, d.policy, d.followed, b.Regions, b.Site)
		})
		b.desks[indicator.ID] = d
	}
	for i := range b.Indicators {
		d := b.desks[b.Indicators[i].ID]
		for _, id := range d.indicator.Sources() {
			d.sources = append(d.sources, b.desks[id].indicator)
		}
		d.followed = b.follows(d)
		d.policy = policyOf(d.indicator, d.sources)
		if !d.followed || d.indicator.Kind != fact.RatioKind {
			b.versioned = append(b.versioned, d)
		}
	}
	return b
}

// follows reports whether all that was recorded of an indicator, or of the parts
// of a ratio, is at hand.
func (b *Board) follows(d *desk) bool {
	return !b.AsKnownAt.IsZero() || !slices.ContainsFunc(d.sources, func(source *fact.Indicator) bool { return !source.Followed() })
}

// sources returns the indicators whose figures an indicator is made of.
func (b *Board) sources(i *fact.Indicator) []*fact.Indicator { return b.desks[i.ID].sources }

// Version changes whenever a figure does, or anything else that was recorded of
// one. What changes with the time alone is bounded by ValidUntil.
func (b *Board) Version() uint64 { return b.version(b.versioned...) }

// version changes whenever anything does that the desks read.
func (b *Board) version(desks ...*desk) uint64 {
	const prime = 1099511628211 // of FNV-1a
	hash := uint64(14695981039346656037)
	for _, d := range desks {
		for _, source := range d.sources {
			hash = (hash ^ b.versionOf(d, source)) * prime
		}
	}
	return hash
}

// versionOf returns the version of a source of a desk's indicator, where the
// desk reads it.
func (b *Board) versionOf(d *desk, source *fact.Indicator) uint64 {
	if d.followed {
		return b.Tracks.Version(source.ID)
	}
	return b.Head.VersionOf(source.ID)
}

// ValidUntil returns when anything changes next though nothing is recorded: a
// period ends, and with it figures may expire, or a report falls due; or when a
// ledger that could not be read is asked again. The zero time, of a board of the
// past, is never.
func (b *Board) ValidUntil() time.Time {
	var next time.Time
	for _, d := range b.desks {
		next = earlier(next, b.snapshot(d).until)
	}
	return next
}

// earlier returns the earlier of two times; the zero time is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Newest yields the newest unexpired figure of every region that has reported
// the indicator, sorted by region and dimensions. Of an indicator that is
// followed, figures under a retired code count for the region of today. How much
// is reached of a year's target, or by what counts from 1 January, is not said any
// more once the report of a period of a later year has fallen due.
func (b *Board) Newest(indicator *fact.Indicator) iter.Seq[fact.Figure] {
	d := b.desks[indicator.ID]
	if !d.followed {
		return b.newestOfHead(d)
	}
	return slices.Values(b.snapshot(d).figures)
}

// Reports returns, for every region that is expected to report the indicator,
// how it stands with the period now due, sorted by region; none where no such
// period has ended yet. Of a ratio there are none: its parts are reported. Nor
// are there of an indicator that is not followed.
func (b *Board) Reports(indicator *fact.Indicator) []fact.Report {
	return b.snapshot(b.desks[indicator.ID]).reports
}

// Rankings returns the rank of every expected region that has a figure without
// dimensions at the common period, and a peer that has, sorted by region and
// scope. None of an indicator that is not followed, or not ranked.
func (b *Board) Rankings(indicator *fact.Indicator) []fact.Ranking {
	return b.snapshot(b.desks[indicator.ID]).rankings
}

// Rollups returns the indicator's figure at the common period for every
// province, city and, where it is reported below, county that has an expected
// region in it, sorted by region. Where no period is common yet, or the one that
// was has expired, they say so for the newest period that has fallen due, without
// any value.
func (b *Board) Rollups(indicator *fact.Indicator) []fact.Rollup {
	return b.snapshot(b.desks[indicator.ID]).rollups
}

// Indicator returns the indicator with the id, or an error that names those
// there are.
func (b *Board) Indicator(id string) (*fact.Indicator, error) {
	if d, ok := b.desks[id]; ok {
		return d.indicator, nil
	}
	ids := make([]string, 0, len(b.desks))
	for have := range b.desks {
		ids = append(ids, have)
	}
	slices.Sort(ids)
	return nil, fmt.Errorf("no indicator %q in the catalogue; there are %s", id, strings.Join(ids, ", "))
}
