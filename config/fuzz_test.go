package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/govkpi/govkpi/config"
)

// check holds what must be true of every answer: either a configuration, or
// refusals with a place and a reason.
func check(t *testing.T, c *config.Config, err error) {
	t.Helper()
	if (c == nil) == (err == nil) {
		t.Fatalf("configuration %v, error %v", c, err)
	}
	if err == nil {
		return
	}
	for _, one := range refusals(t, err) {
		var refused *config.Error
		if !errors.As(one, &refused) {
			t.Fatalf("%v is no *config.Error", one)
		}
		if refused.File == "" || refused.Reason == "" || refused.Line > 0 && refused.Column < 1 || !utf8.ValidString(refused.Error()) {
			t.Fatalf("incomplete: %#v", refused)
		}
	}
}

// seeds adds every file of that name's ending under testdata.
func seeds(f *testing.F, pattern ...string) {
	f.Helper()
	for _, p := range pattern {
		names, err := filepath.Glob(p)
		if err != nil || len(names) == 0 {
			f.Fatal("no seeds", p, err)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
}

// Any bytes as the root file of a tree with everything in it.
func FuzzYAML(f *testing.F) {
	seeds(f, "testdata/valid/*.yaml", "testdata/valid/*/*.yaml", "testdata/invalid/*/*/*.yaml")
	valid := tree(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		files := with(valid, "govkpi.yaml", string(content))
		c, err := config.Load(files, "govkpi.yaml", options())
		check(t, c, err)
		files = with(valid, "catalogue/more.yaml", string(content))
		c, err = config.Load(files, "govkpi.yaml", options())
		check(t, c, err)
		if err != nil {
			return
		}
		for _, s := range c.Sources {
			if err := s.Options.Decode(&everything{}); err == nil {
				t.Error("a source has all the keys of the test")
			}
		}
	})
}

// Any bytes as each of the three registers.
func FuzzRegisters(f *testing.F) {
	seeds(f, "testdata/valid/regions/*.csv", "testdata/invalid/*/regions/*.csv")
	valid := tree(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, name := range []string{"townships", "history", "aliases"} {
			files := with(valid, "regions/"+name+".csv", string(content))
			c, err := config.Load(files, "govkpi.yaml", options())
			check(t, c, err)
			if err == nil {
				checkRegisters(t, c)
			}
		}
	})
}

// Any bytes as a calendar file.
func FuzzCalendar(f *testing.F) {
	seeds(f, "testdata/valid/calendar/*.csv", "testdata/invalid/*/calendar/*.csv", "jiangxi/calendar/*.csv")
	valid := tree(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := config.Load(with(valid, "calendar/2025.csv", string(content)), "govkpi.yaml", options())
		check(t, c, err)
		if err == nil && len(c.Calendar.Years()) != 2 {
			t.Fatalf("two files, but the years %v", c.Calendar.Years())
		}
	})
}

// checkRegisters holds what Config promises of Regions, Changes and Aliases.
func checkRegisters(t *testing.T, c *config.Config) {
	t.Helper()
	levels := map[string]int{}
	for _, r := range c.Regions {
		if _, again := levels[r.Code]; again {
			t.Fatalf("%s stands twice", r.Code)
		}
		levels[r.Code] = int(r.Level)
	}
	for _, r := range c.Regions {
		if above, ok := levels[r.Parent]; r.Parent != "" && (!ok || above >= int(r.Level)) {
			t.Fatalf("parent of %v is of level %d", r, above)
		}
	}
	for _, change := range c.Changes {
		if levels[change.Code] == 0 {
			t.Fatalf("%v leads nowhere", change)
		}
	}
	for _, alias := range c.Aliases {
		if levels[alias.Code] == 0 {
			t.Fatalf("%v leads nowhere", alias)
		}
	}
}

// Any path and any key: Block never panics.
func FuzzBlockPath(f *testing.F) {
	for _, path := range []string{"", "columns.region", "columns.figures.hills.all", "columns.", ".", "columns.figures.0", "query..x"} {
		f.Add(path)
	}
	options := load(f, tree(f)).Collectors[0].Options
	f.Fuzz(func(t *testing.T, path string) {
		var refused *config.Error
		if err := options.Errorf(path, "bad"); !errors.As(err, &refused) || refused.Line < 1 {
			t.Errorf("error %v", err)
		}
		if _, err := options.Secret(path); err != nil && !errors.As(err, &refused) {
			t.Errorf("error %v", err)
		}
	})
}

// Somebody's whole folder may be in the wrong place.
func TestEveryFileAsEveryOther(t *testing.T) {
	valid := tree(t)
	for name := range valid {
		for other, content := range valid {
			files := with(valid, name, string(content.Data))
			c, err := config.Load(files, "govkpi.yaml", options())
			if name == other {
				continue
			}
			if err == nil {
				t.Errorf("%s was accepted as %s", other, name)
			}
			check(t, c, err)
		}
	}
	if _, err := config.Load(fstest.MapFS{"govkpi.yaml": {}}, "govkpi.yaml", options()); err == nil {
		t.Error("an empty root was accepted")
	}
}
