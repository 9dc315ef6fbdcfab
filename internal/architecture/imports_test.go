package architecture_test

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The packages that the rules below speak of.
const (
	factPackage = "internal/fact" // the words; every package may use them
	rootPackage = "internal/app"  // the composition root; it joins all others
)

// further lists what a package may import beyond the words and the packages it
// lies in. A line here is a decision about the design.
func further(pkg string) []string {
	switch pkg {
	case "config":
		return []string{"internal/calendar"}
	case "internal/quality":
		return []string{"internal/written"}
	case "collectors/workbook":
		return []string{"internal/written", "internal/spreadsheet"}
	case "cmd/govkpi":
		// The demo's sample systems are outside the way of a figure: the
		// command makes them before it starts the app.
		return []string{rootPackage, "config", "config/jiangxi", "internal/demo"}
	}
	return nil
}

// testsOnly reports whether a package exists for tests alone.
func testsOnly(pkg string) bool {
	return pkg == "internal/servertest" || strings.HasSuffix(path.Base(pkg), "test")
}

// mayImport is the direction of the design: a package below another may import
// those above it (ledger/sqlite the ledger, sqlquery the collectors), siblings
// never import each other, and the composition root joins them.
func mayImport(importer, imported string) bool {
	switch {
	case importer == factPackage, testsOnly(imported), strings.HasPrefix(imported, "cmd/"):
		return false
	case imported == factPackage, strings.HasPrefix(importer, imported+"/"):
		return true
	case importer == rootPackage:
		return true
	}
	return slices.Contains(further(importer), imported)
}

// homes lists the outside libraries that only some packages may use: database
// drivers, file formats, and what would otherwise spread its own words through
// the program. A library is meant with all its packages.
func homes() map[string][]string {
	return map[string][]string{
		"database/sql":                     {"collectors/sqlquery", "internal/ledger/sqlite", "internal/notify/queue", "internal/demo"},
		"modernc.org/sqlite":               {"collectors/sqlquery", "internal/ledger/sqlite", "internal/notify/queue", "internal/demo"},
		"github.com/jackc/pgx/v5":          {"collectors/sqlquery"},
		"github.com/go-sql-driver/mysql":   {"collectors/sqlquery"},
		"github.com/itchyny/gojq":          {"collectors/httpjson"},
		"github.com/xuri/excelize/v2":      {"internal/spreadsheet", "internal/demo"},
		"golang.org/x/text/encoding":       {"internal/spreadsheet", "internal/demo"},
		"go.yaml.in/yaml/v4":               {"config"},
		"github.com/robfig/cron/v3":        {"internal/schedule"},
		"github.com/alecthomas/kong":       {"cmd/govkpi"},
		"github.com/prometheus/prometheus": {"internal/promapi", "internal/promapi/chronicle", "internal/promapi/telemetry", "internal/rules", "dashboards/lint"},
		"github.com/grafana-tools/sdk":     {"dashboards"},
	}
}

// importFaults names every import of the program that the rules forbid.
func importFaults(sources []source) []string {
	var faults []string
	for _, s := range program(sources) {
		for _, imported := range s.own {
			if !mayImport(s.pkg, imported) {
				faults = append(faults, fmt.Sprintf("%s: %s may not import %s", s.name, s.pkg, imported))
			}
		}
		if testsOnly(s.pkg) {
			continue // a test may need any library to set its stage
		}
		for _, imported := range s.imports {
			if home, kept := homeOf(imported); kept && !slices.Contains(home, s.pkg) {
				faults = append(faults, fmt.Sprintf("%s: only %s may import %s", s.name, strings.Join(home, ", "), imported))
			}
			if s.pkg == factPackage && !standard(imported) {
				faults = append(faults, fmt.Sprintf("%s: the words import the standard library only, not %s", s.name, imported))
			}
		}
	}
	return faults
}

// homeOf returns the packages that may use the library of an import path.
func homeOf(imported string) (home []string, kept bool) {
	for library, home := range homes() {
		if imported == library || strings.HasPrefix(imported, library+"/") {
			return home, true
		}
	}
	return nil, false
}

// standard tells the standard library by the first part of its paths, which is
// never a host's name. Our own paths, cut short, look the same; mayImport deals
// with those.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

