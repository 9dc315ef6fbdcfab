package httpjson_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

const wide = "rows: .data[]\ncolumns: {region: .code, period: .month, figures: {.n: grids, .full_time: grid_workers}}\n"

func TestRowsBecomeReadings(t *testing.T) {
	tests := map[string]struct {
		options string // of the collector, beside limits
		body    string
		want    []string
		err     string // in place of readings
	}{
		"long": {options: long, body: data(row("360603", 12), row("余江区", 0)), want: []string{
			"grids | 360603 | 2025-12 | 12 | /, row 1, column .n",
			"grids | 余江区 | 2025-12 | 0 | /, row 2, column .n",
		}},
		"nothing": {options: long, body: data()},
		"wide, null and a key left out": {options: wide,
			body: data(`{"code":"360603","month":"2025-12","n":1,"full_time":null}`, `{"code":"360604","month":"2025-12","full_time":2}`),
			want: []string{
				"grids | 360603 | 2025-12 | 1 | /, row 1, column .n",
				"grid_workers | 360604 | 2025-12 | 2 | /, row 2, column .full_time",
			}},
		"long and null": {options: long, body: data(`{"code":"360603","month":"2025-12","n":null}`),
			want: []string{"grids | 360603 | 2025-12 | - | /, row 1, column .n"}},
		"a column of the indicator": {options: "rows: .[]\ncolumns: {region: .c, period: .p, indicator: .k, value: .v}\n",
			body: `[{"c":"360603","p":2025,"k":"grids","v":1},{"c":360604,"p":2025,"k":null,"v":"2"}]`,
			want: []string{"grids | 360603 | 2025 | 1 | /, row 1, column .v", ` | 360604 | 2025 | "2" | /, row 2, column .v`}},
		"within, dimensions, last ended": {
			options: "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {region: .c, within: [.in.county, .in.city], value: .v, dimensions: {sex: .s, age: .a}}\n",
			body:    `[{"c":"第一村","in":{"county":"余江区","city":null},"v":1,"s":"f","a":60}]`,
			want:    []string{"grids | 第一村 < 余江区 <  | last ended | 1 | age=60,sex=f | /, row 1, column .v"}},
		"dates": {options: "rows: .[]\nindicator: grids\ncolumns: {region: .c, date: .d, value: .v}\n",
			body: `[{"c":"a","d":"2025-12-31","v":1},{"c":"b","d":"2025-12-31T23:59:59Z","v":2},{"c":"c","d":"2025-12-31 23:59","v":3},
				{"c":"d","d":"2025-12-31T23:00:00.000+0800","v":4},{"c":"e","d":"31.12.2025","v":5},{"c":"f","d":null,"v":6},{"c":"g","d":"2025-12-31T25:00:00Z","v":7}]`,
			want: []string{
				"grids | a | day 2025-12-31 | 1 | /, row 1, column .v", "grids | b | day 2026-01-01 | 2 | /, row 2, column .v",
				"grids | c | day 2025-12-31 | 3 | /, row 3, column .v", "grids | d | day 2025-12-31 | 4 | /, row 4, column .v",
				"grids | e | day 31.12.2025 | 5 | /, row 5, column .v", "grids | f |  | 6 | /, row 6, column .v",
				"grids | g | day 2025-12-31T25:00:00Z | 7 | /, row 7, column .v",
			}},
		"numbers": {options: long, body: data(
			`{"code":"1","month":"2025","n":12345678901234567}`, `{"code":"2","month":"2025","n":9007199254740992}`,
			`{"code":"3","month":"2025","n":0.1}`, `{"code":"4","month":"2025","n":-1.5e3}`,
			`{"code":"5","month":"2025","n":0.30000000000000004}`, `{"code":"6","month":"2025","n":0.300000000000000041}`,
			`{"code":"7","month":"2025","n":1e999}`, `{"code":"8","month":"2025","n":"1,234"}`,
			`{"code":"9","month":"2025","n":" 12 "}`, `{"code":"10","month":"2025","n":-0}`,
			`{"code":"11","month":"2025","n":123456789012345678901234567890}`, `{"code":"12","month":"2025","n":1200000000000000000000.0}`),
			want: []string{
				`grids | 1 | 2025 | "12345678901234567" | /, row 1, column .n`, "grids | 2 | 2025 | 9007199254740992 | /, row 2, column .n",
				"grids | 3 | 2025 | 0.1 | /, row 3, column .n", "grids | 4 | 2025 | -1500 | /, row 4, column .n",
				"grids | 5 | 2025 | 0.30000000000000004 | /, row 5, column .n", `grids | 6 | 2025 | "0.300000000000000041" | /, row 6, column .n`,
				`grids | 7 | 2025 | "1e999" | /, row 7, column .n`, `grids | 8 | 2025 | "1,234" | /, row 8, column .n`,
				`grids | 9 | 2025 | " 12 " | /, row 9, column .n`, "grids | 10 | 2025 | 0 | /, row 10, column .n",
				`grids | 11 | 2025 | "123456789012345678901234567890" | /, row 11, column .n`, "grids | 12 | 2025 | 1200000000000000000000 | /, row 12, column .n",
			}},
		"texts": {options: long, body: "\xEF\xBB\xBF \n" + `{"data":[{"c\u006fde":"\u4f59\u6c5f\"\\\/\b\f\n\r\t","month":"2025","n":"\ud83d\ude00"},{"code":"\ud83dx","month":"2025","n":"\udc00\ud83d"}]}` + "\n",
			want: []string{"grids | 余江\"\\/\b\f\n\r\t | 2025 | \"😀\" | /, row 1, column .n", "grids | \uFFFDx | 2025 | \"\uFFFD\uFFFD\" | /, row 2, column .n"}},
		"a region that is true":           {options: long, body: data(`{"code":true,"month":"2025","n":1}`), want: []string{"grids | true | 2025 | 1 | /, row 1, column .n"}},
		"keys that jq has to quote":       {options: "rows: '.\"数 据\"[]'\nindicator: grids\nperiod: last_ended\ncolumns: {region: '.[\"a.b\"]', value: '.\"数量\"'}\n", body: `{"数 据":[{"a.b":"x","数量":3}]}`, want: []string{`grids | x | last ended | 3 | /, row 1, column ."数量"`}},
		"objects by name":                 {options: long, body: `{"data":{"b":` + row("360603", 1) + `, "a":` + row("360604", 2) + `}}`, want: []string{"grids | 360603 | 2025-12 | 1 | /, row 1, column .n", "grids | 360604 | 2025-12 | 2 | /, row 2, column .n"}},
		"columns of the row itself":       {options: "rows: '.[] | {n: .}'\nindicator: grids\nperiod: last_ended\ncolumns: {region: '\"360603\"', value: .n}\n", body: "[1.50, 2]", want: []string{"grids | 360603 | last ended | 1.5 | /, row 1, column .n", "grids | 360603 | last ended | 2 | /, row 2, column .n"}},
		"the row itself":                  {options: "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {region: ., value: .n}\n", body: `[{"n":1}]`, err: "row 1, .: the value is an object"},
		"more keys than anybody reads":    {options: long, body: data(`{"month":"2025","n":1` + manyKeys() + `}`), err: ".k08, .k09, .k10"},
		"numbers that jq makes":           {options: strings.Replace(long, ".n}", "'.n / 2'}", 1), body: data(`{"code":"a","month":"2025","n":3}`, `{"code":"b","month":"2025","n":20000000000000000000}`), want: []string{"grids | a | 2025 | 1.5 | /, row 1, column .n / 2", `grids | b | 2025 | "10000000000000000000" | /, row 2, column .n / 2`}},
		"a success with null":             {options: long + "ok: .a != false\n", body: `{"a":null,"data":[]}`},
		"one object":                      {options: strings.Replace(long, ".data[]", ".data", 1), body: `{"data":` + row("360603", 1) + `}`, want: []string{"grids | 360603 | 2025-12 | 1 | /, row 1, column .n"}},
		"the answer itself":               {options: strings.Replace(long, ".data[]", ".", 1), body: row("360603", 1), want: []string{"grids | 360603 | 2025-12 | 1 | /, row 1, column .n"}},
		"no list where that is allowed":   {options: strings.Replace(long, ".data[]", ".data[]?", 1), body: `{"data":null}`},
		"no list through jq":              {options: strings.Replace(long, ".data[]", "'.data // [] | .[]'", 1), body: `{"data":null}`},
		"rows through jq":                 {options: strings.Replace(long, ".data[]", "'.data[] | select(.n > 1)'", 1), body: data(row("360603", 1), row("360604", 2)), want: []string{"grids | 360604 | 2025-12 | 2 | /, row 1, column .n"}},
		"big numbers through jq":          {options: strings.Replace(long, ".data[]", "'.data[] | select(true)'", 1), body: data(`{"code":360603,"month":"2025","n":12345678901234567}`), want: []string{`grids | 360603 | 2025 | "12345678901234567" | /, row 1, column .n`}},
		"columns through jq":              {options: "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {region: '.c | tostring | .[0:6]', value: '.a + .b'}\n", body: `[{"c":360603001,"a":1,"b":2}]`, want: []string{"grids | 360603 | last ended | 3 | /, row 1, column .a + .b"}},
		"rows that are lists":             {options: "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {region: '.[0]', value: '.[1]'}\n", body: `[["a",1],["b",null]]`, want: []string{"grids | a | last ended | 1 | /, row 1, column .[1]", "grids | b | last ended | - | /, row 2, column .[1]"}},
		"jq that gives nothing":           {options: "rows: .[]\nperiod: last_ended\ncolumns: {region: .c, figures: {'.n | select(. > 1)': grids}}\n", body: `[{"c":"a","n":1},{"c":"b","n":2}]`, want: []string{"grids | b | last ended | 2 | /, row 2, column .n | select(. > 1)"}},
		"a key twice that nobody reads":   {options: long, body: data(`{"x":1,"code":"a","x":2,"month":"2025","n":1}`), want: []string{"grids | a | 2025 | 1 | /, row 1, column .n"}},
		"two columns of one field":        {options: "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {region: .c, value: .n, dimensions: {x: '.\"c\"'}}\n", body: `[{"c":"a","n":1}]`, want: []string{"grids | a | last ended | 1 | x=a | /, row 1, column .n"}},
		"a total among the rows":          {options: long + "totals: [合计]\n", body: data(row("a", 1), row(" 合计 ", 1)), want: []string{"grids | a | 2025-12 | 1 | /, row 1, column .n", "grids |  | 2025-12 | total 1 | /, row 2, column .n"}},
		"a total beside the rows":         {options: long + "total: {period: .m, figures: {.sum: grids}}\n", body: `{"m":"2025-12","sum":3,"data":[` + row("a", 3) + `]}`, want: []string{"grids | a | 2025-12 | 3 | /, row 1, column .n", "grids |  | 2025-12 | total 3 | /, column .sum"}},
		"a total of a day":                {options: long + "total: {date: .d, figures: {'.sum | tonumber': grids}}\n", body: `{"d":"2025-12-31","sum":"3","data":[` + row("a", 3) + `]}`, want: []string{"grids | a | 2025-12 | 3 | /, row 1, column .n", "grids |  | day 2025-12-31 | total 3 | /, column .sum | tonumber"}},
		"a total that isn't there":        {options: long + "total: {period: .m, figures: {.sum: grids}}\n", body: data(row("a", 3)), err: "no page has a total where total.figures says, such as .sum: correct it, or leave total out"},
		"a total that is true":            {options: long + "total: {period: .m, figures: {.sum: grids}}\n", body: `{"m":"2025","sum":true,"data":[]}`, err: "total.figures, .sum: the value is true or false"},
		"a total of an odd period":        {options: long + "total: {period: .m, figures: {.sum: grids}}\n", body: `{"m":{},"sum":1,"data":[]}`, err: "total.period: the value is an object"},
		"a total of an odd date":          {options: long + "total: {date: .m, figures: {.sum: grids}}\n", body: `{"m":[],"sum":1,"data":[]}`, err: "total.date: the value is a list"},
		"the success that was asked for":  {options: long + "ok: .code == 200\nmessage: .msg\n", body: `{"code":200.0,"data":[]}`},
		"a success in words":              {options: long + "ok: .status != \"error\"\n", body: `{"status":"fine","data":[]}`},
		"a success by jq":                 {options: long + "ok: .code | IN(0, 200)\n", body: `{"code":0,"data":[]}`},
		"a success that is true":          {options: long + "ok: .success == true\n", body: `{"success":true,"data":[]}`},
		"a success that is no error":      {options: long + "ok: .error == null\n", body: `{"data":[]}`},
		"a failure":                       {options: long + "ok: .code == 0\nmessage: .msg\n", body: `{"code":40001,"msg":"token 已过期"}`, err: `the source reports a failure: expected .code == 0, found 40001; it says "token 已过期"`},
		"a failure without words":         {options: long + "ok: .success == true\n", body: `{}`, err: "the source reports a failure: expected .success == true, found nothing; it says nothing further"},
		"a failure by jq":                 {options: long + "ok: .code | IN(0, 200)\nmessage: .msg\n", body: `{"code":1,"msg":{}}`, err: "the source reports a failure: .code | IN(0, 200) is false; it says an object"},
		"a success that is neither":       {options: long + "ok: .code\n", body: `{"code":"yes"}`, err: `ok: .code gives "yes"; expected true or false`},
		"a truth as a figure":             {options: long, body: data(`{"code":"a","month":"2025","n":true}`), err: "row 1, .n: the value is true or false, a figure must be a number: let jq count or convert it"},
		"a list as a figure":              {options: long, body: data(row("a", 1), `{"code":"a","month":"2025","n":[1]}`), err: "row 2, .n: the value is a list; expected a text or number: let jq pick one field of it"},
		"an object as a region":           {options: long, body: data(`{"code":{"id":1},"month":"2025","n":1}`), err: "row 1, .code: the value is an object; expected a text or number: let jq pick one field of it"},
		"a null row":                      {options: long, body: data(row("a", 1), "null"), err: "row 2: it is null; expected an object: let rows leave it out, as in .data[] | select(. != null)"},
		"a null row through jq":           {options: strings.Replace(long, ".data[]", "'.data[] | .'", 1), body: data(row("a", 1), "null"), err: "row 2: it is null; expected an object"},
		"a row that is a text":            {options: long, body: data(`"a"`), err: "row 1: it is a text; expected an object"},
		"a row that is a list":            {options: long, body: data(`[]`), err: "row 1: it is a list; expected an object"},
		"a field of what has none":        {options: "rows: .[]\nindicator: grids\nperiod: last_ended\ncolumns: {region: .c.id, value: .n}\n", body: `[{"c":5,"n":1}]`, err: "row 1: .c is a number; expected an object"},
		"a field of what has none, by jq": {options: "rows: '.[] | .'\nindicator: grids\nperiod: last_ended\ncolumns: {region: .c.id, value: .n}\n", body: `[{"c":5,"n":1}]`, err: "row 1: .c is a number; expected an object"},
		"a key twice":                     {options: long, body: data(`{"code":"a","month":"2025","n":1,"n":2}`), err: "row 1: the key .n is given twice in one object"},
		"a key twice, for jq":             {options: strings.Replace(long, ".data[]", "'.data[] | .'", 1), body: data(`{"code":"a","month":"2025","n":1,"n":2}`), err: "the key .n is given twice in one object"},
		"several values":                  {options: strings.Replace(long, ".n}", "'.n, .n'}", 1), body: data(row("a", 1)), err: "row 1, .n, .n: jq gives more than one value; expected one: wrap it in first(…), or pick one"},
		"jq that fails on a row":          {options: strings.Replace(long, ".n}", "'.n | tonumber'}", 1), body: data(`{"code":"a","month":"2025","n":"x"}`), err: "row 1, .n | tonumber: jq: tonumber cannot be applied"},
		"jq that fails on the page":       {options: strings.Replace(long, ".data[]", "'.data[] | tonumber'", 1), body: data(row("a", 1)), err: "rows: jq: tonumber cannot be applied"},
		"a list without []":               {options: strings.Replace(long, ".data[]", ".data", 1), body: data(), err: "rows: .data is a list: if each of its elements is a row, write .data[]"},
		"no rows":                         {options: long, body: `{"result":{"items":[],"total":0}}`, err: "rows: .data[] finds nothing; the answer has .result.items, .result.total: correct rows, or where that is how the source says that there are none, write []? for []"},
		"null for rows":                   {options: long, body: `{"data":null}`, err: "rows: .data[] finds null where a list should be: correct rows"},
		"a text for rows":                 {options: long, body: `{"data":"none"}`, err: "rows: .data[] finds a text where a list should be: correct rows"},
		"a text in place of the envelope": {options: long, body: `["data"]`, err: "the answer can't be read as configured: it is a list; expected an object"},
		"a text far too long":             {options: long, body: data(`{"code":"` + strings.Repeat("长", 5000) + `","month":"2025","n":1}`), err: "row 1, .code: the value is a text of 15000 bytes; expected at most 4096"},
		"a column that was renamed":       {options: long, body: data(`{"code":"a","month":"2025","num":1,"x":{"y":1}}`), err: "none of the 1 rows has .n (columns.value); the first one has .code, .month, .num, .x.y: correct columns, or ask the source what became of it"},
		"two columns that went":           {options: wide, body: data(`{"code":"a","n":1,"full_time":null}`, `{"code":"b"}`), err: "none of the 2 rows has .month (columns.period); the first one has .code, .full_time, .n: correct columns"},
		"a column that went, by jq":       {options: "rows: '.[] | .'\nindicator: grids\nperiod: last_ended\ncolumns: {region: '.c | .id', value: .n}\n", body: `[{"c":{},"n":1}]`, err: "none of the 1 rows has .c | .id (columns.region); the first one has .c, .n"},
		"the environment":                 {options: strings.Replace(long, ".n}", "'$ENV.PATH // env.PATH // 5'}", 1), body: data(row("a", 1)), want: []string{"grids | a | 2025-12 | 5 | /, row 1, column $ENV.PATH // env.PATH // 5"}},
		"jq that halts":                   {options: strings.Replace(long, ".n}", "'halt'}", 1), body: data(row("a", 1)), err: "none of the 1 rows has halt (columns.value)"},
		"jq that halts with an error":     {options: strings.Replace(long, ".n}", "'halt_error'}", 1), body: data(row("a", 1)), err: "row 1, halt_error: jq: halt error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(test.body))
			c := mustBuild(t, at(s)+noWaiting, limits+test.options)
			got, summary, err := collect(t, c)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || !strings.HasPrefix(err.Error(), "GET "+s.URL) {
					t.Fatalf("error %v, want one from GET %s with %q", err, s.URL, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("readings (-want +got):\n%s", diff)
			}
			if len(summary.QueryDigest) != 64 || len(summary.InputDigest) != 64 {
				t.Errorf("summary %+v has no digests", summary)
			}
		})
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, `,"k%02d":1`, i)
	}
	return b.String()
}

