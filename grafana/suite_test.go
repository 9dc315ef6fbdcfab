package grafana_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/grafana"
)

// suite is what has to hold of every Grafana, with the means of its API alone.
func suite(t *testing.T, s server) {
	tests := map[string]func(t *testing.T, s *site){
		"twice":             testTwice,
		"update":            testUpdate,
		"edited":            testEdited,
		"moved":             testMoved,
		"deleted":           testDeleted,
		"state lost":        testStateLost,
		"lost and edited":   testLostAndEdited,
		"broken off":        testBrokenOff,
		"broken off moving": testBrokenOffMoving,
		"orphans":           testOrphans,
		"copies":            testCopies,
		"folder renamed":    testFolderRenamed,
		"foreign":           testForeign,
		"data source":       testDatasource,
		"playlist":          testPlaylist,
		"another folder":    testAnotherFolder,
	}
	start := time.Now().UnixNano()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			prefix := fmt.Sprintf("t%x%s-", start&0xffffff, strings.ReplaceAll(name[:4], " ", ""))
			one := s.site(t, prefix+strings.ReplaceAll(name[len(name)-3:], " ", "")+"-")
			t.Cleanup(func() { one.clean() })
			test(t, one)
		})
	}
}

// clean deletes what a test has made of a real server.
func (s *site) clean() {
	if s.fake != nil {
		return
	}
	d := desired(s.prefix)
	for _, f := range d.Folders {
		_, _ = s.tryPerson(http.MethodDelete, "/api/folders/"+f.UID, nil)
	}
	_, _ = s.tryPerson(http.MethodDelete, "/api/datasources/uid/"+d.Datasource.UID, nil)
	for _, uid := range []string{"copy", "mine"} {
		_, _ = s.tryPerson(http.MethodDelete, "/api/dashboards/uid/"+s.prefix+uid, nil)
	}
}

func TestSuite(t *testing.T) {
	for _, version := range []string{"9.4.0-pre", "9.4.7", "10.4.2", "11.6.1", "12.4.0", "13.1.1"} {
		t.Run(version, func(t *testing.T) { suite(t, fake(t, version)) })
	}
}

// TestRealGrafana runs the same against the Grafana that GOVKPI_GRAFANA_URL
// names, with GOVKPI_GRAFANA_TOKEN or user:password in the address. It makes
// folders and boards whose uids begin with t, and deletes them.
func TestRealGrafana(t *testing.T) {
	address := os.Getenv("GOVKPI_GRAFANA_URL")
	if address == "" {
		t.Log("GOVKPI_GRAFANA_URL is not set: the suite has run against the stand-in alone")
		return
	}
	s := server{url: address, login: grafana.Login{Token: os.Getenv("GOVKPI_GRAFANA_TOKEN")}}
	if scheme, rest, _ := strings.Cut(address, "://"); strings.Contains(rest, "@") {
		user, host, _ := strings.Cut(rest, "@")
		s.url = scheme + "://" + host
		s.login.User, s.login.Password, _ = strings.Cut(user, ":")
	}
	suite(t, s)
}

func everything() []string {
	return []string{"create data", "create wall", "create source", "create province", "create theme", "create city", "create walls"}
}

func testTwice(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.expect(d, grafana.How{}, everything()...)
	s.expect(d, grafana.How{}, everything()...) // a plan changes nothing
	done, err := s.tryApply(d, grafana.How{})
	if err != nil || len(done) != len(everything()) {
		t.Fatalf("%d done, error %v", len(done), err)
	}
	s.expect(d, grafana.How{})
	if done, err := s.tryApply(d, grafana.How{Force: true, Prune: true}); err != nil || len(done) > 0 {
		t.Errorf("a second apply did %v, error %v", done, err)
	}
}

func testUpdate(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	d = rewritten(d, s.prefix+"city", "governance_rollup")
	p := s.expect(d, grafana.How{}, "update city")
	if got := notes(p, s.prefix+"city"); !strings.Contains(got, `panels[1].targets[1].expr: "governance_grids" -> "governance_rollup"`) {
		t.Errorf("the difference is not told:\n%s", got)
	}
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

func testEdited(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	s.edit(s.prefix+"city", retitle("我的"))
	d = rewritten(d, s.prefix+"theme", "governance_rollup") // others are applied all the same
	p := s.expect(d, grafana.How{}, "update theme", "drift city")
	if got := notes(p, s.prefix+"city"); !strings.Contains(got, "version 2 is not ours") || !strings.Contains(got, "von Hand") || !strings.Contains(got, `"我的" -> "网格"`) {
		t.Errorf("it is not told what somebody did:\n%s", got)
	}
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{}, "drift city")
	if got := s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"city", nil); !strings.Contains(fmt.Sprint(got), "我的") {
		t.Error("somebody's work is lost")
	}
	s.apply(d, grafana.How{Force: true})
	s.expect(d, grafana.How{})
}

