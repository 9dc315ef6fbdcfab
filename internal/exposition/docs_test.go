package exposition_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every family that is exposed has its place in docs/metrics.md, and every
// family that has a place there is exposed. Indicators share one place.
func TestEveryFamilyIsDocumented(t *testing.T) {
	page := readPage(t)
	documented := map[string]bool{}
	place := regexp.MustCompile("(?m)^(?:#+ |\\| )`((?:governance|govkpi)_[a-z_]+|governance_<id>)`")
	for _, m := range place.FindAllStringSubmatch(page, -1) {
		if strings.HasPrefix(m[1], "govkpi_grafana_") {
			continue // package grafana's, which looks after them itself
		}
		if documented[m[1]] {
			t.Errorf("%s has two places", m[1])
		}
		documented[m[1]] = true
	}
	exposed := map[string]bool{}
	indicators := map[string]bool{}
	site, _ := tinySite()
	for _, i := range site.Indicators {
		indicators["governance_"+i.ID] = true
	}
	for line := range strings.Lines(text(t, complete(t))) {
		name, found := strings.CutPrefix(line, "# TYPE ")
		name, _, _ = strings.Cut(name, " ")
		switch {
		case !found || strings.HasPrefix(name, "go_"):
		case indicators[name]:
			exposed["governance_<id>"] = true
		case strings.HasPrefix(name, "process_"):
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s is not documented", name)
			}
		default:
			exposed[name] = true
		}
	}
	difference := cmp.Diff(slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(exposed)))
	if difference != "" {
		t.Errorf("docs/metrics.md and the exposition differ (-documented +exposed):\n%s", difference)
	}
}

// Every label that the exposition has stands on the page.
func TestEveryLabelIsDocumented(t *testing.T) {
	page := readPage(t)
	for _, f := range decode(t, complete(t), acceptText) {
		if strings.HasPrefix(f.GetName(), "go_") {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if !strings.Contains(page, "`"+l.GetName()+"`") {
					t.Errorf("%s: the label %s is not documented", f.GetName(), l.GetName())
				}
			}
		}
	}
}

// documentedQuery returns the one example of PromQL that has a text in it.
func documentedQuery(t *testing.T, has string) string {
	t.Helper()
	var found []string
	for _, query := range documentedQueries(t) {
		if strings.Contains(query, has) {
			found = append(found, query)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d examples of PromQL in docs/metrics.md have %s", len(found), has)
	}
	return found[0]
}

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// documentedQueries returns the examples of PromQL on the page: the indented
// blocks behind the heading about it, parted by empty lines.
func documentedQueries(t *testing.T) []string {
	t.Helper()
	_, behind, found := strings.Cut(readPage(t), "## PromQL that is safe")
	if !found {
		t.Fatal("docs/metrics.md has no examples of PromQL")
	}
	var queries []string
	for block := range strings.SplitSeq(behind, "\n\n") {
		if strings.HasPrefix(block, "    ") {
			queries = append(queries, block)
		}
	}
	if len(queries) < 10 {
		t.Errorf("found only %d examples of PromQL in docs/metrics.md", len(queries))
	}
	return queries
}
