package sqlquery_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/sqlquery"
)

const page = "../../docs/collectors/sqlquery.md"

// example is a section of the page that shows tables, the configuration, and
// what comes of them.
type example struct{ sql, yaml, text string }

// readExample returns the page's section of that heading.
func readExample(t *testing.T, heading string) example {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(content), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the page has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	block := func(language string) string {
		fences := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(section, -1)
		if len(fences) != 1 {
			t.Fatalf("section %q has %d blocks of %s, want one", heading, len(fences), language)
		}
		return fences[0][1]
	}
	return example{sql: block("sql"), yaml: block("yaml"), text: block("text")}
}

// collector makes the section's only collector.
func (e *example) collector(t *testing.T, url string) collectors.Collector {
	t.Helper()
	var configuration struct {
		Sources    []map[string]yaml.Node
		Collectors []map[string]yaml.Node
	}
	if err := yaml.Unmarshal([]byte(e.yaml), &configuration); err != nil {
		t.Fatal(err)
	}
	own := func(node yaml.Node, secrets map[string]string) collectors.Options {
		text, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatal(err)
		}
		return collectorstest.NewBlock(t, string(text), secrets)
	}
	kind := sqlquery.Kind()
	_, fanOut := configuration.Collectors[0]["for_each"]
	collector, err := kind.New(collectors.Blocks{
		Source:    own(configuration.Sources[0][kind.Name], map[string]string{"url": url}),
		Collector: own(configuration.Collectors[0][kind.Name], nil),
		FanOut:    fanOut,
	})
	if err != nil {
		t.Fatal(err)
	}
	return collector
}

// check compares what was collected with what the page says.
func (e *example) check(t *testing.T, got []string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(e.text), "\n"), got); diff != "" {
		t.Errorf("collected (-page +got):\n%s", diff)
	}
}

// The examples of the page do what the page says.
func TestPageExamples(t *testing.T) {
	for _, heading := range []string{"A complete example", "A register of regions"} {
		t.Run(heading, func(t *testing.T) {
			e, db := readExample(t, heading), onSQLite(t)
			if err := db.exec(t.Context(), e.sql); err != nil {
				t.Fatal(err)
			}
			got, _, err := collect(t.Context(), e.collector(t, db.url), collectors.Request{Now: now(t)})
			if err != nil {
				t.Fatal(err)
			}
			e.check(t, got)
		})
	}
}

func TestPageExampleOfFanOut(t *testing.T) {
	e, dir := readExample(t, "One collector for all counties"), t.TempDir()
	for _, tables := range strings.Split(e.sql, "-- in the database ")[1:] {
		name, _, _ := strings.Cut(tables, " ")
		if err := execStandard(t.Context(), "sqlite", filepath.Join(dir, name), "-- "+tables); err != nil {
			t.Fatal(err)
		}
	}
	collector := e.collector(t, "sqlite://"+filepath.ToSlash(dir)+"/grids_{region.code}")
	var got []string
	for _, target := range []collectors.Target{yujiang(), guixi()} {
		lines, _ := pullFor(t, collector, target)
		got = append(append(got, target.String()), lines...)
	}
	e.check(t, got)
}

// Every key that the kind knows is on its page.
func TestPageNamesEveryOption(t *testing.T) {
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{
		"url", "url_file", "statement_timeout", "query", "lookback", "row_limit", "indicator", "period: last_ended",
		"columns.region", "columns.within", "columns.period", "columns.date", "columns.indicator", "columns.value",
		"columns.figures", "columns.dimensions", "totals", "register", "register.code", "register.name", "register.parent",
		"register.level", "register.level_column", ":since",
	}
	for _, placeholder := range collectors.TargetPlaceholders() {
		keys = append(keys, "{"+placeholder+"}", ":"+strings.ReplaceAll(placeholder, ".", "_"))
	}
	for _, key := range keys {
		if !strings.Contains(string(content), "`"+key+"`") {
			t.Errorf("the page does not describe %s", key)
		}
	}
}
