package standing

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// latest holds the newest of a thing that never changes once it is there, and is
// made anew where what it was made of has changed.
type latest[T interface{ holds(now *origin) bool }] struct {
	newest atomic.Pointer[T]
	making sync.Mutex
}

// get returns the thing as it is now. Who finds one that holds waits for nobody;
// whoever comes while it is made waits, and does not make it again.
func (l *latest[T]) get(now func() origin, work func(origin) T) T {
	if have, ok := l.held(now()); ok {
		return have
	}
	l.making.Lock()
	defer l.making.Unlock()
	// Read before the figures are: what is recorded meanwhile makes it anew.
	o := now()
	if have, ok := l.held(o); ok {
		return have
	}
	made := work(o)
	l.newest.Store(&made)
	return made
}

func (l *latest[T]) held(now origin) (have T, ok bool) {
	newest := l.newest.Load()
	if newest == nil || !(*newest).holds(&now) {
		return have, false
	}
	return *newest, true
}

// remembered is what was worked out from the figures of one version. It is safe
// for concurrent use; the zero value remembers nothing.
type remembered[T any] struct {
	mu      sync.Mutex
	known   bool
	version uint64
	what    T
}

// get returns it, worked out anew where the version is another now. What fails is
// not remembered.
func (r *remembered[T]) get(version func() uint64, work func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := version()
	if r.known && r.version == now {
		return r.what, nil
	}
	what, err := work()
	if err == nil {
		r.known, r.version, r.what = true, now, what
	}
	return what, err
}

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

// snapshot returns what stands of the desk's indicator.
func (b *Board) snapshot(d *desk) *snapshot {
	return d.stands.get(
		func() origin { return b.origin(d) },
		func(o origin) *snapshot { return b.take(d, o) })
}

// origin returns what a snapshot would be made of now.
func (b *Board) origin(d *desk) origin {
	o := origin{at: b.Now()}
	for n, source := range d.sources {
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
