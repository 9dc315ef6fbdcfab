package sqlquery_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
		"parameter":       {collector: with(soundCollector, "query", "query: SELECT :from\n"), want: []string{"7:8: the query has an unknown parameter :from; there is only :since"}},
		"no lookback":     {collector: with(soundCollector, "query", "query: SELECT :since\n"), want: []string{"1:1: lookback is missing: give a duration such as 400d, which says what :since is in an ordinary run"}},
		"lookback":        {collector: with(soundCollector, "query", "query: SELECT :since\nlookback: -1d\n"), want: []string{`8:11: lookback: "-1d" is no duration: write one such as 400d, which says what :since is in an ordinary run`}},
		"useless":         {collector: soundCollector + "lookback: 400d\n", want: []string{"8:11: lookback is given, but the query has no :since that it would fill"}},
		"no row limit":    {collector: without(soundCollector, "row_limit"), want: []string{"1:1: row_limit is missing: give the most rows that a sound answer can have"}},
		"row limit":       {collector: with(soundCollector, "row_limit", "row_limit: 0\n"), want: []string{"7:12: row_limit is 0: expected 1 to 2147483647"}},
		"large row limit": {collector: with(soundCollector, "row_limit", "row_limit: 3000000000\n"), want: []string{"7:12: row_limit is 3000000000: expected 1 to 2147483647"}},

		"no region": {collector: without(soundCollector, "region"), want: []string{"5:3: columns.region is missing: name the column that holds the region's code or name"}},
		"no period": {collector: without(soundCollector, "period"), want: []string{"5:3: the period is missing: name the column in columns.period or columns.date, or write period: last_ended"}},
		"period and date": {collector: soundCollector + "  date: day\n",
			want: []string{"8:9: the period comes from more than one place: keep one of columns.period, columns.date and period: last_ended"}},
		"period twice": {collector: soundCollector + "period: last_ended\n",
			want: []string{"8:9: the period comes from more than one place: keep one of columns.period, columns.date and period: last_ended"}},
		"period of another kind": {collector: without(soundCollector, "period") + "period: this_month\n",
			want: []string{`7:9: period: "this_month" is unknown: there is last_ended, for sources without a column of the period or date`}},

		"no figure": {collector: without(soundCollector, "value"),
			want: []string{"5:3: neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators"}},
		"both forms": {collector: soundCollector + "  figures: {a: b}\n",
			want: []string{"8:12: columns.value and columns.figures are both given: value is for rows of one figure each, figures for rows of several"}},
		"no indicator": {collector: without(soundCollector, "indicator"),
			want: []string{"6:10: it isn't said which indicator columns.value is of: give indicator, or columns.indicator with the column that names it"}},
		"two indicators": {collector: soundCollector + "  indicator: item\n",
			want: []string{"3:12: indicator and columns.indicator are both given: keep indicator where all rows are of one, columns.indicator where each row names its own"}},
		"wide form with indicators": {collector: without(soundCollector, "value") + "  indicator: item\n  figures: {a: b}\n",
			want: []string{"3:12: indicator is given, but columns.figures names the indicators: remove it",
				"7:14: columns.indicator is given, but columns.figures names the indicators: remove it"}},
		"figures": {collector: without(without(soundCollector, "value"), "indicator") + "  figures:\n    a: grids\n    b: \"\"\n    c: grids\n    \"\": homes\n",
			want: []string{`8:8: columns.figures: column "b" has no indicator`, `9:8: columns.figures: columns "a" and "c" are both of indicator grids`,
				"7:5: columns.figures has an empty name of a column"}},
		"empty names": {collector: soundCollector + "  within: [\"\"]\n  dimensions: {sex: \"\"}\n",
			want: []string{"8:11: columns.within has an empty name of a column", `9:15: columns.dimensions: "sex": "" names no dimension or no column`}},
		"a column for two things": {collector: soundCollector + "  within: [city, Code]\n  dimensions: {sex: AMOUNT}\n",
			want: []string{`8:11: column "Code" is used twice, for columns.region and for columns.within`,
				`9:21: column "AMOUNT" is used twice, for columns.value and for columns.dimensions.sex`}},
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
			_, err := sqlquery.Kind().New(newBlock(t, source, map[string]string{"url": url}), newBlock(t, collector, nil))
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
	for _, url := range []string{"postgres://u:p@nowhere.invalid/db", "mysql://u:p@nowhere.invalid/db", "sqlite:///nowhere/a.db", " sqlite:a.db\n"} {
		if _, err := sqlquery.Kind().New(newBlock(t, soundSource, map[string]string{"url": url}), newBlock(t, soundCollector, nil)); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
