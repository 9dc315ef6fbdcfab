package exposition

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// tails writes what follows the figures in each answer: the telemetry, and the
// end of the exposition.
type tails struct {
	gatherer prometheus.Gatherer
	log      *slog.Logger
	errors   *prometheus.CounterVec
	pool     sync.Pool // of *tail
	refused  sync.Map  // names of families that were refused and logged
}

// tail is the end of one answer. It holds its buffers until release.
type tail struct {
	plain  bytes.Buffer
	zipped bytes.Buffer
	writer *gzip.Writer
	bytes  []byte
}

func newTails(gatherer prometheus.Gatherer, log *slog.Logger, errors *prometheus.CounterVec) *tails {
	return &tails{gatherer: gatherer, log: log, errors: errors}
}

// write gathers anew. The bytes are valid until release. What can't be gathered
// or written is missing, counted and logged; the end is there in any case.
func (t *tails) write(ctx context.Context, format expfmt.Format, zip bool) *tail {
	used, ok := t.pool.Get().(*tail)
	if !ok {
		// Not compressed: it would cost every scrape a tenth of a millisecond, and
		// half a megabyte of tables, to save ten kilobytes.
		used = &tail{writer: newZipWriter(gzip.NoCompression)}
	}
	used.plain.Reset()
	t.gather(ctx, &used.plain, format)
	if !zip {
		used.bytes = used.plain.Bytes()
		return used
	}
	used.zipped.Reset()
	used.writer.Reset(&used.zipped)
	// A bytes.Buffer takes everything.
	_, _ = used.writer.Write(used.plain.Bytes())
	_ = used.writer.Close()
	used.bytes = used.zipped.Bytes()
	return used
}

func (t *tails) release(used *tail) { t.pool.Put(used) }

func (t *tails) gather(ctx context.Context, to *bytes.Buffer, format expfmt.Format) {
	gathered, err := t.gatherer.Gather()
	if err != nil { // the families that had no fault are there all the same
		t.fail(ctx, "gather", err)
	}
	encoder := expfmt.NewEncoder(to, format)
	for _, f := range gathered {
		if t.refuse(ctx, f) {
			continue
		}
		whole := to.Len()
		if err := encoder.Encode(f); err != nil {
			to.Truncate(whole)
			t.fail(ctx, "encode", err)
		}
	}
	if format.FormatType() == expfmt.TypeOpenMetrics {
		to.WriteString("# EOF\n")
	}
}

// refuse keeps the namespace of figures clean: no family may be in both parts.
func (t *tails) refuse(ctx context.Context, f *dto.MetricFamily) bool {
	if !strings.HasPrefix(f.GetName(), namespace) {
		return false
	}
	if _, before := t.refused.LoadOrStore(f.GetName(), true); !before {
		t.log.ErrorContext(ctx, "a telemetry family is not exposed: its name is reserved for figures", "family", f.GetName())
	}
	return true
}

func (t *tails) fail(ctx context.Context, stage string, err error) {
	t.errors.WithLabelValues(stage).Inc()
	t.log.ErrorContext(ctx, "metrics lack a part of the telemetry; figures are complete", "stage", stage, "err", err)
}
