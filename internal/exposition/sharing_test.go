package exposition_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// quotedSite is gridSite with a quotation mark in the HELP line, the one place
// where OpenMetrics differs from text.
func quotedSite(grids int) (exposition.Site, *figures) {
	site, standing := gridSite(grids)
	site.Indicators[0].Title.EN = `Grids, "one, two, three"`
	return site, standing
}

func TestTextAndOpenMetricsShareMemory(t *testing.T) {
	for name, build := range map[string]func(int) (exposition.Site, *figures){
		"equal":                    gridSite,
		"a quotation mark in HELP": quotedSite,
	} {
		t.Run(name, func(t *testing.T) {
			site, _ := build(20_000)
			e := expose(t, site)
			classic := text(t, e)
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
			request.Header.Set("Accept", acceptOpenMetrics)
			allocated := allocatedBy(func() { e.ServeHTTP(&discard{header: http.Header{}}, request) })
			if allocated > uint64(len(classic))/10 {
				t.Errorf("OpenMetrics after text allocates %d bytes for a body of %d", allocated, len(classic))
			}
			if get(t, e, "Accept", acceptText).Body.String() != classic {
				t.Error("text changed when OpenMetrics was asked for")
			}
		})
	}
}

// HELP lines that differ between the two text formats, in many families, some
// of them longer than a page.
func TestManyFamiliesWithQuotationMarks(t *testing.T) {
	site, standing := tinySite()
	site.Indicators, standing.reconciliations = nil, nil
	for i := range 300 {
		title := fmt.Sprintf(`The "%d" %s`, i, strings.Repeat("x", i*i))
		if i%3 == 0 {
			title = strings.ReplaceAll(title, `"`, "'")
		}
		id := fmt.Sprintf("figure_%d", i)
		site.Indicators = append(site.Indicators, fact.Indicator{ID: id, Title: fact.Text{EN: title}, Levels: []fact.Level{fact.County}})
		standing.change(id, fact.Figure{Region: "360102", Period: period("2025"), Value: float64(i), Revision: 1})
	}
	e := expose(t, site)
	classic := render(t, decode(t, e, acceptText))
	if difference := lineDiff(classic, render(t, decode(t, e, acceptProtobuf))); difference != "" {
		t.Errorf("protobuf differs:\n%s", difference)
	}
	var unescaped []string
	for line := range strings.Lines(onlyFigures(get(t, e, "Accept", acceptOpenMetrics).Body.String())) {
		if strings.HasPrefix(line, "# HELP ") {
			line = strings.ReplaceAll(line, `\"`, `"`)
		}
		unescaped = append(unescaped, line)
	}
	if difference := lineDiff(onlyFigures(text(t, e)), strings.Join(unescaped, "")); difference != "" {
		t.Errorf("OpenMetrics differs in more than quotation marks:\n%s", difference)
	}
}