func testMoved(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	read := s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"city", nil)
	s.person(http.MethodPost, "/api/dashboards/db", map[string]any{"dashboard": read["dashboard"], "folderUid": s.prefix + "wall"})
	p := s.expect(d, grafana.How{}, "drift city")
	if got := notes(p, s.prefix+"city"); !strings.Contains(got, "moved it from folder "+s.prefix+"data to folder "+s.prefix+"wall") {
		t.Errorf("the move is not told:\n%s", got)
	}
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{}, "drift city")
	s.apply(d, grafana.How{Force: true})
	s.expect(d, grafana.How{})
	read = s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"city", nil)
	if got := dig(read, "meta", "folderUid"); got != s.prefix+"data" {
		t.Errorf("it is in %v", got)
	}
}

func testDeleted(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	s.person(http.MethodDelete, "/api/dashboards/uid/"+s.prefix+"city", nil)
	p := s.expect(d, grafana.How{}, "create city")
	if got := notes(p, s.prefix+"city"); !strings.Contains(got, "deleted") {
		t.Errorf("notes %q", got)
	}
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

func testStateLost(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	if err := os.Remove(s.state); err != nil {
		t.Fatal(err)
	}
	s.expect(d, grafana.How{})
	d = rewritten(d, s.prefix+"city", "governance_rollup")
	s.expect(d, grafana.How{}, "update city")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

func testLostAndEdited(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	s.edit(s.prefix+"city", retitle("我的"))
	if err := os.Remove(s.state); err != nil {
		t.Fatal(err)
	}
	s.expect(d, grafana.How{}, "drift city")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{}, "drift city")
}

// testBrokenOff kills an apply after each of its changes, between the change and
// its record, and goes on.
func testBrokenOff(t *testing.T, s *site) {
	d := desired(s.prefix)
	for range everything() {
		s.transport = &breaking{after: 1}
		if _, err := s.tryApply(d, grafana.How{}); err == nil || !strings.Contains(err.Error(), errBroken.Error()) {
			t.Fatalf("error %v", err)
		}
	}
	s.transport = nil
	s.expect(d, grafana.How{})
	d = rewritten(rewritten(d, s.prefix+"city", "governance_rollup"), s.prefix+"theme", "governance_rollup")
	s.transport = &breaking{after: 1}
	if _, err := s.tryApply(d, grafana.How{}); err == nil {
		t.Fatal("it did not break off")
	}
	s.transport = nil
	s.expect(d, grafana.How{}, "update city")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

func testBrokenOffMoving(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	d.Boards[0].FolderUID = s.prefix + "data"
	s.transport = &breaking{after: 1}
	if _, err := s.tryApply(d, grafana.How{}); err == nil {
		t.Fatal("it did not break off")
	}
	s.transport = nil
	s.expect(d, grafana.How{})
}

func testOrphans(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	s.person(http.MethodPost, "/api/dashboards/db", map[string]any{
		"dashboard": map[string]any{"uid": s.prefix + "mine", "title": s.prefix + " mine", "tags": []string{"governance"}}, "folderUid": s.prefix + "wall",
	})
	all := d.Boards
	d.Boards = all[:1]
	s.edit(s.prefix+"city", retitle("我的"))
	s.expect(d, grafana.How{}, "update walls", "orphan city", "orphan theme")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{}, "orphan city", "orphan theme")
	s.apply(d, grafana.How{Prune: true})
	p := s.expect(d, grafana.How{Prune: true}, "orphan city") // somebody worked on it
	if got := notes(p, s.prefix+"city"); !strings.Contains(got, "somebody worked on it") {
		t.Errorf("notes %q", got)
	}
	s.apply(d, grafana.How{Prune: true, Force: true})
	s.expect(d, grafana.How{})
	s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"mine", nil)
}

