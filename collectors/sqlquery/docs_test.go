package sqlquery_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/sqlquery"
)

const page = "../../docs/collectors/sqlquery.md"

// example returns the page's block of a language.
func example(t *testing.T, language string) string {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	fences := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(string(content), -1)
	if len(fences) != 1 {
		t.Fatalf("the page has %d blocks of %s, want one", len(fences), language)
	}
	return fences[0][1]
}

// The example of the page does what the page says.
func TestPageExample(t *testing.T) {
	var configuration struct {
		Sources    []map[string]yaml.Node
		Collectors []map[string]yaml.Node
	}
	if err := yaml.Unmarshal([]byte(example(t, "yaml")), &configuration); err != nil {
		t.Fatal(err)
	}
	own := func(node yaml.Node, secrets map[string]string) *block {
		text, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatal(err)
		}
		return newBlock(t, string(text), secrets)
	}
	db := onSQLite(t)
	if err := db.exec(t.Context(), example(t, "sql")); err != nil {
		t.Fatal(err)
	}
	kind := sqlquery.Kind()
	collector, err := kind.New(
		own(configuration.Sources[0][kind.Name], map[string]string{"url": db.url}),
		own(configuration.Collectors[0][kind.Name], nil))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := collect(t.Context(), collector, collectors.Request{Now: now(t)})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(example(t, "text")), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-page +got):\n%s", diff)
	}
}

// Every key that the kind knows is on its page.
func TestPageNamesEveryOption(t *testing.T) {
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"url", "url_file", "statement_timeout", "query", "lookback", "row_limit", "indicator", "period: last_ended",
		"columns.region", "columns.within", "columns.period", "columns.date", "columns.indicator", "columns.value",
		"columns.figures", "columns.dimensions",
	} {
		if !strings.Contains(string(content), "`"+key+"`") {
			t.Errorf("the page does not describe %s", key)
		}
	}
}
