package grafana_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/grafana"
	"github.com/govkpi/govkpi/grafana/grafanatest"
)

// oddBodies are what comes in the place of Grafana's own answers.
func oddBodies() map[string]string {
	return map[string]string{
		"message":           `{"message":"so it is"}`,
		"empty":             "",
		"half JSON":         `{"message":"so`,
		"no message":        `{"code":7}`,
		"message no text":   `{"message":{"zh":"不"},"status":3}`,
		"null":              "null",
		"list":              "[]",
		"number":            "12",
		"page":              "<!doctype html><html><head><title>Sign in\n to the portal</title></head><body>…</body></html>",
		"page, no title":    "<html></html>",
		"no UTF-8":          "\xff\xfe\x00",
		"kubernetes status": `{"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":403}`,
	}
}

// statuses are what comes with them.
func statuses() []int { return []int{200, 302, 401, 403, 404, 409, 412, 429, 500, 502} }

// TestOddPlans lets every request of a plan in turn be answered with every status
// and body: no panic, and a message of a sensible length without our token.
func TestOddPlans(t *testing.T) {
	for _, version := range []string{"9.4.7", "13.1.1"} {
		s := fake(t, version).site(t, "p-")
		d := desired("p-")
		s.apply(d, grafana.How{})
		s.edit("p-city", retitle("我的"))
		before := s.fake.State()
		s.fake.Requests()
		s.plan(d, grafana.How{})
		for _, request := range slices.Compact(slices.Sorted(slices.Values(s.fake.Requests()))) {
			for _, status := range statuses() {
				for name, body := range oddBodies() {
					s.fake.Set(answering(request, status, body), nil)
					p, err := s.remote().Plan(t.Context(), d, grafana.How{Force: true, Prune: true})
					var said string
					if err != nil {
						said = err.Error()
					} else {
						said = s.text(p)
					}
					if len(said) > 5000 || strings.Contains(said, grafanatest.Token) || !strings.Contains(said, "grafana.example") && !strings.Contains(said, s.url) {
						t.Errorf("%s: %s answered %d with %s: it says\n%s", version, request, status, name, said)
					}
					if status == http.StatusUnauthorized && !strings.Contains(request, "/versions") && !strings.Contains(request, "health") && (err == nil || !strings.Contains(said, "token or the password")) {
						t.Errorf("%s: %s answered 401 with %s: it says\n%s", version, request, name, said)
					}
				}
			}
		}
		if s.fake.State() != before {
			t.Errorf("%s: a plan has changed something", version)
		}
	}
}

