package explain_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/govkpi/govkpi/internal/explain"
)

// A phrase without Chinese would be written in English, and one that nobody says
// any more is left over.
func TestEveryPhraseHasChinese(t *testing.T) {
	files, err := filepath.Glob("text*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v; %d files", err, len(files))
	}
	var said []string
	for _, file := range files {
		ast.Inspect(parsed(t, file), func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if at, known := map[string]int{"say": 0, "section": 0, "phrase": 0, "count": 2}[methodName(method, ok)]; known {
				if phrase, ok := literal(call.Args[at]); ok {
					said = append(said, phrase)
				}
			}
			return true
		})
	}
	// What is said by its own name: states, closings, levels, origins, policies.
	known := []string{
		"provisional", "confirmed", "corrected", "held", "released", "rejected", "superseded", "pull", "history", "import", "decision",
		"province", "city", "county", "township", "village", "grid", "leave_out", "carry_forward", "like_for_like",
	}
	said = append(said, known...)
	var have []string
	ast.Inspect(parsed(t, "phrases.go"), func(n ast.Node) bool {
		if pair, ok := n.(*ast.CompositeLit); ok && pair.Type == nil && len(pair.Elts) == 2 {
			english, _ := literal(pair.Elts[0])
			if chinese, _ := literal(pair.Elts[1]); chinese == "" {
				t.Errorf("%q has no Chinese", english)
			}
			if slices.Contains(have, english) {
				t.Errorf("%q stands twice", english)
			}
			have = append(have, english)
		}
		return true
	})
	for _, phrase := range said {
		if !slices.Contains(have, phrase) {
			t.Errorf("%q is not among the phrases", phrase)
		}
	}
	for _, phrase := range have {
		if !slices.Contains(said, phrase) {
			t.Errorf("nobody says %q", phrase)
		}
	}
}

func methodName(s *ast.SelectorExpr, ok bool) string {
	if !ok {
		return ""
	}
	return s.Sel.Name
}

func literal(e ast.Expr) (string, bool) {
	text, ok := e.(*ast.BasicLit)
	if !ok || text.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(text.Value)
	return value, err == nil
}

func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseLanguage(t *testing.T) {
	for written, want := range map[string]explain.Language{"en": explain.English, "zh": explain.Chinese} {
		if got, err := explain.ParseLanguage(written); err != nil || got != want {
			t.Errorf("%q is language %d, %v", written, got, err)
		}
	}
	if _, err := explain.ParseLanguage("fr"); err == nil {
		t.Error("fr is taken for a language that there is")
	}
}
