package interchange

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// Family describes the metric of an indicator.
type Family struct {
	Help string
	// ExpiresAfter is for how many further periods a figure is repeated when none
	// follows it; see OpenMetricsOptions.Step.
	ExpiresAfter int
}

// Label is a label of a series.
type Label struct{ Name, Value string }

// OpenMetricsOptions say how facts are written in OpenMetrics. All but Step are
// required.
type OpenMetricsOptions struct {
	// Family returns the family of an indicator; ok is false for one that is not
	// written.
	Family func(indicator string) (family Family, ok bool)
	// Labels returns the labels of a series, in the order to write them; ok is
	// false for one that is not written. Empty labels are left out.
	Labels func(region string, dimensions fact.Dimensions) (labels []Label, ok bool)
	Zone   *time.Location
	// Step is how often a figure is repeated until the next one begins or it
	// expires; 0 is once, at its period's end. An instant query of a Prometheus
	// looks back five minutes, so that 5m makes figures that can always be seen.
	Step time.Duration
	// Now ends all repeating: nothing is written of the future.
	Now time.Time
}

// OpenMetricsWriter writes facts in OpenMetrics 1.0 text with timestamps: each
// is a sample at the end of its period. Facts come in any order within an
// indicator, all of one indicator together; those are kept until the next
// begins, some 70 bytes each. Of several revisions the newest is written. It is
// not safe for concurrent use.
type OpenMetricsWriter struct {
	options   OpenMetricsOptions
	out       *bufio.Writer
	indicator string
	written   map[string]bool // indicators
	expiry    int             // of the present indicator, in periods
	last      span
	points    []point
	skipped   int
}

// span is a period's end and when its figures expire: many figures have one
// period.
type span struct {
	period       fact.Period
	end, expires int64
}

type point struct {
	region     string
	dimensions fact.Dimensions
	value      float64
	end        int64 // of the period, Unix seconds
	expires    int64
	cadence    fact.Cadence
	revision   int32
}

// NewOpenMetricsWriter checks the options; it writes nothing yet.
func NewOpenMetricsWriter(w io.Writer, o OpenMetricsOptions) (*OpenMetricsWriter, error) {
	switch {
	case o.Family == nil || o.Labels == nil || o.Zone == nil || o.Now.IsZero():
		return nil, errors.New("write figures in OpenMetrics: families, labels, zone and now are required")
	case o.Step < 0 || o.Step%time.Second != 0:
		return nil, fmt.Errorf("write figures in OpenMetrics: a step of %s is no whole number of seconds", o.Step)
	}
	return &OpenMetricsWriter{options: o, out: bufio.NewWriter(w), written: map[string]bool{}}, nil
}

// Add takes a fact.
func (m *OpenMetricsWriter) Add(f fact.Fact) error {
	if f.Indicator != m.indicator {
		if err := m.family(); err != nil {
			return err
		}
		if m.written[f.Indicator] {
			return fmt.Errorf("write figures in OpenMetrics: those of %s do not come together", f.Indicator)
		}
		family, _ := m.options.Family(f.Indicator)
		m.indicator, m.expiry, m.last = f.Indicator, family.ExpiresAfter, span{}
		m.written[f.Indicator] = true
	}
	if f.Period != m.last.period {
		m.last = span{f.Period, f.Period.End(m.options.Zone).Unix(), f.Period.Add(m.expiry).End(m.options.Zone).Unix()}
	}
	m.points = append(m.points, point{f.Region, f.Dimensions, f.Value, m.last.end, m.last.expires, f.Period.Cadence(), f.Revision})
	return nil
}

// Skipped returns how many facts were left out, because the options give them no
// family or no labels.
func (m *OpenMetricsWriter) Skipped() int { return m.skipped }

// Close writes what is still kept and the end. It does not close the writer
// below.
func (m *OpenMetricsWriter) Close() error {
	if err := m.family(); err != nil {
		return err
	}
	if _, err := m.out.WriteString("# EOF\n"); err != nil {
		return written(err)
	}
	return written(m.out.Flush())
}

func written(err error) error {
	if err != nil {
		return fmt.Errorf("write figures in OpenMetrics: %w", err)
	}
	return nil
}

// family writes the facts that are kept, series by series.
func (m *OpenMetricsWriter) family() error {
	points := m.points
	m.points = m.points[:0]
	if len(points) == 0 {
		return nil
	}
	family, ok := m.options.Family(m.indicator)
	if !ok {
		m.skipped += len(points)
		return nil
	}
	slices.SortFunc(points, func(a, b point) int {
		return cmp.Or(strings.Compare(a.region, b.region), strings.Compare(string(a.dimensions), string(b.dimensions)),
			cmp.Compare(a.end, b.end), cmp.Compare(a.cadence, b.cadence), cmp.Compare(a.revision, b.revision))
	})
	name := "governance_" + m.indicator
	if _, err := fmt.Fprintf(m.out, "# TYPE %s gauge\n# HELP %s %s\n", name, name, escape(family.Help)); err != nil {
		return written(err)
	}
	for len(points) > 0 {
		n := 1
		for n < len(points) && points[n].region == points[0].region && points[n].dimensions == points[0].dimensions {
			n++
		}
		if err := m.series(name, points[:n]); err != nil {
			return err
		}
		points = points[n:]
	}
	return nil
}

// series writes the points of one series, sorted by the ends of their periods.
func (m *OpenMetricsWriter) series(name string, points []point) error {
	labels, ok := m.options.Labels(points[0].region, points[0].dimensions)
	if !ok {
		m.skipped += len(points)
		return nil
	}
	metric := name + braced(labels)
	for i, p := range points {
		until := min(m.options.Now.Unix(), p.expires)
		if i+1 < len(points) {
			if points[i+1].end == p.end {
				continue // a newer revision, or a longer period that ends with this one
			}
			until = min(until, points[i+1].end)
		}
		if err := m.samples(metric, p.value, p.end, until); err != nil {
			return err
		}
	}
	return nil
}

// samples writes one at begin, and one at each further step before until.
func (m *OpenMetricsWriter) samples(metric string, value float64, begin, until int64) error {
	said := metric + " " + strconv.FormatFloat(value, 'g', -1, 64) + " "
	step := int64(m.options.Step / time.Second)
	for at := begin; at == begin || at < until; at += step {
		if _, err := m.out.WriteString(said + strconv.FormatInt(at, 10) + "\n"); err != nil {
			return written(err)
		}
		if step == 0 {
			break
		}
	}
	return nil
}

func braced(labels []Label) string {
	var b strings.Builder
	for _, l := range labels {
		if l.Value == "" {
			continue // to Prometheus it would be none
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(l.Name + `="` + escape(l.Value) + `"`)
	}
	if b.Len() == 0 {
		return ""
	}
	return "{" + b.String() + "}"
}

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func escape(s string) string { return escaper.Replace(s) }
