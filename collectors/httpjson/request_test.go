package httpjson_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

func TestTimesInTheRequest(t *testing.T) {
	s := serve(t, answer(data()))
	const options = limits + long + `
path: /figures/{since.year}
query: {from: "{since.date}", month: "{since.month}", basic: "{since.basic_date}-{since.basic_month}", at: "{now.time}", unix: "{now.unix}"}
lookback: 400d
`
	c := mustBuild(t, at(s)+noWaiting, options)
	for _, request := range []collectors.Request{{Now: now(t)}, {Now: now(t), Since: period(t, "2025-Q4")}} {
		if _, err := c.Collect(t.Context(), request, &collectorstest.Sink{}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"GET /figures/2024?at=2026-01-10T06%3A00%3A00%2B08%3A00&basic=20241206-202412&from=2024-12-06&month=2024-12&unix=1767996000",
		"GET /figures/2025?at=2026-01-10T06%3A00%3A00%2B08%3A00&basic=20251001-202510&from=2025-10-01&month=2025-10&unix=1767996000",
	}
	if diff := cmp.Diff(want, s.lines()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}

	c = mustBuild(t, at(s)+noWaiting, limits+long)
	_, err := c.Collect(t.Context(), collectors.Request{Now: now(t), Since: period(t, "2025-Q4")}, &collectorstest.Sink{})
	if err == nil || !strings.Contains(err.Error(), "history since 2025-Q4 was asked for, but the request has no {since.date} or the like") {
		t.Errorf("error %v, want that there is no history", err)
	}
}

// yujiang is a target.
func yujiang() collectors.Target {
	return collectors.Target{Code: "360603", Name: "余江区", Level: fact.County, ParentCode: "360600", ParentName: "鹰潭 \"市\"&x"}
}

func TestTargetInTheRequest(t *testing.T) {
	bodies := make(chan string, 10)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 1000)
		n, _ := r.Body.Read(b)
		bodies <- string(b[:n])
		answer(`[{"n":7}]`)(w, r)
	})
	const columns = limits + "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {value: .n}\n"
	tests := map[string]struct {
		url, collector string
		want, body     string
		header         string // X-Region
	}{
		"path": {collector: "path: /c/{region.code}/{region.name}/{region.parent.name}",
			want: `GET /c/360603/%E4%BD%99%E6%B1%9F%E5%8C%BA/%E9%B9%B0%E6%BD%AD%20%22%E5%B8%82%22&x`},
		"url":    {url: "/{region.parent.code}/", collector: "path: /c", want: "GET /360600/c"},
		"query":  {collector: "query: {a: '{region.parent.name}'}", want: "GET /?a=%E9%B9%B0%E6%BD%AD+%22%E5%B8%82%22%26x"},
		"header": {collector: "headers: {x-region: 'r {region.code}'}", want: "GET /", header: "r 360603"},
		"JSON":   {collector: "path: /q\nmethod: POST\nbody: '{\"in\": {\"name\": \"{region.parent.name}\", \"code\": {region.code}}}'", want: "POST /q", body: `{"in": {"name": "鹰潭 \"市\"\u0026x", "code": 360603}}`},
		"form":   {collector: "method: POST\nbody: name={region.parent.name}\nheaders: {content-type: application/x-www-form-urlencoded}", want: "POST /", body: "name=%E9%B9%B0%E6%BD%AD+%22%E5%B8%82%22%26x"},
		"text":   {collector: "method: POST\nbody: name={region.parent.name}\nheaders: {content-type: text/plain}", want: "POST /", body: `name=鹰潭 "市"&x`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := mustBuild(t, "url: "+s.URL+test.url+"\n"+noWaiting, columns+test.collector+"\n", fannedOut)
			var sink collectorstest.Sink
			if _, err := c.Collect(t.Context(), collectors.Request{Now: now(t), Target: yujiang()}, &sink); err != nil {
				t.Fatal(err)
			}
			if len(sink.Readings) != 1 || sink.Readings[0].Region != "360603" {
				t.Errorf("readings %q, want one of the target", sink.Lines())
			}
			last := s.requests()[len(s.requests())-1]
			if got := requestLine(last, nil); got != test.want {
				t.Errorf("asked %s\nwant  %s", got, test.want)
			}
			if got := <-bodies; got != test.body {
				t.Errorf("sent %s\nwant %s", got, test.body)
			}
			if got := last.Header.Get("X-Region"); got != test.header {
				t.Errorf("header %q, want %q", got, test.header)
			}
		})
	}
	if _, err := mustBuild(t, at(s)+noWaiting, columns+"path: /{region.code}\n", fannedOut).Collect(t.Context(), collectors.Request{Now: now(t)}, nil); err == nil {
		t.Error("a collector for regions ran without one")
	}
}

