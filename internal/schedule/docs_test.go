package schedule_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/schedule"
)

// TestDocs reads every schedule that docs/schedule.md shows as good or as
// refused.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "schedule.md"))
	if err != nil {
		t.Fatal(err)
	}
	for header, good := range map[string]bool{"| schedule | due |": true, "| schedule | because |": false} {
		_, table, found := strings.Cut(string(page), header+"\n|---|---|\n")
		table, _, _ = strings.Cut(table, "\n\n")
		if !found || strings.Count(table, "\n") < 5 {
			t.Fatalf("the table %q is gone, or nearly so", header)
		}
		for line := range strings.SplitSeq(table, "\n") {
			for _, quoted := range regexp.MustCompile("`[^`]+`").FindAllString(strings.Split(line, "|")[1], -1) {
				spec := strings.Trim(quoted, "`")
				if _, err := schedule.Parse(spec, time.UTC); (err == nil) != good {
					t.Errorf("%s: error %v", spec, err)
				}
			}
		}
	}
}
