package explain_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page shows what is printed.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ordinary.txt", "ordinary.zh.txt"} {
		printed, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if indented := regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(string(printed), "    $1"); !strings.Contains(string(page), indented) {
			t.Errorf("docs/explain.md does not show %s", name)
		}
	}
}