func TestHeadersAndCredentials(t *testing.T) {
	s := serve(t, answer(data()))
	tests := map[string]struct {
		source  string
		secrets map[string]string
		want    map[string]string
	}{
		"nothing": {"", nil, map[string]string{"Authorization": "", "Accept": "application/json", "User-Agent": "govkpi", "Accept-Encoding": "gzip"}},
		"bearer":  {"bearer: x\n", map[string]string{"bearer": " t0ken\n"}, map[string]string{"Authorization": "Bearer t0ken"}},
		"file":    {"bearer_file: x\n", map[string]string{"bearer": "t0ken"}, map[string]string{"Authorization": "Bearer t0ken"}},
		"basic":   {"basic: {user: u, password_file: x}\n", map[string]string{"basic.password": "p:w"}, map[string]string{"Authorization": "Basic dTpwOnc="}},
		"headers": {"headers: {accept: text/json, user-agent: us, x-key_file: f, X-Client: me}\n", map[string]string{"headers.x-key": "k3y"},
			map[string]string{"Accept": "text/json", "User-Agent": "us", "X-Key": "k3y", "X-Client": "me"}},
		"own":        {"headers: {authorization: Token abc}\n", nil, map[string]string{"Authorization": "Token abc"}},
		"parameters": {"query: {key_file: f}\n", map[string]string{"query.key": "k3y"}, map[string]string{"?key": "k3y"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := mustBuild(t, at(s)+noWaiting+test.source, limits+long, withSecrets(test.secrets))
			if _, _, err := collect(t, c); err != nil {
				t.Fatal(err)
			}
			last := s.requests()[len(s.requests())-1]
			for header, want := range test.want {
				got := last.Header.Get(header)
				if parameter, ok := strings.CutPrefix(header, "?"); ok {
					got = last.URL.Query().Get(parameter)
				}
				if got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestPing(t *testing.T) {
	status := http.StatusOK
	body := `{"code":0,"data":[{"anything":1}]}`
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
	plain := mustBuild(t, at(s)+retrying, limits+long+byPage+"ok: .code == 0\npath: /x\n")
	timed := mustBuild(t, at(s)+retrying, limits+long+"path: /x\nlookback: 1d\nquery: {from: '{since.date}'}\n")
	if err := errors.Join(plain.Ping(t.Context(), collectors.Target{}), timed.Ping(t.Context(), collectors.Target{})); err != nil {
		t.Error(err)
	}
	if want := []string{"GET /x?page=1", "HEAD /x"}; !slices.Equal(s.lines(), want) {
		t.Errorf("asked %q, want %q", s.lines(), want)
	}
	body = `{"code":1}`
	if err := plain.Ping(t.Context(), collectors.Target{}); err == nil || !strings.Contains(err.Error(), "reports a failure") {
		t.Errorf("error %v, want the source's failure", err)
	}
	status = http.StatusUnauthorized
	for _, c := range []collectors.Collector{plain, timed} {
		if err := c.Ping(t.Context(), collectors.Target{}); err == nil || !strings.Contains(err.Error(), "answered 401 Unauthorized") {
			t.Errorf("error %v, want 401", err)
		}
	}
	status = http.StatusMethodNotAllowed // it knows no HEAD, but it is there
	if err := timed.Ping(t.Context(), collectors.Target{}); err != nil {
		t.Error(err)
	}
	s.Close()
	asked := len(s.lines())
	for _, c := range []collectors.Collector{plain, timed} {
		if err := c.Ping(t.Context(), collectors.Target{}); err == nil || !strings.Contains(err.Error(), "check that the source runs") {
			t.Errorf("error %v, want that it can't be reached", err)
		}
	}
	if len(s.lines()) != asked {
		t.Error("a server that is closed was asked")
	}
	if err := mustBuild(t, at(s)+noWaiting, limits+long+"path: /{region.code}\n", fannedOut).Ping(t.Context(), collectors.Target{}); err == nil {
		t.Error("a collector for regions was tried without one")
	}
}
