package grafana_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/grafana"
	"github.com/govkpi/govkpi/grafana/grafanatest"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// golden compares with a file under testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// boardJSON is a small board in the classic model.
func boardJSON(uid, title, expr string) []byte {
	return fmt.Appendf(nil, `{"uid":%q,"title":%q,"tags":["governance"],"schemaVersion":42,"editable":false,"refresh":"1m",
		"panels":[{"id":1,"type":"stat","title":"网格","gridPos":{"h":8,"w":12,"x":0,"y":0},"fieldConfig":{"defaults":{"min":0.50}},
		"targets":[{"refId":"A","expr":%q}]},{"id":2,"type":"table","title":"明细","gridPos":{"h":8,"w":12,"x":12,"y":0}}]}`, uid, title, expr)
}

// desired is three boards in two folders, two of them on the wall. All uids begin
// with the prefix.
func desired(prefix string) grafana.Desired {
	d := grafana.Desired{
		Datasource: grafana.Datasource{UID: prefix + "source", Name: prefix + "govkpi", URL: "http://127.0.0.1:9600"},
		Folders:    []grafana.Folder{{UID: prefix + "wall", Title: prefix + " wall 大屏"}, {UID: prefix + "data", Title: prefix + " data 数据"}},
		Playlist:   &grafana.Playlist{UID: prefix + "walls", Title: prefix + " 轮播", Interval: 30 * time.Second},
		Maps:       []grafana.Map{{Name: "counties.geojson", Content: []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"360603","geometry":null}]}`)}},
	}
	for _, name := range []string{"province", "theme", "city"} {
		b := grafana.Board{UID: prefix + name, FolderUID: prefix + "wall", Title: prefix + " " + name, Wall: name != "city"}
		if !b.Wall {
			b.FolderUID = prefix + "data"
		}
		b.JSON = boardJSON(b.UID, b.Title, "governance_grids")
		d.Boards = append(d.Boards, b)
	}
	return d
}

// rewritten returns a copy with another expression in one board.
func rewritten(d grafana.Desired, uid, expr string) grafana.Desired {
	d.Boards = slices.Clone(d.Boards)
	for i, b := range d.Boards {
		if b.UID == uid {
			d.Boards[i].JSON = boardJSON(b.UID, b.Title, expr)
		}
	}
	return d
}

// server is a Grafana to test with, and how to get in.
type server struct {
	url   string
	login grafana.Login
	fake  *grafanatest.Grafana // nil for a real one
}

func fake(t testing.TB, version string) server {
	t.Helper()
	g := grafanatest.New(t, version)
	return server{g.URL, grafana.Login{Token: grafanatest.Token}, g}
}

// site is one user of a server: a prefix of its own, a tag and a state file.
type site struct {
	server
	t         testing.TB
	prefix    string
	state     string
	transport http.RoundTripper
	timeout   time.Duration
}

func (s server) site(t testing.TB, prefix string) *site {
	t.Helper()
	return &site{server: s, t: t, prefix: prefix, state: filepath.Join(t.TempDir(), "grafana.json"), timeout: 5 * time.Second}
}

func (s *site) remote() *grafana.Remote {
	s.t.Helper()
	r, err := grafana.NewRemote(grafana.RemoteOptions{
		URL: s.url, Login: s.login, Timeout: s.timeout, Tag: s.prefix + "tag", StateFile: s.state, Transport: s.transport,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *site) plan(d grafana.Desired, how grafana.How) *grafana.Plan {
	s.t.Helper()
	p, err := s.remote().Plan(s.t.Context(), d, how)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// tryApply plans and applies as the command does.
func (s *site) tryApply(d grafana.Desired, how grafana.How) ([]grafana.Done, error) {
	s.t.Helper()
	var done []grafana.Done
	r := s.remote()
	p, err := r.Plan(s.t.Context(), d, how)
	if err != nil {
		return nil, err
	}
	return done, r.Apply(s.t.Context(), p, func(one grafana.Done) { done = append(done, one) })
}

func (s *site) apply(d grafana.Desired, how grafana.How) {
	s.t.Helper()
	if _, err := s.tryApply(d, how); err != nil {
		s.t.Fatal(err)
	}
}

// expect fails unless a plan has these verbs, as "verb uid", and all else is
// unchanged.
func (s *site) expect(d grafana.Desired, how grafana.How, want ...string) *grafana.Plan {
	s.t.Helper()
	p := s.plan(d, how)
	got := []string{}
	for _, i := range p.Items {
		if i.Verb != grafana.Unchanged {
			got = append(got, string(i.Verb)+" "+strings.TrimPrefix(i.UID, s.prefix))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		s.t.Errorf("plan (-want +got):\n%s\n%s", diff, s.text(p))
	}
	return p
}

func (s *site) text(p *grafana.Plan) string {
	s.t.Helper()
	var b bytes.Buffer
	if err := p.WriteText(&b); err != nil {
		s.t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), s.url, "http://grafana.example")
}

// notes are what a plan says of one object.
func notes(p *grafana.Plan, uid string) string {
	for _, i := range p.Items {
		if i.UID == uid {
			return strings.Join(i.Notes, "\n")
		}
	}
	return ""
}

// person does over HTTP what somebody does in the browser.
func (s *site) person(method, path string, body any) map[string]any {
	s.t.Helper()
	answer, err := s.tryPerson(method, path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *site) tryPerson(method, path string, body any) (map[string]any, error) {
	written, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(written))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if s.login.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.login.Token)
	} else {
		request.SetBasicAuth(s.login.User, s.login.Password)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer map[string]any
	err = json.NewDecoder(response.Body).Decode(&answer)
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %v", method, path, response.Status, answer)
	}
	return answer, err
}

// dig returns what stands at a path of keys and places in read JSON; nil is
// nothing.
func dig(v any, path ...any) any {
	for _, step := range path {
		object, _ := v.(map[string]any)
		list, _ := v.([]any)
		switch step := step.(type) {
		case string:
			v = object[step]
		case int:
			if v = nil; step < len(list) {
				v = list[step]
			}
		}
	}
	return v
}

// object returns the object at a path, which has to be one.
func object(v any, path ...any) map[string]any {
	found, ok := dig(v, path...).(map[string]any)
	if !ok {
		panic(fmt.Sprintf("there is no object at %v of %v", path, v))
	}
	return found
}

// edit changes a board by hand.
func (s *site) edit(uid string, change func(map[string]any)) {
	s.t.Helper()
	read := s.person(http.MethodGet, "/api/dashboards/uid/"+uid, nil)
	dashboard, meta := object(read, "dashboard"), object(read, "meta")
	change(dashboard)
	s.person(http.MethodPost, "/api/dashboards/db", map[string]any{"dashboard": dashboard, "folderUid": meta["folderUid"], "message": "von Hand"})
}

func retitle(title string) func(map[string]any) {
	return func(d map[string]any) { object(d, "panels", 0)["title"] = title }
}

// breaking is a connection that breaks off after the nth change got through.
type breaking struct {
	after int
	seen  int
}

var errBroken = errors.New("connection reset by peer")

// RoundTrip implements http.RoundTripper.
func (b *breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.Method == http.MethodGet {
		return response, err
	}
	if b.seen++; b.seen < b.after {
		return response, nil
	}
	return nil, errors.Join(errBroken, response.Body.Close())
}
