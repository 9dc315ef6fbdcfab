package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
)

// further loads the valid tree with the keys added to its last collector, and
// returns that.
func further(t testing.TB, keys string) config.Collector {
	t.Helper()
	files := tree(t)
	files = with(files, "collectors/grids.yaml", string(files["collectors/grids.yaml"].Data)+keys)
	c := load(t, files)
	return c.Collectors[len(c.Collectors)-1]
}

func TestForEach(t *testing.T) {
	for keys, want := range map[string]config.ForEach{
		"for_each: provinces":                       {Level: fact.Province},
		"for_each: cities":                          {Level: fact.City},
		"for_each: counties":                        {Level: fact.County},
		"for_each: townships":                       {Level: fact.Township},
		"for_each: villages":                        {Level: fact.Village},
		"for_each: grids":                           {Level: fact.Grid},
		"for_each: [360102]":                        {Regions: []string{"360102"}},
		`for_each: ["360102", 360112, 360102002]`:   {Regions: []string{"360102", "360112", "360102002"}},
		"for_each: [360102002001000077]":            {Regions: []string{"360102002001000077"}},
		"for_each: [东湖区, 360999, \"1号网格\", 360112]": {Regions: []string{"东湖区", "360999", "1号网格", "360112"}},
	} {
		t.Run(keys, func(t *testing.T) {
			got := further(t, "    "+keys+"\n    parallel: 10\n")
			if diff := cmp.Diff(want, got.ForEach); diff != "" {
				t.Errorf("targets (-want +got):\n%s", diff)
			}
			if got.ForEach.IsZero() || got.Parallel != 10 || !got.Expect.IsZero() {
				t.Errorf("got %+v, %d in parallel, expecting %+v", got.ForEach, got.Parallel, got.Expect)
			}
		})
	}
}

func TestExpect(t *testing.T) {
	for keys, want := range map[string]config.Expect{
		"expect: {regions: counties}":                                  {Level: fact.County},
		"expect: {regions: townships, indicators: [grids, forms_cut]}": {Level: fact.Township, Indicators: []string{"grids", "forms_cut"}},
		"expect: {regions: [360102, 新建区]}":                             {Regions: []string{"360102", "新建区"}},
		"expect: {indicators: [grids, forms_cut]}":                     {Indicators: []string{"grids", "forms_cut"}},
		"expect: {regions: townships, indicators: [forms_cut]}":        {Level: fact.Township, Indicators: []string{"forms_cut"}},
		"expect: {regions: [360100, 360102], indicators: [grids]}":     {Regions: []string{"360100", "360102"}, Indicators: []string{"grids"}},
		"expect: {regions: [360100, 东湖区], indicators: [grids]}":        {Regions: []string{"360100", "东湖区"}, Indicators: []string{"grids"}},
		"expect: {regions: [360100, 360101001], indicators: [grids]}":  {Regions: []string{"360100", "360101001"}, Indicators: []string{"grids"}},
		"for_each: cities\n    parallel: 1\n    expect: {regions: counties, indicators: [grids]}": {
			Level: fact.County, Indicators: []string{"grids"},
		},
		"for_each: counties\n    parallel: 1\n    expect: {regions: counties}":          {Level: fact.County},
		"for_each: [360102, 洪城]\n    parallel: 1\n    expect: {regions: cities}":        {Level: fact.City},
		"for_each: [360102, 360100]\n    parallel: 1\n    expect: {regions: cities}":    {Level: fact.City},
		"for_each: townships\n    parallel: 1\n    expect: {indicators: [forms_cut]}":   {Indicators: []string{"forms_cut"}},
		"for_each: townships\n    parallel: 1\n    expect: {regions: [东湖区, 360102002]}": {Regions: []string{"东湖区", "360102002"}},
	} {
		t.Run(keys, func(t *testing.T) {
			got := further(t, "    "+keys+"\n").Expect
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("expected (-want +got):\n%s", diff)
			}
			if got.IsZero() {
				t.Error("nothing is expected")
			}
		})
	}
}

func TestNeitherTargetsNorExpectations(t *testing.T) {
	for _, c := range load(t, tree(t)).Collectors {
		if !c.ForEach.IsZero() || c.Parallel != 0 || !c.Expect.IsZero() {
			t.Errorf("%s has targets %+v, %d in parallel, and expects %+v", c.Name, c.ForEach, c.Parallel, c.Expect)
		}
	}
}

// What is wrong with a catalogue or a register must not be said again of the
// collectors that expect something of it.
func TestExpectationsOfABrokenTree(t *testing.T) {
	files := tree(t)
	collectors := string(files["collectors/grids.yaml"].Data)
	files = with(files, "collectors/grids.yaml", collectors+"    for_each: [360102]\n    parallel: 1\n    expect: {regions: [360102], indicators: [grids]}\n")
	divisions := strings.Replace(string(files["regions/divisions.csv"].Data), "county", "country", 1)
	got := refusal(t, with(files, "regions/divisions.csv", divisions))
	if want := "regions/divisions.csv:4:12: level: unknown level \"country\": expected province, city, county, township, village or grid"; got != want {
		t.Errorf("a broken register gives\n%s\nwant\n%s", got, want)
	}
	catalogue := strings.Replace(string(files["catalogue/indicators.yaml"].Data), "levels: [county]", "levels: [country]", 1)
	got = refusal(t, with(files, "catalogue/indicators.yaml", catalogue))
	if !strings.HasPrefix(got, "catalogue/indicators.yaml:") || strings.Contains(got, "collectors/") {
		t.Errorf("a broken catalogue gives\n%s", got)
	}
}

func TestPath(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, tree(t)); err != nil {
		t.Fatal(err)
	}
	without := load(t, tree(t))
	given := options()
	given.Folder = "/etc/govkpi"
	fromTree, err := config.Load(tree(t), "govkpi.yaml", given)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(folder))
	fromFile, err := config.LoadFile(filepath.Join(filepath.Base(folder), "govkpi.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		config *config.Config
		folder string
	}{
		"a file, named relatively": {fromFile, folder},
		"a tree with a folder":     {fromTree, "/etc/govkpi"},
		"a tree without":           {without, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for written, want := range map[string]string{
				"":                   "",
				"reports":            filepath.Join(test.folder, "reports"),
				"../reports/2025-12": filepath.Join(test.folder, "..", "reports", "2025-12"),
				"/srv/reports":       "/srv/reports",
			} {
				for _, block := range []*config.Block{test.config.Sources[0].Options, test.config.Collectors[0].Block} {
					if got := block.Path(written); got != want {
						t.Errorf("%q is %q, want %q", written, got, want)
					}
				}
			}
		})
	}
}
