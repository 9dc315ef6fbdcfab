package exposition_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/govkpi/govkpi/internal/exposition"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	acceptText        = "text/plain;version=0.0.4"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0"
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)

// january is when the tests play, unless they say otherwise.
func january() time.Time { return time.Date(2026, 1, 9, 8, 0, 0, 0, beijing()) }

// newExposition returns an exposition without a site; its log goes to log,
// where there is one.
func newExposition(tb testing.TB, registry *prometheus.Registry, now func() time.Time, log io.Writer) *exposition.Exposition {
	tb.Helper()
	if log == nil {
		log = io.Discard
	}
	e, err := exposition.New(exposition.Options{Registry: registry, Log: slog.New(slog.NewTextHandler(log, nil)), Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// expose returns an exposition of the site, with nothing but its own telemetry.
func expose(tb testing.TB, site exposition.Site) *exposition.Exposition {
	tb.Helper()
	e := newExposition(tb, prometheus.NewPedanticRegistry(), january, nil)
	if err := e.SetSite(site); err != nil {
		tb.Fatal(err)
	}
	return e
}

// newTelemetry returns the telemetry of a program with three collectors, of which
// elder-care runs next and counties has targets.
func newTelemetry(tb testing.TB, registry *prometheus.Registry) *exposition.Telemetry {
	tb.Helper()
	t, err := exposition.NewTelemetry(exposition.TelemetryOptions{
		Registry: registry, Version: "1.0.0", Revision: "abc",
		Statistics: func(context.Context) (exposition.LedgerSize, error) {
			return exposition.LedgerSize{Bytes: 4096, Facts: 3, Runs: 2, Rejections: 1, Held: 5, Decisions: 7}, nil
		},
		Next: func(collector string) (time.Time, bool) { return january().Add(time.Hour), collector == "elder-care" },
	})
	if err != nil {
		tb.Fatal(err)
	}
	t.Track("elder-care", "grids", "counties")
	t.TrackTargets("counties", []exposition.Target{{"360102", "东湖区"}, {"360603", "余江区"}, {"360681", "贵溪市"}})
	return t
}

// get scrapes with pairs of a header's name and value.
func get(tb testing.TB, h http.Handler, headers ...string) *httptest.ResponseRecorder {
	tb.Helper()
	request := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/metrics", http.NoBody)
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Add(pair[0], pair[1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder
}

// text scrapes in the text format.
func text(tb testing.TB, h http.Handler) string {
	tb.Helper()
	return get(tb, h).Body.String()
}

// decode reads a scrape with Prometheus' own parsers, sorted by name.
func decode(tb testing.TB, h http.Handler, accept string) []*dto.MetricFamily {
	tb.Helper()
	answer := get(tb, h, "Accept", accept)
	decoder := expfmt.NewDecoder(answer.Body, expfmt.ResponseFormat(answer.Header()))
	if format := answer.Header().Get("Content-Type"); expfmt.Format(format).FormatType() == expfmt.TypeOpenMetrics {
		decoder = expfmt.NewDecoder(answer.Body, expfmt.Format(format)) // which ResponseFormat does not know
	}
	all := decodeAll(tb, decoder)
	slices.SortFunc(all, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return all
}

func decodeAll(tb testing.TB, decoder expfmt.Decoder) []*dto.MetricFamily {
	tb.Helper()
	var all []*dto.MetricFamily
	for {
		f := &dto.MetricFamily{}
		err := decoder.Decode(f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// render writes decoded families as text, labels sorted.
func render(tb testing.TB, families []*dto.MetricFamily) string {
	tb.Helper()
	var b bytes.Buffer
	for _, f := range families {
		for _, m := range f.GetMetric() {
			slices.SortFunc(m.GetLabel(), func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
		}
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			tb.Fatal(err)
		}
	}
	return b.String()
}

// golden compares with a file, or writes it with -update.
func golden(tb testing.TB, file, got string) {
	tb.Helper()
	file = "testdata/" + file
	if *update {
		writeFile(tb, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		tb.Fatalf("%v; write it with: go test ./internal/exposition -update", err)
	}
	if difference := lineDiff(string(want), got); difference != "" {
		tb.Errorf("%s (-want +got), after a change that is meant run: go test ./internal/exposition -update\n%s", file, difference)
	}
}

func writeFile(tb testing.TB, file, content string) {
	tb.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// serve answers over loopback and returns the address.
func serve(tb testing.TB, h http.Handler) string {
	tb.Helper()
	server := httptest.NewServer(h)
	tb.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// overdueSamples returns for how long regions are overdue, as samples does.
func overdueSamples(tb testing.TB, answer *httptest.ResponseRecorder) []string {
	tb.Helper()
	body := io.Reader(answer.Body)
	if answer.Header().Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(answer.Body)
		if err != nil {
			tb.Fatal(err)
		}
		body = unzipped
	}
	if strings.HasPrefix(answer.Header().Get("Content-Type"), "application/vnd.google.protobuf") {
		body = strings.NewReader(render(tb, decodeAll(tb, expfmt.NewDecoder(body, expfmt.FmtProtoDelim))))
	}
	whole, err := io.ReadAll(body)
	if err != nil {
		tb.Fatal(err)
	}
	return samples(string(whole), "governance_overdue_seconds")
}

// overdue is for how long one of overdueSamples is with its grids.
func overdue(tb testing.TB, answer *httptest.ResponseRecorder, code string) string {
	tb.Helper()
	for _, sample := range overdueSamples(tb, answer) {
		if words := strings.Fields(sample); slices.Contains(words, code) && slices.Contains(words, "grids") {
			return words[len(words)-1]
		}
	}
	tb.Fatalf("%s has no such series", code)
	return ""
}
