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

// TestGoldenPlans is one of everything, as a person reads it.
func TestGoldenPlans(t *testing.T) {
	for _, version := range []string{"9.4.7", "11.6.1", "13.1.1"} {
		t.Run(version, func(t *testing.T) {
			s := fake(t, version).site(t, "gov-")
			d := desired("gov-")
			golden(t, "plans/"+version+"-first.txt", s.text(s.plan(d, grafana.How{})))
			s.apply(d, grafana.How{})
			golden(t, "plans/"+version+"-again.txt", s.text(s.plan(d, grafana.How{})))

			s.fake.Edit("gov-city", "li", "指标太多", retitle("我的"))
			s.fake.Edit("gov-city", "wang", "", func(d map[string]any) {
				panels, _ := dig(d, "panels").([]any)
				d["panels"] = append([]any{map[string]any{"id": 9, "type": "text", "title": "说明"}}, panels...)
			})
			s.fake.Folder("gov-wall", func(f map[string]any) { f["title"] = "我的" })
			s.fake.Datasource("gov-source", func(d map[string]any) { d["url"] = "http://127.0.0.1:9999" })
			s.fake.Playlist("gov- 轮播", func(spec map[string]any) { spec["interval"] = "5m" })
			s.fake.Provision("gov-province", "gov/province.json")
			d.Boards = append(d.Boards[:1:1], d.Boards[2], grafana.Board{
				UID: "gov-new", FolderUID: "gov-data", Title: "新", JSON: boardJSON("gov-new", "新", "governance_grids"),
			})
			d = rewritten(d, "gov-new", "governance_rollup")
			golden(t, "plans/"+version+"-drift.txt", s.text(s.plan(d, grafana.How{})))
			golden(t, "plans/"+version+"-force.txt", s.text(s.plan(d, grafana.How{Force: true, Prune: true})))
		})
	}
}

