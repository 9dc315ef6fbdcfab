package httpjson_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/httpjson"
)

const (
	soundSource    = "url: https://api.example.org/v2\ntimeout: 30s\n"
	soundCollector = "path: /grids\nlimits: {page_bytes: 8MiB, pages: 500, rows: 200000, depth: 20}\nrows: .data[]\nindicator: grids\n" +
		"columns:\n  region: .code\n  period: .month\n  value: .n\n"
)

// without drops the lines that begin with a key, with puts others there.
func without(text, key string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), key+":") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func with(text, key, lines string) string { return without(text, key) + lines }

type refusal struct {
	source, collector string // sound where empty
	secrets           map[string]string
	fanOut            bool
	want              []string // in these lines; none is success
}

func (r refusal) check(t *testing.T) {
	t.Helper()
	if r.source == "" {
		r.source = soundSource
	}
	if r.collector == "" {
		r.collector = soundCollector
	}
	_, err := httpjson.Kind().New(collectors.Blocks{
		Source: collectorstest.NewBlock(t, r.source, r.secrets), Collector: collectorstest.NewBlock(t, r.collector, nil), FanOut: r.fanOut,
	})
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	if len(r.want) == 1 && strings.HasSuffix(r.want[0], "not found") { // as the YAML library has it
		if err == nil || !strings.Contains(err.Error(), r.want[0]) {
			t.Errorf("error %v, want %q", err, r.want[0])
		}
		return
	}
	if diff := cmp.Diff(r.want, got); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	if strings.Contains(strings.Join(got, ""), "hunter2") {
		t.Errorf("%q tells a secret", got)
	}
}

