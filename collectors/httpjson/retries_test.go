package httpjson_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
)

// failing answers with each of the faults once, and then well.
func failing(then http.HandlerFunc, faults ...http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if i := int(n.Add(1)) - 1; i < len(faults) {
			faults[i](w, r)
			return
		}
		then(w, r)
	}
}

// later answers with a status and Retry-After; server is its clock.
func later(status int, retryAfter, server string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.Header()["Date"] = nil
		if server != "" {
			w.Header().Set("Date", server)
		}
		w.WriteHeader(status)
	}
}

func TestRetries(t *testing.T) {
	const (
		date      = "Sat, 10 Jan 2026 00:00:00 GMT"
		in20      = "Sat, 10 Jan 2026 00:00:20 GMT"
		patiently = "timeout: 10s\nretries: {attempts: 4, backoff: 2s, longest_wait: 5s}\n"
	)
	broken := raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
	tests := map[string]struct {
		source string // retrying where empty
		faults []http.HandlerFunc
		waits  []time.Duration
		err    string
	}{
		"not needed":             {"", nil, nil, ""},
		"503 now and then":       {"", []http.HandlerFunc{typed(503, "", "")}, []time.Duration{time.Second}, ""},
		"408, 500":               {"", []http.HandlerFunc{typed(408, "", ""), typed(500, "", "")}, []time.Duration{time.Second, 2 * time.Second}, ""},
		"connections that break": {"", []http.HandlerFunc{raw(t, ""), broken}, []time.Duration{time.Second, 2 * time.Second}, ""},
		"429 in seconds":         {"", []http.HandlerFunc{later(429, "30", "")}, []time.Duration{30 * time.Second}, ""},
		"429 by date":            {"", []http.HandlerFunc{later(429, in20, date)}, []time.Duration{20 * time.Second}, ""},
		"503 by date, no clock":  {"", []http.HandlerFunc{later(503, "Fri, 09 Jan 2026 22:00:20 GMT", "")}, []time.Duration{20 * time.Second}, ""},
		"503 by date, long past": {"", []http.HandlerFunc{later(503, date, in20)}, []time.Duration{time.Second}, ""},
		"429 and no sense":       {"", []http.HandlerFunc{later(429, "soon", date)}, []time.Duration{time.Second}, ""},
		"429 below nothing":      {"", []http.HandlerFunc{later(429, "-5", date)}, []time.Duration{time.Second}, ""},
		"up to the longest":      {patiently, []http.HandlerFunc{typed(503, "", ""), typed(503, "", ""), typed(503, "", "")}, []time.Duration{2 * time.Second, 4 * time.Second, 5 * time.Second}, ""},
		"too long to wait":       {"", []http.HandlerFunc{later(429, "120", "")}, nil, "answered 429 Too Many Requests; it asks us to wait 2m0s, more than retries.longest_wait of 1m0s"},
		"an eternity":            {"", []http.HandlerFunc{later(429, "9223372036854775807", "")}, nil, "more than retries.longest_wait of 1m0s"},
		"too often":              {"", []http.HandlerFunc{typed(503, "", ""), typed(502, "", ""), typed(503, "text/plain", "down")}, []time.Duration{time.Second, 2 * time.Second}, `tried 3 times: answered 503 Service Unavailable; it says "down"`},
		"without retries":        {noWaiting, []http.HandlerFunc{typed(503, "", "")}, nil, ": answered 503 Service Unavailable"},
		"what won't help":        {"", []http.HandlerFunc{typed(400, "", "")}, nil, ": answered 400 Bad Request"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.source == "" {
				test.source = retrying
			}
			s := serve(t, failing(answer(data(row("a", 1))), test.faults...))
			w := &waits{}
			got, _, err := collect(t, mustBuild(t, at(s)+test.source, limits+long, withWaits(w)))
			if !slices.Equal(w.all, test.waits) {
				t.Errorf("waited %v, want %v", w.all, test.waits)
			}
			switch {
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want %q in it", err, test.err)
			case test.err == "" && (err != nil || len(got) != 1):
				t.Errorf("readings %q, error %v", got, err)
			}
		})
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	s := serve(t, raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"))
	if _, _, err := collect(t, mustBuild(t, at(s)+retrying, limits+long)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v does not tell its cause", err)
	}
}

func TestRetriesOfALaterPage(t *testing.T) {
	good := pages(data(row("a", 1)), data(row("b", 1)))
	var asked atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 2 {
			raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")(w, r)
			return
		}
		good(w, r)
	})
	got, _, err := collect(t, mustBuild(t, at(s)+retrying, limits+long+byPage))
	if err != nil || len(got) != 2 {
		t.Errorf("readings %q, error %v; want each row once", got, err)
	}
}

func TestTimeoutIsTriedAgain(t *testing.T) {
	s := serve(t, failing(answer(data(row("a", 1))), func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	got, _, err := collect(t, mustBuild(t, at(s)+strings.Replace(retrying, "10s", "250ms", 1), limits+long))
	if err != nil || len(got) != 1 {
		t.Errorf("readings %q, error %v", got, err)
	}
}

func TestWaitingEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, typed(503, "", ""))
	w := &waits{then: func(int) { cancel() }}
	_, err := mustBuild(t, at(s)+retrying, limits+long, withWaits(w)).Collect(ctx, collectors.Request{Now: now(t)}, &collectorstest.Sink{})
	if !errors.Is(err, context.Canceled) || len(w.all) != 1 {
		t.Errorf("error %v after %d waits, want that of the context after one", err, len(w.all))
	}
}

func TestSecretsAreInNoError(t *testing.T) {
	secrets := map[string]string{"bearer": "hunter2token", "basic.password": "hunter2 pass/word", "query.key": "hunter2key&x", "headers.x-key": "hunter2header"}
	const keys = "headers: {x-key_file: f, X-Other: hunter2other}\nquery: {key_file: f, other: hunter2q}\n"
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("X-Key"), r.Header.Get("X-Other"), r.URL.RawQuery)
	}
	envelope := func(w http.ResponseWriter, r *http.Request) {
		answer(fmt.Sprintf(`{"code":1,"msg":%q}`, r.Header.Get("Authorization")+r.URL.RawQuery))(w, r)
	}
	for name, handler := range map[string]http.HandlerFunc{"an echo": echo, "an envelope": envelope, "a hang-up": raw(t, "")} {
		for _, way := range []string{"bearer: x\n", "basic: {user: u, password: x}\n"} {
			t.Run(name+" and "+way, func(t *testing.T) {
				s := serve(t, handler)
				c := mustBuild(t, at(s)+noWaiting+way+keys, limits+long+"ok: .code == 0\nmessage: .msg\n", withSecrets(secrets))
				_, _, err := collect(t, c)
				if err == nil {
					t.Fatal("no error")
				}
				for ; err != nil; err = errors.Unwrap(err) {
					for _, telling := range []string{"hunter2", "dTpodW50ZXIy"} {
						if strings.Contains(err.Error(), telling) {
							t.Errorf("error %q tells a secret", err)
						}
					}
				}
			})
		}
	}
}