func TestDesiredIsRefused(t *testing.T) {
	tests := map[string]struct {
		change func(d *grafana.Desired)
		want   string
	}{
		"no boards":        {func(d *grafana.Desired) { d.Boards = nil }, "there are no boards"},
		"uid":              {func(d *grafana.Desired) { d.Boards[0].UID = "a/b" }, `board "a/b": a uid is`},
		"long uid":         {func(d *grafana.Desired) { d.Folders[0].UID = strings.Repeat("a", 41) }, "a uid is"},
		"twice":            {func(d *grafana.Desired) { d.Boards[1].UID = d.Boards[0].UID }, "board p-province stands twice"},
		"folder twice":     {func(d *grafana.Desired) { d.Folders[1] = d.Folders[0] }, "folder p-wall stands twice"},
		"no folder":        {func(d *grafana.Desired) { d.Boards[0].FolderUID = "x" }, `there is no folder "x"`},
		"path in a title":  {func(d *grafana.Desired) { d.Folders[0].Title = "党建/民生" }, "must not be empty or contain a /"},
		"data source":      {func(d *grafana.Desired) { d.Datasource.UID = "" }, `data source ""`},
		"data source name": {func(d *grafana.Desired) { d.Datasource.Name = "" }, "has no name"},
		"interval":         {func(d *grafana.Desired) { d.Playlist.Interval = time.Millisecond }, "an interval of a second or more"},
		"other uid":        {func(d *grafana.Desired) { d.Boards[0].JSON = boardJSON("x", "p- province", "a") }, "the uid in its JSON is x"},
		"other title":      {func(d *grafana.Desired) { d.Boards[0].JSON = boardJSON("p-province", "x", "a") }, `the title in its JSON is x, not "p- province"`},
		"no JSON":          {func(d *grafana.Desired) { d.Boards[0].JSON = []byte("{") }, "is no JSON object"},
		"no object":        {func(d *grafana.Desired) { d.Boards[0].JSON = []byte("null") }, "is no JSON object"},
		"two values":       {func(d *grafana.Desired) { d.Boards[0].JSON = []byte("{}{}") }, "more than one JSON value"},
		"map without ids": {func(d *grafana.Desired) {
			d.Maps[0].Content = []byte(`{"type":"FeatureCollection","features":[{"id":7}]}`)
		}, "feature 1 has no text as its id"},
		"map, twice": {func(d *grafana.Desired) {
			d.Maps[0].Content = []byte(`{"type":"FeatureCollection","features":[{"id":"7"},{"id":"7"}]}`)
		}, "the feature 7 stands twice"},
		"no map":     {func(d *grafana.Desired) { d.Maps[0].Content = []byte(`{"type":"Feature"}`) }, "is no FeatureCollection"},
		"map's name": {func(d *grafana.Desired) { d.Maps[0].Name = "../x" }, "a name is letters"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := fake(t, "12.4.0").site(t, "p-")
			d := desired("p-")
			test.change(&d)
			if _, err := s.remote().Plan(t.Context(), d, grafana.How{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nwant %s", err, test.want)
			}
			if _, err := grafana.Files(d, fileOptions()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("files: error %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestRemoteIsRefused(t *testing.T) {
	good := grafana.RemoteOptions{URL: "https://grafana.example/monitor/", Login: grafana.Login{Token: "x"}, Timeout: time.Second, Tag: "t", StateFile: "f"}
	if _, err := grafana.NewRemote(good); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(o *grafana.RemoteOptions){
		"must begin with http":        func(o *grafana.RemoteOptions) { o.URL = "grafana.example" },
		"cannot be read":              func(o *grafana.RemoteOptions) { o.URL = "http://a b" },
		"must have no user":           func(o *grafana.RemoteOptions) { o.URL = "http://a:secret@b" },
		"a token is needed, or else":  func(o *grafana.RemoteOptions) { o.Login = grafana.Login{} },
		"a token is needed, or else ": func(o *grafana.RemoteOptions) { o.Login.User = "u" },
		"a timeout is needed":         func(o *grafana.RemoteOptions) { o.Timeout = 0 },
		"a tag and a state file":      func(o *grafana.RemoteOptions) { o.Tag = "" },
	} {
		o := good
		change(&o)
		if _, err := grafana.NewRemote(o); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) || strings.Contains(err.Error(), "secret") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestOrganization: the login has to be of the organization that is meant, and
// the newer API has a namespace for each.
func TestOrganization(t *testing.T) {
	for _, version := range []string{"9.4.7", "12.4.0"} {
		s := fake(t, version).site(t, "p-")
		s.fake.OrgID, s.fake.OrgName = 2, "大屏"
		s.apply(desired("p-"), grafana.How{})
		s.expect(desired("p-"), grafana.How{})
		urls, err := s.remote().WallURLs(t.Context(), desired("p-"))
		if err != nil || !strings.Contains(urls[0].URL, "orgId=2") {
			t.Errorf("addresses %v, %v", urls, err)
		}
		r, err := grafana.NewRemote(grafana.RemoteOptions{URL: s.url, Login: s.login, OrgID: 3, Timeout: time.Second, Tag: "t", StateFile: s.state})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Plan(t.Context(), desired("p-"), grafana.How{}); err == nil || !strings.Contains(err.Error(), "organization 2 (大屏)") {
			t.Errorf("error %v", err)
		}
	}
}

func TestLogins(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	s.login = grafana.Login{User: "operator", Password: "b7-Tr!example"}
	s.apply(desired("p-"), grafana.How{})
	s.login.Password = "wrong-S3cret"
	_, err := s.tryApply(desired("p-"), grafana.How{})
	if err == nil || !strings.Contains(err.Error(), "401 Unauthorized: Invalid username or password") || strings.Contains(err.Error(), "S3cret") {
		t.Errorf("error %v", err)
	}
}

// TestUpgrade takes a site from the older API for playlists to the newer one.
func TestUpgrade(t *testing.T) {
	s := fake(t, "9.4.7").site(t, "p-")
	d := desired("p-")
	s.apply(d, grafana.How{})
	s.fake.Set(nil, nil)
	s.fake.Version = "13.1.1"
	s.expect(d, grafana.How{})
	d.Playlist.Interval = time.Minute
	s.expect(d, grafana.How{}, "update walls")
	s.apply(d, grafana.How{})
	s.expect(d, grafana.How{})
}

// TestTwoSites have one Grafana, and nothing in common.
func TestTwoSites(t *testing.T) {
	one := fake(t, "12.4.0").site(t, "a-")
	other := one.site(t, "b-")
	one.apply(desired("a-"), grafana.How{})
	other.apply(desired("b-"), grafana.How{Prune: true, Force: true})
	one.expect(desired("a-"), grafana.How{Prune: true, Force: true})
}

func TestKiosk(t *testing.T) {
	const bare, more, newest = "kiosk&orgId=2", "kiosk&orgId=2&_dash.hideTimePicker&_dash.hideVariables&_dash.hideLinks", "&_dash.hidePlaylistNav"
	for version, want := range map[string]string{
		"9.4.7": bare, "10.4.2": bare, "11.2.9": bare, "11.3.0": more, "11.6.1+security-01": more,
		"12.0.0": more + newest, "13.1.1": more + newest, "": more + newest, "main": more + newest,
	} {
		if got := grafana.Kiosk(version, 2); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestWallWithoutPlaylist(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	d := desired("p-")
	if _, err := s.remote().WallURLs(t.Context(), d); err == nil || !strings.Contains(err.Error(), "govkpi grafana apply") {
		t.Errorf("error %v", err)
	}
	d.Playlist = nil
	urls, err := s.remote().WallURLs(t.Context(), d)
	if err != nil || len(urls) != 2 {
		t.Errorf("addresses %v, %v", urls, err)
	}
}

// TestSpeed holds the promise of 5 s for a plan and an apply of 20 boards.
func TestSpeed(t *testing.T) {
	s := fake(t, "12.4.0").site(t, "p-")
	start := time.Now()
	s.apply(many(20), grafana.How{})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("20 boards took %s", took)
	}
}

// many are boards of some 40 panels each.
func many(boards int) grafana.Desired {
	d := desired("p-")
	d.Boards = nil
	panels := make([]string, 40)
	for i := range panels {
		panels[i] = fmt.Sprintf(`{"id":%d,"type":"stat","title":"面板 %d","description":%q,"targets":[{"expr":"governance_rollup{indicator=\"grids\"}"}]}`, i+1, i, strings.Repeat("说明", 100))
	}
	for i := range boards {
		uid := fmt.Sprintf("p-board%d", i)
		d.Boards = append(d.Boards, grafana.Board{
			UID: uid, FolderUID: "p-wall", Title: uid, Wall: i < 5,
			JSON: fmt.Appendf(nil, `{"uid":%q,"title":%q,"panels":[%s]}`, uid, uid, strings.Join(panels, ",")),
		})
	}
	return d
}

func BenchmarkApply(b *testing.B) {
	d := many(20)
	for b.Loop() {
		s := fake(b, "12.4.0").site(b, "p-")
		s.apply(d, grafana.How{})
		s.plan(d, grafana.How{})
	}
}

func TestOddBoards(t *testing.T) {
	for _, raw := range []string{
		string(boardJSON("a", "b", "c")),
		`{"uid":"a","title":"b","tags":[1,"govkpi-sha256-",null],"panels":[{"id":1e400},{"id":"x"}]}`,
		`{"uid":"a","title":"b","tags":"x","version":"y","id":{}}`,
	} {
		s := fake(t, "12.4.0").site(t, "p-")
		d := desired("p-")
		d.Boards = []grafana.Board{{UID: "a", FolderUID: "p-wall", Title: "b", JSON: []byte(raw)}}
		if _, err := s.tryApply(d, grafana.How{}); err != nil {
			continue
		}
		s.expect(d, grafana.How{})
		// The same, where a server has it already and as somebody's.
		s.fake.Set(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet && r.URL.Path == "/api/dashboards/uid/a" {
				_, _ = fmt.Fprintf(w, `{"dashboard":%s,"meta":{"version":7}}`, raw)
				return true
			}
			return false
		}, nil)
		if err := os.Remove(s.state); err != nil {
			t.Fatal(err)
		}
		s.text(s.plan(d, grafana.How{}))
	}
}
