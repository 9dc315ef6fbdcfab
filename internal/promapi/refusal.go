package promapi

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// The kinds of errors of Prometheus' API that we answer ourselves.
const (
	badData     = "bad_data"
	execution   = "execution"
	unavailable = "unavailable"
	notFound    = "not_found"
	internal    = "internal"
)

// refusal is why a request is not answered. It is panicked with from within
// Prometheus' handlers, where there is no other way out.
type refusal struct {
	status int
	kind   string
	limit  string // the limit that was passed, as metrics call it; empty is none
	text   string // one sentence for whoever asked: what is wrong, what to do
}

func refuse(status int, kind, format string, args ...any) *refusal {
	return &refusal{status: status, kind: kind, text: fmt.Sprintf(format, args...)}
}

func overLimit(status int, kind, limit, format string, args ...any) *refusal {
	r := refuse(status, kind, format, args...)
	r.limit = limit
	return r
}

// Error implements error.
func (r *refusal) Error() string { return r.text }

// write answers in the form of Prometheus' errors.
func (r *refusal) write(w http.ResponseWriter) {
	body, err := json.Marshal(struct {
		Status string `json:"status"`
		Kind   string `json:"errorType"`
		Error  string `json:"error"`
	}{"error", r.kind, r.text})
	if err != nil { // three texts can always be encoded
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Del("Content-Encoding") // of an answer that was given up
	h.Set("Content-Type", "application/json")
	if r.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "5")
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(body) // whoever went away needs no answer
}
