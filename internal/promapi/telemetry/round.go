package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// figures begins the names of all families that are answered from the ledger.
const figures = "governance_"

// series are those of the newest round, by what the parser calls them.
type series map[string]*entry

type entry struct {
	ref    storage.SeriesRef
	labels labels.Labels
	at     int64 // the newest round that had it
}

// sample is a float or one of the two kinds of native histograms.
type sample struct {
	value     float64
	histogram *histogram.Histogram
	floats    *histogram.FloatHistogram
}

// store appends what was gathered, and an end to each series that is gone. Where
// parsing is an error, what came before is stored; rejected is about single
// samples; err says that nothing was stored.
func (r *Recorder) store(ctx context.Context, families []*dto.MetricFamily, now int64) (parsing, rejected, err error) {
	body, err := encode(families)
	if err != nil {
		return nil, nil, err
	}
	app := r.options.Store.AppenderV2(ctx)
	stored, refusals := 0, refusals{}
	// Prometheus' own parser makes of it what its scrape would: names, the
	// spelling of le and quantile, the order.
	parser := textparse.NewProtobufParser(body, false, true, false, false, labels.NewSymbolTable())
	for {
		var kind textparse.Entry
		if kind, parsing = parser.Next(); parsing != nil {
			break
		}
		if kind != textparse.EntrySeries && kind != textparse.EntryHistogram {
			continue
		}
		name, sample := read(parser, kind)
		s := r.series[string(name)]
		if s == nil {
			s = &entry{}
			parser.Labels(&s.labels)
		}
		if refusals.add(r.append(app, s, now, sample)) {
			continue
		}
		s.at = now
		r.series[string(name)] = s
		stored++
	}
	if errors.Is(parsing, io.EOF) {
		parsing = nil
		r.end(app, now)
	}
	if err := app.Commit(); err != nil {
		return parsing, nil, fmt.Errorf("commit: %w", err)
	}
	m := r.options.Store.metrics
	m.samples.Add(float64(stored))
	m.rejected.Add(float64(refusals.count))
	return parsing, refusals.err(), nil
}

// encode writes what was gathered in the form in which a scrape would deliver it.
// Families of figures are left out, whoever has registered them.
func encode(families []*dto.MetricFamily) ([]byte, error) {
	var body bytes.Buffer
	encoder := expfmt.NewEncoder(&body, expfmt.NewFormat(expfmt.TypeProtoDelim).WithEscapingScheme(model.NoEscaping))
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), figures) {
			continue
		}
		if err := encoder.Encode(f); err != nil {
			return nil, fmt.Errorf("encode %s: %w", f.GetName(), err)
		}
	}
	return body.Bytes(), nil
}

// read returns the parser's entry. A timestamp that it may have is passed over:
// all samples of a round are of one time.
func read(parser textparse.Parser, kind textparse.Entry) (name []byte, s sample) {
	if kind == textparse.EntryHistogram {
		name, _, s.histogram, s.floats = parser.Histogram()
		return name, s
	}
	name, _, s.value = parser.Series()
	return name, s
}

func (r *Recorder) append(app storage.AppenderV2, s *entry, at int64, v sample) (err error) {
	s.ref, err = app.Append(s.ref, s.labels, 0, at, v.value, v.histogram, v.floats, storage.AOptions{})
	return err //nolint:wrapcheck // its caller says for how many samples
}

// end marks the series that are gone, so that queries see them end now and not
// after the five minutes that an instant query looks back.
func (r *Recorder) end(app storage.AppenderV2, now int64) {
	for name, s := range r.series {
		if s.at == now {
			continue
		}
		// Where it is refused there is a later sample, and so no need of an end.
		_ = r.append(app, s, now, sample{value: math.Float64frombits(value.StaleNaN)})
		delete(r.series, name)
	}
}

// refusals counts the samples that the TSDB refuses and keeps the first reason.
type refusals struct {
	count int
	first error
}

func (r *refusals) add(err error) bool {
	if err == nil {
		return false
	}
	r.count++
	if r.first == nil {
		r.first = err
	}
	return true
}

func (r *refusals) err() error {
	if r.count == 0 {
		return nil
	}
	return fmt.Errorf("%d samples: %w", r.count, r.first)
}
