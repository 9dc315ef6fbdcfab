package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/govkpi/govkpi/config"
)

// forms are what the secrets of the trees may look like. The password in the
// file is short, and is looked for where it stands.
func forms() []string {
	return []string{envPassword, envURL, url.QueryEscape(envPassword), url.PathEscape(envPassword), strconv.QuoteToASCII(envPassword), fileURL, ":" + filePassword, "hunter"}
}

// leaks fails where one of the secrets can be read.
func leaks(t *testing.T, where, printed string) {
	t.Helper()
	for _, form := range forms() {
		if strings.Contains(printed, form) {
			t.Errorf("%s shows %q:\n%s", where, form, printed)
		}
	}
}

// printings returns a value in every way that values are printed.
func printings(t *testing.T, v any) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		all[verb] = fmt.Sprintf(verb, v)
	}
	marshalled, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
	all["json"], all["slog"] = string(marshalled), b.String()
	return all
}

func TestNothingPrintsASecret(t *testing.T) {
	c := load(t, tree(t))
	type private struct{ block *config.Block }
	values := map[string]any{
		"configuration":             c,
		"configuration by value":    *c,
		"secrets":                   c.Secrets,
		"secrets by value":          *c.Secrets,
		"sources":                   c.Sources,
		"source":                    &c.Sources[0],
		"collectors":                c.Collectors,
		"block":                     c.Sources[0].Options,
		"block by value":            *c.Sources[1].Options,
		"block in a private struct": private{c.Sources[0].Block},
		"files":                     c.Files,
		"digest":                    c.Digest,
	}
	for name, v := range values {
		for how, printed := range printings(t, v) {
			leaks(t, name+" as "+how, printed)
		}
	}
	for _, f := range c.Files {
		leaks(t, f.Name, string(f.Content))
	}
}

func TestBlockPrintsItsPlace(t *testing.T) {
	b := load(t, tree(t)).Sources[0].Options
	want := "block sqlquery at sources.yaml:5:5"
	for _, printed := range []string{fmt.Sprint(b), fmt.Sprintf("%#v", *b)} {
		if printed != want {
			t.Errorf("printed %q, want %q", printed, want)
		}
	}
}

// A secret in every place that a refusal talks about.
func TestNoRefusalShowsASecret(t *testing.T) {
	files := tree(t)
	catalogue := string(files["catalogue/indicators.yaml"].Data)
	replacements := map[string][2]string{
		"indicators' id":     {"id: forms_cut", `id: "${S}"`},
		"theme":              {"theme: co-governance", `theme: "${S}"`},
		"unit":               {"unit: grids", `unit: "${S}"`},
		"kind":               {"kind: stock", `kind: "${S}"`},
		"direction":          {"direction: more", `direction: "${S}"`},
		"level":              {"[county]", `["${S}"]`},
		"cadence":            {"cadence: month", `cadence: "${S}"`},
		"number":             {"grace_working_days: 10", `grace_working_days: "${S}"`},
		"region":             {`["360100"]`, `["${S}", "${S}"]`},
		"period":             {`"2025"`, `"${S}"`},
		"precision":          {"precision: nearest", `precision: "${S}"`},
		"numerator":          {"numerator: forms_cut", `numerator: "${S}"`},
		"dimension":          {"name: terrain", `name: "${S}"`},
		"dimension's values": {"[plain, hills]", `["${S}", "${S}"]`},
		"list":               {"[county, township]", `"${S}"`},
		"mapping":            {"{min: 0}", `"${S}"`},
		"true or false":      {"proper_fraction: true", `proper_fraction: "${S}"`},
	}
	for _, secret := range []string{"S_URL", "S_PASSWORD", "S_FILE"} {
		for name, r := range replacements {
			t.Run(secret+" as "+name, func(t *testing.T) {
				bad := strings.Replace(catalogue, r[0], strings.ReplaceAll(r[1], "${S}", "${"+secret+"}"), 1)
				refused(t, with(files, "catalogue/indicators.yaml", bad), secret)
			})
		}
	}
	others := map[string]struct{ file, old, new string }{
		"zone":            {"govkpi.yaml", "Asia/Shanghai", `"${S_URL}"`},
		"site's region":   {"govkpi.yaml", `"360000"`, `"${S_PASSWORD}"`},
		"duration":        {"govkpi.yaml", "400d", `"${S_PASSWORD}"`},
		"include":         {"govkpi.yaml", "sources.yaml", `"${S_PASSWORD}"`},
		"register":        {"govkpi.yaml", "regions/townships.csv", `"${S_PASSWORD}"`},
		"source's name":   {"sources.yaml", "name: civil-affairs", `name: "${S_PASSWORD}"`},
		"source's kind":   {"sources.yaml", "kind: sqlquery", `kind: "${S_PASSWORD}"`},
		"secret file":     {"sources.yaml", "/run/secrets/grid-office", `"${S_URL}"`},
		"collector":       {"collectors/grids.yaml", "name: grids", `name: "${S_PASSWORD}"`},
		"its source":      {"collectors/grids.yaml", "source: grid-office", `source: "${S_PASSWORD}"`},
		"its deadline":    {"collectors/grids.yaml", "deadline: 5m", `deadline: "${S_PASSWORD}"`},
		"literal":         {"sources.yaml", "${CIVIL_AFFAIRS_URL}", "postgres://u:hunter2@db/x"},
		"literal as kind": {"sources.yaml", "kind: sqlquery", "kind: postgres://u:hunter2@db/x"},
		"literal as key":  {"sources.yaml", "kind: sqlquery", `"postgres://u:hunter2@db/x": sqlquery`},
		"written out":     {"sources.yaml", "statement_timeout: 30s", "api_key: hunter2"},
		"key of a file":   {"sources.yaml", "statement_timeout: 30s", "token_file: postgres://u:hunter2@db/x"},
	}
	for name, o := range others {
		t.Run(name, func(t *testing.T) {
			refused(t, with(files, o.file, strings.Replace(string(files[o.file].Data), o.old, o.new, 1)), name)
		})
	}
}

