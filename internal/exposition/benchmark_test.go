package exposition_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/govkpi/govkpi/internal/exposition"
	"github.com/govkpi/govkpi/internal/fact"
)

// gridSite has one indicator with a figure of every grid of a province: at
// 176,000 grids its text is about 17 MB.
func gridSite(grids int) (exposition.Site, *figures) {
	const cities, countiesPerCity, townshipsPerCounty = 11, 9, 18
	regions := []fact.Region{{Code: "360000", Name: "江西省", Level: fact.Province}}
	var townships []string
	for city := range cities {
		cityCode := fmt.Sprintf("36%02d00", city+1)
		regions = append(regions, fact.Region{Code: cityCode, Name: fmt.Sprintf("第%d市", city+1), Parent: "360000", Level: fact.City})
		for county := range countiesPerCity {
			countyCode := fmt.Sprintf("%s%02d", cityCode[:4], county+1)
			regions = append(regions, fact.Region{Code: countyCode, Name: fmt.Sprintf("余江%d", county), Parent: cityCode, Level: fact.County})
			for township := range townshipsPerCounty {
				code := fmt.Sprintf("%s%03d", countyCode, township+1)
				regions = append(regions, fact.Region{Code: code, Name: fmt.Sprintf("邓埠%d镇", township), Parent: countyCode, Level: fact.Township})
				townships = append(townships, code)
			}
		}
	}
	all := make([]fact.Figure, grids)
	perTownship := (grids + len(townships) - 1) / len(townships)
	for i := range all {
		parent := townships[i/perTownship]
		code := fmt.Sprintf("%s%03d", parent, i%perTownship)
		regions = append(regions, fact.Region{Code: code, Parent: parent, Level: fact.Grid})
		all[i] = fact.Figure{Region: code, Period: period("2025-12"), Value: float64(i * 7919 % 5003), Revision: 1}
	}
	standing := &figures{byIndicator: map[string][]fact.Figure{"grids": all}}
	return exposition.Site{
		Indicators: []fact.Indicator{{
			ID: "grids", Title: fact.Text{ZH: "网格", EN: "Grids"},
			Kind: fact.Stock, Direction: fact.MoreIsBetter, Cadence: fact.Monthly, Levels: []fact.Level{fact.Grid},
		}},
		Zone: beijing(), Regions: newRegister(regions), Figures: standing,
	}, standing
}

// BenchmarkScrape compares a scrape of 176,000 series, telemetry and all, with
// static handlers that give the same bytes, over loopback. The ratios of the
// medians are its result: x-file is against http.ServeFile, x-content against http.ServeContent
// from memory, x-write against a plain Write.
func BenchmarkScrape(b *testing.B) {
	site, _ := gridSite(176_000)
	registry := prometheus.NewRegistry()
	newTelemetry(b, registry)
	handler := newExposition(b, registry, time.Now, nil)
	if err := handler.SetSite(site); err != nil {
		b.Fatal(err)
	}
	for name, headers := range map[string]http.Header{
		"text":          {"Accept": {"text/plain"}},
		"text-gzip":     {"Accept": {"text/plain"}, "Accept-Encoding": {"gzip"}},
		"protobuf":      {"Accept": {acceptProtobuf}},
		"protobuf-gzip": {"Accept": {acceptProtobuf}, "Accept-Encoding": {"gzip"}},
	} {
		b.Run(name, func(b *testing.B) { compareWithStatic(b, handler, headers, func() {}) })
	}
}

// tick is called before each scrape.
func compareWithStatic(b *testing.B, handler http.Handler, headers http.Header, tick func()) {
	mux := http.NewServeMux()
	mux.Handle("/metrics", handler)
	server := httptest.NewServer(mux)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	fetch := func(path string, to io.Writer) time.Duration {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+path, http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		request.Header = headers.Clone()
		start := time.Now()
		response, err := client.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(to, response.Body); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	var same bytes.Buffer
	fetch("/metrics", &same)
	baselines := staticHandlers(b, same.Bytes())
	for path, static := range baselines {
		mux.Handle(path, static)
	}
	spent := map[string][]time.Duration{}
	runtime.GC() // what was built for the benchmark is none of its business
	for b.Loop() {
		tick()
		for _, path := range []string{"/metrics", "/file", "/content", "/write"} {
			spent[path] = append(spent[path], fetch(path, io.Discard))
		}
	}
	b.ReportMetric(0, "ns/op") // of all four; the parts follow
	b.ReportMetric(float64(median(spent["/metrics"]).Microseconds()), "µs/scrape")
	for path := range baselines {
		b.ReportMetric(float64(median(spent["/metrics"]))/float64(median(spent[path])), "x-"+path[1:])
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// staticHandlers give the content by path.
func staticHandlers(b *testing.B, content []byte) map[string]http.Handler {
	file := b.TempDir() + "/metrics"
	writeFile(b, file, string(content))
	return map[string]http.Handler{
		"/file": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }),
		"/content": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "metrics.txt", time.Time{}, bytes.NewReader(content))
		}),
		"/write": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write(content)
		}),
	}
}

// BenchmarkFirstScrape measures what a change costs: 176,000 series encoded, and
// with gzip compressed. allocated/body is all memory that was allocated on the
// way, as a multiple of the text, and so bounds the peak from above.
func BenchmarkFirstScrape(b *testing.B) {
	site, standing := gridSite(176_000)
	handler := newExposition(b, prometheus.NewRegistry(), time.Now, nil)
	if err := handler.SetSite(site); err != nil {
		b.Fatal(err)
	}
	for name, header := range map[string]http.Header{
		"text":      {"Accept": {"text/plain"}},
		"text-gzip": {"Accept": {"text/plain"}, "Accept-Encoding": {"gzip"}},
		"protobuf":  {"Accept": {acceptProtobuf}},
	} {
		b.Run(name, func(b *testing.B) {
			var allocated, size uint64
			for b.Loop() {
				standing.version.Add(1)
				sink := &discard{header: http.Header{}}
				request := httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody)
				request.Header = header
				allocated += allocatedBy(func() { handler.ServeHTTP(sink, request) })
				size += uint64(sink.size)
			}
			b.ReportMetric(float64(allocated)/float64(size), "allocated/body")
			b.ReportMetric(float64(size)/float64(b.N)/1e6, "MB/body")
		})
	}
}

// allocatedBy returns how many bytes were allocated while f ran.
func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// discard is an http.ResponseWriter that counts and keeps nothing.
type discard struct {
	header http.Header
	size   int
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(int)     {}
func (d *discard) Write(b []byte) (int, error) {
	d.size += len(b)
	return len(b), nil
}
