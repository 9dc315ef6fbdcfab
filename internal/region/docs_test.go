package region_test

import (
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

// TestDocs resolves every example of docs/regions.md.
func TestDocs(t *testing.T) {
	r := shipped(t)
	for line, cells := range examples(t, "| written | regions above | level | result |", 30) {
		var levels []fact.Level
		for name := range strings.SplitSeq(cells[3], ",") {
			level, err := fact.ParseLevel(strings.TrimSpace(name))
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			levels = append(levels, level)
		}
		got, err := r.Resolve(unquote(cells[1]), levels, strings.Split(unquote(cells[2]), ","))
		wantResult(t, line, cells[4], got, err)
	}
}

// TestDocsOfThePast resolves the examples of figures of a time before.
func TestDocsOfThePast(t *testing.T) {
	r := shipped(t)
	for line, cells := range examples(t, "| written | period | result |", 9) {
		got, err := r.ResolveAt(unquote(cells[1]), county, nil, period(unquote(cells[2])))
		wantResult(t, line, cells[3], got, err)
	}
	for line, cells := range examples(t, "| code | period | as it was |", 10) {
		got := r.AsOf(unquote(cells[1]), period(unquote(cells[2])))
		wantResult(t, line, cells[3], &got, nil)
	}
}

// examples yields the rows of the page's table that has the header, with their
// cells; before the first cell there is an empty one.
func examples(t *testing.T, header string, atLeast int) iter.Seq2[string, []string] {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "regions.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), header+"\n|---")
	if !found {
		t.Fatalf("the table of examples %s is gone", header)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	lines := strings.Split(table, "\n")[1:]
	if len(lines) < atLeast {
		t.Errorf("%d examples, want %d at least", len(lines), atLeast)
	}
	return func(yield func(string, []string) bool) {
		for _, line := range lines {
			cells := strings.Split(line, "|")
			if len(cells) != strings.Count(header, "|")+1 {
				t.Fatalf("%s: it has not the columns of %s", line, header)
			}
			if !yield(line, cells) {
				return
			}
		}
	}
}

// wantResult compares a region, or why there is none, with a cell of a table.
func wantResult(t *testing.T, line, cell string, got *fact.Region, err error) {
	t.Helper()
	want := strings.TrimSpace(cell)
	reason, refused := strings.CutPrefix(want, "refused: ")
	switch {
	case refused && (err == nil || !strings.Contains(err.Error(), reason)):
		t.Errorf("%s: region %v, error %v", line, got, err)
	case !refused && (err != nil || got.Code+" "+got.Name != want):
		t.Errorf("%s: region %v, error %v", line, got, err)
	}
}

// unquote takes a cell out of its backquotes, and leaves the white space within
// them, which is a part of some examples.
func unquote(cell string) string { return strings.ReplaceAll(strings.TrimSpace(cell), "`", "") }
