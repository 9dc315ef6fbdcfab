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

const statePages = "../../docs/states"

// states are all that a figure can be in: those that have a name.
func states() []string {
	var names []string
	for s := fact.Provisional; !strings.HasPrefix(s.String(), "state("); s++ {
		names = append(names, s.String())
	}
	return names
}

func TestEveryStateHasItsPageAndEveryPageItsState(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(statePages, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	var paged []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".md"); name != "README" {
			paged = append(paged, name)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(states())), slices.Sorted(slices.Values(paged))); diff != "" {
		t.Errorf("docs/states (-states +pages):\n%s", diff)
	}
	if diff := cmp.Diff(states(), linked(t, filepath.Join(statePages, "README.md"))); diff != "" {
		t.Errorf("docs/states/README.md (-states +listed):\n%s", diff)
	}
}

func TestPagesOfStatesAnswerTheSameQuestions(t *testing.T) {
	for _, state := range states() {
		want := []string{"# " + state, "## In", "## Out", "## Metrics", "## What to do"}
		if diff := cmp.Diff(want, headings(t, filepath.Join(statePages, state+".md"))); diff != "" {
			t.Errorf("headings of %s.md (-want +got):\n%s", state, diff)
		}
	}
}

// What is held is told by stages that the page of the state links to.
func TestHeldPageNamesItsStages(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(statePages, fact.Held.String()+".md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"step-plausible", "figure-falls", "not-overruled"} {
		if !slices.Contains(quality.Stages(), stage) || !strings.Contains(string(page), "](../stages/"+stage+".md)") {
			t.Errorf("%s: no such stage, or the page does not link to it", stage)
		}
	}
}
