package promapi

import (
	"context"
	"net/http"
	"strings"
)

// endpoint is one address of the API.
type endpoint struct {
	path    string // below Prefix, as http.ServeMux takes it
	name    string // in metrics
	post    bool   // POST, too: where Prometheus takes it
	reads   bool   // reads series, so that it needs a place and ends in time
	handler http.Handler
}

// endpoints lists everything that is served; whatever is not on the list ends at
// the last one.
func (s *apiServer) endpoints() []endpoint {
	own := s.prometheusHandler()
	plain := func(path string) endpoint {
		return endpoint{path: path, name: strings.ReplaceAll(path, "/", "_"), handler: own}
	}
	asked := func(path string) endpoint { e := plain(path); e.post = true; return e }
	query := func(path string) endpoint { e := asked(path); e.reads = true; return e }
	return []endpoint{
		query("query"), query("query_range"), query("query_exemplars"),
		query("series"), query("labels"),
		{path: "label/{name}/values", name: "label_values", reads: true, handler: own},
		asked("format_query"), asked("parse_query"),
		{path: "metadata", name: "metadata", handler: http.HandlerFunc(s.metadata)},
		{path: "targets/metadata", name: "targets_metadata", handler: http.HandlerFunc(s.targetsMetadata)},
		plain("targets"), plain("scrape_pools"), plain("alertmanagers"),
		plain("rules"), plain("alerts"),
		plain("status/buildinfo"), plain("status/runtimeinfo"), plain("status/flags"), plain("status/config"),
		{path: "status/tsdb", name: "status_tsdb", reads: true, handler: http.HandlerFunc(s.cardinality)},
		plain("features"),
		{path: "", name: "other", post: true, handler: http.HandlerFunc(s.unserved)},
	}
}

// unserved answers for what a Prometheus has and we don't. It is 404, so that
// whoever sends samples does not try for ever.
func (s *apiServer) unserved(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, Prefix)
	first, _, _ := strings.Cut(path, "/")
	text := "there is no " + r.URL.Path + "; docs/api.md lists what is served"
	switch first {
	case "write", "otlp":
		text = "samples are not taken: figures come from collectors and imports"
	case "read":
		text = "remote read is not served: query, or read the figures with govkpi ledger export"
	case "admin":
		text = "the admin API is not served: the ledger forgets nothing; govkpi ledger backup makes a copy"
	}
	s.refuse(w, refuse(http.StatusNotFound, notFound, "%s", text))
}

// answer reads the request and lets the endpoint answer it.
func (s *apiServer) answer(a *answer, r *http.Request, e endpoint) *refusal {
	switch {
	case r.Method == http.MethodGet, r.Method == http.MethodPost && e.post:
	case e.name == "other": // it refuses whatever comes
	default:
		a.Header().Set("Allow", e.methods())
		if r.Method == http.MethodOptions {
			a.WriteHeader(http.StatusNoContent)
			return nil
		}
		return refuse(http.StatusMethodNotAllowed, badData, "%s takes %s, not %s", r.URL.Path, e.methods(), r.Method)
	}
	if refused := readForm(a.ResponseWriter, r); refused != nil {
		return refused
	}
	if refused := s.guard(r.Form); refused != nil {
		return refused
	}
	if !e.reads {
		e.handler.ServeHTTP(a, r)
		return nil
	}
	ctx, refused := s.asked(r)
	if refused != nil {
		return refused
	}
	if a.leave, refused = s.places.take(ctx); refused != nil {
		return refused
	}
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Timeout)
	defer cancel()
	e.handler.ServeHTTP(a, r.WithContext(ctx))
	return nil
}

func (e endpoint) methods() string {
	if e.post {
		return "GET, POST"
	}
	return "GET"
}