func TestImportDirection(t *testing.T) {
	for _, fault := range importFaults(readTree(t, filepath.Join("..", ".."))) {
		t.Error(fault)
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	for _, fault := range commentFaults(readTree(t, filepath.Join("..", ".."))) {
		t.Error(fault)
	}
}

// commentFaults names the packages that don't say what they are for. A package
// of tests only says it in a test file.
func commentFaults(sources []source) []string {
	var faults []string
	for _, files := range byPackage(sources) {
		if !slices.ContainsFunc(files, introduces) {
			faults = append(faults, fmt.Sprintf("%s: no file has a comment that begins with %q", files[0].pkg, introduction(files[0])))
		}
	}
	return faults
}

func introduces(s source) bool { return strings.HasPrefix(s.doc, introduction(s)) }

func introduction(s source) string {
	if s.clause == "main" {
		return "Command " + path.Base(s.pkg) + " "
	}
	return "Package " + s.clause + " "
}

func TestImportRules(t *testing.T) {
	tests := map[string]struct {
		pkg, imported string
		want          string // part of the fault; empty where it is allowed
	}{
		"everybody uses the words":                  {"collectors/sqlquery", "internal/fact", ""},
		"the words import nothing of ours":          {"internal/fact", "internal/calendar", "may not import"},
		"the words use the standard library":        {"internal/fact", "strings", ""},
		"the words use no library":                  {"internal/fact", "golang.org/x/text/width", "standard library only"},
		"configuration uses the calendar":           {"config", "internal/calendar", ""},
		"configuration knows no collector":          {"config", "collectors", "may not import"},
		"a kind uses the contract above it":         {"collectors/sqlquery", "collectors", ""},
		"the contract knows no kind":                {"collectors", "collectors/sqlquery", "may not import"},
		"kinds don't know each other":               {"collectors/httpjson", "collectors/sqlquery", "may not import"},
		"collectors don't know the ledger":          {"collectors", "internal/ledger", "may not import"},
		"a backend uses the ledger's contract":      {"internal/ledger/sqlite", "internal/ledger", ""},
		"siblings don't know each other":            {"internal/exposition", "internal/ledger", "may not import"},
		"a like name is no parent":                  {"internal/ledgers", "internal/ledger", "may not import"},
		"the root joins them":                       {"internal/app", "internal/ledger/sqlite", ""},
		"the root does not know the command":        {"internal/app", "cmd/govkpi", "may not import"},
		"the root ships no test server":             {"internal/app", "internal/servertest", "may not import"},
		"the root ships no suite":                   {"internal/app", "internal/ledger/ledgertest", "may not import"},
		"a suite uses its contract":                 {"internal/ledger/ledgertest", "internal/ledger", ""},
		"the command uses the root":                 {"cmd/govkpi", "internal/app", ""},
		"the command goes through the root":         {"cmd/govkpi", "internal/ledger/sqlite", "may not import"},
		"nobody else uses the root":                 {"internal/web", "internal/app", "may not import"},
		"the gate reads what people write":          {"internal/quality", "internal/written", ""},
		"a kind reads workbooks":                    {"collectors/workbook", "internal/spreadsheet", ""},
		"another kind does not":                     {"collectors/httpjson", "internal/spreadsheet", "may not import"},
		"jq has its home":                           {"internal/quality", "github.com/itchyny/gojq", "only collectors/httpjson"},
		"a driver has its home":                     {"collectors/sqlquery", "github.com/jackc/pgx/v5/pgconn", ""},
		"a driver stays at home":                    {"collectors", "github.com/jackc/pgx/v5", "only collectors/sqlquery"},
		"the root opens no database":                {"internal/app", "database/sql", "only"},
		"a test server may use a driver":            {"internal/servertest", "github.com/jackc/pgx/v5", ""},
		"a library of a like name is another":       {"collectors", "github.com/jackc/pgx/v5extra", ""},
		"the standard library is everybody's":       {"internal/web", "net/http", ""},
		"configuration files are read in one place": {"internal/rules", "go.yaml.in/yaml/v4", "only config"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := source{name: test.pkg + "/x.go", pkg: test.pkg, imports: []string{test.imported}}
			if strings.HasPrefix(test.imported, "internal/") || strings.HasPrefix(test.imported, "collectors") || strings.HasPrefix(test.imported, "cmd/") {
				s.own = s.imports
			}
			faults := strings.Join(importFaults([]source{s}), "\n")
			if (faults == "") != (test.want == "") || !strings.Contains(faults, test.want) {
				t.Errorf("%s importing %s: faults %q, want %q", test.pkg, test.imported, faults, test.want)
			}
			s.test = true
			if faults := importFaults([]source{s}); len(faults) > 0 {
				t.Errorf("a test may import anything, yet %q", faults)
			}
		})
	}
}

func TestPackageComments(t *testing.T) {
	tests := map[string]struct {
		files  []source
		faults int
	}{
		"said in one file":    {[]source{{pkg: "a", clause: "a"}, {pkg: "a", clause: "a", doc: "Package a is.\n"}}, 0},
		"said nowhere":        {[]source{{pkg: "a", clause: "a"}, {pkg: "a", clause: "a"}}, 1},
		"said of another":     {[]source{{pkg: "a", clause: "a", doc: "Package ab is.\n"}}, 1},
		"said in another":     {[]source{{pkg: "a", clause: "a", doc: "Package a is.\n"}, {pkg: "b", clause: "b"}}, 1},
		"a command":           {[]source{{pkg: "cmd/a", clause: "main", doc: "Command a does.\n"}}, 0},
		"said by a test only": {[]source{{pkg: "a", clause: "a_test", doc: "Package a_test is.\n", test: true}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if faults := commentFaults(test.files); len(faults) != test.faults {
				t.Errorf("faults %q, want %d", faults, test.faults)
			}
		})
	}
}
