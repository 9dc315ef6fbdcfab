package exposition

import (
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// moving are the samples of one family that grow with the clock, one a second.
// They alone are written anew between two changes of the figures. It is safe for
// concurrent use once the last sample was added.
type moving struct {
	wire    wire
	stems   pages // of the samples, in their order
	samples []movingSample

	newest atomic.Pointer[momentary]
	making sync.Mutex
}

// movingSample is a sample without its value, which is how long ago since is.
type movingSample struct {
	stem  []byte
	since int64 // in Unix nanoseconds
}

// momentary are moving samples as they were at a moment. Each coding is written
// when the first scrape asks for it.
type momentary struct {
	at            time.Time
	plain, zipped lazy[body]
}

// Few samples are written anew for every second that somebody scrapes in, which
// takes as long as sending them, and are not compressed, which would take ten
// times that. Many, such as of all the grids of a province, are written once a
// minute, and compressed.
const (
	mostMovingFast = 10_000
	fast           = time.Second
	slow           = time.Minute
)

// add takes a sample whose value counts from since; before that it is 0.
func (m *moving) add(name string, labels []byte, since time.Time) {
	open := m.stems.room(len(name) + len(labels) + longestHead)
	start := len(open)
	open = m.wire.appendStem(open, name, labels)
	m.stems.keep(open)
	m.samples = append(m.samples, movingSample{stem: open[start:len(open):len(open)], since: since.UnixNano()})
}

// body returns the samples as they are, or were at most a second ago; a minute
// where there are many.
func (m *moving) body(now func() time.Time, zip bool) body {
	if len(m.samples) == 0 {
		return body{} // with gzip, too, which would make some bytes of nothing
	}
	moment := m.moment(now)
	if zip {
		return *moment.zipped.get(func() *body { return m.zip(moment.at) })
	}
	return *moment.plain.get(func() *body {
		var p pages
		m.write(&p, moment.at)
		b := p.body()
		return &b
	})
}

// moment looks at the clock after it has found the newest moment, so that no
// scrape puts one behind it in its place.
func (m *moving) moment(now func() time.Time) *momentary {
	if have := m.newest.Load(); have.holds(now(), m.pace()) {
		return have
	}
	m.making.Lock()
	defer m.making.Unlock()
	have := m.newest.Load()
	if at := now(); !have.holds(at, m.pace()) {
		have = &momentary{at: at}
		m.newest.Store(have)
	}
	return have
}

// holds is false also where the clock was put back.
func (c *momentary) holds(now time.Time, pace time.Duration) bool {
	return c != nil && !now.Before(c.at) && now.Before(c.at.Add(pace))
}

func (m *moving) many() bool { return len(m.samples) > mostMovingFast }

func (m *moving) pace() time.Duration {
	if m.many() {
		return slow
	}
	return fast
}

func (m *moving) zip(at time.Time) *body {
	level := gzip.NoCompression
	if m.many() {
		level = zipLevel
	}
	return zipped(level, func(w io.Writer) { m.write(w, at) })
}

// write writes all samples to what never fails.
func (m *moving) write(to io.Writer, at time.Time) {
	lines := make([]byte, 0, firstPage)
	for i := range m.samples {
		s := &m.samples[i]
		if len(lines)+len(s.stem)+longestValue > cap(lines) {
			_, _ = to.Write(lines)
			lines = lines[:0]
		}
		whole := math.Floor(time.Duration(at.UnixNano() - s.since).Seconds())
		lines = m.wire.appendValue(append(lines, s.stem...), max(0, whole))
	}
	_, _ = to.Write(lines)
}
