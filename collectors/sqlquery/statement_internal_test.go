package sqlquery

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
)

func lexisOf(t testing.TB, scheme string) lexis {
	t.Helper()
	d, ok := driverOf(scheme + ":")
	if !ok {
		t.Fatalf("no driver for %s", scheme)
	}
	return d.lexis
}

func TestParseStatement(t *testing.T) {
	tests := map[string]struct {
		query string
		// What the statement becomes with ? for :since, or the error. Dialects
		// that are not named see the query as "" says.
		want map[string]string
	}{
		"plain":            {"SELECT :since", map[string]string{"": "SELECT ?"}},
		"twice":            {"SELECT :since,:since+1", map[string]string{"": "SELECT ?,?+1"}},
		"of a target":      {"SELECT :region_code, :region_parent_name", map[string]string{"": "SELECT ?, ?"}},
		"longer target":    {"SELECT :region_codes", map[string]string{"": "unknown parameter :region_codes"}},
		"shorter target":   {"SELECT :region", map[string]string{"": "unknown parameter :region;"}},
		"no parameter":     {"SELECT 1", map[string]string{"": "SELECT 1"}},
		"cast":             {"SELECT a::since, :since::date", map[string]string{"": "SELECT a::since, ?::date"}},
		"slice":            {"SELECT a[1:since], b[1:2]", map[string]string{"": "SELECT a[1:since], b[1:2]"}},
		"assignment":       {"SELECT @a := 1", map[string]string{"": "SELECT @a := 1"}},
		"lone colon":       {"SELECT 1 :", map[string]string{"": "SELECT 1 :"}},
		"longer name":      {"SELECT :since2", map[string]string{"": "unknown parameter :since2"}},
		"other name":       {"SELECT :until", map[string]string{"": "unknown parameter :until; there are :since and, with for_each, :region_code, :region_name, :region_parent_code, :region_parent_name"}},
		"other case":       {"SELECT :SINCE", map[string]string{"": "unknown parameter :SINCE"}},
		"Chinese name":     {"SELECT :日期", map[string]string{"": "unknown parameter :日期"}},
		"quoted":           {`SELECT ':since', ":since"`, map[string]string{"": `SELECT ':since', ":since"`}},
		"doubled quote":    {`SELECT 'it''s :since', :since`, map[string]string{"": `SELECT 'it''s :since', ?`}},
		"backslash":        {`SELECT '\', :since --'`, map[string]string{"": `SELECT '\', ? --'`, "mysql": `SELECT '\', :since --'`}},
		"escape string":    {`SELECT e'\', :since', E'\\', :since`, map[string]string{"postgres": `SELECT e'\', :since', E'\\', ?`}},
		"no escape string": {`SELECT somee'\', :since`, map[string]string{"postgres": `SELECT somee'\', ?`, "": `SELECT somee'\', ?`, "mysql": "a quotation that begins in its line 1 and has no end"}},
		"dollar quotes":    {"SELECT $$:since$$, $a$ $$ :since $a$, :since", map[string]string{"postgres": "SELECT $$:since$$, $a$ $$ :since $a$, ?", "": "SELECT $$?$$, $a$ $$ ? $a$, ?"}},
		"not dollar quote": {"SELECT $1, a$b$, :since", map[string]string{"": "SELECT $1, a$b$, ?"}},
		"backticks":        {"SELECT `:since`", map[string]string{"": "SELECT `:since`", "postgres": "SELECT `?`"}},
		"brackets":         {"SELECT [:since]", map[string]string{"sqlite": "SELECT [:since]", "": "SELECT [?]"}},
		"line comment":     {"SELECT 1 -- :since\n, :since", map[string]string{"": "SELECT 1 -- :since\n, ?"}},
		"comment at end":   {"SELECT 1 -- :since", map[string]string{"": "SELECT 1 -- :since"}},
		"minus minus":      {"SELECT 1--:since", map[string]string{"": "SELECT 1--:since", "mysql": "SELECT 1--?"}},
		"hash":             {"SELECT 1 # :since", map[string]string{"": "SELECT 1 # ?", "mysql": "SELECT 1 # :since"}},
		"block comment":    {"SELECT /* :since */ :since", map[string]string{"": "SELECT /* :since */ ?"}},
		"nested comment":   {"SELECT /* /* */ :since */ 1", map[string]string{"": "SELECT /* /* */ ? */ 1", "postgres": "SELECT /* /* */ :since */ 1"}},
		"empty":            {"", map[string]string{"": "the query is empty"}},
		"blank":            {" \n-- nothing\n/* here */ ;", map[string]string{"": "the query is empty"}},
		"semicolon":        {"SELECT 1; -- done\n;", map[string]string{"": "SELECT 1; -- done\n;"}},
		"two statements":   {"SELECT 1; DELETE FROM a", map[string]string{"": "second statement"}},
		"quoted semicolon": {"SELECT ';'; ", map[string]string{"": "SELECT ';'; "}},
		"open quote":       {"SELECT 1,\n'a", map[string]string{"": "a quotation that begins in its line 2 and has no end"}},
		"open comment":     {"SELECT /* a", map[string]string{"": "a comment that begins in its line 1 and has no end"}},
		"open dollar":      {"SELECT $a$ b", map[string]string{"": "SELECT $a$ b", "postgres": "a quotation that begins"}},
		"open bracket":     {"SELECT [a", map[string]string{"": "SELECT [a", "sqlite": "a quotation that begins"}},
	}
	for name, test := range tests {
		for _, scheme := range []string{"postgres", "mysql", "sqlite"} {
			t.Run(name+"/"+scheme, func(t *testing.T) {
				want, ok := test.want[scheme]
				if !ok {
					if want, ok = test.want[""]; !ok {
						return // the query makes no sense in that dialect
					}
				}
				s, err := parseStatement(test.query, lexisOf(t, scheme))
				got := s.sql(func(int) string { return "?" })
				if err != nil {
					got = err.Error()
				}
				if got != want && (err == nil || !strings.Contains(got, want)) {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

func TestPlaceholders(t *testing.T) {
	for scheme, want := range map[string]string{"postgresql": "a $1 b $2", "mariadb": "a ? b ?", "sqlite": "a ?1 b ?2"} {
		d, ok := driverOf(scheme + ":")
		if !ok {
			t.Fatalf("no driver for %s", scheme)
		}
		s, err := parseStatement("a :since b :since", d.lexis)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.sql(d.placeholder); got != want {
			t.Errorf("%s: got %q, want %q", scheme, got, want)
		}
	}
}

func TestArguments(t *testing.T) {
	s, err := parseStatement("a :region_name b :since c :region_parent_code d :region_code e :region_name f :region_parent_name", lexisOf(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	target := collectors.Target{Code: "code", Name: "name", ParentCode: "parent code", ParentName: "parent name"}
	want := []string{"name", "2025-12-01", "parent code", "code", "name", "parent name"}
	if diff := cmp.Diff(want, s.arguments("2025-12-01", target)); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(collectors.TargetPlaceholders(), s.targets()); diff != "" {
		t.Errorf("placeholders of the target (-want +got):\n%s", diff)
	}
}

func FuzzParseStatement(f *testing.F) {
	for _, query := range []string{"SELECT :since", `E'\'`, "$a$", "a$b$", "/*/**/", "[:since]", "`", "--\n", "::since:", ":region_parent_code:region_name", "; ;1", "'\\"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, d := range drivers() {
			s, err := parseStatement(query, d.lexis)
			if err != nil {
				continue
			}
			if again := s.sql(func(n int) string { return ":" + s.names[n-1] }); again != query {
				t.Errorf("%s: %q became %q", d.name, query, again)
			}
		}
	})
}
