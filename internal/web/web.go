// Package web serves the pages and the lifecycle endpoints: the landing page
// with every collector's last and next run, /-/healthy, /-/ready, /-/reload and
// /-/collect/NAME; and, as JSON, what people ask and decide about single figures.
//
// It reads the program's state through the small interfaces below and hands
// HTML or plain text to a browser or an operator.
package web

import (
	"bytes"
	"context"
	_ "embed" // the landing page's template
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
)

// ErrUnknownCollector is what Operations.Collect returns, possibly wrapped, for
// a name that the configuration does not have.
var ErrUnknownCollector = errors.New("unknown collector")

// State is what the pages show. Its methods are called for every request and
// must be safe for concurrent use.
type State interface {
	Site() Site
	Collectors() []Collector
	// Ready reports whether every collector has finished once or passed its
	// deadline, and if not, which have not.
	Ready() (ready bool, waiting []string)
}

// Operations is what an operator can ask for.
type Operations interface {
	Reload(ctx context.Context) error
	// Collect runs a collector now and returns how it went. The error says why
	// the run did not succeed, as run.Error does, or why there was none.
	// A since that is not zero asks the source for history from then on.
	Collect(ctx context.Context, name string, since fact.Period) (fact.Run, error)
	// DryRun pulls and decides as Collect does, stores nothing, and writes for
	// the operator, as plain text, what a run would bring and what would be
	// refused; of each delivery at most so many. The error says why the pull
	// failed; something may have been written before.
	DryRun(ctx context.Context, name string, since fact.Period, w io.Writer, most int) error
}

// Site says whose figures these are.
type Site struct {
	Name fact.Text
	// Notice is shown wherever figures are; the demo says there that they are
	// synthetic. Empty is none.
	Notice  fact.Text
	Zone    *time.Location
	Version string
	Held    int64 // figures that wait until somebody decides
}

// Collector is one row of the landing page.
type Collector struct {
	Name    string
	Source  fact.Text
	Last    fact.Run // ID is 0 where it never ran
	Running bool
	Next    time.Time // zero where it has none
	// Targets is how many regions it pulls for one by one; 0 where it pulls for
	// all at once.
	Targets int
	// Failed are the targets of the last run that failed.
	Failed []FailedTarget
}

// FailedTarget is a region that a run could not pull for.
type FailedTarget struct {
	Code   string
	Name   string
	Reason string // one line, for the operator
}

// Options are what a Handler is made from; all but Login and
// Deciders are required.
type Options struct {
	State      State
	Operations Operations
	Figures    Figures
	Metrics    http.Handler
	PromQL     http.Handler // of everything under /api/v1/
	// Alertmanager takes what an Alertmanager posts to /api/notify/alertmanager.
	Alertmanager http.Handler
	// Login reports whether the password of a user has been checked before a
	// request with that name comes here; nil is nobody's.
	Login func(user string) bool
	// Deciders are those who may decide, by the name that they log in with: a user
	// or the common name of a verified certificate. Everybody else can only look.
	Deciders []string
	Log      *slog.Logger
	Now      func() time.Time
}

// NewHandler returns the handler of everything that the program serves.
func NewHandler(o Options) http.Handler {
	s := &server{Options: o}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", o.Metrics)
	mux.Handle("/api/v1/", o.PromQL)
	mux.Handle("POST /api/notify/alertmanager", o.Alertmanager)
	mux.HandleFunc("GET /{$}", s.landing)
	mux.HandleFunc("GET /-/healthy", s.healthy)
	mux.HandleFunc("GET /-/ready", s.ready)
	mux.HandleFunc("POST /-/reload", s.reload)
	mux.HandleFunc("POST /-/collect/{name}", s.collect)
	s.figureRoutes(mux)
	// A page that an operator happens to have open elsewhere must not be able
	// to post here with the operator's credentials.
	return http.NewCrossOriginProtection().Handler(mux)
}

type server struct{ Options }

//go:embed landing.html
var landingSource string

func (s *server) landing(w http.ResponseWriter, _ *http.Request) {
	site := s.State.Site()
	zone := site.Zone
	page, err := template.New("landing").Funcs(template.FuncMap{
		"moment":   func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04:05") },
		"iso":      func(t time.Time) string { return t.In(zone).Format(time.RFC3339) },
		"duration": func(r fact.Run) string { return r.End.Sub(r.Start).Round(time.Millisecond).String() },
		"outcome":  outcomeText,
		"apart":    errorApart,
		"failures": failuresOf,
	}).Parse(landingSource)
	if err != nil {
		s.fail(w, "build the landing page", err)
		return
	}
	ready, waiting := s.State.Ready()
	var body bytes.Buffer
	err = page.Execute(&body, map[string]any{
		"Site": site, "Collectors": s.State.Collectors(), "Ready": ready,
		"Waiting": strings.Join(waiting, ", "), "Now": s.Now(),
	})
	if err != nil {
		s.fail(w, "build the landing page", err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	w.Header().Set("Cache-Control", "no-store")
	s.write(w, body.Bytes())
}

func outcomeText(o fact.Outcome) fact.Text {
	switch o {
	case fact.Succeeded:
		return fact.Text{ZH: "成功", EN: "success"}
	case fact.Partial:
		return fact.Text{ZH: "部分成功", EN: "partial"}
	case fact.Failed:
		return fact.Text{ZH: "失败", EN: "failure"}
	case fact.Interrupted:
		return fact.Text{ZH: "中断", EN: "interrupted"}
	case fact.Running:
		return fact.Text{ZH: "运行中", EN: "running"}
	}
	return fact.Text{ZH: "尚未运行", EN: "not run yet"}
}

func (s *server) healthy(w http.ResponseWriter, _ *http.Request) {
	s.text(w, http.StatusOK, "govkpi is up.")
}

func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	ready, waiting := s.State.Ready()
	if !ready {
		s.text(w, http.StatusServiceUnavailable, "Not ready: waiting for the first run of "+strings.Join(waiting, ", ")+".")
		return
	}
	s.text(w, http.StatusOK, "govkpi is ready.")
}

func (s *server) reload(w http.ResponseWriter, r *http.Request) {
	if err := s.Operations.Reload(r.Context()); err != nil {
		s.text(w, http.StatusUnprocessableEntity, fmt.Sprintf("Not reloaded; the configuration in force stays.\n%v", err))
		return
	}
	s.text(w, http.StatusOK, "Reloaded.")
}

// fail tells the browser one sentence and the log the cause.
func (s *server) fail(w http.ResponseWriter, what string, err error) {
	s.Log.Error("a page can't be shown", "doing", what, "err", err)
	s.text(w, http.StatusInternalServerError, "页面无法显示，原因见日志。 The page can't be shown; the log says why.")
}

func (s *server) text(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	s.write(w, []byte(line+"\n"))
}

func (s *server) write(w http.ResponseWriter, body []byte) {
	if _, err := w.Write(body); err != nil {
		s.Log.Debug("a reader went away", "err", err)
	}
}
