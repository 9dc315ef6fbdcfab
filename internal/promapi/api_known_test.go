package promapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/prometheus/storage"

	"github.com/govkpi/govkpi/internal/promapi"
)

// seen notes under which context a store was asked.
type seen struct{ known, lookback int64 }

func (s *seen) store() storeFunc {
	return func(ctx context.Context, _ *storage.SelectHints) storage.SeriesSet {
		s.known, s.lookback = promapi.KnownBy(ctx), promapi.Lookback(ctx)
		return storage.EmptySeriesSet()
	}
}

func TestAsKnownAt(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	var s seen
	h := apiHandler(t, apiOptions(s.store(), apiLimits()))
	tests := map[string]time.Time{
		"2026-01-10T09:00:00+08:00": time.Date(2026, 1, 10, 9, 0, 0, 0, zone),
		"2026-01-10":                time.Date(2026, 1, 10, 23, 59, 59, 999e6, time.UTC), // of the zone that ParseInstant knows
		"1768003200":                time.Unix(1768003200, 0),
		"1768003200.781":            time.UnixMilli(1768003200781),
		"1768176000":                apiNow,
	}
	for _, path := range []string{"query", "query_range", "query_exemplars", "series", "labels", "label/a/values"} {
		for text, want := range tests {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				if method == http.MethodPost && path == "label/a/values" {
					continue
				}
				s = seen{known: want.UnixMilli()}
				form := asForm(t, "query", "up", "match[]", "up", "start", "1", "end", "2", "step", "1", "as_known_at", text)
				if path != "query_exemplars" { // which asks no store
					s.known = 0
				}
				if w := ask(t.Context(), h, method, promapi.Prefix+path, form); w.Code != http.StatusOK {
					t.Errorf("%s %s as known at %s: %d %s", method, path, text, w.Code, w.Body)
				}
				if s.known != want.UnixMilli() {
					t.Errorf("%s %s as known at %s: known by %d, want %d", method, path, text, s.known, want.UnixMilli())
				}
			}
		}
		for text, reason := range map[string]string{
			"yesterday":            "expected a date or a time",
			"2026-01-12T00:00:01Z": "lies ahead",
			"2026-01-13":           "lies ahead",
			"1768176001":           "lies ahead",
			"20260110":             "is no instant in seconds",
			"NaN":                  "is no instant in seconds", "-Inf": "is no instant in seconds", "1e400": "is no instant in seconds",
		} {
			form := asForm(t, "query", "up", "match[]", "up", "start", "1", "end", "2", "step", "1", "as_known_at", text)
			refusedWith(t, get(t, h, promapi.Prefix+path, form), http.StatusBadRequest, "bad_data", reason)
		}
	}
	refusedWith(t, get(t, h, "/api/v1/query", asForm(t, "query", "up", "as_known_at", "2026-01-10", "as_known_at", "2026-01-09")),
		http.StatusBadRequest, "bad_data", "more than once")
	for _, none := range [][]string{{"query", "up"}, {"query", "up", "as_known_at", ""}} {
		get(t, h, "/api/v1/query", asForm(t, none...))
		if s.known != 1<<63-1 {
			t.Errorf("%v: known by %d, want all that is known", none, s.known)
		}
	}
}

func TestLookbackDelta(t *testing.T) {
	var s seen
	h := apiHandler(t, apiOptions(s.store(), apiLimits()))
	for text, want := range map[string]time.Duration{"": promapi.DefaultLookback, "1h": time.Hour, "90.5": 90500 * time.Millisecond, "0": promapi.DefaultLookback} {
		if w := get(t, h, "/api/v1/query", asForm(t, "query", "up", "lookback_delta", text)); w.Code != http.StatusOK || s.lookback != want.Milliseconds() {
			t.Errorf("lookback_delta %q: %d, lookback %d, want %s", text, w.Code, s.lookback, want)
		}
	}
}
