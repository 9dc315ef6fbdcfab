package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/config"
)

// block loads the valid tree with one more source, whose own block is given.
func block(t testing.TB, content string) *config.Block {
	t.Helper()
	files := tree(t)
	files = with(files, "govkpi.yaml", string(files["govkpi.yaml"].Data)+"  - more.yaml\n")
	files = with(files, "more.yaml", "sources:\n  - name: more\n    title: {zh: 更多, en: More}\n    kind: any\n    any:\n"+content)
	c := load(t, files)
	return c.Sources[len(c.Sources)-1].Options
}

type everything struct {
	Text     string            `yaml:"text"`
	Yes      bool              `yaml:"yes"`
	Count    int               `yaml:"count"`
	Small    int8              `yaml:"small,omitempty"`
	Share    float64           `yaml:"share"`
	Wait     time.Duration     `yaml:"wait"`
	List     []string          `yaml:"list"`
	Names    map[string]string `yaml:"names"`
	Nested   nested            `yaml:"nested"`
	Many     []nested          `yaml:"many,optional"`
	Maybe    *nested           `yaml:"maybe"`
	Perhaps  *float64          `yaml:"perhaps"`
	Later    *time.Duration    `yaml:"later"`
	Password string            `yaml:"password,secret,optional"`

	ignored int
}

type nested struct {
	Column string `yaml:"column"`
}

