// Package grafanatest is a Grafana for tests: what one of the versions 9 to 13
// does to the requests that we make, as docs/grafana.md describes it, in memory.
// It hands on an httptest server, and means by which a test plays what people and
// files do to a Grafana, and what goes wrong.
package grafanatest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Token is what the server wants to be shown.
const Token = "glsa_k3Xw9TestToken"

// User and Password are the other way in.
const (
	User     = "operator"
	Password = "b7-Tr!example"
)

// Grafana is a server. Fields may be set before its first request; methods are
// safe for concurrent use.
type Grafana struct {
	*httptest.Server
	// Version decides what it does.
	Version string
	OrgID   int64
	OrgName string
	// Answer may answer a request in its place, and then returns true. It is called
	// without locks held.
	Answer func(w http.ResponseWriter, r *http.Request) bool
	// Done is called after a request has had its effect and before it is answered;
	// one that returns false breaks the connection off.
	Done func(r *http.Request) bool

	mu          sync.Mutex
	requests    []string
	folders     map[string]map[string]any
	datasources map[string]map[string]any
	boards      map[string]*board
	playlists   map[string]map[string]any
	nextID      int64
}

// board is a dashboard with its history.
type board struct {
	id          int64
	folderUID   string
	provisioned string
	versions    []version
}

type version struct {
	Version   int64
	Message   string
	CreatedBy string
	Content   map[string]any
}

func (b *board) newest() version { return b.versions[len(b.versions)-1] }

// New starts a server of a version such as 12.4.1. It ends with the test.
func New(t testing.TB, version string) *Grafana {
	t.Helper()
	g := &Grafana{
		Version: version, OrgID: 1, OrgName: "Main Org.",
		folders: map[string]map[string]any{}, datasources: map[string]map[string]any{},
		boards: map[string]*board{}, playlists: map[string]map[string]any{}, nextID: 1,
	}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *Grafana) major() int {
	first, _, _ := strings.Cut(g.Version, ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return n
}

// newPlaylists says that playlists have the newer API.
func (g *Grafana) newPlaylists() bool {
	return g.major() > 12 || strings.HasPrefix(g.Version, "12.4")
}

// ServeHTTP implements http.Handler.
func (g *Grafana) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	g.requests = append(g.requests, r.Method+" "+r.URL.Path)
	answer, done := g.Answer, g.Done
	g.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	if r.URL.Path != "/api/health" && !g.knows(r) {
		say(w, http.StatusUnauthorized, map[string]any{"message": "Invalid username or password"})
		return
	}
	recorder := httptest.NewRecorder()
	g.mu.Lock()
	g.mux().ServeHTTP(recorder, r)
	g.mu.Unlock()
	if done != nil && !done(r) {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

func (g *Grafana) knows(r *http.Request) bool {
	if user, password, ok := r.BasicAuth(); ok {
		return user == User && password == Password
	}
	return r.Header.Get("Authorization") == "Bearer "+Token
}

func (g *Grafana) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) {
		say(w, http.StatusOK, map[string]any{"database": "ok", "version": g.Version, "commit": "abc"})
	})
	mux.HandleFunc("GET /api/org", func(w http.ResponseWriter, r *http.Request) {
		if asked := r.Header.Get("X-Grafana-Org-Id"); asked != "" && asked != strconv.FormatInt(g.OrgID, 10) && r.Header.Get("Authorization")[:5] == "Basic" {
			say(w, http.StatusUnauthorized, map[string]any{"message": "Unauthorized"})
			return
		}
		say(w, http.StatusOK, map[string]any{"id": g.OrgID, "name": g.OrgName})
	})
	g.folderRoutes(mux)
	g.datasourceRoutes(mux)
	g.boardRoutes(mux)
	g.playlistRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		say(w, http.StatusNotFound, map[string]any{"message": "Not found"})
	})
	return mux
}

func say(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err)
	}
}

func read(r *http.Request) map[string]any {
	var body map[string]any
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return map[string]any{}
	}
	return body
}

func text(body map[string]any, key string) string {
	value, _ := body[key].(string)
	return value
}

func number(v any) int64 {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return 0
		}
		return n
	case int64:
		return v
	}
	return 0
}

func (g *Grafana) id() int64 {
	g.nextID++
	return g.nextID
}