func TestSourceOptionsAreRefused(t *testing.T) {
	one := func(line string) []string { return []string{line} }
	tests := map[string]refusal{
		"sound":       {},
		"unknown key": {source: soundSource + "password: hunter2\n", want: one("field password not found")},
		"no url":      {source: without(soundSource, "url"), want: one("1:1: url is missing: give one such as https://api.example.org/v2")},
		"no scheme":   {source: with(soundSource, "url", "url: api.example.org\n"), want: one("2:6: url can't be read: expected one such as https://api.example.org/v2")},
		"scheme":      {source: with(soundSource, "url", "url: ftp://api.example.org\n"), want: one("2:6: url can't be read: expected one such as https://api.example.org/v2")},
		"url":         {source: with(soundSource, "url", "url: 'http://h:x y/hunter2'\n"), want: one("2:6: url can't be read: expected one such as https://api.example.org/v2")},
		"no host":     {source: with(soundSource, "url", "url: https:///v2\n"), want: one("2:6: url can't be read: expected one such as https://api.example.org/v2")},
		"user":        {source: with(soundSource, "url", "url: https://u:hunter2@api.example.org\n"), want: one("2:6: url has a user: write user and password into basic")},
		"query":       {source: with(soundSource, "url", "url: https://api.example.org/?key=hunter2\n"), want: one("2:6: url has a ? or #: write parameters into query")},
		"fragment":    {source: with(soundSource, "url", "url: 'https://api.example.org/#'\n"), want: one("2:6: url has a ? or #: write parameters into query")},
		"placeholder of a region": {source: with(soundSource, "url", "url: https://{region.code}.example.org\n"),
			want: one("2:6: url: the placeholder {region.code} has no value: it needs for_each, which names the regions to pull for")},
		"no timeout": {source: without(soundSource, "timeout"), want: one("1:1: timeout is missing: give a duration such as 30s")},
		"timeout":    {source: with(soundSource, "timeout", "timeout: 30\n"), want: one(`2:10: timeout: "30" is no duration: write one such as 30s`)},

		"empty retries": {source: soundSource + "retries: {attempts: 0}\n", want: []string{
			"3:21: retries.attempts is 0: expected 1 to 2147483647",
			"3:10: retries.backoff is missing: give a duration such as 1s", "3:10: retries.longest_wait is missing: give a duration such as 1m"}},
		"backoff":      {source: soundSource + "retries: {attempts: 3, backoff: 2m, longest_wait: 1m}\n", want: one("3:33: retries.backoff is longer than retries.longest_wait of 1m")},
		"longest wait": {source: soundSource + "retries: {attempts: 3, backoff: 2m, longest_wait: 2h}\n", want: one("3:51: retries.longest_wait is 2h: expected at most 1h; the collector's own retry is for longer waits")},

		"two tokens":      {source: soundSource + "bearer: hunter2\nbearer_file: f\n", secrets: map[string]string{"bearer": "hunter2"}, want: one("4:14: bearer and bearer_file are both given: keep one")},
		"empty token":     {source: soundSource + "bearer_file: f\n", want: one("3:14: the bearer token is empty, or has characters that no token has, such as a line break or blank")},
		"two lines":       {source: soundSource + "bearer: x\n", secrets: map[string]string{"bearer": "hunter2\nhunter2"}, want: one("3:9: the bearer token is empty, or has characters that no token has, such as a line break or blank")},
		"bearer or basic": {source: soundSource + "bearer: x\nbasic: {user: u, password: p}\n", secrets: map[string]string{"bearer": "hunter2", "basic.password": "hunter2"}, want: one("3:9: bearer and basic are both given: keep the one that the source asks for")},
		"no user":         {source: soundSource + "basic: {password: p}\n", secrets: map[string]string{"basic.password": "hunter2"}, want: one("3:8: basic.user is missing or has a colon: give the name of the user")},
		"colon":           {source: soundSource + "basic: {user: 'a:b', password: p}\n", secrets: map[string]string{"basic.password": "hunter2"}, want: one("3:15: basic.user is missing or has a colon: give the name of the user")},
		"no password":     {source: soundSource + "basic: {user: u}\n", want: one("3:8: basic.password is missing: give password, or password_file with the file that holds it")},
		"two passwords":   {source: soundSource + "basic: {user: u, password: p, password_file: f}\n", secrets: map[string]string{"basic.password": "hunter2"}, want: one("3:46: basic.password and basic.password_file are both given: keep one")},
		"authorization twice": {source: soundSource + "bearer: x\nheaders: {authorization: y}\n", secrets: map[string]string{"bearer": "hunter2"},
			want: one("1:1: the header Authorization is given beside bearer or basic: keep one")},

		"header of ours":       {source: soundSource + "headers: {Accept-Encoding: br}\n", want: one("3:28: headers: Accept-Encoding is for the program to set")},
		"header's name":        {source: soundSource + "headers: {'X Key': a}\n", want: one(`3:20: headers: "X Key" is no name of a header`)},
		"header's text":        {source: soundSource + "headers: {X-Key: \"a\\nb\"}\n", want: one("3:18: headers: the text of X-Key is empty or has a line break")},
		"header without":       {source: soundSource + "headers: {X-Key: ''}\n", want: one("3:18: headers: the text of X-Key is empty or has a line break")},
		"header of nothing":    {source: soundSource + "headers: {'': a}\n", want: one("3:15: headers has an entry without a name")},
		"header twice":         {source: soundSource + "headers: {X-Key: a, X-Key_file: f}\n", want: one("3:33: headers.X-Key_file and headers.X-Key are both given: keep one")},
		"header's placeholder": {source: soundSource + "headers: {X-Key: '{region.code}'}\n", want: one("3:18: headers.X-Key: the placeholder {region.code} has no value: it needs for_each, which names the regions to pull for")},
		"parameter":            {source: soundSource + "query: {a: '{region.name}'}\n", want: one("3:12: query.a: the placeholder {region.name} has no value: it needs for_each, which names the regions to pull for")},

		"redirect host": {source: soundSource + "redirect_hosts: [a.example.org, 'https://b.example.org']\n", want: one(`3:17: redirect_hosts: "https://b.example.org" is no host: write one such as files.example.org or files.example.org:8443`)},
		"proxy":         {source: soundSource + "proxy: x\n", secrets: map[string]string{"proxy": "hunter2"}, want: one("3:8: proxy is no URL of a proxy: write one such as http://proxy.example.org:3128")},
		"proxy's file":  {source: soundSource + "proxy_file: x\n", secrets: map[string]string{"proxy": "ftp://u:hunter2@h"}, want: one("3:13: proxy is no URL of a proxy: write one such as http://proxy.example.org:3128")},

		"CA":              {source: soundSource + "tls: {ca_file: f}\n", secrets: map[string]string{"tls.ca": "hunter2"}, want: one("3:16: tls.ca_file has no certificate in PEM form")},
		"no key":          {source: soundSource + "tls: {certificate_file: f}\n", want: one("3:6: tls.certificate_file and tls.key_file belong together: give both or neither")},
		"certificate":     {source: soundSource + "tls: {certificate_file: f, key_file: g}\n", secrets: map[string]string{"tls.certificate": "hunter2", "tls.key": "hunter2"}, want: one("3:25: tls.certificate_file and tls.key_file are no certificate with its key: tls: failed to find any PEM data in certificate input")},
		"unknown TLS key": {source: soundSource + "tls: {insecure: true}\n", want: one("field insecure not found")},
	}
	for name, test := range tests {
		t.Run(name, test.check)
	}
}

