package dashboards_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/dashboards"
	"github.com/govkpi/govkpi/internal/fact"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// tiny is a site that a person can read the boards of.
func tiny(t testing.TB) dashboards.Options {
	t.Helper()
	day, err := fact.ParsePeriod("2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	grids := fact.Unit{ID: "grids", Title: fact.Text{ZH: "个", EN: "grids"}, Counts: true}
	return dashboards.Options{
		Site: fact.Text{ZH: "江西省", EN: "Jiangxi"}, Region: "360000", Zone: "Asia/Shanghai", Notice: fact.Text{ZH: "演示数据", EN: "Sample data"},
		Themes: []fact.Theme{{ID: "co-governance", Title: fact.Text{ZH: "共建共治", EN: "Co-governance"}}, {ID: "empty", Title: fact.Text{ZH: "空", EN: "Empty"}}},
		Indicators: []fact.Indicator{
			{
				ID: "grids", Title: fact.Text{ZH: "网格", EN: "Grids"}, Definition: fact.Text{ZH: "期末网格数", EN: "Grids at the period's end"}, Theme: "co-governance",
				Unit: grids, Kind: fact.Stock, Direction: fact.MoreIsBetter, Levels: []fact.Level{fact.County}, Cadence: fact.Monthly,
				Targets: []fact.Target{{Level: fact.County, Value: 100}},
			},
			{
				ID: "share", Title: fact.Text{ZH: "占比", EN: "Share"}, Definition: fact.Text{ZH: "占比", EN: "The share"}, Theme: "co-governance",
				Unit: fact.Unit{ID: "ratio"}, Kind: fact.RatioKind, Numerator: "grids", Denominator: "grids", Direction: fact.LessIsBetter,
				Levels: []fact.Level{fact.County}, Cadence: fact.Monthly, SignOff: true,
			},
		},
		Milestones: []fact.Milestone{
			{Day: day, Title: fact.Text{ZH: "“十五五”开局", EN: `The "15th" plan, for $5`}, Source: "plan"},
			{Day: day, Title: fact.Text{ZH: "试点", EN: "Pilot"}, Source: "demo", Synthetic: true},
		},
		Regions: []fact.Region{
			{Code: "360603", Name: "余江区", Parent: "360600", Level: fact.County}, {Code: "360600", Name: "鹰潭市", Parent: "360000", Level: fact.City},
			{Code: "360000", Name: "江西省", Level: fact.Province}, {Code: "360603001", Name: "某镇", Parent: "360603", Level: fact.Township},
		},
		Datasource: "govkpi", Folder: "govkpi", Language: dashboards.Chinese, BaseURL: "https://govkpi.example",
		Outlines: dashboards.Outlines{URL: "public/maps/counties.geojson", West: 113.5, South: 24.5, East: 118.5, North: 30, Attribution: fact.Text{ZH: "示意", EN: "Schematic"}},
	}
}

// The whole of every board, so that each change of what is generated shows.
func TestGolden(t *testing.T) {
	o := tiny(t)
	boards := generate(t, o)
	o.Language = dashboards.English
	boards = append(boards, generate(t, o)...)
	written := map[string]bool{}
	for _, d := range boards {
		name := filepath.Join("testdata", d.UID+".json")
		written[name] = true
		if *update {
			if err := os.WriteFile(name, d.JSON, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(d.JSON)); diff != "" {
			t.Errorf("%s (-golden +generated):\n%s", name, diff)
		}
	}
	golden, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range golden {
		if !written[name] {
			t.Errorf("%s is of no board", name)
		}
	}
}

// What a person must put right, they are told.
func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		change func(*dashboards.Options)
		want   string
	}{
		"no indicators":    {func(o *dashboards.Options) { o.Indicators = nil }, "no indicators"},
		"no region":        {func(o *dashboards.Options) { o.Region = "" }, "region is missing"},
		"no data source":   {func(o *dashboards.Options) { o.Datasource = "" }, "data source is missing"},
		"no folder":        {func(o *dashboards.Options) { o.Folder = "" }, "folder is missing"},
		"another language": {func(o *dashboards.Options) { o.Language = "fr" }, `unknown language "fr"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := tiny(t)
			test.change(&o)
			boards, err := dashboards.Generate(o)
			if err == nil || !strings.Contains(err.Error(), test.want) || boards != nil {
				t.Errorf("%d boards and %v, want an error about %q", len(boards), err, test.want)
			}
		})
	}
}

// Links go from one board to another by uid, so a uid must never change.
func TestUIDs(t *testing.T) {
	o := tiny(t)
	o.Themes[0].ID, o.Indicators[0].Theme, o.Indicators[1].Theme = "a-theme-with-a-name-that-is-very-long", "a-theme-with-a-name-that-is-very-long", "a-theme-with-a-name-that-is-very-long"
	o.Language = dashboards.English
	var uids []string
	for _, d := range generate(t, o) {
		uids = append(uids, d.UID)
		if d.FolderUID != "govkpi" || d.Wall != strings.Contains(d.UID, "-wall-") {
			t.Errorf("%s is in the folder %s, wall %v", d.UID, d.FolderUID, d.Wall)
		}
	}
	want := []string{
		"govkpi-wall-province-en", "govkpi-wall-a-theme-with-a-", "govkpi-city-en", "govkpi-county-en", "govkpi-indicator-en", "govkpi-lagging-en", "govkpi-health-en",
	}
	for i := range want {
		if len(uids) != len(want) || !strings.HasPrefix(uids[i], want[i]) || len(uids[i]) > 40 {
			t.Errorf("uids %q, want them to begin %q", uids, want)
			break
		}
	}
}

// Grafana knows a column by its title: two of one title would share their units.
func TestIndicatorsOfOneTitle(t *testing.T) {
	o := tiny(t)
	o.Indicators[1].Title = o.Indicators[0].Title
	for _, d := range generate(t, o) {
		if d.UID == "govkpi-city" && !strings.Contains(string(d.JSON), `"share": "网格 (share)"`) {
			t.Error("the columns of two indicators have the same title")
		}
	}
}
