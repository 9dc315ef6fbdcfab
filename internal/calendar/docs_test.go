package calendar_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Rows of examples in docs/lateness.
var (
	dueRow  = regexp.MustCompile(`(?m)^\| (\S+) \| (\d+) \| (\d{4}-\d\d-\d\dT\d\d:\d\d) \|(.*)\|$`)
	lateRow = regexp.MustCompile(`(?m)^\| (\d{4}-\d\d-\d\dT\d\d:\d\d) \| (\d{4}-\d\d-\d\dT\d\d:\d\d) \| (\d+) \|$`)
)

// TestDocs computes every example of the rules of lateness.
func TestDocs(t *testing.T) {
	folder := filepath.Join("..", "..", "docs", "lateness")
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 11 {
		t.Errorf("%d pages, want one for each of 10 rules, and the list", len(entries))
	}
	for _, entry := range entries {
		rule, _ := strings.CutSuffix(entry.Name(), ".md")
		if rule == "README" {
			continue
		}
		t.Run(rule, func(t *testing.T) {
			page, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			checkPage(t, string(page), rule)
			if !strings.Contains(string(list), "["+rule+"]("+entry.Name()+")") {
				t.Error("the list doesn't name it")
			}
		})
	}
}

func checkPage(t *testing.T, page, rule string) {
	t.Helper()
	if !strings.HasPrefix(page, "# "+rule+"\n") {
		t.Errorf("it doesn't begin with # %s", rule)
	}
	for _, part := range []string{"\n## Example\n", "\n## What to do\n"} {
		if !strings.Contains(page, part) {
			t.Errorf("it has no part %q", strings.TrimSpace(part))
		}
	}
	zone := shanghai(t)
	c := chinese(t, zone)
	due, late := dueRow.FindAllStringSubmatch(page, -1), lateRow.FindAllStringSubmatch(page, -1)
	if len(due) == 0 {
		t.Error("it has no example of a due date")
	}
	for _, row := range due {
		grace, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		got, weekendsOnly := c.Due(period(row[1]), grace)
		if !got.Equal(at(row[3], zone)) || weekendsOnly != strings.Contains(row[4], "weekends only") {
			t.Errorf("%s: it is due before %s, and weekendsOnly is %t", row[0], got, weekendsOnly)
		}
	}
	for _, row := range late {
		want, err := strconv.Atoi(row[3])
		if err != nil {
			t.Fatal(err)
		}
		if got := c.WorkingDaysBetween(at(row[1], zone), at(row[2], zone)); got != want {
			t.Errorf("%s: %d working days", row[0], got)
		}
	}
	// A row that is written otherwise would not be looked at.
	if rows := strings.Count(page, "\n| 20"); len(due)+len(late) != rows {
		t.Errorf("%d of its %d rows of examples can be read", len(due)+len(late), rows)
	}
}