// testCopies: "save as" keeps the tags, and the copy is somebody's own.
func testCopies(_ *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	read := s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"city", nil)
	dashboard := object(read, "dashboard")
	dashboard["uid"], dashboard["title"] = s.prefix+"copy", s.prefix+" copy"
	delete(dashboard, "id")
	delete(dashboard, "version")
	s.person(http.MethodPost, "/api/dashboards/db", map[string]any{"dashboard": dashboard, "folderUid": s.prefix + "wall"})
	s.expect(d, grafana.How{Prune: true, Force: true})
	s.apply(d, grafana.How{Prune: true, Force: true})
	s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"copy", nil)
}

func testFolderRenamed(_ *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	read := s.person(http.MethodGet, "/api/folders/"+s.prefix+"wall", nil)
	s.person(http.MethodPut, "/api/folders/"+s.prefix+"wall", map[string]any{"title": s.prefix + " 我的", "version": read["version"], "overwrite": true})
	s.expect(d, grafana.How{}, "drift wall")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{}, "drift wall")
	s.apply(d, grafana.How{Force: true})
	s.expect(d, grafana.How{})
	d.Folders[0].Title = s.prefix + " 墙"
	s.expect(d, grafana.How{}, "update wall")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

// testForeign: somebody has a board under a uid of ours.
func testForeign(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.person(http.MethodPost, "/api/folders", map[string]any{"uid": s.prefix + "data", "title": s.prefix + " data 数据"})
	s.person(http.MethodPost, "/api/dashboards/db", map[string]any{
		"dashboard": map[string]any{"uid": s.prefix + "city", "title": "我的"}, "folderUid": s.prefix + "data",
	})
	force := grafana.How{Force: true, Prune: true}
	s.apply(d, force)
	p := s.expect(d, force, "refused city")
	if got := notes(p, s.prefix+"city"); !strings.Contains(got, "not ours") {
		t.Errorf("notes %q", got)
	}
}

func testDatasource(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	read := s.person(http.MethodGet, "/api/datasources/uid/"+s.prefix+"source", nil)
	read["basicAuth"], read["basicAuthUser"] = true, "reader"
	object(read, "jsonData")["tlsSkipVerify"] = true
	s.person(http.MethodPut, "/api/datasources/uid/"+s.prefix+"source", read)
	s.expect(d, grafana.How{}) // what is not ours to say may be as it likes
	d.Datasource.URL = "http://127.0.0.1:9090"
	s.expect(d, grafana.How{}, "update source")
	s.apply(d, grafana.How{})
	read = s.person(http.MethodGet, "/api/datasources/uid/"+s.prefix+"source", nil)
	if read["url"] != "http://127.0.0.1:9090" || read["basicAuthUser"] != "reader" || dig(read, "jsonData", "tlsSkipVerify") != true {
		t.Errorf("data source %v", read)
	}
	read["url"] = "http://127.0.0.1:9091"
	s.person(http.MethodPut, "/api/datasources/uid/"+s.prefix+"source", read)
	s.expect(d, grafana.How{}, "drift source")
	s.apply(d, grafana.How{Force: true})
	s.expect(d, grafana.How{})
	d.Datasource.URL = "" // somebody else looks after it
	s.expect(d, grafana.How{})
	d.Datasource.UID += "x"
	s.expect(d, grafana.How{}, "refused sourcex")
}

func testPlaylist(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	d.Playlist.Interval = time.Minute
	s.expect(d, grafana.How{}, "update walls")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
	urls, err := s.remote().WallURLs(t.Context(), d)
	if err != nil || len(urls) != 3 || !strings.HasPrefix(urls[0].URL, s.url+"/playlists/play/") || !strings.Contains(urls[0].URL, "?kiosk&orgId=1") {
		t.Errorf("addresses %v, error %v", urls, err)
	}
	if !strings.HasPrefix(urls[2].URL, s.url+"/d/"+s.prefix+"theme?kiosk&orgId=1") {
		t.Errorf("address %v", urls[2])
	}
}

func testAnotherFolder(t *testing.T, s *site) {
	d := desired(s.prefix)
	s.apply(d, grafana.How{})
	d.Boards[2].FolderUID = s.prefix + "wall"
	s.expect(d, grafana.How{}, "update city")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
	read := s.person(http.MethodGet, "/api/dashboards/uid/"+s.prefix+"city", nil)
	if got := dig(read, "meta", "folderUid"); got != s.prefix+"wall" {
		t.Errorf("it is in %v", got)
	}
}
