package grafana_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/grafana"
)

func fileOptions() grafana.FileOptions {
	return grafana.FileOptions{Install: "/var/lib/grafana/govkpi", OrgID: 2, OrgName: "治理大屏", Zone: "Asia/Shanghai", Tag: "govkpi-360000"}
}

func TestGoldenFiles(t *testing.T) {
	files, err := grafana.Files(desired("gov-"), fileOptions())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		golden(t, "files/"+name, string(content))
	}
	var there []string
	err = filepath.WalkDir("testdata/files", func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			there = append(there, filepath.ToSlash(strings.TrimPrefix(name, "testdata/files/")))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(there)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(files)), there); diff != "" {
		t.Errorf("files (-written +golden):\n%s", diff)
	}
}

// TestYAML reads the files with a YAML reader, with texts that it could take for
// something else.
func TestYAML(t *testing.T) {
	d := desired("gov-")
	d.Datasource.Name = `yes: "#1" <o'clock> \ 治理`
	d.Folders[0].Title = "on"
	files, err := grafana.Files(d, fileOptions())
	if err != nil {
		t.Fatal(err)
	}
	var sources struct {
		Datasources []struct {
			Name, UID, URL string
			JSONData       map[string]string `yaml:"jsonData"`
		}
	}
	if err := yaml.Unmarshal(files["provisioning/datasources/govkpi.yaml"], &sources); err != nil {
		t.Fatal(err)
	}
	if one := sources.Datasources[0]; one.Name != d.Datasource.Name || one.JSONData["httpMethod"] != "POST" {
		t.Errorf("data source %+v", one)
	}
	var boards struct {
		Providers []struct {
			Folder    string
			FolderUID string `yaml:"folderUid"`
			Options   map[string]string
		}
	}
	if err := yaml.Unmarshal(files["provisioning/dashboards/govkpi.yaml"], &boards); err != nil {
		t.Fatal(err)
	}
	if one := boards.Providers[1]; one.Folder != "on" || one.FolderUID != "gov-wall" || one.Options["path"] != "/var/lib/grafana/govkpi/dashboards/gov-wall" {
		t.Errorf("provider %+v", one)
	}
}

func TestFileOptionsAreRefused(t *testing.T) {
	o := fileOptions()
	o.Install = "govkpi"
	if _, err := grafana.Files(desired("gov-"), o); err == nil || !strings.Contains(err.Error(), "absolute path") {
		t.Errorf("error %v", err)
	}
	o = fileOptions()
	o.OrgID = 0
	if _, err := grafana.Files(desired("gov-"), o); err == nil || !strings.Contains(err.Error(), "organization") {
		t.Errorf("error %v", err)
	}
}

func generate(t *testing.T, folder string, d grafana.Desired, force bool) (grafana.Written, error) {
	t.Helper()
	return grafana.Generate(folder, d, fileOptions(), force)
}

func mustGenerate(t *testing.T, folder string, d grafana.Desired) grafana.Written {
	t.Helper()
	w, err := generate(t, folder, d, false)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestGenerateTwice(t *testing.T) {
	folder := t.TempDir()
	first := mustGenerate(t, folder, desired("gov-"))
	if len(first.Changed) != 7 || len(first.Deleted) != 0 {
		t.Errorf("first %+v", first)
	}
	if again := mustGenerate(t, folder, desired("gov-")); len(again.Changed) != 0 || again.Unchanged != 7 {
		t.Errorf("again %+v", again)
	}
	other := t.TempDir()
	mustGenerate(t, other, desired("gov-"))
	for _, name := range append(first.Changed, "MANIFEST") {
		one, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		two, err := os.ReadFile(filepath.Join(other, name))
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s differs from run to run, %v", name, err)
		}
	}
}

func TestGenerateDeletes(t *testing.T) {
	folder := t.TempDir()
	d := desired("gov-")
	mustGenerate(t, folder, d)
	mine := filepath.Join(folder, "dashboards", "gov-data", "mine.json")
	if err := os.WriteFile(mine, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Boards[2].FolderUID = "gov-wall" // moved
	w := mustGenerate(t, folder, d)
	want := grafana.Written{
		Changed:   []string{"dashboards/gov-wall/gov-city.json", "provisioning/dashboards/govkpi.yaml"},
		Deleted:   []string{"dashboards/gov-data/gov-city.json"},
		Unchanged: 5,
	}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error("somebody's file is gone")
	}
}

func TestGenerateRefuses(t *testing.T) {
	for want, prepare := range map[string]func(t *testing.T, folder string){
		"was changed by hand": func(t *testing.T, folder string) { mustGenerate(t, folder, desired("gov-")) },
		"we did not write it": func(t *testing.T, folder string) {
			if err := os.MkdirAll(folder+"/dashboards/gov-data", 0o755); err != nil {
				t.Fatal(err)
			}
		},
	} {
		folder := t.TempDir()
		prepare(t, folder)
		name := filepath.Join(folder, "dashboards", "gov-data", "gov-city.json")
		if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := rewritten(desired("gov-"), "gov-theme", "governance_rollup")
		if w, err := generate(t, folder, d, false); err == nil || !strings.Contains(err.Error(), want) || len(w.Changed) > 0 {
			t.Errorf("error %v, want %q; written %+v", err, want, w)
		}
		if content, err := os.ReadFile(name); err != nil || string(content) != "mine" {
			t.Errorf("somebody's file is %q, %v", content, err)
		}
		if _, err := generate(t, folder, d, true); err != nil {
			t.Error(err)
		}
		mustGenerate(t, folder, d)
	}
}

// TestGenerateAfterACrash: some files are of the new run, the manifest is that
// of its beginning.
func TestGenerateAfterACrash(t *testing.T) {
	folder := t.TempDir()
	mustGenerate(t, folder, desired("gov-"))
	d := rewritten(rewritten(desired("gov-"), "gov-theme", "governance_rollup"), "gov-city", "governance_rollup")
	files, err := grafana.Files(d, fileOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "dashboards", "gov-data", "gov-city.json"), files["dashboards/gov-data/gov-city.json"], 0o600); err != nil {
		t.Fatal(err)
	}
	if w := mustGenerate(t, folder, d); len(w.Changed) != 1 {
		t.Errorf("written %+v", w)
	}
}

func TestManifestIsRefused(t *testing.T) {
	for _, line := range []string{"x", strings.Repeat("0", 64) + "  ../../etc/passwd", strings.Repeat("0", 64) + "  /etc/passwd"} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "MANIFEST"), []byte(line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := generate(t, folder, desired("gov-"), true); err == nil || !strings.Contains(err.Error(), "MANIFEST") {
			t.Errorf("%s: error %v", line, err)
		}
	}
}
