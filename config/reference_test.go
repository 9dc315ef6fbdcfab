package config_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/config"
	"github.com/govkpi/govkpi/internal/fact"
)

func reference(t testing.TB) string {
	t.Helper()
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestReferenceHasEveryKey(t *testing.T) {
	page := reference(t)
	keys := config.Keys()
	if len(keys) < 50 {
		t.Fatalf("only %d keys were found: %v", len(keys), keys)
	}
	for _, key := range keys {
		if !regexp.MustCompile("(?m)^\\| `" + key + "` \\|").MatchString(page) {
			t.Errorf("no table of docs/configuration.md has a row for the key %s", key)
		}
	}
}

func TestReferenceHasNoOtherKey(t *testing.T) {
	known := map[string]bool{}
	for _, key := range config.Keys() {
		known[key] = true
	}
	for name, file := range tree(t) {
		if header, _, _ := strings.Cut(string(file.Data), "\n"); strings.HasSuffix(name, ".csv") {
			for column := range strings.SplitSeq(header, ",") {
				known[column] = true
			}
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(reference(t), -1) {
		if !known[row[1]] {
			t.Errorf("docs/configuration.md has a row for %s, which nothing reads", row[1])
		}
	}
}

func TestReferenceHasEveryReservedWord(t *testing.T) {
	page := reference(t)
	for _, word := range slices.Concat(fact.ReservedIndicators(), fact.ReservedSuffixes(), fact.ReservedDimensions()) {
		if !strings.Contains(page, "`"+word+"`") {
			t.Errorf("docs/configuration.md does not say that %s is taken", word)
		}
	}
}

// The examples of the page, put together, are a configuration.
func TestReferenceExampleLoads(t *testing.T) {
	files := tree(t)
	clear(files)
	for _, example := range regexp.MustCompile("(?s)```(yaml|csv) (\\S+)\n(.*?)```").FindAllStringSubmatch(reference(t), -1) {
		files = with(files, example[2], example[3])
	}
	o := options()
	o.Env = func(string) (string, bool) { return "postgres://reader:secret@db/x", true }
	c, err := config.Load(files, "govkpi.yaml", o)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Indicators) == 0 || len(c.Collectors) == 0 || len(c.Changes) == 0 || len(c.Aliases) == 0 {
		t.Errorf("the example leaves something out: %d indicators, %d collectors", len(c.Indicators), len(c.Collectors))
	}
}
