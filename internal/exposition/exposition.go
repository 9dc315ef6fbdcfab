package exposition

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Options are what an Exposition is made from; all are required.
type Options struct {
	// Registry holds the telemetry; an Exposition adds what it says of itself.
	Registry *prometheus.Registry
	Log      *slog.Logger
	Now      func() time.Time
}

// Exposition serves /metrics. It is an http.Handler and safe for concurrent
// use. Until SetSite was called it serves the telemetry alone.
type Exposition struct {
	log     *slog.Logger
	now     func() time.Time
	tails   *tails
	errors  *prometheus.CounterVec
	leftOut prometheus.Gauge

	site     atomic.Pointer[preparedSite]
	edition  atomic.Pointer[edition]
	changing sync.Mutex // held while the edition is replaced
}

// How long the reconciliation may take, and when it is tried again after an
// error: encoding waits for it.
const (
	reconcileDeadline = 5 * time.Second
	reconcileRetry    = 30 * time.Second
)

// New returns an Exposition without figures.
func New(o Options) (*Exposition, error) {
	switch {
	case o.Registry == nil:
		return nil, errors.New("exposition: Options.Registry is required: telemetry is gathered from it")
	case o.Log == nil:
		return nil, errors.New("exposition: Options.Log is required")
	case o.Now == nil:
		return nil, errors.New("exposition: Options.Now is required: figures expire by it")
	}
	e := &Exposition{log: o.Log, now: o.Now}
	e.errors = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "govkpi_exposition_errors_total",
		Help: "Errors while /metrics was made, by stage: gather, encode or reconcile (指标输出错误数)",
	}, []string{"stage"})
	for _, stage := range []string{"gather", "encode", "reconcile"} {
		e.errors.WithLabelValues(stage)
	}
	e.leftOut = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "govkpi_exposition_left_out_figures",
		Help: "Figures in the ledger that the catalogue or the register no longer has a place for (未输出的数据条数)",
	})
	for _, c := range []prometheus.Collector{e.errors, e.leftOut} {
		if err := o.Registry.Register(c); err != nil {
			return nil, fmt.Errorf("exposition: register its own telemetry: %w", err)
		}
	}
	e.tails = newTails(o.Registry, o.Log, e.errors)
	return e, nil
}

// SetSite exposes another site from the next scrape on. On an error, which says
// what is wrong with the site, the one before stays.
func (e *Exposition) SetSite(s Site) error {
	prepared, err := prepare(s)
	if err != nil {
		return err
	}
	e.site.Store(prepared)
	return nil
}

// ServeHTTP answers GET and HEAD in the format and coding that the client asks
// for. Bodies are shared and complete before the first byte is sent, so that a
// slow client holds up nobody.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "metrics can only be read: use GET", http.StatusMethodNotAllowed)
		return
	}
	format, zip := negotiateFormat(r.Header), acceptsGzip(r.Header)
	figures := e.figures(r.Context(), format, zip)
	end := e.tails.write(r.Context(), format, zip)
	defer e.tails.release(end)

	h.Set("Content-Type", string(format))
	h.Add("Vary", "Accept")
	h.Add("Vary", "Accept-Encoding")
	if zip {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(figures[0].size+figures[1].size+len(end.bytes)))
	if r.Method == http.MethodHead {
		return
	}
	for _, part := range slices.Concat(figures[0].parts, figures[1].parts, [][]byte{end.bytes}) {
		if r.Context().Err() != nil {
			return
		}
		if _, err := w.Write(part); err != nil {
			return // the client has gone
		}
	}
}

// figures returns the current bodies in the format; they are empty without a
// site.
func (e *Exposition) figures(ctx context.Context, format expfmt.Format, zip bool) [2]body {
	edition := e.currentEdition()
	if edition == nil {
		return [2]body{}
	}
	return e.printed(ctx, edition, format.FormatType()).bodies(e.now, zip)
}

// currentEdition replaces the edition where figures or site have changed, and
// so lets go of the bodies of the one before.
func (e *Exposition) currentEdition() *edition {
	if site := e.site.Load(); site == nil {
		return nil
	} else if have := e.edition.Load(); have.current(site, e.now()) {
		return have
	}
	e.changing.Lock()
	defer e.changing.Unlock()
	site := e.site.Load()
	have := e.edition.Load()
	if !have.current(site, e.now()) {
		have = newEdition(site, e.now())
		e.edition.Store(have)
	}
	return have
}

func (e *Exposition) printed(ctx context.Context, of *edition, format expfmt.FormatType) printed {
	if format == expfmt.TypeProtoDelim {
		return *of.message.get(func() *printed {
			made := e.encode(ctx, of, protoWire{})
			return &printed{&content{plain: made.pages.body()}, made.overdue}
		})
	}
	both := of.lines.get(func() *lines {
		return newLines(e.encode(ctx, of, textWire{}))
	})
	if format == expfmt.TypeOpenMetrics {
		return both.openMetrics
	}
	return both.text
}

// encode works for all who wait for the edition, so it goes on when the client
// that happened to come first has gone.
func (e *Exposition) encode(ctx context.Context, of *edition, w wire) *encoded {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reconcileDeadline)
	defer cancel()
	result, err := encode(ctx, of.site, of.until, w)
	if err != nil {
		of.retry.Store(e.now().Add(reconcileRetry).UnixNano())
		e.errors.WithLabelValues("reconcile").Inc()
		e.log.ErrorContext(ctx, "governance_reconciliation_gap is missing from metrics", "err", err, "next_try", reconcileRetry.String())
	}
	e.leftOut.Set(float64(result.leftOut))
	if result.leftOut > 0 {
		e.log.WarnContext(ctx, "figures are not exposed: the catalogue or the register of regions has no place for them",
			"count", result.leftOut, "first", result.example)
	}
	return result
}
