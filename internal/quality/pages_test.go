package quality_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/quality"
)

const pages = "../../docs/stages"

// examples are those of the pages.
func examples(t *testing.T) map[string]example {
	t.Helper()
	one := func(spoil func(*fact.Reading)) example {
		return example{readings: []fact.Reading{reading(spoil)}}
	}
	entries := func(all ...fact.RegionEntry) example { return example{entries: all} }
	return map[string]example{
		"indicator-known":     one(func(r *fact.Reading) { r.Indicator = "gridz" }),
		"region-in-scope":     one(func(r *fact.Reading) { r.Indicator, r.Region, r.Period = "lake_patrols", "月湖区", "2025-12-31" }),
		"region-of-target":    {terms: quality.Terms{Within: "360602"}, readings: []fact.Reading{reading()}},
		"period-parsed":       one(func(r *fact.Reading) { r.Period = "12月" }),
		"period-cadence":      one(func(r *fact.Reading) { r.Period = "2025-Q4" }),
		"period-ended":        one(func(r *fact.Reading) { r.Period = "2026-03" }),
		"dimensions-declared": one(func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = "volunteers", "2025", "age=old,sex=女" }),
		"value-present":       one(func(r *fact.Reading) { r.Value = fact.Value{} }),
		"value-number":        one(func(r *fact.Reading) { r.Value = fact.TextValue("1,23") }),
		"value-finite":        one(func(r *fact.Reading) { r.Value = fact.TextValue("1e999") }),
		"value-whole":         one(func(r *fact.Reading) { r.Value = fact.NumberValue(0.1234) }),
		"value-not-negative":  one(func(r *fact.Reading) { r.Value = fact.NumberValue(-12) }),
		"value-in-bounds":     one(func(r *fact.Reading) { r.Value = fact.NumberValue(1234000) }),
		"delivered-once":      {readings: []fact.Reading{of("grids", "2025-12", 1234), of("grids", "2025-12", 1243)}},
		"total-agrees":        {readings: []fact.Reading{of("grids", "2025-12", 1234), at("360602", of("grids", "2025-12", 321)), total("", of("grids", "2025-12", 1565))}},
		"fraction-proper":     {readings: []fact.Reading{of("forms_before", "2025-12", 100), of("forms_cut", "2025-12", 101)}},
		"step-plausible":      {known: []fact.Fact{known(t, "grids", "2025-11", 1234)}, readings: []fact.Reading{of("grids", "2025-12", 12340)}},
		"figure-falls":        {known: []fact.Fact{known(t, "cases", "2025-11", 1234)}, readings: []fact.Reading{of("cases", "2025-12", 1198)}},
		"not-overruled":       {overruled: []fact.Decision{overruled(t, "grids", "2025-12", 12340, fact.Reject)}, readings: []fact.Reading{of("grids", "2025-12", 12340)}},
		"regions-expected":    {terms: quality.Terms{Expected: counties("360603", "360602")}, readings: []fact.Reading{reading()}},
		"column-drift": {readings: append(
			rows(100, "cases", "办结数", fine),
			rows(100, "grids", "网格数", func(i int, r *fact.Reading) { r.Value = fact.TextValue([]string{"余江区", "月湖区"}[i%2]) })...)},
		"entry-code":         entries(fact.RegionEntry{Code: "锦江镇", Name: "360603101"}),
		"entry-level":        entries(fact.RegionEntry{Code: "360603101", Name: "锦江镇", Level: "village"}),
		"entry-name":         entries(fact.RegionEntry{Code: "360603101"}),
		"entry-parent":       entries(fact.RegionEntry{Code: "360603101", Name: "锦江镇", Parent: "余江区"}),
		"entry-fixed":        entries(fact.RegionEntry{Code: "360603", Name: "余江县"}),
		"entry-once":         entries(fact.RegionEntry{Code: "360603101", Name: "锦江镇"}, fact.RegionEntry{Code: "360603101", Name: "锦江乡"}),
		"entry-parent-known": entries(fact.RegionEntry{Code: "360603101001", Name: "锦江村"}),
		"entry-of-target":    {terms: quality.Terms{Within: "360602"}, entries: []fact.RegionEntry{{Code: "360603101", Name: "锦江镇"}}},
	}
}

// Every page shows a message exactly as the gate writes it.
func TestPagesQuoteTheGate(t *testing.T) {
	all := examples(t)
	for _, stage := range quality.Stages() {
		if stage == "region-resolved" {
			continue // the register of regions words these
		}
		t.Run(stage, func(t *testing.T) {
			told := reasons(all[stage].pass(t))
			if len(told) == 0 || told[len(told)-1].Stage != stage {
				t.Fatalf("the example is neither refused nor held by this stage: %+v", told)
			}
			page, err := os.ReadFile(filepath.Join(pages, stage+".md"))
			if err != nil {
				t.Fatal(err)
			}
			reason := told[len(told)-1].Reason
			for _, text := range []string{reason.ZH, reason.EN} {
				if !strings.Contains(string(page), "> "+text+"\n") {
					t.Errorf("the page does not quote\n> %s", text)
				}
			}
		})
	}
}

// pageStages are the stages that have a page: those before the gate, where
// nothing could be read, and the gate's own.
func pageStages() []string { return slices.Concat(fact.IntakeStages(), quality.Stages()) }

func TestEveryStageHasItsPageAndEveryPageItsStage(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pages, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var paged []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".md"); name != "README" {
			paged = append(paged, name)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(pageStages())), slices.Sorted(slices.Values(paged))); diff != "" {
		t.Errorf("docs/stages (-stages of the gate +pages):\n%s", diff)
	}
}

func TestIndexListsTheStagesInOrder(t *testing.T) {
	if diff := cmp.Diff(pageStages(), linked(t, filepath.Join(pages, "README.md"))); diff != "" {
		t.Errorf("docs/stages/README.md (-stages of the gate +listed):\n%s", diff)
	}
}

func TestPagesAnswerTheSameQuestions(t *testing.T) {
	for _, stage := range pageStages() {
		want := []string{"# " + stage, "## Why", "## Example", "## What to do", "## Configuration"}
		if diff := cmp.Diff(want, headings(t, filepath.Join(pages, stage+".md"))); diff != "" {
			t.Errorf("headings of %s.md (-want +got):\n%s", stage, diff)
		}
	}
}

// linked returns what the rows of an index's tables begin with: links to pages
// of the same name.
func linked(t *testing.T, index string) []string {
	t.Helper()
	var listed []string
	for _, line := range lines(t, index) {
		if _, rest, ok := strings.Cut(line, "| ["); ok {
			name, link, _ := strings.Cut(rest, "](")
			listed = append(listed, name)
			if !strings.HasPrefix(link, name+".md)") {
				t.Errorf("%s does not link to its page", name)
			}
		}
	}
	return listed
}

func headings(t *testing.T, page string) []string {
	t.Helper()
	return slices.DeleteFunc(lines(t, page), func(line string) bool { return !strings.HasPrefix(line, "#") })
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}
