package promapi

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
)

// Prefix begins the addresses of the PromQL API; docs/api.md describes it.
const Prefix = "/api/v1/"

// RulesRetriever lists the rules and their alerts as they are now. It is called
// for every request and must be safe for concurrent use.
type RulesRetriever interface {
	RuleGroups() []*rules.Group
	AlertingRules() []*rules.AlertingRule
}

// About is what the API tells of the program.
type About struct {
	Version  string
	Revision string // of the source code
	Started  time.Time
	// Reloaded says whether the configuration was accepted when it was last read,
	// and when one was last accepted.
	Reloaded func() (ok bool, at time.Time)
	// Retention is how long telemetry is kept, Interval how often it is taken.
	Retention time.Duration
	Interval  time.Duration
}

// HandlerOptions are what a handler is made from; all but Rules are required.
type HandlerOptions struct {
	Engine    promql.QueryEngine
	Queryable storage.Queryable
	// Metadata lists the families there can be a series of, sorted by name. It is
	// called for every request that asks for them.
	Metadata func() []Family
	// Rules is nil where there are none.
	Rules RulesRetriever
	// ParseInstant reads an as_known_at that is no number: RFC 3339, or a date of
	// the site's zone, which is the whole day, or as much of it as has passed.
	ParseInstant func(string) (time.Time, error)
	Limits       Limits
	About        About
	// Registerer gets the metrics of the handler. A later handler may be given
	// the same, and goes on counting.
	Registerer prometheus.Registerer
	Log        *slog.Logger
	Now        func() time.Time
}

func (o HandlerOptions) validate() error {
	switch {
	case o.Engine == nil || o.Queryable == nil:
		return errors.New("promapi: HandlerOptions.Engine and Queryable are required: queries are answered from them")
	case o.Metadata == nil:
		return errors.New("promapi: HandlerOptions.Metadata is required: the families are asked from it")
	case o.ParseInstant == nil:
		return errors.New("promapi: HandlerOptions.ParseInstant is required: as_known_at is read by it")
	case o.About.Version == "" || o.About.Revision == "":
		return errors.New("promapi: HandlerOptions.About.Version and Revision are required: write unknown where they are not known")
	case o.About.Reloaded == nil:
		return errors.New("promapi: HandlerOptions.About.Reloaded is required")
	case o.Registerer == nil || o.Log == nil || o.Now == nil:
		return errors.New("promapi: HandlerOptions.Registerer, Log and Now are required")
	}
	return o.Limits.validate()
}

// NewHandler returns the handler of everything under Prefix. It answers like a
// Prometheus, from Prometheus' own handlers, and writes nothing.
func NewHandler(o HandlerOptions) (http.Handler, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	metrics, err := newAPIMetrics(o.Registerer)
	if err != nil {
		return nil, err
	}
	s := &apiServer{HandlerOptions: o, metrics: metrics, parser: newParser(), places: newPlaces(o.Limits, metrics)}
	mux := http.NewServeMux()
	for _, e := range s.endpoints() {
		mux.Handle(Prefix+e.path, s.serve(e))
	}
	return mux, nil
}

type apiServer struct {
	HandlerOptions
	metrics *apiMetrics
	parser  parser.Parser
	places  *places
}

// serve answers an endpoint's requests, each counted, each with its own end.
func (s *apiServer) serve(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.Now()
		a := &answer{ResponseWriter: w}
		defer func() {
			a.end()
			s.metrics.observe(e.name, a.status, s.Now().Sub(began))
		}()
		defer func() { s.recovered(a, r, recover()) }()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if refused := s.answer(a, r, e); refused != nil { //nolint:contextcheck // the request has it
			s.refuse(a, refused)
		}
	})
}

func (s *apiServer) refuse(w http.ResponseWriter, refused *refusal) {
	s.metrics.passed(refused.limit)
	refused.write(w)
}

// recovered answers a request that a panic has ended: a refusal, or something
// that broke, which must take nobody else down.
func (s *apiServer) recovered(a *answer, r *http.Request, broken any) {
	if broken == nil {
		return
	}
	refused, meant := broken.(*refusal)
	if !meant {
		s.Log.ErrorContext(r.Context(), "a query has broken", "endpoint", r.URL.Path, "query", r.Form.Get("query"),
			"panic", broken, "stack", string(debug.Stack()))
		refused = refuse(http.StatusInternalServerError, internal, "the query has broken something in the program; the log says what")
	}
	if a.status != 0 { // too late to say anything: let nobody take it for a whole answer
		panic(http.ErrAbortHandler)
	}
	s.refuse(a, refused)
}

// sendWithin is how long a client may take to read an answer, which stays in
// memory until then.
const sendWithin = time.Minute

// answer is a ResponseWriter that knows when an answer begins: then all that it
// needs has been read, and the place is free for the next.
type answer struct {
	http.ResponseWriter
	status int // 0 before
	leave  func()
	slow   *time.Timer
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.begin(status)
	a.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	a.begin(http.StatusOK)
	return a.ResponseWriter.Write(p) //nolint:wrapcheck // it stands in for it
}

func (a *answer) begin(status int) {
	if a.status != 0 {
		return
	}
	a.status = status
	a.free()
	control := http.NewResponseController(a.ResponseWriter)
	a.slow = time.AfterFunc(sendWithin, func() {
		_ = control.SetWriteDeadline(time.Unix(1, 0)) // of a server; a recorder has no deadlines
	})
}

func (a *answer) free() {
	if a.leave != nil {
		a.leave()
		a.leave = nil
	}
}

func (a *answer) end() {
	a.free()
	if a.slow != nil {
		a.slow.Stop()
	}
}
