package dashboards_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/config/jiangxi"
	"github.com/govkpi/govkpi/dashboards"
)

var folder = flag.String("boards", "", "folder to write the boards of the shipped configuration to")

// shipped are the options of the shipped configuration.
func shipped(t testing.TB, language dashboards.Language) dashboards.Options {
	t.Helper()
	c, err := config.Load(jiangxi.Files, "demo.yaml", config.Options{Env: func(string) (string, bool) { return "x", true }})
	if err != nil {
		t.Fatal(err)
	}
	return dashboards.Options{
		Site: c.Site.Name, Region: c.Site.Region, Notice: c.Site.Notice, Zone: c.Site.Zone.String(),
		Themes: c.Themes, Indicators: c.Indicators, Milestones: c.Milestones, Regions: c.Regions, BaseURL: "http://127.0.0.1:9600",
		Outlines: dashboards.Outlines{
			URL: "public/maps/" + c.Outlines.Name, Attribution: c.Outlines.Attribution,
			West: c.Outlines.West, South: c.Outlines.South, East: c.Outlines.East, North: c.Outlines.North,
		},
		Datasource: "govkpi", Folder: "govkpi", Language: language,
	}
}

func generate(t testing.TB, o dashboards.Options) []dashboards.Dashboard {
	t.Helper()
	all, err := dashboards.Generate(o)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGenerateIsDeterministic(t *testing.T) {
	for _, language := range []dashboards.Language{dashboards.Chinese, dashboards.English} {
		first, second := generate(t, shipped(t, language)), generate(t, shipped(t, language))
		if len(first) == 0 || len(first) != len(second) {
			t.Fatalf("%s: made %d boards, then %d", language, len(first), len(second))
		}
		for i := range first {
			if first[i].UID != second[i].UID || !bytes.Equal(first[i].JSON, second[i].JSON) {
				t.Errorf("%s: the board %s differs the second time", language, first[i].UID)
			}
		}
	}
}

// What a tool of another language checks, it finds in a folder.
func TestWriteShippedBoards(t *testing.T) {
	for _, language := range []dashboards.Language{dashboards.Chinese, dashboards.English} {
		for _, d := range generate(t, shipped(t, language)) {
			if *folder == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(*folder, d.UID+".json"), d.JSON, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
