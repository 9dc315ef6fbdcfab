package exposition_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestNegotiation(t *testing.T) {
	const prometheus242 = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
	site, _ := tinySite()
	e := expose(t, site)
	for name, c := range map[string]struct {
		accept, encoding  string
		wantType, wantEnc string
	}{
		"a browser":              {"text/html,*/*;q=0.8", "gzip, deflate, br", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "gzip"},
		"nothing said":           {"", "", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
		"Prometheus 2.42":        {prometheus242, "gzip", "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores", "gzip"},
		"old OpenMetrics":        {"application/openmetrics-text;version=0.0.1", "", "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores", ""},
		"OpenMetrics to come":    {"application/openmetrics-text;version=3.0.0,text/plain;q=0.5", "", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
		"protobuf":               {acceptProtobuf, "", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores", ""},
		"UTF-8 names":            {acceptText + ";escaping=allow-utf-8", "", "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8", ""},
		"a made-up escaping":     {acceptText + ";escaping=x", "", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
		"gzip refused":           {acceptText, "gzip;q=0, *;q=1", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
		"anything but gzip":      {acceptText, "br, identity", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
		"any coding":             {acceptText, "*", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "gzip"},
		"gzip in capitals":       {acceptText, "br;q=1.0, GZIP ; q=0.5", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "gzip"},
		"a quality of no number": {acceptText, "gzip;q=high", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""},
	} {
		t.Run(name, func(t *testing.T) {
			answer := get(t, e, "Accept", c.accept, "Accept-Encoding", c.encoding)
			if got := answer.Header().Get("Content-Type"); got != c.wantType {
				t.Errorf("Content-Type is %q, want %q", got, c.wantType)
			}
			if got := answer.Header().Get("Content-Encoding"); got != c.wantEnc {
				t.Errorf("Content-Encoding is %q, want %q", got, c.wantEnc)
			}
			if got := strings.Join(answer.Header().Values("Vary"), ", "); got != "Accept, Accept-Encoding" {
				t.Errorf("Vary is %q", got)
			}
			if got := answer.Header().Get("Content-Length"); got != strconv.Itoa(answer.Body.Len()) {
				t.Errorf("Content-Length is %s, and %d bytes came", got, answer.Body.Len())
			}
		})
	}
}

// Figures and telemetry are two gzip members; any reader must see one stream.
func TestGzipIsThePlainAnswer(t *testing.T) {
	site, _ := gridSite(20_000)
	for name, accept := range map[string]string{"text": acceptText, "OpenMetrics": acceptOpenMetrics, "protobuf": acceptProtobuf} {
		t.Run(name, func(t *testing.T) {
			e := expose(t, site)
			plain := get(t, e, "Accept", accept).Body.Bytes()
			zipped := get(t, e, "Accept", accept, "Accept-Encoding", "gzip").Body
			reader, err := gzip.NewReader(zipped)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(plain, got) {
				t.Errorf("%d bytes unzipped, %d plain, and they differ", len(got), len(plain))
			}
		})
	}
}

func TestBeforeAnySite(t *testing.T) {
	e := newExposition(t, prometheus.NewPedanticRegistry(), january, nil)
	if got := text(t, e); !strings.HasPrefix(got, "# HELP govkpi_") {
		t.Errorf("want the telemetry alone, got\n%s", got)
	}
	reader, err := gzip.NewReader(get(t, e, "Accept", acceptOpenMetrics, "Accept-Encoding", "gzip").Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(reader); err != nil || !bytes.HasSuffix(got, []byte("\n# EOF\n")) {
		t.Errorf("want an end, got %v and\n%s", err, got)
	}
}

func TestMethods(t *testing.T) {
	site, _ := tinySite()
	e := expose(t, site)
	size := strconv.Itoa(get(t, e).Body.Len())
	for method, want := range map[string]int{
		http.MethodGet: http.StatusOK, http.MethodHead: http.StatusOK,
		http.MethodPost: http.StatusMethodNotAllowed, http.MethodDelete: http.StatusMethodNotAllowed,
	} {
		t.Run(method, func(t *testing.T) {
			recorder := httptest.NewRecorder()
			e.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), method, "/metrics", http.NoBody))
			if recorder.Code != want {
				t.Errorf("status %d, want %d", recorder.Code, want)
			}
			switch {
			case want != http.StatusOK && recorder.Header().Get("Allow") != "GET, HEAD":
				t.Errorf("Allow is %q", recorder.Header().Get("Allow"))
			case method == http.MethodHead && recorder.Body.Len() != 0:
				t.Error("HEAD has a body")
			case want == http.StatusOK && recorder.Header().Get("Content-Length") != size:
				t.Errorf("Content-Length is %q, want %s", recorder.Header().Get("Content-Length"), size)
			}
		})
	}
}

// stuck is a client that reads nothing until it is let go.
type stuck struct {
	discard
	writing chan struct{}
	letGo   chan struct{}
}

func (s *stuck) Write(b []byte) (int, error) {
	select {
	case s.writing <- struct{}{}:
	default:
	}
	<-s.letGo
	return s.discard.Write(b)
}

func TestSlowClientHoldsUpNobody(t *testing.T) {
	site, standing := tinySite()
	e := expose(t, site)
	slow := &stuck{discard: discard{header: http.Header{}}, writing: make(chan struct{}, 1), letGo: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.ServeHTTP(slow, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	}()
	<-slow.writing
	before := text(t, e)
	standing.change("grids")
	if after := text(t, e); after == before {
		t.Error("a change did not show while a client was slow")
	}
	close(slow.letGo)
	<-done
	if slow.size != len(before) {
		t.Errorf("the slow client got %d bytes, want the %d of the answer that it began with", slow.size, len(before))
	}
}

// leaving is a client that goes away after the first part.
type leaving struct {
	discard
	leave func() error
}

func (l *leaving) Write(b []byte) (int, error) {
	n, _ := l.discard.Write(b)
	return n, l.leave()
}

func TestClientThatLeavesStopsTheAnswer(t *testing.T) {
	site, _ := gridSite(20_000)
	e := expose(t, site)
	whole := get(t, e).Body.Len()
	for name, leave := range map[string]func(context.CancelFunc) error{
		"a request cancelled": func(cancel context.CancelFunc) error { cancel(); return nil },
		"a broken connection": func(context.CancelFunc) error { return errors.New("broken pipe") },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client := &leaving{discard: discard{header: http.Header{}}, leave: func() error { return leave(cancel) }}
			e.ServeHTTP(client, httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody))
			if client.size == 0 || client.size >= whole/2 {
				t.Errorf("%d of %d bytes were sent", client.size, whole)
			}
		})
	}
}