func TestCollectorOptionsAreRefused(t *testing.T) {
	one := func(line string) []string { return []string{line} }
	paged := func(s string) string { return soundCollector + "paging: {" + s + "}\n" }
	filtered := func(s string) string {
		return strings.Replace(paged(s), "rows: .data[]", "rows: .data[] | select(.ok)", 1)
	}
	const noItems = "paging.items is missing: rows is more than a path, so one row need not be one item of the source: say where a page has the list of its items, such as .data"
	tests := map[string]refusal{
		"unknown key":       {collector: soundCollector + "limit: 3\n", want: one("field limit not found")},
		"method":            {collector: soundCollector + "method: PUT\n", want: one(`9:9: method: "PUT" is unknown: there are GET and POST`)},
		"path":              {collector: with(soundCollector, "path", "path: grids\n"), want: one("8:7: path: expected one that begins with / and has no ? or #, such as /grids; parameters go into query")},
		"path with a query": {collector: with(soundCollector, "path", "path: /grids?a=b\n"), want: one("8:7: path: expected one that begins with / and has no ? or #, such as /grids; parameters go into query")},
		"placeholder": {collector: with(soundCollector, "path", "path: /{year}\n"),
			want: one("8:7: path: the placeholder {year} has no value: there are {since.date}, {since.month}, {since.year}, {since.basic_date}, {since.basic_month}, {since.time}, {since.unix}, {now.date}, {now.month}, {now.year}, {now.basic_date}, {now.basic_month}, {now.time}, {now.unix}")},
		"placeholder of a page": {collector: soundCollector + "query: {a: '{page.number}'}\n",
			want: one("9:12: query.a: the placeholder {page.number} has no value: there are {since.date}, {since.month}, {since.year}, {since.basic_date}, {since.basic_month}, {since.time}, {since.unix}, {now.date}, {now.month}, {now.year}, {now.basic_date}, {now.basic_month}, {now.time}, {now.unix}")},
		"parameter twice":          {source: soundSource + "query: {a: b}\n", collector: soundCollector + "query: {a: c}\n", want: one("9:12: query.a is given by the source already: remove one")},
		"parameter without a name": {collector: soundCollector + "query: {'': c}\n", want: one("9:13: query has an entry without a name")},
		"header twice":             {source: soundSource + "headers: {x-a: b}\n", collector: soundCollector + "headers: {X-A: c}\n", want: one("9:16: headers.X-A is given by the source already: remove one")},
		"header of ours":           {collector: soundCollector + "headers: {Host: c}\n", want: one("9:17: headers: Host is for the program to set")},
		"body":                     {collector: soundCollector + "body: '{}'\n", want: one("9:7: body is given, but only a POST has one: write method: POST")},
		"body of JSON":             {collector: soundCollector + "method: POST\nbody: '{\"a\"}'\n", want: one("10:7: body is no JSON once its placeholders have values: correct it, or give its Content-Type in headers")},
		"body's placeholder": {collector: soundCollector + "method: POST\nbody: '{\"a\": {region.code}}'\n",
			want: []string{"10:7: body: the placeholder {region.code} has no value: it needs for_each, which names the regions to pull for"}},
		"no lookback":   {collector: soundCollector + "query: {a: '{since.date}'}\n", want: one("1:1: lookback is missing: give a duration such as 400d, which says what {since.date} is in an ordinary run")},
		"lookback":      {collector: soundCollector + "lookback: 1y\n", want: one("9:11: lookback is given, but no {since.date} or the like that it would fill")},
		"for_each":      {fanOut: true, want: one("1:1: for_each is given, but nothing says where a region's own figures are: put {region.code} into path, query, headers or body, or into the url of the source")},
		"for_each, url": {fanOut: true, source: with(soundSource, "url", "url: https://{region.code}.example.org\n")},

		"paging without":      {collector: paged("parameter: page"), want: []string{"9:9: paging.by is missing: there are page, offset and cursor"}},
		"paging by":           {collector: paged("by: link, parameter: a"), want: one(`9:14: paging.by: "link" is unknown: there are page, offset and cursor`)},
		"no first":            {collector: paged("by: page, parameter: a"), want: one("9:9: paging.first is missing: give the number of the first page, 0 or 1")},
		"first":               {collector: paged("by: page, parameter: a, first: -1"), want: one("9:41: paging.first is -1: expected 0 or more")},
		"first cursor":        {collector: paged("by: cursor, parameter: a, next: .n, first: 1"), want: one("9:53: paging.first is given, but the first page by cursor is the one without a cursor: remove it")},
		"no parameter":        {collector: paged("by: offset"), want: one("9:9: paging.parameter is missing: name the parameter of the query, or put {page.offset} into query, headers or body")},
		"two parameters":      {collector: paged("by: offset, parameter: a") + "query: {a: b}\n", want: one(`9:33: paging.parameter: the query has a parameter "a" of its own: remove one`)},
		"parameter and place": {collector: paged("by: page, first: 1, parameter: a") + "query: {b: '{page.number}'}\n", want: one("9:41: paging.parameter and {page.number} are both given: keep one")},
		"no size":             {collector: paged("by: offset, parameter: a, size_parameter: b"), want: one("9:9: paging.size_parameter is given without paging.size: say how many items a page shall have")},
		"size":                {collector: paged("by: offset, parameter: a, size_parameter: b, size: 0"), want: one("9:61: paging.size is 0: expected 1 to 2147483647")},
		"no size parameter":   {collector: paged("by: offset, parameter: a, size: 5"), want: one("9:9: paging.size_parameter is missing: name the parameter of the query, or put {page.size} into query, headers or body")},
		"no next":             {collector: paged("by: cursor, parameter: a"), want: one("9:9: paging.next is missing: say where a page has the cursor of the next one, such as .next")},
		"next":                {collector: paged("by: offset, parameter: a, next: .n"), want: one("9:42: paging.next is given, but the pages are not asked for by cursor: remove it, or write by: cursor")},
		"next of many":        {collector: paged("by: cursor, parameter: a, next: '.n[]'"), want: one("9:42: paging.next: .n[] gives as many values as there are; expected an expression that gives one")},
		"more":                {collector: paged("by: offset, parameter: a, more: '.('"), want: one(`9:42: paging.more: jq can't read ".(": unexpected token "(" at ".("`)},
		"count":               {collector: paged("by: offset, parameter: a, count: 'input'"), want: one(`9:43: paging.count: jq can't run "input": input(s)/0 is not allowed`)},

		"items one by one":     {collector: paged("by: offset, parameter: a, items: '.data[]'"), want: one("9:43: paging.items: .data[] are the items one by one; name their list, without []")},
		"items":                {collector: paged("by: offset, parameter: a, items: '.('"), want: one(`9:43: paging.items: jq can't read ".(": unexpected token "(" at ".("`)},
		"a filter and offset":  {collector: filtered("by: offset, parameter: a, more: .m"), want: one("9:9: " + noItems)},
		"a filter and page":    {collector: filtered("by: page, parameter: a, first: 1"), want: one("9:9: " + noItems + "; or give paging.more")},
		"a filter and count":   {collector: filtered("by: page, parameter: a, first: 1, count: .n, more: .m"), want: one("9:9: " + noItems)},
		"a filter and a total": {collector: filtered("by: cursor, parameter: a, next: .x, count: .n"), want: one("9:9: " + noItems)},
		"a filter and more":    {collector: filtered("by: page, parameter: a, first: 1, more: .m")},
		"a filter and cursor":  {collector: filtered("by: cursor, parameter: a, next: .x")},
		"a filter and items":   {collector: filtered("by: offset, parameter: a, items: .data, count: .n")},

		"no limits": {collector: without(soundCollector, "limits"), want: one("1:1: limits is missing: give page_bytes, pages, rows and depth, such as {page_bytes: 8MiB, pages: 500, rows: 200000, depth: 20}")},
		"empty limits": {collector: with(paged("by: offset, parameter: a"), "limits", "limits: {rows: 0, depth: 1001}\n"), want: []string{
			"9:9: limits.page_bytes is missing: give a size such as 8MiB", "9:16: limits.rows is 0: expected 1 to 2147483647",
			"9:26: limits.depth is 1001: expected 1 to 1000", "9:9: limits.pages is missing: give the most pages that a sound answer can have"}},
		"one page":     {collector: with(soundCollector, "limits", "limits: {page_bytes: 64KB, rows: 1, depth: 1}\n")},
		"page_bytes":   {collector: with(soundCollector, "limits", "limits: {page_bytes: many, rows: 1, depth: 1}\n"), want: one(`8:22: limits.page_bytes: "many" is no size: write one such as 8MiB`)},
		"a unit":       {collector: with(soundCollector, "limits", "limits: {page_bytes: 8MBi, rows: 1, depth: 1}\n"), want: one(`8:22: limits.page_bytes: "8MBi" is no size: write one such as 8MiB`)},
		"no bytes":     {collector: with(soundCollector, "limits", "limits: {page_bytes: 0B, rows: 1, depth: 1}\n"), want: one(`8:22: limits.page_bytes: "0B" is no size: write one such as 8MiB`)},
		"a large page": {collector: with(soundCollector, "limits", "limits: {page_bytes: 2GiB, rows: 1, depth: 1}\n"), want: one("8:22: limits.page_bytes is 2GiB: expected at most 1GiB, for a page is held in memory")},
		"a huge page":  {collector: with(soundCollector, "limits", "limits: {page_bytes: 9223372036854775807KiB, rows: 1, depth: 1}\n"), want: one("8:22: limits.page_bytes: \"9223372036854775807KiB\" is no size: write one such as 8MiB")},

		"no rows":                  {collector: without(soundCollector, "rows"), want: one("1:1: rows is missing: say where the rows are, such as .data[]")},
		"rows":                     {collector: with(soundCollector, "rows", "rows: '.data['\n"), want: one(`8:7: rows: jq can't read ".data[": unexpected EOF at ".data["`)},
		"rows of a module":         {collector: with(soundCollector, "rows", "rows: 'include \"a\"; .data[]'\n"), want: one(`8:7: rows: jq can't run "include \"a\"; .data[]": cannot load module: "a"`)},
		"rows of a file":           {collector: with(soundCollector, "rows", "rows: 'input_filename'\n"), want: one(`8:7: rows: jq can't run "input_filename": function not defined: input_filename/0; a path begins with a dot, such as .input_filename`)},
		"rows without a dot":       {collector: with(soundCollector, "rows", "rows: data.items\n"), want: one(`8:7: rows: jq can't run "data.items": function not defined: data/0; a path begins with a dot, such as .data.items`)},
		"rows of a list, no dot":   {collector: with(soundCollector, "rows", "rows: data.items[]\n"), want: one(`8:7: rows: jq can't run "data.items[]": function not defined: data/0; a path begins with a dot, such as .data.items[]`)},
		"rows of no such function": {collector: with(soundCollector, "rows", "rows: '.data | rows'\n"), want: one(`8:7: rows: jq can't run ".data | rows": function not defined: rows/0`)},
		"message":                  {collector: soundCollector + "message: .msg\n", want: one("9:10: message is given without ok: it says what failed where ok does not hold, such as .code == 0")},
		"ok":                       {collector: soundCollector + "ok: .code = 0 and\n", want: one(`9:5: ok: jq can't read ".code = 0 and": unexpected EOF at ".code = 0 and"`)},
		"a column":                 {collector: strings.Replace(soundCollector, ".n\n", "n\n", 1), want: one(`8:10: columns.value: jq can't run "n": function not defined: n/0; a path begins with a dot, such as .n`)},
		"a column of many":         {collector: strings.Replace(soundCollector, ".n\n", ".n[]\n", 1), want: one("8:10: columns.value: .n[] gives as many values as there are; a column needs one: pick it, or make rows of them in rows")},
		"no region":                {collector: without(soundCollector, "region"), want: one("6:3: columns.region is missing: name the column that holds the region's code or name")},
		"a register's":             {collector: "path: /grids\nlimits: {page_bytes: 8MiB, rows: 200000, depth: 20}\nrows: .data[]\nregister: {code: '.a b'}\n", want: one(`4:18: register.code: jq can't read ".a b": unexpected token "b" at ".a b"`)},

		"total of a register": {collector: "limits: {page_bytes: 8MiB, rows: 200000, depth: 20}\nrows: .data[]\nregister: {code: .c}\ntotal: {figures: {.s: grids}}\n", want: one("4:8: total is given beside register: a register has nothing to add up")},
		"no total":            {collector: soundCollector + "total: {period: .m}\n", want: one("9:8: total.figures is missing: name where the totals are, and the indicator of each")},
		"total's indicator":   {collector: soundCollector + "total: {period: .m, figures: {.s: ''}}\n", want: one(`9:30: total.figures: ".s" has no indicator`)},
		"total's period":      {collector: soundCollector + "total: {figures: {.s: grids}}\n", want: one("9:8: total needs one of total.period and total.date: say where the page names the period of its totals")},
		"total's periods":     {collector: soundCollector + "total: {period: .m, date: .d, figures: {.s: grids}}\n", want: one("9:17: total needs one of total.period and total.date: say where the page names the period of its totals")},
		"total's own period": {collector: without(soundCollector, "period") + "period: last_ended\ntotal: {period: .m, figures: {.s: grids}}\n",
			want: one("9:17: total has a period of its own beside period: last_ended: leave it out")},
	}
	for name, test := range tests {
		t.Run(name, test.check)
	}
}
