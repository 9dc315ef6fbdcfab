package region_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/internal/fact"
)

// TestDocs resolves every example of docs/regions.md.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "regions.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "| written | regions above | level | result |\n|---|---|---|---|\n")
	if !found {
		t.Fatal("the table of examples is gone")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	r := shipped(t)
	examples := strings.Split(table, "\n")
	if len(examples) < 30 {
		t.Errorf("%d examples, want 30 at least", len(examples))
	}
	for _, line := range examples {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			t.Fatalf("%s: want four columns", line)
		}
		var levels []fact.Level
		for name := range strings.SplitSeq(cells[3], ",") {
			level, err := fact.ParseLevel(strings.TrimSpace(name))
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			levels = append(levels, level)
		}
		got, err := r.Resolve(unquote(cells[1]), levels, strings.Split(unquote(cells[2]), ","))
		want := strings.TrimSpace(cells[4])
		reason, refused := strings.CutPrefix(want, "refused: ")
		switch {
		case refused && (err == nil || !strings.Contains(err.Error(), reason)):
			t.Errorf("%s: region %v, error %v", line, got, err)
		case !refused && (err != nil || got.Code+" "+got.Name != want):
			t.Errorf("%s: region %v, error %v", line, got, err)
		}
	}
}

// unquote takes a cell out of its backquotes, and leaves the white space within
// them, which is a part of some examples.
func unquote(cell string) string { return strings.ReplaceAll(strings.TrimSpace(cell), "`", "") }
