package promapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
)

// formBytes is how long the body of a request may be: far more than the longest
// query that a person or a dashboard writes.
const formBytes = 1 << 20

// readForm reads the form of a request, from its address and its body, so that
// Prometheus' handlers find it read.
func readForm(w http.ResponseWriter, r *http.Request) *refusal {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	err := r.ParseForm()
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" && r.Method == http.MethodPost {
		err = r.ParseMultipartForm(formBytes)
	}
	switch _, long := errors.AsType[*http.MaxBytesError](err); {
	case err == nil:
		return nil
	case long:
		return overLimit(http.StatusRequestEntityTooLarge, badData, limitRequest, "the request is longer than %d bytes: ask for less at once", formBytes)
	}
	return refuse(http.StatusBadRequest, badData, "the parameters can't be read: %v", err)
}

// asked returns the context of what the request asks for: as of when, and with
// which lookback. It also says in the form what time it is, for Prometheus'
// handlers have a clock of their own.
func (s *apiServer) asked(r *http.Request) (context.Context, *refusal) {
	ctx, now := r.Context(), s.Now()
	switch known, err := s.knownAt(r.Form["as_known_at"], now); {
	case err != nil:
		return nil, refuse(http.StatusBadRequest, badData, "invalid parameter %q: %v", "as_known_at", err)
	case !known.IsZero():
		ctx = WithKnownBy(ctx, known)
	}
	// One that can't be read is refused by whoever uses it.
	if d, ok := parseSeconds(r.Form.Get("lookback_delta")); ok && d > 0 {
		ctx = WithLookback(ctx, d)
	}
	if r.Form.Get("time") == "" {
		r.Form.Set("time", strconv.FormatFloat(float64(now.UnixMilli())/1000, 'f', 3, 64))
	}
	return ctx, nil
}

// leastInstant is the first number that is taken for an instant, 2001-09-09, in
// seconds since the Unix epoch. No ledger is as old, but a date without its
// hyphens looks like such a number.
const leastInstant = 1e9

// knownAt reads the instant whose knowledge is asked for; zero is none.
func (s *apiServer) knownAt(written []string, now time.Time) (time.Time, error) {
	if len(written) == 0 {
		return time.Time{}, nil
	}
	text := written[0]
	if slices.ContainsFunc(written, func(other string) bool { return other != text }) {
		return time.Time{}, errors.New("it stands there more than once: a query is answered as of one instant")
	}
	if text == "" {
		return time.Time{}, nil
	}
	t, err := s.instant(text)
	if err != nil {
		return time.Time{}, err
	}
	if t.After(now) {
		return time.Time{}, fmt.Errorf("%s lies ahead: nobody can say what will be known then", text)
	}
	return t, nil
}

func (s *apiServer) instant(text string) (time.Time, error) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return s.ParseInstant(text)
	case math.IsNaN(n) || n < leastInstant || n > math.MaxInt64/1e9:
		return time.Time{}, fmt.Errorf("%q is no instant in seconds since 1970: expected a date such as 2026-01-15, a time such as 2026-01-15T09:00:00+08:00, or a number such as 1768438800", text)
	}
	return time.UnixMilli(int64(math.Round(n * 1000))), nil
}

// parseSeconds reads a duration as Prometheus does: 5m, or seconds as a number.
func parseSeconds(text string) (time.Duration, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		ns := n * float64(time.Second)
		return time.Duration(ns), math.Abs(ns) < math.MaxInt64 // false of NaN, too
	}
	d, err := model.ParseDuration(text)
	return time.Duration(d), err == nil
}

// guard refuses expressions and selectors that could do harm before any limit of
// the engine is asked.
func (s *apiServer) guard(form url.Values) *refusal {
	length := 0
	selectors := slices.Concat(form["match[]"], form["match_target"])
	for _, text := range slices.Concat(form["query"], selectors) {
		length += len(text)
	}
	if length > s.Limits.QueryBytes {
		return overLimit(http.StatusBadRequest, badData, limitQuery,
			"the query has %d bytes; promql.query_bytes allows %d: match with fewer or shorter patterns, or ask in several queries", length, s.Limits.QueryBytes)
	}
	for _, text := range form["query"] {
		if n := nesting(text); n > mostNesting {
			return overLimit(http.StatusBadRequest, badData, limitNesting,
				"the query has %d operators and brackets; at most %d are allowed: ask in several queries", n, mostNesting)
		}
	}
	return s.guardNames(form["query"], selectors)
}

// guardNames refuses expressions and selectors that name too many labels, or
// would make labels too long. What can't be parsed is for the endpoint to refuse.
func (s *apiServer) guardNames(queries, selectors []string) *refusal {
	g := guarded{labels: len(selectors)} // so that those count, too
	for _, text := range selectors {
		if matchers, err := s.parser.ParseMetricSelector(text); err == nil {
			g.labels += len(matchers)
		}
	}
	for _, text := range queries {
		if expr, err := s.parser.ParseExpr(text); err == nil {
			g.walk(expr)
		}
	}
	switch {
	case g.labels > s.Limits.QueryLabels:
		return overLimit(http.StatusBadRequest, badData, limitLabels,
			"the query has %d matchers and label names; promql.query_labels allows %d: one regular expression can match many values", g.labels, s.Limits.QueryLabels)
	case g.growth > mostGrowth:
		return overLimit(http.StatusBadRequest, badData, limitGrowth,
			"label_replace and label_join could make labels of more than %d bytes: put fewer of them into each other, with shorter texts", mostGrowth)
	}
	return nil
}
