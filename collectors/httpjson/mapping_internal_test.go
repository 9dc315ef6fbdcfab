package httpjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

// mapping is what a page is mapped by.
type mapping struct {
	envelope *envelope
	plan     *plan
}

func newMapping(t testing.TB, rows string, columns collectors.Layout) mapping {
	t.Helper()
	f := &collectors.Faults{Options: collectorstest.NewBlock(t, "{}", nil)}
	v := &envelope{tree: &branch{}, next: absent, count: absent, items: absent, message: absent, redact: newRedaction(nil)}
	v.readRows(f, rows)
	m := mapping{v, compile(f, &columns)}
	if err := f.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

// read maps a page and returns its readings, or the error.
func (m mapping) read(ctx context.Context, text []byte) ([]fact.Reading, error) {
	rows := newMapper(m.plan, &collectors.Request{Now: time.Unix(0, 0).UTC()}, 1000)
	p, err := m.envelope.open(ctx, text, 20)
	if err != nil {
		return nil, err
	}
	rows.begin("/")
	err = p.each(ctx, rows)
	return rows.readings, err
}

var fuzzedLayout = collectors.Layout{
	Region: ".code", Within: []string{".in.city"}, Period: ".month", Figures: map[string]string{".n": "grids", ".in.n": "grid_workers"},
	Dimensions: map[string]string{"sex": ".s"},
}

// FuzzMapping maps whatever a source may send, once on its text and once through
// jq: neither may panic, they must agree, and what is refused as JSON must be
// what encoding/json refuses.
func FuzzMapping(f *testing.F) {
	for _, seed := range []string{
		`{"data":[{"code":"360603","month":"2025-12","n":1,"in":{"city":"鹰潭市","n":2.5},"s":"f"}]}`,
		`{"data":[{"code":360603,"month":null,"n":"1,234","in":null},{"n":12345678901234567}]}`,
		`{"data":{"a":{"n":1e400},"b":{"n":-0}}}`, `{"data":[null]}`, `{"data":[[1,2]]}`, `{"data":null}`, `[]`, `{}`, ``, ` `, `null`, `"`, `{"`,
		`{"data":[{"n":1,"n":2}]}`, `{"data":[{"c\u006fde":"\ud83d\ude00\ud800","n":true}]}`, `{"data":[{"in":5}]}`,
		"\xEF\xBB\xBF{}", `{"data":[{"n":01}]}`, `{"data":[{"n":.5}]}`, `{"data":[{"n":1.}]}`, `{"data":[{"n":-}]}`, `{"data":[{"n":1e}]}`,
		"{\"data\":[{\"n\":\"\x01\"}]}", "{\"data\":[\"\xff\"]}", strings.Repeat("[", 30), `{"data":[]}{"data":[]}`, `{"data":[],}`, `{"data":[{"n":tru}]}`,
		`{"a":"\u12"}`, `{"a":"\x"}`, `{"data" : [ { "n" : 1 , "code" : "x" } , { } ] } `,
	} {
		f.Add([]byte(seed))
	}
	onText, throughJQ := newMapping(f, ".data[]", fuzzedLayout), newMapping(f, ".data[] | .", fuzzedLayout)
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := check(text, 10_000) // as deep as encoding/json goes
		// encoding/json takes bytes that are no UTF-8.
		if valid := json.Valid(text) && invalidUTF8(text) < 0; valid != (err == nil) {
			t.Fatalf("check says %v of %q, encoding/json %t", err, text, valid)
		}
		fast, fastErr := onText.read(t.Context(), text)
		slow, slowErr := throughJQ.read(t.Context(), text)
		if err != nil && (fastErr == nil || slowErr == nil) {
			t.Fatalf("%q is no JSON, and was mapped", text)
		}
		// jq sorts the values of an object by key, and a key given twice is an
		// error wherever it stands; otherwise both are the same.
		if fastErr == nil && slowErr == nil && isList(text) && !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%q is\n%v on its text and\n%v through jq", text, fast, slow)
		}
		if fastErr != nil && slowErr == nil && isList(text) {
			t.Fatalf("%q is refused on its text only: %v", text, fastErr)
		}
	})
}

// isList reports whether the rows stand in a list.
func isList(text []byte) bool {
	var page struct{ Data json.RawMessage }
	return json.Unmarshal(text, &page) == nil && len(page.Data) > 0 && page.Data[0] == '['
}

// What decode makes is what encoding/json makes.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5,"x\u00e9\n",true,null,{"b":{}}],"":[]}`, `"\ud800"`, `-1e5`, ` [ ] `, `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		start, err := check(text, 500)
		if err != nil {
			return
		}
		got, end, err := decode(text, start)
		if err != nil {
			if !strings.Contains(err.Error(), "is given twice") {
				t.Fatalf("decode %q: %v", text, err)
			}
			return
		}
		if end != skip(text, start) {
			t.Fatalf("decode of %q ends at %d, skip at %d", text, end, skip(text, start))
		}
		var want any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is %#v, want %#v", text, got, want)
		}
	})
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := wait(t.Context(), time.Hour); err != nil || time.Since(start) != time.Hour {
			t.Errorf("waited %s, error %v; want an hour", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := wait(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Hour+time.Minute {
			t.Errorf("waited %s, error %v; want a minute more and that of the context", time.Since(start), err)
		}
	})
}

func TestPlainPathsNeedNoJQ(t *testing.T) {
	tests := map[string]struct {
		path          []string
		each, lenient bool
		jq            bool
	}{
		".":                      {},
		".a":                     {path: []string{"a"}},
		".a.b_1":                 {path: []string{"a", "b_1"}},
		`."a b".c`:               {path: []string{"a b", "c"}},
		`.["a"]["b.c"]`:          {path: []string{"a", "b.c"}},
		".[]":                    {each: true},
		".data.items[]":          {path: []string{"data", "items"}, each: true},
		".data[]?":               {path: []string{"data"}, each: true, lenient: true},
		`.a."b\(.c)"`:            {jq: true},
		".a?":                    {jq: true},
		".a[0]":                  {jq: true},
		".a[1:2]":                {jq: true},
		".a[].b":                 {jq: true},
		".a[][]":                 {jq: true},
		".a // 0":                {jq: true},
		".a | .b":                {jq: true},
		".. | numbers":           {jq: true},
		`"360603"`:               {jq: true},
		"def f: .a; f":           {jq: true},
		".a[]??":                 {jq: true},
		`.[("a", "b")]`:          {jq: true},
		`.["a" | ltrimstr("b")]`: {jq: true},
	}
	for written, test := range tests {
		t.Run(written, func(t *testing.T) {
			e, err := parseExpression(written)
			if err != nil {
				t.Fatal(err)
			}
			if (e.code != nil) != test.jq || !reflect.DeepEqual(e.path, test.path) || e.each != test.each || e.lenient != test.lenient {
				t.Errorf("%+v, want %+v", e, test)
			}
		})
	}
}