func answering(request string, status int, body string) func(w http.ResponseWriter, r *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method+" "+r.URL.Path != request {
			return false
		}
		w.Header().Set("Location", "https://portal.example/login")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

// TestOddAnswers lets every request of an apply in turn be answered so.
// Whatever comes: no success that is none, nothing of the user's touched; and
// afterwards the same command goes through.
func TestOddAnswers(t *testing.T) {
	bodies := map[int][]string{200: {"page", "half JSON"}, 404: {"page", "no message"}, 412: {"page", "no message"}, 500: {"empty"}}
	for version, few := range map[string]bool{"9.4.7": false, "13.1.1": true} {
		paths := pathsOf(t, version)
		for _, status := range statuses() {
			for _, body := range bodies[status] {
				t.Run(fmt.Sprintf("%s %d %s", version, status, body), func(t *testing.T) {
					for _, path := range paths {
						oddAnswer(t, version, path, status, body)
					}
				})
			}
			if _, special := bodies[status]; !special && !few {
				t.Run(fmt.Sprintf("%s %d", version, status), func(t *testing.T) {
					for _, path := range paths {
						oddAnswer(t, version, path, status, "page")
					}
				})
			}
		}
	}
}

// pathsOf are all requests of a first apply, as "METHOD path".
func pathsOf(t *testing.T, version string) []string {
	s := fake(t, version).site(t, "p-")
	s.apply(desired("p-"), grafana.How{})
	return slices.Compact(slices.Sorted(slices.Values(s.fake.Requests())))
}

// harmless are answers with which all goes well nevertheless: what is not there
// is made, the older API is taken, what can't be read is left alone.
func harmless(request string, status int, body string) bool {
	switch {
	case strings.HasPrefix(request, "GET /apis/") || strings.HasPrefix(request, "GET /api/dashboards/uid/"):
		return true
	case strings.HasPrefix(request, "GET ") && status == http.StatusNotFound, status == http.StatusOK: // it says nothing, but is JSON
		return body == "no message"
	case status == http.StatusForbidden: // whose data source it is, is not ours to know
		return strings.HasPrefix(request, "GET /api/datasources/")
	}
	return false
}

func oddAnswer(t *testing.T, version, request string, status int, body string) {
	t.Helper()
	s := fake(t, version).site(t, "p-")
	d := desired("p-")
	s.fake.Make("p-mine", "", "我的")
	s.fake.Answer = answering(request, status, oddBodies()[body])
	where := fmt.Sprintf("%s: %s answered %d with %s", version, request, status, body)
	if _, err := s.tryApply(d, grafana.How{}); err == nil && !harmless(request, status, body) {
		t.Errorf("%s: no error", where)
	}
	s.fake.Set(nil, nil)
	if _, err := s.tryApply(d, grafana.How{}); err != nil {
		t.Errorf("%s: afterwards: %v", where, err)
	}
	s.expect(d, grafana.How{})
	if _, _, version := s.fake.Board("p-mine"); version != 1 {
		t.Errorf("%s: somebody's board was touched", where)
	}
}

func TestUnreachable(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.fake.Close()
	_, err := s.remote().Plan(t.Context(), desired("p-"), grafana.How{})
	if err == nil || !strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), "grafana.url") {
		t.Errorf("error %v", err)
	}
}

func TestSlow(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.timeout = 50 * time.Millisecond
	s.fake.Answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/search" {
			<-r.Context().Done()
		}
		return false
	}
	_, err := s.tryApply(desired("p-"), grafana.How{})
	if err == nil || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("error %v", err)
	}
}

func TestSlowBody(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.timeout = 50 * time.Millisecond
	s.fake.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.WriteString(w, `{"id":1,`)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-r.Context().Done()
		return true
	}
	_, err := s.tryApply(desired("p-"), grafana.How{})
	if err == nil || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("error %v", err)
	}
}

// TestEndless: an answer without an end takes no memory without an end.
func TestEndless(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.timeout = time.Minute
	s.fake.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return true
			}
		}
	}
	_, err := s.tryApply(desired("p-"), grafana.How{})
	if err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("error %v", err)
	}
}

// TestRedirectedChange is what turns a POST into a GET that succeeds.
func TestRedirectedChange(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.fake.Answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, "https://grafana.example"+r.URL.Path, http.StatusMovedPermanently)
			return true
		}
		return false
	}
	_, err := s.tryApply(desired("p-"), grafana.How{})
	if err == nil || !strings.Contains(err.Error(), "it leads to https://grafana.example/api/folders") {
		t.Errorf("error %v", err)
	}
}

// TestRaces: somebody writes between the plan and the apply.
func TestRaces(t *testing.T) {
	for _, version := range []string{"9.4.7", "13.1.1"} {
		for _, how := range []grafana.How{{}, {Force: true, Prune: true}} {
			s := fake(t, version).site(t, "p-")
			d := desired("p-")
			s.apply(d, grafana.How{})
			changed := rewritten(rewritten(d, "p-city", "governance_rollup"), "p-province", "governance_rollup")
			changed.Boards = []grafana.Board{changed.Boards[0], changed.Boards[2]} // theme is an orphan
			changed.Playlist.Title += "2"
			r := s.remote()
			p, err := r.Plan(t.Context(), changed, how)
			if err != nil {
				t.Fatal(err)
			}
			s.fake.Edit("p-city", "li", "", retitle("我的"))
			s.fake.Edit("p-theme", "li", "", retitle("我的"))
			s.fake.Folder("p-wall", func(f map[string]any) { f["title"] = "我的" })
			err = r.Apply(t.Context(), p, func(grafana.Done) {})
			if err == nil || !strings.Contains(err.Error(), "nothing was overwritten") {
				t.Errorf("%s: error %v", version, err)
			}
			if how.Prune && !strings.Contains(err.Error(), "so that it stays") {
				t.Errorf("%s: error %v", version, err)
			}
			for _, uid := range []string{"p-city", "p-theme"} {
				content, _, _ := s.fake.Board(uid)
				if got := dig(content, "panels", 0, "title"); got != "我的" {
					t.Errorf("%s: somebody's %s is lost: %v", version, uid, got)
				}
			}
			if _, _, v := s.fake.Board("p-province"); v != 2 {
				t.Errorf("%s: the other board has version %d", version, v)
			}
		}
	}
}

