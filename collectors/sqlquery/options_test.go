package sqlquery_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/sqlquery"
)

const (
	soundSource    = "url: ${URL}\nstatement_timeout: 30s\n"
	soundCollector = "query: SELECT code, month, amount FROM a\nrow_limit: 10\nindicator: grids\ncolumns:\n  region: code\n  period: month\n  value: amount\n"
)

func TestOptionsAreRefused(t *testing.T) {
	// without drops the lines that begin with a key, with puts others there.
	without := func(text, key string) string {
		var kept []string
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(strings.TrimSpace(line), key+":") {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "")
	}
	with := func(text, key, lines string) string { return without(text, key) + lines }
	tests := map[string]struct {
		source, collector string // sound where empty
		url               string // that of an SQLite file where empty, none where "-"
		fanOut            bool
		want              []string
	}{
		"no url": {url: "-", source: without(soundSource, "url"),
			want: []string{"1:1: url is missing: give url, or url_file with the file that holds it; one of postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, sqlite:///folder/file.db"}},
		"an empty file": {url: "-", source: with(soundSource, "url", "url_file: /run/secrets/url\n"),
			want: []string{"2:11: url is missing: give url, or url_file with the file that holds it; one of postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, sqlite:///folder/file.db"}},
		"both": {source: soundSource + "url_file: /run/secrets/url\n",
			want: []string{"3:11: url and url_file are both given: keep one"}},
		"scheme": {url: "oracle://u:hunter2@h/db",
			want: []string{"1:6: the URL has an unknown scheme: expected one of postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, sqlite:///folder/file.db"}},
		"no scheme": {url: "hunter2",
			want: []string{"1:6: the URL has an unknown scheme: expected one of postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, sqlite:///folder/file.db"}},
		"url": {url: "mysql://u:hunter2@h/db?charset=gbk",
			want: []string{`1:6: the URL has the unknown parameter "charset"; there are tls and socket; expected a URL such as mysql://user:password@host:3306/database`}},
		"url in a file": {url: "mysql://u:hunter2@/db", source: with(soundSource, "url", "url_file: /run/secrets/url\n"),
			want: []string{"2:11: the URL names no host; expected a URL such as mysql://user:password@host:3306/database"}},
		"no timeout": {source: without(soundSource, "statement_timeout"),
			want: []string{"1:1: statement_timeout is missing: give a duration such as 30s"}},
		"timeout": {source: with(soundSource, "statement_timeout", "statement_timeout: soon\n"),
			want: []string{`2:20: statement_timeout: "soon" is no duration: write one such as 30s`}},
		"timeout of nothing": {source: with(soundSource, "statement_timeout", "statement_timeout: 0s\n"),
			want: []string{`2:20: statement_timeout: "0s" is no duration: write one such as 30s`}},
		"unknown key of the source":    {source: soundSource + "password: hunter2\n", want: []string{"field password not found"}},
		"unknown key of the collector": {collector: soundCollector + "limit: 3\n", want: []string{"field limit not found"}},

		"no query":        {collector: without(soundCollector, "query"), want: []string{"1:1: the query is empty"}},
		"two statements":  {collector: with(soundCollector, "query", "query: SELECT 1; DROP TABLE a\n"), want: []string{"7:8: the query has a second statement after the semicolon; a collector runs one"}},
		"parameter":       {collector: with(soundCollector, "query", "query: SELECT :from\n"), want: []string{"7:8: the query has an unknown parameter :from; there are :since and, with for_each, :region_code, :region_name, :region_parent_code, :region_parent_name"}},
		"no lookback":     {collector: with(soundCollector, "query", "query: SELECT :since\n"), want: []string{"1:1: lookback is missing: give a duration such as 400d, which says what :since is in an ordinary run"}},
		"lookback":        {collector: with(soundCollector, "query", "query: SELECT :since\nlookback: -1d\n"), want: []string{`8:11: lookback: "-1d" is no duration: write one such as 400d, which says what :since is in an ordinary run`}},
		"useless":         {collector: soundCollector + "lookback: 400d\n", want: []string{"8:11: lookback is given, but the query has no :since that it would fill"}},
		"no row limit":    {collector: without(soundCollector, "row_limit"), want: []string{"1:1: row_limit is missing: give the most rows that a sound answer can have"}},
		"row limit":       {collector: with(soundCollector, "row_limit", "row_limit: 0\n"), want: []string{"7:12: row_limit is 0: expected 1 to 2147483647"}},
		"large row limit": {collector: with(soundCollector, "row_limit", "row_limit: 3000000000\n"), want: []string{"7:12: row_limit is 3000000000: expected 1 to 2147483647"}},

		"columns": {collector: without(without(soundCollector, "region"), "value"), // the rest is collectors.ReadLayout's
			want: []string{"5:3: columns.region is missing: name the column that holds the region's code or name",
				"5:3: neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators"}},
		"register and totals": {collector: soundCollector + "totals: [合计]\nregister: {name: title}\n",
			want: []string{"5:3: columns is given beside register: a collector delivers figures or a register of regions",
				"3:12: indicator is given beside register: a collector delivers figures or a register of regions",
				"8:9: totals is given beside register: a collector delivers figures or a register of regions",
				"9:11: register.code is missing: name the column that holds the region's code"}},

		"regions in the query without for_each": {collector: with(soundCollector, "query", "query: SELECT :region_code\n"),
			want: []string{"7:8: the query has parameters of a region, such as :region_code, but the collector has no for_each that names the regions to pull for"}},
		"regions in the url without for_each": {url: "sqlite:///data/{region.code}.db",
			want: []string{"1:6: the URL: the placeholder {region.code} has no value: it needs for_each, which names the regions to pull for"}},
		"for_each without regions": {fanOut: true,
			want: []string{"1:8: for_each is given, but nothing says where a region's own figures are: select by :region_code in the query, or put {region.code} into the url of the source"}},
		"for_each and regions quoted": {fanOut: true, collector: with(soundCollector, "query", "query: SELECT ':region_code' -- :region_code\n"),
			want: []string{"7:8: for_each is given, but nothing says where a region's own figures are: select by :region_code in the query, or put {region.code} into the url of the source"}},
		"unknown placeholder": {fanOut: true, url: "mysql://u:p@{hunter}/db",
			want: []string{"1:6: the URL has an unknown placeholder in braces; there are {region.code}, {region.name}, {region.parent.code}, {region.parent.name}; where braces are meant, write %7B and %7D"}},
		"url that is wrong for every region": {fanOut: true, url: "mysql://u:hunter2@{region.code}.example/db?charset=gbk",
			want: []string{`1:6: the URL has the unknown parameter "charset"; there are tls and socket; expected a URL such as mysql://user:password@host:3306/database`}},
		"a region as the scheme": {fanOut: true, url: "{region.code}://u:hunter2@h/db",
			want: []string{"1:6: the URL has an unknown scheme: expected one of postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, sqlite:///folder/file.db"}},
		"everything at once": {url: "-", source: "{}", collector: "{}",
			want: []string{"1:1: statement_timeout is missing: give a duration such as 30s",
				"1:1: url is missing: give url, or url_file with the file that holds it; one of postgres://user:password@host:5432/database, mysql://user:password@host:3306/database, sqlite:///folder/file.db",
				"1:1: row_limit is missing: give the most rows that a sound answer can have",
				"1:1: columns.region is missing: name the column that holds the region's code or name",
				"1:1: the period is missing: name the column in columns.period or columns.date, or write period: last_ended",
				"1:1: neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			source, collector, url := test.source, test.collector, test.url
			if source == "" {
				source = soundSource
			}
			if collector == "" {
				collector = soundCollector
			}
			switch url {
			case "":
				url = "sqlite:///a.db"
			case "-":
				url = ""
			}
			_, err := sqlquery.Kind().New(collectors.Blocks{
				Source:    collectorstest.NewBlock(t, source, map[string]string{"url": url}),
				Collector: collectorstest.NewBlock(t, collector, nil),
				FanOut:    test.fanOut,
			})
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.Split(err.Error(), "\n")
			if len(test.want) == 1 && strings.Contains(err.Error(), test.want[0]) && strings.Contains(test.want[0], "not found") {
				return // the words of the YAML package, which end in a line of their own
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q shows the password", err)
			}
		})
	}
}

