package exposition

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// edition is what is served between two changes of the figures. Each format is
// encoded when the first scrape asks for it.
type edition struct {
	site    *preparedSite
	version uint64
	until   time.Time    // zero: until a change
	retry   atomic.Int64 // in Unix nanoseconds; where set, it ends the edition too

	lines   lazy[lines]
	message lazy[printed]
}

// printed is one format of an edition: what stays, and behind it what moves with
// the clock.
type printed struct {
	*content
	moving *moving
}

// bodies returns both as they are now; each can be empty.
func (p printed) bodies(now func() time.Time, zip bool) [2]body {
	return [...]body{p.body(zip), p.moving.body(now, zip)}
}

// shortest is how long an edition holds at least when no figure changes, so
// that two clocks that disagree can't have every scrape encoded.
const shortest = time.Second

func newEdition(site *preparedSite, now time.Time) *edition {
	// The version is asked before any figure: a change in between makes the
	// edition out of date, never a wrong one current.
	e := &edition{site: site, version: site.Figures.Version(), until: site.Figures.ValidUntil()}
	if earliest := now.Add(shortest); !e.until.IsZero() && e.until.Before(earliest) {
		e.until = earliest
	}
	return e
}

func (e *edition) current(site *preparedSite, now time.Time) bool {
	if e == nil || e.site != site || e.version != site.Figures.Version() {
		return false
	}
	if retry := e.retry.Load(); retry != 0 && now.UnixNano() >= retry {
		return false
	}
	return e.until.IsZero() || now.Before(e.until)
}

// lines holds the two text formats: one content where they are equal.
type lines struct{ text, openMetrics printed }

func newLines(e *encoded) *lines {
	l := &lines{text: printed{&content{plain: e.pages.body()}, e.overdue}}
	l.openMetrics = l.text
	if len(e.pages.forks) > 0 {
		l.openMetrics.content = &content{plain: e.pages.variant()}
	}
	return l
}

// content is bytes, plain and, from the first scrape that asks for it, with
// gzip.
type content struct {
	plain  body
	zipped lazy[body]
}

func (c *content) body(zip bool) body {
	if !zip {
		return c.plain
	}
	return *c.zipped.get(func() *body {
		return zipped(zipLevel, func(w io.Writer) { _, _ = c.plain.WriteTo(w) })
	})
}

// zipped is what write writes, with gzip; the writer never fails.
func zipped(level int, write func(w io.Writer)) *body {
	var p pages // which take everything
	w := newZipWriter(level)
	w.Reset(&p)
	write(w)
	_ = w.Close()
	b := p.body()
	return &b
}

// zipLevel: on 17 MB of figures level 1 takes as long and gives more, level 6
// takes thrice as long for an eighth less. The standard library's writer takes
// twice as long for the same.
const zipLevel = 3

func newZipWriter(level int) *gzip.Writer {
	w, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	return w
}

// lazy is a value that the first who asks for it makes while others wait. A
// panic leaves it to the next to try again.
type lazy[T any] struct {
	ready  atomic.Pointer[T]
	making sync.Mutex
}

func (l *lazy[T]) get(build func() *T) *T {
	if v := l.ready.Load(); v != nil {
		return v
	}
	l.making.Lock()
	defer l.making.Unlock()
	if v := l.ready.Load(); v != nil {
		return v
	}
	v := build()
	l.ready.Store(v)
	return v
}