// refused loads a tree that must be refused, and searches everything that says so.
func refused(t *testing.T, files fs.FS, where string) {
	t.Helper()
	o := options()
	known := o.Env
	o.Env = func(name string) (string, bool) {
		switch name {
		case "S_URL":
			return envURL, true
		case "S_PASSWORD":
			return envPassword, true
		case "S_FILE":
			return fileURL, true
		}
		return known(name)
	}
	c, err := config.Load(files, "govkpi.yaml", o)
	if err == nil {
		t.Fatal("the tree was accepted")
	}
	for how, printed := range printings(t, err) {
		leaks(t, where+" as "+how, printed)
	}
	for _, one := range refusals(t, err) {
		for how, printed := range printings(t, one) {
			leaks(t, where+" as "+how, printed)
		}
	}
	if c != nil {
		t.Error("a refused tree came with a configuration")
	}
}

func TestBlockErrorsShowNoSecret(t *testing.T) {
	b := load(t, tree(t)).Sources[0].Options
	address, err := b.Secret("url")
	if err != nil || address != envURL {
		t.Fatalf("secret %q, %v", address, err)
	}
	leaks(t, "Errorf", b.Errorf("url", "cannot connect to %s: %w", address, fmt.Errorf("password %q is wrong", envPassword)).Error())
	var into struct {
		URL     int    `yaml:"url"`
		Timeout string `yaml:"timeout"`
	}
	if err := b.Decode(&into); err == nil {
		t.Error("a text was decoded into a number")
	} else {
		leaks(t, "Decode", err.Error())
	}
}