func TestDecode(t *testing.T) {
	b := block(t, `
      text: "line 1\nline 2"
      yes: true
      count: -3
      small: 127
      share: 2.5e-1
      wait: 1d12h
      list: [a, b]
      names: {one: 1st, "two.parts": 2nd}
      nested: {column: c}
      many: [{column: d}, {column: e}]
      perhaps: 4
      later: 90s
      password_file: /run/secrets/grid-office
`)
	want := everything{
		Text: "line 1\nline 2", Yes: true, Count: -3, Small: 127, Share: 0.25, Wait: 36 * time.Hour, List: []string{"a", "b"},
		Names: map[string]string{"one": "1st", "two.parts": "2nd"}, Nested: nested{"c"}, Many: []nested{{"d"}, {"e"}},
		Perhaps: new(4.0), Later: new(90 * time.Second), Password: fileURL, ignored: 7,
	}
	got := everything{ignored: 7}
	for range 2 { // the block is not used up
		if err := b.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(everything{})); diff != "" {
			t.Fatalf("decoded (-want +got):\n%s", diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	b := block(t, `
      text: ""
      yes: "true"
      count: 1e3
      small: 128
      share: a half
      wait: -5s
      list: []
      names: {one: [1]}
      nested: {colunm: c}
      many: {column: d}
      perhaps: '4'
      further: 1
`)
	want := `more.yaml:7:13: text: must not be empty
more.yaml:8:12: yes: expected true or false, found the text "true"
more.yaml:9:14: count: expected a whole number in plain digits, found 1e3
more.yaml:10:14: small: 128 is out of range
more.yaml:11:14: share: expected a number, found the text "a half"
more.yaml:12:13: wait: expected a duration such as 30s, 5m, 12h or 400d, found the text "-5s"
more.yaml:13:13: list: must not be empty
more.yaml:14:20: one: expected a text, found a list
more.yaml:15:16: unknown key "colunm"; did you mean "column"?
more.yaml:16:13: many: expected a list, found a mapping
more.yaml:17:16: perhaps: expected a number, found the text "4"
more.yaml:18:7: unknown key "further"; the keys here are text, yes, count, small, share, wait, list, names, nested, many, maybe, perhaps, later, password, password_file`
	for range 2 { // and again, for the second caller
		err := b.Decode(&everything{})
		if err == nil {
			t.Fatal("accepted")
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Fatalf("refusals (-want +got):\n%s", diff)
		}
	}
}

func TestDecodeMissing(t *testing.T) {
	var into struct {
		URL   string `yaml:"url,secret"`
		Query string `yaml:"query"`
	}
	err := block(t, "      {}\n").Decode(&into)
	want := "more.yaml:5:5: any: \"url\" or \"url_file\" is missing\nmore.yaml:5:5: any: \"query\" is missing"
	if err == nil || err.Error() != want {
		t.Errorf("refused with\n%v\nwant\n%s", err, want)
	}
}

// A mistake in the program is an error, not a panic.
func TestDecodeRefusesTypesOfTheProgram(t *testing.T) {
	b := block(t, "      {a: {b: c}}\n")
	type tagless struct{ A string }
	cases := map[string]struct {
		into any
		want string
	}{
		"no pointer":        {struct{}{}, "it must be a pointer to a struct"},
		"nil":               {nil, "it must be a pointer to a struct"},
		"nil pointer":       {(*nested)(nil), "it must be a pointer to a struct"},
		"pointer to a text": {new(string), "it must be a pointer to a struct"},
		"no tag":            {&tagless{}, "field config_test.tagless.A cannot be decoded: it has no yaml tag with a name"},
		"channel": {new(struct {
			A chan int `yaml:"a"`
		}), "cannot decode a configuration into chan int"},
		"map with other key": {new(struct {
			A map[int]string `yaml:"a"`
		}), "cannot decode a configuration into map[int]string"},
		"unknown option": {new(struct {
			A string `yaml:"a,inline"`
		}), `has the unknown tag option "inline"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if err := b.Decode(c.into); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestErrorf(t *testing.T) {
	c := load(t, tree(t))
	options, whole := c.Collectors[0].Options, c.Collectors[0].Block
	cases := map[string]struct {
		block *config.Block
		path  string
		want  string
	}{
		"a key":                   {options, "columns.region", "collectors/grids.yaml:12:9: bad"},
		"a key with a dot":        {options, "columns.figures.hills.all", "collectors/grids.yaml:13:33: bad"},
		"a key that is not there": {options, "columns.value", "collectors/grids.yaml:11:7: bad"},
		"below a text":            {options, "lookback.days", "collectors/grids.yaml:10:7: bad"},
		"a prefix of a key":       {options, "col", "collectors/grids.yaml:7:5: bad"},
		"the block":               {options, "", "collectors/grids.yaml:7:5: bad"},
		"the entry's schedule":    {whole, "schedule", "collectors/grids.yaml:4:5: bad"},
		"the entry":               {whole, "", "collectors/grids.yaml:2:5: bad"},
		"the source's kind":       {c.Sources[0].Block, "kind", "sources.yaml:4:5: bad"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.block.Errorf(c.path, "%s", "bad")
			var refused *config.Error
			if !errors.As(err, &refused) || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}

func TestErrorfInLists(t *testing.T) {
	b := block(t, "      list: [{a: 1}, {a: 2}]\n")
	for path, want := range map[string]string{
		"list.1.a": "more.yaml:6:23: bad",
		"list.1":   "more.yaml:6:22: bad",
		"list.2":   "more.yaml:6:7: bad",
		"list.x":   "more.yaml:6:7: bad",
		"list.-1":  "more.yaml:6:7: bad",
	} {
		if err := b.Errorf(path, "%w", errors.New("bad")); err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestSecret(t *testing.T) {
	b := block(t, `
      url: "${CIVIL_AFFAIRS_URL}"
      partly: "postgres://reader:${PIN}@db/x?a=${PIN}"
      plain: sqlite:///var/lib/figures.db
      escaped: "$${PIN} costs $5 or $$"
      inner: {token_file: /run/secrets/grid-office}
      number: 5
`)
	for path, want := range map[string]string{
		"url":         envURL,
		"partly":      "postgres://reader:4711@db/x?a=4711",
		"plain":       "sqlite:///var/lib/figures.db",
		"escaped":     "${PIN} costs $5 or $$",
		"inner.token": fileURL,
		"nothing":     "",
		"inner.none":  "",
	} {
		if got, err := b.Secret(path); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
	_, err := b.Secret("number")
	if want := "more.yaml:12:7: expected a text, found a number"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
