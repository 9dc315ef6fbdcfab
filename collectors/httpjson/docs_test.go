package httpjson_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/govkpi/govkpi/collectors/httpjson"
)

const docs = "../../docs/collectors/httpjson.md"

func readDocs(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// example returns the page's block of a language.
func example(t *testing.T, language string) string {
	t.Helper()
	fences := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(readDocs(t), -1)
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
	body := example(t, "json")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(body)(w, r)
	})
	own := func(block map[string]yaml.Node) string {
		node := block["httpjson"]
		text, err := yaml.Marshal(&node)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Replace(string(text), "https://grids.example.org", s.URL, 1)
	}
	c := mustBuild(t, own(configuration.Sources[0]), own(configuration.Collectors[0]), withSecrets(map[string]string{"bearer": "t0ken"}))
	got, _, err := collect(t, c)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(example(t, "text")), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-page +got):\n%s", diff)
	}
	asked := strings.Join(s.lines(), "\n")
	if said := strings.Replace(asked, "GET ", "`GET https://grids.example.org", 1) + "`"; !strings.Contains(readDocs(t), said) {
		t.Errorf("asked %s, of which the page says nothing", said)
	}
}

// Every key that the kind knows is on its page.
func TestPageNamesEveryOption(t *testing.T) {
	page := readDocs(t)
	for _, key := range httpjson.OptionKeys() {
		if key == "period" {
			key = "period: last_ended"
		}
		if !strings.Contains(page, "`"+key+"`") {
			t.Errorf("the page does not describe %s", key)
		}
	}
	for _, placeholder := range []string{"since.basic_month", "since.time", "since.unix", "page.cursor", "page.size", "region.parent.name"} {
		if !strings.Contains(page, "`{"+placeholder+"}`") {
			t.Errorf("the page does not describe {%s}", placeholder)
		}
	}
}