func (g *Grafana) folderRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/folders/{uid}", func(w http.ResponseWriter, r *http.Request) {
		folder, ok := g.folders[r.PathValue("uid")]
		if !ok {
			say(w, http.StatusNotFound, map[string]any{"message": "folder not found", "status": "not-found"})
			return
		}
		say(w, http.StatusOK, folder)
	})
	mux.HandleFunc("POST /api/folders", func(w http.ResponseWriter, r *http.Request) {
		body := read(r)
		uid := text(body, "uid")
		if _, taken := g.folders[uid]; taken {
			say(w, http.StatusConflict, map[string]any{"message": "a folder with the same uid already exists"})
			return
		}
		for _, other := range g.folders {
			if g.major() < 11 && g.same(text(other, "title"), text(body, "title")) {
				say(w, http.StatusConflict, map[string]any{"message": "a folder or dashboard in the general folder with the same name already exists"})
				return
			}
		}
		g.folders[uid] = map[string]any{"id": g.id(), "uid": uid, "title": body["title"], "version": int64(1)}
		say(w, http.StatusOK, g.folders[uid])
	})
	mux.HandleFunc("PUT /api/folders/{uid}", func(w http.ResponseWriter, r *http.Request) {
		body := read(r)
		folder, ok := g.folders[r.PathValue("uid")]
		switch {
		case !ok:
			say(w, http.StatusNotFound, map[string]any{"message": "folder not found", "status": "not-found"})
		case body["overwrite"] != true && number(body["version"]) != number(folder["version"]):
			say(w, http.StatusPreconditionFailed, map[string]any{"message": "the folder has been changed by someone else", "status": "version-mismatch"})
		default:
			folder["title"], folder["version"] = body["title"], number(folder["version"])+1
			say(w, http.StatusOK, folder)
		}
	})
}

func (g *Grafana) datasourceRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/datasources/uid/{uid}", func(w http.ResponseWriter, r *http.Request) {
		datasource, ok := g.datasources[r.PathValue("uid")]
		if !ok {
			say(w, http.StatusNotFound, map[string]any{"message": "Data source not found"})
			return
		}
		say(w, http.StatusOK, datasource)
	})
	mux.HandleFunc("POST /api/datasources", func(w http.ResponseWriter, r *http.Request) {
		body := read(r)
		for _, other := range g.datasources {
			if other["name"] == body["name"] || other["uid"] == body["uid"] {
				say(w, http.StatusConflict, map[string]any{"message": "data source with the same name already exists"})
				return
			}
		}
		body["id"], body["version"], body["readOnly"], body["orgId"] = g.id(), int64(1), false, g.OrgID
		g.datasources[text(body, "uid")] = body
		say(w, http.StatusOK, map[string]any{"message": "Datasource added", "datasource": body})
	})
	mux.HandleFunc("PUT /api/datasources/uid/{uid}", func(w http.ResponseWriter, r *http.Request) {
		body := read(r)
		datasource, ok := g.datasources[r.PathValue("uid")]
		switch {
		case !ok:
			say(w, http.StatusNotFound, map[string]any{"message": "Data source not found"})
		case datasource["readOnly"] == true:
			say(w, http.StatusForbidden, map[string]any{"message": "Cannot update read-only data source"})
		case number(body["version"]) != 0 && number(body["version"]) < number(datasource["version"]):
			say(w, http.StatusConflict, map[string]any{"message": "Datasource has already been updated by someone else. Please reload and try again"})
		default:
			body["version"], body["readOnly"] = number(datasource["version"])+1, false
			g.datasources[r.PathValue("uid")] = body
			say(w, http.StatusOK, map[string]any{"message": "Datasource updated", "datasource": body})
		}
	})
	if g.major() < 13 { // by number: disabled since
		mux.HandleFunc("/api/datasources/{id}", func(w http.ResponseWriter, _ *http.Request) {
			say(w, http.StatusInternalServerError, map[string]any{"message": "id is invalid"})
		})
	}
}

// Requests returns what was asked since the last call, as "METHOD path".
func (g *Grafana) Requests() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	requests := g.requests
	g.requests = nil
	return requests
}

// Set changes the hooks while the server runs.
func (g *Grafana) Set(answer func(w http.ResponseWriter, r *http.Request) bool, done func(r *http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.Answer, g.Done = answer, done
}

// created is when a version was: an hour after the one before.
func created(v int64) string {
	return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(v) * time.Hour).Format(time.RFC3339)
}

func taken(kind, name string) map[string]any {
	return map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "AlreadyExists", "code": 409, "message": fmt.Sprintf("%s %q already exists", kind, name)}
}
