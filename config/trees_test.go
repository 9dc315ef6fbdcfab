package config_test

import (
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// The secrets that the trees under testdata refer to.
const (
	envPassword  = "pä55/w0rd"
	envURL       = "postgres://reader:p%C3%A455%2Fw0rd@db.civil.example:5432/figures"
	filePassword = "xy"
	fileURL      = "mysql://reader:" + filePassword + "@grids.example/grids"
)

// options is the surroundings of the trees under testdata.
func options() config.Options {
	env := map[string]string{"CIVIL_AFFAIRS_URL": envURL, "EMPTY": "", "PIN": "4711"}
	files := map[string]string{
		"/run/secrets/grid-office": fileURL + "\n",
		"/run/secrets/empty":       "\n",
		"/run/secrets/long":        strings.Repeat("x", 100_000),
	}
	return config.Options{
		Env: func(name string) (string, bool) {
			value, ok := env[name]
			return value, ok
		},
		ReadSecret: func(file string) ([]byte, error) {
			if content, ok := files[file]; ok {
				return []byte(content), nil
			}
			return nil, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
		},
	}
}

// tree returns the valid tree with the files of the folders laid over it.
func tree(t testing.TB, over ...string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	for _, folder := range append([]string{"testdata/valid"}, over...) {
		files := os.DirFS(folder)
		err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := fs.ReadFile(files, name)
			all[name] = &fstest.MapFile{Data: content}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// with returns a copy of a tree with one file replaced.
func with(files fstest.MapFS, name, content string) fstest.MapFS {
	files = maps.Clone(files)
	files[name] = &fstest.MapFile{Data: []byte(content)}
	return files
}

func load(t testing.TB, files fs.FS) *config.Config {
	t.Helper()
	c, err := config.Load(files, "govkpi.yaml", options())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// refusal returns why a tree is refused.
func refusal(t testing.TB, files fs.FS) string {
	t.Helper()
	c, err := config.Load(files, "govkpi.yaml", options())
	if err == nil {
		t.Fatal("the tree was accepted")
	}
	if c != nil {
		t.Error("a refused tree came with a configuration")
	}
	return err.Error()
}

// refusals returns what an error of Load joins.
func refusals(t testing.TB, err error) []error {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%T joins nothing", err)
	}
	return joined.Unwrap()
}

// Each folder is one rule: files laid over the valid tree, and in refusals.txt
// everything that is said about them.
func TestRefusals(t *testing.T) {
	folders, err := filepath.Glob("testdata/invalid/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("there are no bad trees", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			got := refusal(t, tree(t, folder)) + "\n"
			golden := filepath.Join(folder, "refusals.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusalsArePositioned(t *testing.T) {
	_, err := config.Load(tree(t, "testdata/invalid/many-problems"), "govkpi.yaml", options())
	var files []string
	for _, one := range refusals(t, err) {
		var refused *config.Error
		if !errors.As(one, &refused) {
			t.Fatalf("%T is no *config.Error", one)
		}
		if refused.Line < 1 || refused.Column < 1 || refused.Reason == "" {
			t.Errorf("incomplete: %#v", refused)
		}
		files = append(files, refused.File)
	}
	want := []string{"catalogue/platforms.yaml", "collectors/platforms.yaml", "regions/history.csv", "regions/aliases.csv"}
	if diff := cmp.Diff(want, slices.Compact(files)); diff != "" {
		t.Errorf("files in order (-want +got):\n%s", diff)
	}
}