func TestRedact(t *testing.T) {
	c := load(t, tree(t))
	cases := map[string]struct{ text, want string }{
		"address":            {"dial " + envURL + ": refused", "dial [redacted]: refused"},
		"password":           {"password=" + envPassword + " user=reader", "password=[redacted] user=reader"},
		"quoted":             {strconv.QuoteToASCII(envPassword), `"[redacted]"`},
		"escaped for a path": {"/" + url.PathEscape(envPassword), "/[redacted]"},
		"as net/url writes":  {(&url.URL{Scheme: "a", User: url.UserPassword("u", envPassword), Host: "h"}).String(), "a://u:[redacted]@h"},
		"short password":     {"user reader, password " + filePassword, "user reader, password [redacted]"},
		"in other words":     {"proxy oxy xylophone (xy) xy", "proxy oxy xylophone ([redacted]) [redacted]"},
		"beside Chinese":     {"口令xy错误, 口令：xy", "口令[redacted]错误, 口令：[redacted]"},
		"from a file":        {"open " + fileURL, "open [redacted]"},
		"nothing secret":     {"SELECT 1 FROM reader", "SELECT 1 FROM reader"},
		"empty":              {"", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := c.Secrets.Redact(tc.text); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestRedactWithoutSecrets(t *testing.T) {
	var none *config.Secrets
	for _, s := range []*config.Secrets{none, {}} {
		if got := s.Redact("text"); got != "text" {
			t.Errorf("%q", got)
		}
	}
}

// What looks like an address with a password, and what only nearly does.
func TestPasswordsInAddresses(t *testing.T) {
	cases := map[string]struct {
		address string
		refused bool
	}{
		"password":                {"postgres://u:p@db/x", true},
		"password with an at":     {"postgres://u:p@ss@db/x", true},
		"password with a slash":   {"postgres://u:p/w@db/x", true},
		"password without a user": {"redis://:p@db", true},
		"half of it":              {"postgres://u:p${PIN}@db/x", true},
		"parameter":               {"mysql://db/x?tls=true&Password=p", true},
		"from the environment":    {"postgres://u:${PIN}@db/x", false},
		"twice from it":           {"postgres://u:${PIN}${PIN}@db/x", false},
		"parameter from it":       {"mysql://db/x?password=${PIN}", false},
		"user alone":              {"postgres://u@db/x", false},
		"empty password":          {"postgres://u:@db/x", false},
		"port":                    {"https://db:8443/a@b", false},
		"IPv6":                    {"https://[::1]:8443/a@b", false},
		"no address":              {"see a://b for u:p@x", false},
		"file":                    {"sqlite:///var/lib/x.db", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			files := tree(t)
			files = with(files, "sources.yaml", strings.Replace(string(files["sources.yaml"].Data), "${CIVIL_AFFAIRS_URL}", c.address, 1))
			_, err := config.Load(files, "govkpi.yaml", options())
			if refused := err != nil; refused != c.refused {
				t.Errorf("refused %t, want %t: %v", refused, c.refused, err)
			}
			if err != nil && !strings.Contains(err.Error(), "a password must not stand in a configuration") {
				t.Errorf("refused for another reason: %v", err)
			}
		})
	}
}

// Which keys have secrets that must not be written out, and what may stand there.
func TestSecretsWrittenOut(t *testing.T) {
	for written, refused := range map[string]bool{
		"bearer: hunter2":                      true,
		"a: {b: [{Password: hunter2}]}":        true,
		"X-Api-Key: hunter2":                   true,
		"token: 4711":                          true,
		`token: "hunter${"`:                    true,
		`token: "{hunter}{2}"`:                 true,
		`token: "${PIN}"`:                      false,
		`authorization: "Token ${PIN}"`:        false,
		"token_file: /run/secrets/grid-office": false,
		`page_token: "{page.cursor}"`:          false,
		"tokens: 5":                            false,
		"secretary: hunter":                    false,
	} {
		t.Run(written, func(t *testing.T) {
			files := tree(t)
			for file, old := range map[string]string{"sources.yaml": "statement_timeout: 30s", "collectors/grids.yaml": "lookback: 400d"} {
				_, err := config.Load(with(files, file, strings.Replace(string(files[file].Data), old, written, 1)), "govkpi.yaml", options())
				if (err != nil) != refused {
					t.Errorf("in %s: refused %t, want %t: %v", file, err != nil, refused, err)
				}
			}
		})
	}
}

// An error about a folder must name it, wherever the name comes from; the same
// value elsewhere is a secret as any other.
func TestAFolderIsNoSecret(t *testing.T) {
	for key, want := range map[string]string{"folder": "/srv/reports/county: no such folder", "url": "[redacted]/county: no such folder"} {
		files := tree(t)
		content := string(files["sources.yaml"].Data) +
			"  - {name: reports, title: {zh: 报表, en: Reports}, kind: k, k: {" + key + ": \"${REPORTS}\"}}\n"
		surroundings := options()
		known := surroundings.Env
		surroundings.Env = func(name string) (string, bool) {
			if name == "REPORTS" {
				return "/srv/reports", true
			}
			return known(name)
		}
		c, err := config.Load(with(files, "sources.yaml", content), "govkpi.yaml", surroundings)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Secrets.Redact("/srv/reports/county: no such folder"); got != want {
			t.Errorf("as %s it is written %q, want %q", key, got, want)
		}
	}
}