func TestRegister(t *testing.T) {
	s := serve(t, pages(
		`{"data":[{"code":"360603001001","name":"一村","up":"360603001","kind":"village"}]}`,
		`{"data":[{"code":360603001001001,"name":null,"up":"","kind":"grid"}]}`))
	const head = "path: /register\nrows: .data[]\n" + limits + byPage
	tests := map[string]struct {
		register string
		want     []fact.RegionEntry
	}{
		"a column of the level": {"register: {code: .code, name: .name, parent: .up, level_column: .kind}", []fact.RegionEntry{
			{Code: "360603001001", Name: "一村", Level: "village", Parent: "360603001", Place: fact.Place{Part: "/register, page 1", Row: 1}},
			{Code: "360603001001001", Level: "grid", Place: fact.Place{Part: "/register, page 2", Row: 2}},
		}},
		"as on the page": {"register: {code: .code, name: .name, parent: .up, level: village}", []fact.RegionEntry{
			{Code: "360603001001", Name: "一村", Level: "village", Parent: "360603001", Place: fact.Place{Part: "/register, page 1", Row: 1}},
			{Code: "360603001001001", Level: "village", Place: fact.Place{Part: "/register, page 2", Row: 2}}, // the gate refuses it
		}},
		"one level": {"register: {code: .code, level: grid}", []fact.RegionEntry{
			{Code: "360603001001", Level: "grid", Place: fact.Place{Part: "/register, page 1", Row: 1}},
			{Code: "360603001001001", Level: "grid", Place: fact.Place{Part: "/register, page 2", Row: 2}},
		}},
	}
	if !strings.Contains(readDocs(t), tests["as on the page"].register) {
		t.Error("the page has another register")
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := mustBuild(t, at(s)+noWaiting, head+test.register)
			var sink collectorstest.Sink
			if _, err := c.Collect(t.Context(), collectors.Request{Now: now(t)}, &sink); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, sink.Entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

// What was asked and answered can be told apart by its digests; a secret is no
// part of what was asked.
func TestDigests(t *testing.T) {
	texts := map[string]string{"/a": data(row("360603", 1)), "/b": data(row("360603", 2))}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(texts[r.URL.Path])(w, r) })
	digests := func(source, collector string) collectors.Summary {
		t.Helper()
		_, summary, err := collect(t, mustBuild(t, at(s)+noWaiting+source, limits+long+collector, withSecrets(map[string]string{"bearer": "t0ken"})))
		if err != nil {
			t.Fatal(err)
		}
		return summary
	}
	a := digests("", "path: /a\n")
	if again := digests("bearer: x\nquery: {key: hunter2}\n", "path: /a\n"); again != a {
		t.Errorf("the same question and answer gave %+v and %+v", a, again)
	}
	if b := digests("", "path: /b\n"); b.QueryDigest == a.QueryDigest || b.InputDigest == a.InputDigest {
		t.Errorf("another question and answer gave %+v and %+v", a, b)
	}
	if other := digests("", "path: /a\nquery: {x: y}\n"); other.QueryDigest == a.QueryDigest || other.InputDigest != a.InputDigest {
		t.Errorf("another question with the same answer gave %+v and %+v", a, other)
	}
}