// Scrapes, changes and reloads at once: every answer is of one moment.
func TestAnswersAreOfOneMoment(t *testing.T) {
	site, standing := tinySite()
	set := func(value float64) {
		var all []fact.Figure
		for _, code := range []string{"360102", "360603", "369001"} {
			all = append(all, fact.Figure{Region: code, Period: period("2025-12"), Value: value, Revision: int32(value), Target: fact.Some(value)})
		}
		standing.change("grids", all...)
	}
	set(1)
	e := expose(t, site)
	var work sync.WaitGroup
	work.Go(func() {
		for i := range 200 {
			set(float64(i + 1))
		}
	})
	work.Go(func() {
		for range 50 {
			if err := e.SetSite(site); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		work.Go(func() {
			for range 50 {
				values := map[string]bool{}
				for line := range strings.Lines(get(t, e, "Accept", acceptText).Body.String()) {
					series, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
					if strings.HasPrefix(series, "governance_grids{") || strings.HasPrefix(series, `governance_target{indicator="grids"`) ||
						strings.HasPrefix(series, `governance_revisions{indicator="grids"`) {
						values[value] = true
					}
				}
				if len(values) != 1 {
					t.Errorf("an answer mixes the moments %v", values)
				}
			}
		})
	}
	work.Wait()
}

// patient remembers the context that its reconciliation was asked with.
type patient struct {
	*figures
	asked context.Context
}

func (p *patient) Reconciliations(ctx context.Context) ([]fact.Reconciliation, error) {
	p.asked = ctx
	return nil, ctx.Err()
}

func TestEncodingOutlivesTheClientThatCameFirst(t *testing.T) {
	site, standing := tinySite()
	waiting := &patient{figures: standing}
	site.Figures = waiting
	e := expose(t, site)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone := &discard{header: http.Header{}}
	e.ServeHTTP(gone, httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody))
	if gone.size != 0 {
		t.Errorf("%d bytes were sent to a client that had gone", gone.size)
	}
	if _, bounded := waiting.asked.Deadline(); !bounded {
		t.Error("the reconciliation is asked for without a deadline")
	}
	if got := text(t, e); !strings.Contains(got, `govkpi_exposition_errors_total{stage="reconcile"} 0`) {
		t.Error("the reconciliation was given up with the client")
	}
}

func TestPeriodEnds(t *testing.T) {
	for name, c := range map[string]struct {
		period string
		zone   *time.Location
		want   time.Time
	}{
		"a year":              {"2025", beijing(), time.Date(2026, 1, 1, 0, 0, 0, 0, beijing())},
		"half a year":         {"2025-H1", beijing(), time.Date(2025, 7, 1, 0, 0, 0, 0, beijing())},
		"a quarter":           {"2025-Q4", beijing(), time.Date(2026, 1, 1, 0, 0, 0, 0, beijing())},
		"a month":             {"2024-02", beijing(), time.Date(2024, 3, 1, 0, 0, 0, 0, beijing())},
		"a week":              {"2025-W52", beijing(), time.Date(2025, 12, 29, 0, 0, 0, 0, beijing())},
		"a day":               {"2025-12-31", beijing(), time.Date(2026, 1, 1, 0, 0, 0, 0, beijing())},
		"a month in UTC":      {"2025-12", time.UTC, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"long before Unix":    {"1900", beijing(), time.Date(1901, 1, 1, 0, 0, 0, 0, beijing())},
		"in the far future":   {"2999", beijing(), time.Date(3000, 1, 1, 0, 0, 0, 0, beijing())},
		"at the Unix epoch":   {"1969-12-31", time.UTC, time.Unix(0, 0)},
		"a day after a leap":  {"2024-02-29", beijing(), time.Date(2024, 3, 1, 0, 0, 0, 0, beijing())},
		"the 53rd week there": {"2026-W53", beijing(), time.Date(2027, 1, 4, 0, 0, 0, 0, beijing())},
	} {
		t.Run(name, func(t *testing.T) {
			site, standing := tinySite()
			site.Zone = c.zone
			standing.change("grids", fact.Figure{Region: "360102", Period: period(c.period), Value: 1, Revision: 1})
			want := fmt.Sprintf("governance_period_end_timestamp_seconds{indicator=\"grids\",level=\"county\",code=\"360102\",city=\"南昌市\",county=\"东湖区\"} %d\n", c.want.Unix())
			if got := text(t, expose(t, site)); !strings.Contains(got, want) {
				t.Errorf("want %s", want)
			}
		})
	}
}

// floatHistogram is a histogram with broken counts, which OpenMetrics 1.0
// cannot express.
type floatHistogram struct{ desc *prometheus.Desc }

func (f floatHistogram) Describe(to chan<- *prometheus.Desc) { to <- f.desc }
func (f floatHistogram) Collect(to chan<- prometheus.Metric) { to <- f }
func (f floatHistogram) Desc() *prometheus.Desc              { return f.desc }
func (f floatHistogram) Write(m *dto.Metric) error {
	m.Histogram = &dto.Histogram{
		SampleCountFloat: new(1.5), SampleSum: new(1.0),
		Bucket: []*dto.Bucket{{UpperBound: new(1.0), CumulativeCountFloat: new(1.5)}},
	}
	return nil
}

func TestTelemetryThatOneFormatCannotExpress(t *testing.T) {
	registry, log := prometheus.NewRegistry(), &bytes.Buffer{}
	registry.MustRegister(floatHistogram{prometheus.NewDesc("govkpi_a_histogram", "With broken counts", nil, nil)})
	e := newExposition(t, registry, january, log)
	site, _ := tinySite()
	if err := e.SetSite(site); err != nil {
		t.Fatal(err)
	}
	got := get(t, e, "Accept", acceptOpenMetrics).Body.String()
	if strings.Contains(got, "govkpi_a_histogram") {
		t.Errorf("half a family was left behind:\n%s", got)
	}
	for _, fault := range structureFaults(got, true) {
		t.Error(fault)
	}
	if got := text(t, e); !strings.Contains(got, `govkpi_exposition_errors_total{stage="encode"} 1`) {
		t.Errorf("the error is not counted: %s", log)
	}
}

// Over a real connection: what a client unzips by itself is the plain answer,
// and the length that was announced is what came.
func TestOverTheWire(t *testing.T) {
	site, _ := gridSite(20_000)
	server := httptest.NewServer(expose(t, site))
	t.Cleanup(server.Close)
	plain, announced, _ := fetch(t, http.MethodGet, server.URL, true)
	if announced != int64(len(plain)) {
		t.Errorf("announced %d bytes, sent %d", announced, len(plain))
	}
	if unzipped, _, wasZipped := fetch(t, http.MethodGet, server.URL, false); !wasZipped || unzipped != plain {
		t.Errorf("unzipped %d bytes, plain %d, and they differ", len(unzipped), len(plain))
	}
	if body, announced, _ := fetch(t, http.MethodHead, server.URL, true); body != "" || announced != int64(len(plain)) {
		t.Errorf("HEAD announces %d bytes and sends %d", announced, len(body))
	}
}

func fetch(t *testing.T, method, address string, plain bool) (body string, announced int64, wasZipped bool) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: plain}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content), response.ContentLength, response.Uncompressed
}