func TestCreatedMeanwhile(t *testing.T) {
	s := fake(t, "9.4.7").site(t, "p-")
	r := s.remote()
	p, err := r.Plan(t.Context(), desired("p-"), grafana.How{})
	if err != nil {
		t.Fatal(err)
	}
	s.fake.Folder("p-wall", func(f map[string]any) { f["title"] = "我的" })
	s.fake.Make("p-city", "", "我的")
	err = r.Apply(t.Context(), p, func(grafana.Done) {})
	for _, want := range []string{"folder p-wall: ", "has that name or uid", "p-province: its folder p-wall could not be made", "dashboard p-city: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %q", err, want)
		}
	}
	if content, _, _ := s.fake.Board("p-city"); content["title"] != "我的" {
		t.Error("somebody's board is lost")
	}
}

func TestProvisioned(t *testing.T) {
	s := fake(t, "11.6.1").site(t, "p-")
	d := desired("p-")
	s.apply(d, grafana.How{})
	s.fake.Provision("p-city", "gov/city.json")
	s.fake.Provision("p-theme", "gov/theme.json")
	s.fake.Provision("p-source", "")
	before := s.fake.State()
	d.Boards = []grafana.Board{d.Boards[0], d.Boards[2]}
	d.Playlist = nil
	force := grafana.How{Force: true, Prune: true}
	p := s.expect(d, force, "refused city", "orphan theme") // the data source is as it should be
	if got := notes(p, "p-city"); !strings.Contains(got, "gov/city.json") || !strings.Contains(got, "one uid has one owner") {
		t.Errorf("notes %q", got)
	}
	d.Datasource.URL = "http://127.0.0.1:9090"
	s.expect(d, force, "refused source", "refused city", "orphan theme")
	s.apply(d, force)
	if after := s.fake.State(); after != before {
		t.Error("what files provision was changed")
	}
}

// TestProvisionedMeanwhile: a file takes a board over after the plan.
func TestProvisionedMeanwhile(t *testing.T) {
	s := fake(t, "11.6.1").site(t, "p-")
	d := desired("p-")
	s.apply(d, grafana.How{})
	r := s.remote()
	p, err := r.Plan(t.Context(), rewritten(d, "p-city", "governance_rollup"), grafana.How{})
	if err != nil {
		t.Fatal(err)
	}
	s.fake.Provision("p-city", "gov/city.json")
	err = r.Apply(t.Context(), p, func(grafana.Done) {})
	if err == nil || !strings.Contains(err.Error(), "Cannot save provisioned dashboard") || !strings.Contains(err.Error(), "one uid has one owner") {
		t.Errorf("error %v", err)
	}
}

// TestLostEverything: neither state file nor history is there. Where Grafana
// keeps what it was given the tag proves the content; where it rewrites it,
// nothing does, and nothing is overwritten.
func TestLostEverything(t *testing.T) {
	for version, want := range map[string][]string{"9.4.7": nil, "13.1.1": {"drift province", "drift theme", "drift city"}} {
		s := fake(t, version).site(t, "p-")
		d := desired("p-")
		s.apply(d, grafana.How{})
		for _, b := range d.Boards {
			s.fake.ForgetHistory(b.UID)
		}
		if err := os.Remove(s.state); err != nil {
			t.Fatal(err)
		}
		s.expect(d, grafana.How{}, want...)
		s.apply(d, grafana.How{Force: true})
		s.expect(d, grafana.How{})
	}
}

