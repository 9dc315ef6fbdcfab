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

// example is a delivery whose last reading the stage refuses.
type example struct {
	known    []fact.Fact
	readings []fact.Reading
}

// examples are those of the pages.
func examples(t *testing.T) map[string]example {
	t.Helper()
	one := func(spoil func(*fact.Reading)) example {
		return example{readings: []fact.Reading{reading(spoil)}}
	}
	return map[string]example{
		"indicator-known":     one(func(r *fact.Reading) { r.Indicator = "gridz" }),
		"region-in-scope":     one(func(r *fact.Reading) { r.Indicator, r.Region, r.Period = "lake_patrols", "月湖区", "2025-12-31" }),
		"period-parsed":       one(func(r *fact.Reading) { r.Period = "2025年12月" }),
		"period-cadence":      one(func(r *fact.Reading) { r.Period = "2025-Q4" }),
		"period-ended":        one(func(r *fact.Reading) { r.Period = "2026-03" }),
		"dimensions-declared": one(func(r *fact.Reading) { r.Indicator, r.Period, r.Dimensions = "volunteers", "2025", "age=old,sex=女" }),
		"value-present":       one(func(r *fact.Reading) { r.Value = fact.Value{} }),
		"value-number":        one(func(r *fact.Reading) { r.Value = fact.TextValue("1,234") }),
		"value-finite":        one(func(r *fact.Reading) { r.Value = fact.TextValue("1e999") }),
		"value-whole":         one(func(r *fact.Reading) { r.Value = fact.NumberValue(0.1234) }),
		"value-not-negative":  one(func(r *fact.Reading) { r.Value = fact.NumberValue(-12) }),
		"value-in-bounds":     one(func(r *fact.Reading) { r.Value = fact.NumberValue(1234000) }),
		"delivered-once":      {readings: []fact.Reading{of("grids", "2025-12", 1234), of("grids", "2025-12", 1243)}},
		"fraction-proper":     {readings: []fact.Reading{of("forms_before", "2025-12", 100), of("forms_cut", "2025-12", 101)}},
		"step-plausible":      {known: []fact.Fact{known(t, "grids", "2025-11", 1234)}, readings: []fact.Reading{of("grids", "2025-12", 12340)}},
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
			_, rejections := deliver(t, &ledger{facts: all[stage].known}, all[stage].readings...)
			if len(rejections) == 0 || rejections[len(rejections)-1].Stage != stage {
				t.Fatalf("the example is not refused by this stage: %+v", rejections)
			}
			page, err := os.ReadFile(filepath.Join(pages, stage+".md"))
			if err != nil {
				t.Fatal(err)
			}
			reason := rejections[len(rejections)-1].Reason
			for _, text := range []string{reason.ZH, reason.EN} {
				if !strings.Contains(string(page), "> "+text+"\n") {
					t.Errorf("the page does not quote\n> %s", text)
				}
			}
		})
	}
}

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
	if diff := cmp.Diff(slices.Sorted(slices.Values(quality.Stages())), paged); diff != "" {
		t.Errorf("docs/stages (-stages of the gate +pages):\n%s", diff)
	}
}

func TestIndexListsTheStagesInOrder(t *testing.T) {
	index, err := os.ReadFile(filepath.Join(pages, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(index)) {
		if _, rest, ok := strings.Cut(line, "| ["); ok {
			name, link, _ := strings.Cut(rest, "](")
			listed = append(listed, name)
			if !strings.HasPrefix(link, name+".md)") {
				t.Errorf("%s does not link to its page", name)
			}
		}
	}
	if diff := cmp.Diff(quality.Stages(), listed); diff != "" {
		t.Errorf("docs/stages/README.md (-stages of the gate +listed):\n%s", diff)
	}
}

func TestPagesAnswerTheSameQuestions(t *testing.T) {
	for _, stage := range quality.Stages() {
		page, err := os.ReadFile(filepath.Join(pages, stage+".md"))
		if err != nil {
			t.Fatal(err)
		}
		var headings []string
		for line := range strings.Lines(string(page)) {
			if strings.HasPrefix(line, "#") {
				headings = append(headings, strings.TrimSpace(line))
			}
		}
		want := []string{"# " + stage, "## Why", "## Example", "## What to do", "## Configuration"}
		if diff := cmp.Diff(want, headings); diff != "" {
			t.Errorf("headings of %s.md (-want +got):\n%s", stage, diff)
		}
	}
}
