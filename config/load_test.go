package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
)

func period(t testing.TB, s string) fact.Period {
	t.Helper()
	p, err := fact.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// comparePeriods lets cmp compare what has no exported fields.
func comparePeriods() cmp.Option {
	return cmp.Comparer(func(a, b fact.Period) bool { return a == b })
}

func TestLoadIndicators(t *testing.T) {
	c := load(t, tree(t))
	grids := fact.Unit{ID: "grids", Title: fact.Text{ZH: "个", EN: "grids"}, Counts: true}
	forms := fact.Unit{ID: "forms", Title: fact.Text{ZH: "张", EN: "forms"}, Counts: true}
	want := []fact.Indicator{
		{
			ID: "grids", Title: fact.Text{ZH: "村（社区）网格", EN: "Village and community grids"},
			Definition: fact.Text{ZH: "年末网格数。", EN: "Grids at the period's end."},
			Theme:      "co-governance", Unit: grids, Kind: fact.Stock, Direction: fact.MoreIsBetter,
			Levels: []fact.Level{fact.County}, Cadence: fact.Monthly, Grace: 10, ExpiresAfter: 12,
			Within: []string{"360100"}, Min: new(0.0), Max: new(100000.0), MaxStep: new(0.5),
			Dimensions: []fact.Dimension{{Name: "terrain", Values: []string{"plain", "hills"}}},
			Targets: []fact.Target{
				{Level: fact.County, Value: 100, Source: "Plan 2025"},
				{Region: "360102", Value: 120, Source: "Plan 2025", Synthetic: true},
			},
			Published: []fact.Published{
				{
					Region: "360000", Period: period(t, "2025"), Value: 176000, Precision: fact.Nearest, Step: 1000,
					PeriodBasis: "inferred", FigureBasis: "stated", Citation: "Jiangxi Daily",
				},
				{
					Region: "360000", Period: period(t, "2024-12"), Value: 170000, Precision: fact.AtLeast,
					PeriodBasis: "stated", FigureBasis: "stated", Citation: "Jiangxi Daily",
				},
			},
		},
		{
			ID: "forms_cut", Title: fact.Text{ZH: "压减报表", EN: "Forms cut"},
			Definition: fact.Text{ZH: "已压减的报表数。", EN: "Forms that are no longer asked for."},
			Theme:      "burden-reduction", Unit: forms, Kind: fact.FlowYTD, Direction: fact.MoreIsBetter,
			Levels: []fact.Level{fact.County, fact.Township}, Cadence: fact.Quarterly, ExpiresAfter: 1, Min: new(0.0),
		},
		{
			ID: "forms_before", Title: fact.Text{ZH: "原有报表", EN: "Forms before"},
			Definition: fact.Text{ZH: "压减前的报表数。", EN: "Forms asked for before the reduction."},
			Theme:      "burden-reduction", Unit: forms, Kind: fact.Stock, Direction: fact.LessIsBetter,
			Levels: []fact.Level{fact.County}, Cadence: fact.Quarterly, Grace: 5, ExpiresAfter: 4,
		},
		{
			ID: "form_reduction_ratio", Title: fact.Text{ZH: "报表压减比例", EN: "Form reduction ratio"},
			Definition: fact.Text{ZH: "压减报表与原有报表之比。", EN: "Forms cut over forms before."},
			Theme:      "burden-reduction", Unit: fact.Unit{ID: "ratio", Title: fact.Text{ZH: "比例", EN: "ratio"}},
			Kind: fact.RatioKind, Direction: fact.MoreIsBetter, Levels: []fact.Level{fact.County}, Cadence: fact.Quarterly,
			Grace: 5, ExpiresAfter: 4, Numerator: "forms_cut", Denominator: "forms_before", ProperFraction: true,
			Targets: []fact.Target{{Level: fact.County, Value: 0.6, Source: "demonstration", Synthetic: true}},
		},
	}
	if diff := cmp.Diff(want, c.Indicators[:len(want)], comparePeriods()); diff != "" {
		t.Errorf("indicators (-want +got):\n%s", diff)
	}
}

func TestLoadSections(t *testing.T) {
	c := load(t, tree(t))
	if got, want := c.Site, (config.Site{Name: fact.Text{ZH: "江西省", EN: "Jiangxi Province"}, Zone: c.Site.Zone, Region: "360000"}); got != want {
		t.Errorf("site %v, want %v", got, want)
	}
	noticed := string(tree(t)["govkpi.yaml"].Data)
	noticed = strings.Replace(noticed, "  zone:", "  notice: {zh: 演示, en: Demonstration}\n  zone:", 1)
	if got, want := load(t, with(tree(t), "govkpi.yaml", noticed)).Site.Notice, (fact.Text{ZH: "演示", EN: "Demonstration"}); got != want {
		t.Errorf("notice %v, want %v", got, want)
	}
	if got := c.Site.Zone.String(); got != "Asia/Shanghai" {
		t.Errorf("zone %s", got)
	}
	if got, want := c.Ledger, (config.Ledger{Path: "../data", KeepRejections: 400 * 24 * time.Hour}); got != want {
		t.Errorf("ledger %v, want %v", got, want)
	}
	if c.Schedule.Parallel != 4 {
		t.Errorf("parallel %d", c.Schedule.Parallel)
	}
	if len(c.Units) != 4 || c.Units[2] != (fact.Unit{ID: "hours", Title: fact.Text{ZH: "小时", EN: "hours"}}) {
		t.Errorf("units %v", c.Units)
	}
	if len(c.Themes) != 2 || c.Themes[0] != (fact.Theme{ID: "co-governance", Title: fact.Text{ZH: "共建共治", EN: "Co-governance"}}) {
		t.Errorf("themes %v", c.Themes)
	}
}

func TestLoadSourcesAndCollectors(t *testing.T) {
	c := load(t, tree(t))
	var sources []string
	for _, s := range c.Sources {
		sources = append(sources, s.Name+" "+s.Kind+" "+s.Title.EN)
	}
	if diff := cmp.Diff([]string{"civil-affairs sqlquery Civil affairs", "grid-office sqlquery Grid office"}, sources); diff != "" {
		t.Error(diff)
	}
	type plain struct {
		Name, Source, Schedule string
		Deadline               time.Duration
		Retry                  config.Retry
	}
	var got []plain
	for _, c := range c.Collectors {
		got = append(got, plain{c.Name, c.Source, c.Schedule, c.Deadline, c.Retry})
	}
	want := []plain{
		{"grids", "grid-office", "15 6 * * *", 5 * time.Minute, config.Retry{Attempts: 3, Backoff: 30 * time.Second, Window: time.Hour}},
		{"forms", "civil-affairs", "@daily", 30 * time.Second, config.Retry{Attempts: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("collectors (-want +got):\n%s", diff)
	}
}

func TestLoadRegisters(t *testing.T) {
	c := load(t, tree(t))
	regions := []fact.Region{
		{Code: "360000", Name: "江西省", Level: fact.Province, Villages: 22080, Population: 45028000},
		{Code: "360100", Name: "南昌市", Parent: "360000", Level: fact.City, Villages: 2263, Population: 6567000},
		{Code: "360102", Name: "东湖区", Parent: "360100", Level: fact.County, Villages: 119, Population: 431000},
		{Code: "360112", Name: "新建区", Parent: "360100", Level: fact.County},
		{Code: "360111", Name: "青山湖区", Parent: "360100", Level: fact.County, Villages: 172, Population: 471000},
		{Code: "360102002", Name: "滕王阁街道", Parent: "360102", Level: fact.Township, Villages: 12},
		{Code: "360102003", Name: "百花洲街道", Parent: "360102", Level: fact.Township, Villages: 13},
	}
	if diff := cmp.Diff(regions, c.Regions); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
	changes := []fact.RegionChange{
		{OldCode: "360122", OldName: "新建县", Code: "360112", Name: "新建区", Effective: period(t, "2015-08"), Kind: fact.Renamed},
		{OldCode: "360105", OldName: "湾里区", Code: "360112", Name: "新建区", Effective: period(t, "2019-12"), Kind: fact.Merged},
		{OldCode: "360102", OldName: "东湖区", Code: "360112", Name: "新建区", Effective: period(t, "2019-12"), Kind: fact.SplitOff},
	}
	if diff := cmp.Diff(changes, c.Changes, comparePeriods()); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]fact.RegionAlias{{Name: "洪城", Code: "360100"}, {Name: "东湖", Code: "360102"}}, c.Aliases); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
}

// Spreadsheets write a byte order mark and CRLF; registers of grids have no
// names, come before their parents and need no particular order.
func TestRegisterForms(t *testing.T) {
	files := with(tree(t), "regions/townships.csv", "\ufeffcode,name,level,parent\r\n"+
		"360102002001000077,,grid,360102002001\r\n360102002001,\"村,一\",village,360102002\r\n360102002,滕王阁街道,township,360100\r\n")
	got := load(t, files).Regions[5:]
	want := []fact.Region{
		{Code: "360102002001000077", Parent: "360102002001", Level: fact.Grid},
		{Code: "360102002001", Name: "村,一", Parent: "360102002", Level: fact.Village},
		{Code: "360102002", Name: "滕王阁街道", Parent: "360100", Level: fact.Township},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
}

func TestFilesAndDigest(t *testing.T) {
	files := tree(t)
	c := load(t, files)
	want := []string{
		"govkpi.yaml", "catalogue/base.yaml", "catalogue/indicators.yaml", "catalogue/meals.yaml", "sources.yaml", "collectors/grids.yaml",
		"regions/divisions.csv", "regions/townships.csv", "regions/history.csv", "regions/aliases.csv",
		"calendar/2025.csv", "calendar/2026.csv",
	}
	var names []string
	for _, f := range c.Files {
		names = append(names, f.Name)
		if !bytes.Equal(f.Content, files[f.Name].Data) {
			t.Errorf("%s was not kept as it is", f.Name)
		}
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(c.Digest) != 64 || strings.Trim(c.Digest, "0123456789abcdef") != "" {
		t.Errorf("digest %q is no SHA-256 in hex", c.Digest)
	}
	if again := load(t, files).Digest; again != c.Digest {
		t.Error("the same tree has another digest")
	}
	for _, name := range names {
		changed := with(files, name, string(files[name].Data)+"\n")
		if load(t, changed).Digest == c.Digest {
			t.Errorf("a change of %s does not show in the digest", name)
		}
	}
	renamed := with(files, "catalogue/new.yaml", string(files["catalogue/indicators.yaml"].Data))
	delete(renamed, "catalogue/indicators.yaml")
	if load(t, renamed).Digest == c.Digest {
		t.Error("a renamed file does not show in the digest")
	}
}

func TestDigestDoesNotDependOnSecrets(t *testing.T) {
	o := options()
	o.Env = func(string) (string, bool) { return "postgres://other:value@db/x", true }
	c, err := config.Load(tree(t), "govkpi.yaml", o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Digest != load(t, tree(t)).Digest {
		t.Error("another secret has made another digest")
	}
}

func TestIncludeTakesEachFileOnce(t *testing.T) {
	files := tree(t)
	root := string(files["govkpi.yaml"].Data) + "  - catalogue/base.yaml\n  - '*.yaml'\n"
	c := load(t, with(files, "govkpi.yaml", root))
	if len(c.Units) != 4 || len(c.Sources) != 2 {
		t.Errorf("%d units, %d sources; want 4 and 2", len(c.Units), len(c.Sources))
	}
}

func TestIncludeLeavesHiddenFiles(t *testing.T) {
	c := load(t, with(tree(t), "catalogue/.#base.yaml", "units: []\n"))
	for _, f := range c.Files {
		if strings.Contains(f.Name, "#") {
			t.Errorf("%s was read", f.Name)
		}
	}
}

func TestRootInAFolder(t *testing.T) {
	files := fstest.MapFS{}
	for name, f := range tree(t) {
		files["sites/jiangxi/"+name] = f
	}
	c, err := config.Load(files, "sites/jiangxi/govkpi.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Indicators) != 7 || c.Files[1].Name != "sites/jiangxi/catalogue/base.yaml" {
		t.Errorf("%d indicators, second file %s", len(c.Indicators), c.Files[1].Name)
	}
}

func TestNoRoot(t *testing.T) {
	_, err := config.Load(fstest.MapFS{}, "govkpi.yaml", options())
	if err == nil || err.Error() != "govkpi.yaml: there is no file govkpi.yaml" {
		t.Errorf("error %v", err)
	}
}

func TestNoSurroundings(t *testing.T) {
	_, err := config.Load(tree(t), "govkpi.yaml", config.Options{})
	want := "sources.yaml:5:21: url: the environment has no CIVIL_AFFAIRS_URL: set it before the start\n" +
		"sources.yaml:9:26: url_file: the secret cannot be read: this configuration may read no secret files"
	if err == nil || err.Error() != want {
		t.Errorf("refused with\n%v\nwant\n%s", err, want)
	}
}

func TestTooLong(t *testing.T) {
	got := refusal(t, with(tree(t), "catalogue/long.yaml", strings.Repeat("#", 5<<20)))
	if want := "govkpi.yaml:12:5: include: catalogue/long.yaml is longer than 4 MiB"; got != want {
		t.Errorf("refused with %s\nwant %s", got, want)
	}
}

func TestLoadFile(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, tree(t)); err != nil {
		t.Fatal(err)
	}
	sources := strings.ReplaceAll(string(tree(t)["sources.yaml"].Data), "/run/secrets/grid-office", "secrets/grid-office")
	for name, content := range map[string]string{"sources.yaml": sources, "secrets/grid-office": fileURL} {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(folder, "govkpi.yaml")
	surroundings := config.Options{Env: options().Env, ReadSecret: os.ReadFile}
	c, err := config.LoadFile(root, surroundings)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(filepath.Dir(folder), "data"); c.Ledger.Path != want {
		t.Errorf("ledger at %s, want %s", c.Ledger.Path, want)
	}
	if got, err := c.Sources[1].Options.Secret("url"); got != fileURL || err != nil {
		t.Errorf("secret %q, %v", got, err)
	}
	if c.Digest == "" || c.Files[0].Name != "govkpi.yaml" {
		t.Errorf("digest %q, first file %s", c.Digest, c.Files[0].Name)
	}
	if err := os.WriteFile(root, []byte("sight: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = config.LoadFile(root, surroundings)
	if err == nil || !strings.HasPrefix(err.Error(), "configuration "+root+" is refused:\ngovkpi.yaml:1:1: ") {
		t.Errorf("error %v", err)
	}
}

func TestLoadFileKeepsAnAbsolutePath(t *testing.T) {
	folder := t.TempDir()
	files := tree(t)
	files = with(files, "govkpi.yaml", strings.Replace(string(files["govkpi.yaml"].Data), "../data", "/var/lib/govkpi", 1))
	if err := os.CopyFS(folder, files); err != nil {
		t.Fatal(err)
	}
	c, err := config.LoadFile(filepath.Join(folder, "govkpi.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	if c.Ledger.Path != "/var/lib/govkpi" {
		t.Errorf("ledger at %s", c.Ledger.Path)
	}
}

func TestLoadGrafana(t *testing.T) {
	if c := load(t, tree(t)); c.Grafana != nil {
		t.Errorf("a tree without the section has %v", c.Grafana)
	}
	written := "grafana:\n  url: https://grafana.example.org/monitor/\n  token_file: /run/secrets/grid-office\n  timeout: 30s\n" +
		"  organization: {id: 2, name: 大屏}\n  datasource: {uid: gov, name: govkpi, url: \"http://127.0.0.1:9600\"}\n" +
		"  folders: [{language: en, uid: a, title: A}, {language: zh, uid: b, title: 乙}]\n  playlist: {uid: p, title: 轮播, interval: 90s}\n" +
		"  outlines_url: public/maps/x.geojson\n  pages_url: http://govkpi.example.org/\n  apply_at_start: true\n  schedule: \"@hourly\"\n"
	g := load(t, with(tree(t), "catalogue/grafana.yaml", written)).Grafana
	token, password, err := g.Login()
	if token != fileURL || password != "" || err != nil {
		t.Errorf("login %q, %q, %v", token, password, err)
	}
	want := &config.Grafana{
		URL: "https://grafana.example.org/monitor", OrgID: 2, OrgName: "大屏", Timeout: 30 * time.Second,
		Datasource:  config.GrafanaDatasource{UID: "gov", Name: "govkpi", URL: "http://127.0.0.1:9600"},
		Folders:     []config.GrafanaFolder{{Language: "en", UID: "a", Title: "A"}, {Language: "zh", UID: "b", Title: "乙"}},
		Playlist:    &config.GrafanaPlaylist{UID: "p", Title: "轮播", Interval: 90 * time.Second},
		OutlinesURL: "public/maps/x.geojson", PagesURL: "http://govkpi.example.org", ApplyAtStart: true, Schedule: "@hourly",
	}
	shown := *g
	shown.Block = nil
	if diff := cmp.Diff(want, &shown); diff != "" {
		t.Errorf("section (-want +got):\n%s", diff)
	}
	for verb, printed := range printings(t, g) {
		leaks(t, verb, printed)
	}
}
