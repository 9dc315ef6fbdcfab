package lint_test

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	dto "github.com/prometheus/client_model/go"

	"github.com/govkpi/govkpi/dashboards/lint"
)

// exposed are the families that the exposition gives, as its golden files have
// them: with their types, and the labels of their series.
func exposed(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	all := map[string]*dto.MetricFamily{}
	for _, file := range []string{"text.txt", "telemetry.txt"} {
		content, err := os.ReadFile("../../internal/exposition/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, families)
	}
	return all
}

// names are the metrics of a family as queries name them.
func names(f *dto.MetricFamily) []string {
	if f.GetType() != dto.MetricType_HISTOGRAM {
		return []string{f.GetName()}
	}
	return []string{f.GetName() + "_bucket", f.GetName() + "_count", f.GetName() + "_sum"}
}

// What the exposition gives, queries may ask for, with each of its labels; and
// its counters are those of the contract.
func TestContractHasWhatIsExposed(t *testing.T) {
	for _, f := range exposed(t) {
		for _, name := range names(f) {
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					b := sound()
					query("max("+name+"{"+l.GetName()+`=~".+"})`, true)(b)
					for _, finding := range checkAs(t, b) {
						t.Errorf("%s: %s", name, finding)
					}
				}
			}
			b := sound()
			query("max("+name+")", false)(b)
			counter := slices.ContainsFunc(checkAs(t, b), func(finding lint.Finding) bool { return finding.Rule == "counter-rate" })
			if is := f.GetType() != dto.MetricType_GAUGE; counter != is {
				t.Errorf("%s is a counter: %v in the contract, %v in the exposition", name, counter, is)
			}
		}
	}
}

// checkAs checks a board with the catalogue that the golden files are of.
func checkAs(t *testing.T, b object) []lint.Finding {
	t.Helper()
	return checkWith(t, lint.Contract{
		Indicators: []string{"grids", "coordination_mechanisms", "full_time_grid_staff", "form_reduction_ratio", "cadre_visits"},
		Dimensions: []string{"sex", "visit", "team"},
	}, b)
}

// What the contract has, the exposition gives or docs/metrics.md has.
func TestContractHasNothingElse(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"ALERTS": true, "ALERTS_FOR_STATE": true}
	for _, f := range exposed(t) {
		for _, name := range names(f) {
			known[name] = true
		}
	}
	for name, labels := range lint.Families(lint.Contract{}) {
		if !known[name] {
			t.Errorf("the contract has %s, which nothing exposes", name)
		}
		for _, l := range labels {
			if strings.HasPrefix(name, "ALERTS") || slices.Contains([]string{"job", "instance", "le"}, l) {
				continue
			}
			if !regexp.MustCompile("`" + l + "`").Match(page) {
				t.Errorf("%s has the label %s, which docs/metrics.md does not know", name, l)
			}
		}
	}
}
