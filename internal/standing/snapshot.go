package standing

import (
	"sync/atomic"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// latest holds the newest of a thing that never changes once it is there, so
// that readers see the old one or the new one and wait for neither.
type latest[T any] struct{ pointer atomic.Pointer[T] }

func (l *latest[T]) load() *T   { return l.pointer.Load() }
func (l *latest[T]) store(v *T) { l.pointer.Store(v) }

// snapshot is all that stands of one indicator at a time.
type snapshot struct {
	origin
	members  []member // of an indicator that is followed
	figures  []fact.Figure
	reports  []fact.Report
	rankings []fact.Ranking
	rollups  []fact.Rollup
}

// origin says of what, and for how long, something was made.
type origin struct {
	versions [2]uint64    // of the ledger's figures
	parts    [2]*snapshot // or of these snapshots
	at       time.Time
	until    time.Time // zero is for ever
}

// holds reports whether what was made of one origin is still good, given what it
// would be made of now. It is not where the clock was put back.
func (o *origin) holds(now *origin) bool {
	return o.versions == now.versions && o.parts == now.parts &&
		!now.at.Before(o.at) && (o.until.IsZero() || now.at.Before(o.until))
}

// snapshot returns what stands of the desk's indicator, made anew where that is
// needed. Whoever comes meanwhile waits, and does not make it again.
func (b *Board) snapshot(d *desk) *snapshot {
	now := b.origin(d)
	if s := d.stands.load(); s != nil && s.holds(&now) {
		return s
	}
	d.making.Lock()
	defer d.making.Unlock()
	// Read before the figures are: what is recorded meanwhile makes it anew.
	now = b.origin(d)
	if s := d.stands.load(); s != nil && s.holds(&now) {
		return s
	}
	s := b.take(d, now)
	d.stands.store(s)
	return s
}

// origin returns what a snapshot would be made of now.
func (b *Board) origin(d *desk) origin {
	o := origin{at: b.Now()}
	for n, source := range b.sources(d.indicator) {
		if part := b.desks[source.ID]; part != d && d.followed {
			o.parts[n] = b.snapshot(part)
		} else {
			o.versions[n] = b.versionOf(d, source)
		}
	}
	return o
}

// take works everything out.
func (b *Board) take(d *desk, o origin) *snapshot {
	clock := b.clockOf(d.indicator, o.at)
	o.until = clock.bound()
	s := &snapshot{origin: o}
	v := &view{clock: clock, roster: d.roster(), regions: b.Regions, targets: d.targets}
	if !d.followed {
		b.takeFromHead(d, v, s)
		return s
	}
	if d.indicator.Kind == fact.RatioKind {
		v.members = quotients(v.roster, o.parts[0].members, o.parts[1].members)
	} else {
		pieces, strays := b.gather(d.indicator)
		v.members = enlist(v.roster, pieces, b.gatherHeld(d.indicator))
		v.strays = strays
		s.reports = v.reports()
	}
	s.members = v.members
	s.figures = v.figures()
	if period, ok := v.common(); ok {
		s.rankings = v.rankings(period)
		s.rollups = v.rollups(period)
	} else if period, ok := v.silent(); ok {
		s.rollups = newSumming(v.roster, period).rollups()
	}
	return s
}

// view is what a snapshot of one indicator is worked out from.
type view struct {
	*clock
	roster  *roster
	regions Regions
	targets targetIndex
	members []member
	strays  []line
}