// A reading must not change once it was handed over, although the page that it
// stood on makes room for the next.
func TestReadingsOutliveTheirPage(t *testing.T) {
	first := data(`{"code":"aaaaaa","month":"2025-01","n":"11111"}`)
	second := data(`{"code":"bbbbbb","month":"2025-02","n":"22222"}`)
	s := serve(t, pages(first, second))
	got, _, err := collect(t, mustBuild(t, at(s)+noWaiting, "path: /p\n"+limits+long+byPage))
	want := []string{
		`grids | aaaaaa | 2025-01 | "11111" | /p, page 1, row 1, column .n`,
		`grids | bbbbbb | 2025-02 | "22222" | /p, page 2, row 2, column .n`,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, readings (-want +got):\n%s", err, diff)
	}
}

func TestSinkEndsThePull(t *testing.T) {
	full := errors.New("no room for more")
	for name, options := range map[string]string{"figures": long, "register": "rows: .data[]\nregister: {code: .code}\n"} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, pages(data(row("a", 1), row("b", 2)), data(row("c", 1))))
			sink := collectorstest.Sink{Err: full}
			summary, err := mustBuild(t, at(s)+noWaiting, limits+byPage+options).Collect(t.Context(), collectors.Request{Now: now(t)}, &sink)
			if !errors.Is(err, full) || len(s.lines()) != 1 || len(sink.Readings)+len(sink.Entries) != 1 {
				t.Errorf("error %v after %d requests and %d readings, want that of the sink after one", err, len(s.lines()), len(sink.Readings))
			}
			if summary.Rows != 2 {
				t.Errorf("%d rows, want the 2 that were read", summary.Rows)
			}
		})
	}
}