func TestMovedInTheList(t *testing.T) {
	s := fake(t, "13.1.1").site(t, "p-")
	d := desired("p-")
	s.apply(d, grafana.How{})
	s.fake.Move("p-city", "") // the version stays
	s.expect(d, grafana.How{}, "drift city")
	if err := os.Remove(s.state); err != nil {
		t.Fatal(err)
	}
	p := s.expect(d, grafana.How{}, "drift city")
	if got := notes(p, "p-city"); !strings.Contains(got, "it is in no folder") {
		t.Errorf("notes %q", got)
	}
}

func TestFolderMoved(t *testing.T) {
	s := fake(t, "13.1.1").site(t, "p-")
	d := desired("p-")
	s.apply(d, grafana.How{})
	s.fake.Folder("p-wall", func(f map[string]any) { f["parentUid"] = "theirs" })
	p := s.expect(d, grafana.How{})
	if got := s.text(p); !strings.Contains(got, "moved it into the folder theirs, where it stays") {
		t.Errorf("plan\n%s", got)
	}
}

func TestStateFile(t *testing.T) {
	tests := map[string]struct {
		content string
		want    string
	}{
		"half":     {`{"format":1,"serv`, "move the file away"},
		"newer":    {`{"format":2}`, "a newer govkpi wrote it"},
		"no words": {`{"format":1,"servers":null}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := fake(t, "12.4.0").site(t, "p-")
			if err := os.WriteFile(s.state, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := s.tryApply(desired("p-"), grafana.How{})
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// TestStateUnwritable changes nothing that it could not remember.
func TestStateUnwritable(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.state = filepath.Join(t.TempDir(), "missing", "grafana.json")
	before := s.fake.State()
	if _, err := s.tryApply(desired("p-"), grafana.How{}); err == nil || !strings.Contains(err.Error(), "record what was written to Grafana") {
		t.Errorf("error %v", err)
	}
	if s.fake.State() != before {
		t.Error("something was changed")
	}
}

func TestCancelled(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	d := desired("p-")
	r := s.remote()
	p, err := r.Plan(t.Context(), d, grafana.How{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	err = r.Apply(ctx, p, func(grafana.Done) {
		if done++; done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopped with 3 objects to go") {
		t.Errorf("error %v", err)
	}
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

// TestNeverByNumber: what 13 takes for the root folder, or has disabled.
func TestNeverByNumber(t *testing.T) {
	s := fake(t, "13.1.1").site(t, "p-")
	s.fake.Answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(r.Body)
			if err != nil || strings.Contains(string(body), "folderId") || strings.Contains(string(body), `"overwrite":true`) {
				t.Errorf("sent %s, %v", body, err)
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
		}
		return false
	}
	s.apply(desired("p-"), grafana.How{})
	for _, request := range s.fake.Requests() {
		if strings.HasPrefix(strings.TrimPrefix(request, "GET "), "/api/datasources/") && !strings.Contains(request, "/uid/") {
			t.Error(request)
		}
	}
}

// Grafana 9 takes names for one that differ in Chinese characters alone.
func TestNamesThatDifferInChineseAlone(t *testing.T) {
	for version, clash := range map[string]bool{"9.4.7": true, "10.4.2": false} {
		s := fake(t, version).site(t, "p-")
		d := desired("p-")
		d.Folders[0].Title, d.Folders[1].Title = "KPI 大屏", "KPI 数据"
		_, err := s.tryApply(d, grafana.How{})
		if got := err != nil; got != clash {
			t.Errorf("%s: error %v", version, err)
		}
		if clash && !strings.Contains(err.Error(), "in Grafana 9, the same letters and digits") {
			t.Errorf("%s doesn't say why: %v", version, err)
		}
	}
}