func TestSoundOptionsReachForNothing(t *testing.T) {
	const byRegion = "\nrow_limit: 10\nindicator: grids\ncolumns: {period: month, value: amount}\n"
	tests := map[string]struct {
		url, collector string
		fanOut         bool
	}{
		"PostgreSQL":            {url: "postgres://u:p@nowhere.invalid/db"},
		"MySQL":                 {url: "mysql://u:p@nowhere.invalid/db"},
		"SQLite":                {url: "sqlite:///nowhere/a.db"},
		"blanks":                {url: " sqlite:a.db\n"},
		"braces":                {url: "sqlite:///nowhere/{ 1 }/%7Bregion.code%7D.db"},
		"host of a region":      {url: "postgres://u:p@db-{region.code}.invalid/db", fanOut: true},
		"database of a region":  {url: "mysql://u:p@nowhere.invalid/{region.name}", fanOut: true},
		"user of a region":      {url: "postgres://{region.name}:p{region.parent.code}@nowhere.invalid/db", fanOut: true},
		"parameter of a region": {url: "postgres://u:p@nowhere.invalid/db?options=-csearch_path%3Dc{region.code}", fanOut: true},
		"file of a region":      {url: "sqlite:{region.parent.name}/{region.name}.db", fanOut: true},
		"query of a region":     {url: "sqlite:a.db", fanOut: true, collector: "query: SELECT month, amount FROM a WHERE code = :region_code" + byRegion},
		"region above":          {url: "sqlite:a.db", fanOut: true, collector: "query: SELECT month, amount FROM a WHERE name = :region_name AND city IN (:region_parent_code, :region_parent_name)" + byRegion},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.collector == "" {
				test.collector = soundCollector
			}
			if _, err := newOf(t, test.url, "30s", test.collector, test.fanOut); err != nil {
				t.Error(err)
			}
		})
	}
}
