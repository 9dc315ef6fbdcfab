// Package architecture_test holds the tree to its rules: which package may
// import which, where outside libraries may be used, that every package says
// what it is for, and how long functions and files may grow.
//
// It reads the module's source files with go/parser rather than asking a
// `go list` process, for the test cache notices what a test reads itself, but
// not what a process reads that it starts. It hands nothing on.
package architecture_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is what import paths of our own begin with.
const module = "github.com/govkpi/govkpi/"

// source is one Go file.
type source struct {
	name      string // slash path from the module's root
	pkg       string // its package's folder, slash path from the module's root
	clause    string // the name in its package clause
	doc       string // its package comment
	test      bool
	generated bool
	lines     int
	imports   []string // import paths; our own without the module
	own       []string // those of imports that are our own
	functions []function
}

// function is one function or method with a body.
type function struct {
	name  string
	file  string
	line  int
	lines int // from "func" to the closing brace, both counted
}

// readTree parses every Go file of the module in root, ordered by name. Other
// modules below it, testdata and hidden folders are left out, as go build does.
func readTree(t *testing.T, root string) []source {
	t.Helper()
	var sources []source
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && skipped(name, entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s, err := readSource(root, name)
		sources = append(sources, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func skipped(folder, base string) bool {
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

func readSource(root, name string) (source, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	relative, err := filepath.Rel(root, name)
	if err != nil {
		return source{}, err
	}
	relative = filepath.ToSlash(relative)
	s := source{
		name:      relative,
		pkg:       path.Dir(relative),
		clause:    parsed.Name.Name,
		doc:       parsed.Doc.Text(),
		test:      strings.HasSuffix(relative, "_test.go"),
		generated: ast.IsGenerated(parsed),
		lines:     files.File(parsed.FileStart).LineCount(),
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		if own, ok := strings.CutPrefix(imported, module); ok {
			imported = own
			s.own = append(s.own, own)
		}
		s.imports = append(s.imports, imported)
	}
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Body != nil {
			s.functions = append(s.functions, measure(files, relative, f))
		}
	}
	return s, nil
}

func measure(files *token.FileSet, file string, f *ast.FuncDecl) function {
	first, last := files.Position(f.Pos()).Line, files.Position(f.End()).Line
	return function{name: f.Name.Name, file: file, line: first, lines: last - first + 1}
}

// program keeps what is built into the program and written by hand.
func program(sources []source) []source {
	return slices.DeleteFunc(slices.Clone(sources), func(s source) bool { return s.test || s.generated })
}

// byPackage groups sources by the folder of their package, in order.
func byPackage(sources []source) [][]source {
	sources = slices.Clone(sources)
	slices.SortStableFunc(sources, func(a, b source) int { return cmp.Compare(a.pkg, b.pkg) })
	var groups [][]source
	for _, s := range sources {
		if last := len(groups) - 1; last >= 0 && groups[last][0].pkg == s.pkg {
			groups[last] = append(groups[last], s)
			continue
		}
		groups = append(groups, []source{s})
	}
	return groups
}

func TestReadTree(t *testing.T) {
	sources := readTree(t, filepath.Join("testdata", "tree"))
	if len(sources) != 2 {
		t.Fatalf("read %d files, want those of one package, without the nested module and testdata", len(sources))
	}
	got, test := sources[0], sources[1]
	if got.name != "internal/sample/sample.go" || got.pkg != "internal/sample" || got.clause != "sample" || got.test || got.lines != 17 {
		t.Errorf("read %+v", got)
	}
	if want := "Package sample is read by a test.\n"; got.doc != want {
		t.Errorf("package comment %q, want %q", got.doc, want)
	}
	if !slices.Equal(got.imports, []string{"fmt", "internal/fact"}) || !slices.Equal(got.own, []string{"internal/fact"}) {
		t.Errorf("imports %q, of them our own %q", got.imports, got.own)
	}
	if len(got.functions) != 1 || got.functions[0] != (function{name: "Print", file: got.name, line: 11, lines: 5}) {
		t.Errorf("functions %+v, want Print with its 5 lines at line 11", got.functions)
	}
	if !test.test || !test.generated || test.clause != "sample_test" {
		t.Errorf("read %+v, want a generated test", test)
	}
}
