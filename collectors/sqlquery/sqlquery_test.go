package sqlquery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

// sample is a case that every database must pass. {instant}, {boolean},
// {endless} and {1..n} in setup and options are written as the dialect has them.
type sample struct {
	setup   string // statements; tables are dropped first
	options string
	since   string // the period that history is asked for
	timeout string // 30s where empty
	want    []string
	on      map[string][]string // want, where a database differs
	err     string              // part of the error
}

const long = `
row_limit: 100
indicator: grids
columns: {region: code, period: month, value: amount}
`

func samples() map[string]sample {
	return map[string]sample{
		"long form": {
			setup: `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), item VARCHAR(40), amount INTEGER);
				INSERT INTO figures VALUES ('360603', '2025-11', 'grids', 812), ('360603', '2025-12', 'homes', 9), ('360602', '2025-12', 'grids', -3)`,
			options: `
query: SELECT code, month, item, amount FROM figures ORDER BY month, code DESC
row_limit: 100
columns: {region: code, period: month, indicator: item, value: amount}`,
			want: []string{
				"grids | 360603 | 2025-11 | 812 | row 1, column amount",
				"homes | 360603 | 2025-12 | 9 | row 2, column amount",
				"grids | 360602 | 2025-12 | -3 | row 3, column amount",
			},
		},
		"wide form": {
			setup: `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), homes INTEGER, meal_sites INTEGER);
				INSERT INTO figures VALUES ('360603', '2025-12', 4, 31), ('360602', '2025-12', 5, 0)`,
			options: `
query: SELECT meal_sites, code, month, homes FROM figures ORDER BY code DESC
row_limit: 100
columns: {region: code, period: month, figures: {homes: elder_child_homes, meal_sites: elder_meal_sites}}`,
			want: []string{
				"elder_meal_sites | 360603 | 2025-12 | 31 | row 1, column meal_sites",
				"elder_child_homes | 360603 | 2025-12 | 4 | row 1, column homes",
				"elder_meal_sites | 360602 | 2025-12 | 0 | row 2, column meal_sites",
				"elder_child_homes | 360602 | 2025-12 | 5 | row 2, column homes",
			},
		},
		"since, in an ordinary run": {
			setup: `CREATE TABLE figures (code VARCHAR(12), day DATE, month VARCHAR(10), amount INTEGER);
				INSERT INTO figures VALUES ('360601', '2025-11-30', '2025-12-01', 1), ('360602', '2025-12-01', '2025-11', 2),
				('360603', '2025-12-01', '2025-12-01', 3), ('360604', '2025-12-31', '2025-12-31', 4)`,
			options: `
query: |
  SELECT code, day, amount FROM figures -- not :since, but
  WHERE day >= :since AND month >= :since /* both :since */ AND code <> ':since' ORDER BY code;
lookback: 40d
row_limit: 100
indicator: grids
columns: {region: code, date: day, value: amount}`,
			want: []string{
				"grids | 360603 | day 2025-12-01 | 3 | row 1, column amount",
				"grids | 360604 | day 2025-12-31 | 4 | row 2, column amount",
			},
		},
		"since, when history is asked for": {
			setup: `CREATE TABLE figures (code VARCHAR(12), day DATE, amount INTEGER);
				INSERT INTO figures VALUES ('360601', '2024-12-31', 1), ('360602', '2025-01-01', 2)`,
			options: `
query: SELECT code, day, amount FROM figures WHERE day >= :since
lookback: 1d
row_limit: 100
indicator: grids
columns: {region: code, date: day, value: amount}`,
			since: "2025-Q1",
			want:  []string{"grids | 360602 | day 2025-01-01 | 2 | row 1, column amount"},
		},
		"history of a query that has none": {
			setup:   `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), amount INTEGER)`,
			options: "query: SELECT code, month, amount FROM figures" + long,
			since:   "2025-Q1",
			err:     "history since 2025-Q1 was asked for, but the query has no :since: add it and lookback to the collector's options",
		},
		"nothing": {
			setup:   `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), amount INTEGER)`,
			options: "query: SELECT code, month, amount FROM figures" + long,
		},
		"nulls in long form": {
			setup: `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), amount INTEGER);
				INSERT INTO figures VALUES ('360603', '2025-12', NULL), (NULL, NULL, 1)`,
			options: "query: SELECT code, month, amount FROM figures ORDER BY amount IS NOT NULL" + long,
			want:    []string{"grids | 360603 | 2025-12 | - | row 1, column amount", "grids |  |  | 1 | row 2, column amount"},
		},
		"nulls in wide form": {
			setup: `CREATE TABLE figures (code VARCHAR(12), day DATE, city VARCHAR(40), sex VARCHAR(9), a INTEGER, b INTEGER);
				INSERT INTO figures VALUES ('360603', NULL, NULL, NULL, NULL, 2), ('360602', NULL, '', '', NULL, NULL)`,
			options: `
query: SELECT * FROM figures ORDER BY code DESC
row_limit: 100
columns: {region: code, within: [city], date: day, dimensions: {sex: sex}, figures: {a: grids, b: homes}}`,
			want: []string{"homes | 360603 <  |  | 2 | sex= | row 1, column b"},
		},
		"decimals and floats": {
			setup: `CREATE TABLE figures (code INTEGER, month VARCHAR(7), a DECIMAL(20, 4), b REAL, c DOUBLE PRECISION);
				INSERT INTO figures VALUES (360603, '2025-12', 1234567890123.0625, 0.1, 0.30000000000000004)`,
			options: `
query: SELECT * FROM figures
row_limit: 100
columns: {region: code, period: month, figures: {a: grids, b: homes, c: sites}}`,
			want: []string{
				`grids | 360603 | 2025-12 | "1234567890123.0625" | row 1, column a`,
				"homes | 360603 | 2025-12 | 0.1 | row 1, column b",
				"sites | 360603 | 2025-12 | 0.30000000000000004 | row 1, column c",
			},
			on: map[string][]string{"SQLite": { // which has no decimals
				"grids | 360603 | 2025-12 | 1234567890123.0625 | row 1, column a",
				"homes | 360603 | 2025-12 | 0.1 | row 1, column b",
				"sites | 360603 | 2025-12 | 0.30000000000000004 | row 1, column c",
			}},
		},
		"integers that no float holds": {
			setup: `CREATE TABLE figures (code BIGINT, month VARCHAR(7), amount BIGINT);
				INSERT INTO figures VALUES (360603001001, '2025-12', 9007199254740992), (360603001001, '2025-12', 9007199254740993),
				(360603001001, '2025-12', 9223372036854775807), (360603001001, '2025-12', -9223372036854775807)`,
			options: "query: SELECT code, month, amount FROM figures ORDER BY abs(amount), amount DESC" + long,
			want: []string{
				"grids | 360603001001 | 2025-12 | 9007199254740992 | row 1, column amount",
				`grids | 360603001001 | 2025-12 | "9007199254740993" | row 2, column amount`,
				`grids | 360603001001 | 2025-12 | "9223372036854775807" | row 3, column amount`,
				`grids | 360603001001 | 2025-12 | "-9223372036854775807" | row 4, column amount`,
			},
		},
		"text as a value": {
			setup: `CREATE TABLE figures (code CHAR(12), month VARCHAR(7), amount VARCHAR(20));
				INSERT INTO figures VALUES ('360603', '2025-12', '1,234'), ('360604', '2025-12', '')`,
			options: "query: SELECT code, month, amount FROM figures ORDER BY code" + long,
			want: []string{
				`grids | 360603 | 2025-12 | "1,234" | row 1, column amount`,
				`grids | 360604 | 2025-12 | "" | row 2, column amount`,
			},
		},
		"truth as a value": {
			setup: `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), amount {boolean});
				INSERT INTO figures VALUES ('360603', '2025-12', (1 = 1))`,
			options: "query: SELECT code, month, amount FROM figures" + long,
			err:     "row 1, column amount: the value is true or false, a figure must be a number: let the query count or convert it",
		},
		"dates and times as text": {
			setup: `CREATE TABLE figures (code VARCHAR(12), day DATE, noon {naive}, written VARCHAR(40));
				INSERT INTO figures VALUES ('360603', '2025-12-31', '2025-12-31 23:59:59', '2025-12-31T23:59:59Z'),
				('360604', '2025-12-31', '2025-12-31 00:00:00', '31.12.2025')`,
			options: `
query: |
  SELECT code, 1 AS amount, CAST(day AS CHAR(10)) AS at FROM figures
  UNION ALL SELECT code, 2, CAST(noon AS CHAR(19)) FROM figures
  UNION ALL SELECT code, 3, written FROM figures ORDER BY amount, code
row_limit: 100
indicator: grids
columns: {region: code, date: at, value: amount}`,
			want: []string{
				"grids | 360603 | day 2025-12-31 | 1 | row 1, column amount",
				"grids | 360604 | day 2025-12-31 | 1 | row 2, column amount",
				"grids | 360603 | day 2025-12-31 | 2 | row 3, column amount",
				"grids | 360604 | day 2025-12-31 | 2 | row 4, column amount",
				"grids | 360603 | day 2026-01-01 | 3 | row 5, column amount",
				"grids | 360604 | day 31.12.2025 | 3 | row 6, column amount",
			},
		},
		"a date column": {
			setup: `CREATE TABLE figures (code VARCHAR(12), day DATE); INSERT INTO figures VALUES ('360603', '2025-12-31')`,
			options: `
query: SELECT code, day, 1 AS amount FROM figures
row_limit: 100
indicator: grids
columns: {region: code, date: day, value: amount}`,
			want: []string{"grids | 360603 | day 2025-12-31 | 1 | row 1, column amount"},
		},
		"a date column as the period": {
			setup:   `CREATE TABLE figures (code VARCHAR(12), month DATE); INSERT INTO figures VALUES ('360603', '2025-12-31')`,
			options: `query: SELECT code, month, 1 AS amount FROM figures` + long,
			want:    []string{"grids | 360603 | 2025-12-31 | 1 | row 1, column amount"},
		},
		"a time without zone": {
			setup: `CREATE TABLE figures (code VARCHAR(12), noon {naive}); INSERT INTO figures VALUES ('360603', '2025-12-31 23:30:00')`,
			options: `
query: SELECT code, noon, 1 AS amount FROM figures
row_limit: 100
indicator: grids
columns: {region: code, date: noon, value: amount}`,
			want: []string{"grids | 360603 | day 2025-12-31 | 1 | row 1, column amount"},
		},
		"a point in time is the site's date": {
			setup: `CREATE TABLE figures (code VARCHAR(12), moment {instant} NULL);
				INSERT INTO figures VALUES ('360603', '2025-12-31 15:59:59{utc}'), ('360604', '2025-12-31 16:00:00{utc}')`,
			options: `
query: SELECT code, moment, 1 AS amount FROM figures ORDER BY code
row_limit: 100
indicator: grids
columns: {region: code, date: moment, value: amount}`,
			want: []string{
				"grids | 360603 | day 2025-12-31 | 1 | row 1, column amount",
				"grids | 360604 | day 2026-01-01 | 1 | row 2, column amount",
			},
		},
		"the last ended period": {
			setup: `CREATE TABLE figures (code VARCHAR(12), amount INTEGER); INSERT INTO figures VALUES ('360603', 1)`,
			options: `
query: SELECT code, amount FROM figures
row_limit: 100
indicator: grids
period: last_ended
columns: {region: code, value: amount}`,
			want: []string{"grids | 360603 | last ended | 1 | row 1, column amount"},
		},
		"dimensions and regions above": {
			setup: `CREATE TABLE figures (town VARCHAR(40), county VARCHAR(40), city VARCHAR(40), sex VARCHAR(9), age INTEGER, amount INTEGER);
				INSERT INTO figures VALUES ('洪湖乡', '余江区', '鹰潭市', '女', 60, 1), ('锦江镇', '余江区', '鹰潭市', '男', 60, 2), ('洪湖乡', '余江区', '鹰潭市', '女', 60, 3)`,
			options: `
query: SELECT * FROM figures ORDER BY amount
row_limit: 100
indicator: elders
period: last_ended
columns: {region: town, within: [county, city], value: amount, dimensions: {sex: sex, age: age}}`,
			want: []string{
				"elders | 洪湖乡 < 余江区 < 鹰潭市 | last ended | 1 | age=60,sex=女 | row 1, column amount",
				"elders | 锦江镇 < 余江区 < 鹰潭市 | last ended | 2 | age=60,sex=男 | row 2, column amount",
				"elders | 洪湖乡 < 余江区 < 鹰潭市 | last ended | 3 | age=60,sex=女 | row 3, column amount",
			},
		},
		"names beyond ASCII": {
			setup: `CREATE TABLE 网格 (区划 VARCHAR(40), 月份 VARCHAR(7), 数量 INTEGER); INSERT INTO 网格 VALUES ('鷹潭𠮷', '2025-12', 7)`,
			options: `
query: SELECT 区划, 月份, 数量 FROM 网格 WHERE 区划 <> '无：冒号:x'
row_limit: 100
indicator: grids
columns: {region: 区划, period: 月份, value: 数量}`,
			want: []string{"grids | 鷹潭𠮷 | 2025-12 | 7 | row 1, column 数量"},
		},
		"totals of the source": {
			setup: `CREATE TABLE figures (county VARCHAR(40), city VARCHAR(40), month VARCHAR(7), a INTEGER, b INTEGER);
				INSERT INTO figures VALUES ('余江区', '鹰潭市', '2025-12', 7, 1), ('合计区', '鹰潭市', '2025-12', 2, 0), (' 合计 ', '鹰潭市', '2025-12', 9, NULL)`,
			options: `
query: SELECT * FROM figures ORDER BY a
row_limit: 100
columns: {region: county, within: [city], period: month, figures: {a: grids, b: homes}}
totals: [总计, 合计]`,
			want: []string{
				"grids | 合计区 < 鹰潭市 | 2025-12 | 2 | row 1, column a",
				"homes | 合计区 < 鹰潭市 | 2025-12 | 0 | row 1, column b",
				"grids | 余江区 < 鹰潭市 | 2025-12 | 7 | row 2, column a",
				"homes | 余江区 < 鹰潭市 | 2025-12 | 1 | row 2, column b",
				"grids |  < 鹰潭市 | 2025-12 | total 9 | row 3, column a",
			},
		},
		"columns of another case": {
			setup:   `CREATE TABLE figures (Code VARCHAR(12), MONTH VARCHAR(7), aMount INTEGER); INSERT INTO figures VALUES ('360603', '2025-12', 7)`,
			options: `query: SELECT Code AS CODE, MONTH, aMount AS AMOUNT FROM figures` + long,
			want:    []string{"grids | 360603 | 2025-12 | 7 | row 1, column AMOUNT"},
			on:      map[string][]string{"PostgreSQL": {"grids | 360603 | 2025-12 | 7 | row 1, column amount"}},
		},
		"missing columns": {
			setup:   `CREATE TABLE figures (code VARCHAR(12), m VARCHAR(7), total INTEGER)`,
			options: `query: SELECT code, m, total FROM figures` + long,
			err:     `the answer of the query has no column "month", "amount"; its columns are "code", "m", "total": correct the query or columns`,
		},
		"a column twice": {
			setup:   `CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), amount INTEGER)`,
			options: `query: SELECT a.code, b.code, a.month, a.amount FROM figures a, figures b` + long,
			err:     `the answer of the query has more than one column "code"; its columns are "code", "code", "month", "amount"`,
		},
		"as many rows as allowed": {
			options: `
query: SELECT '360603' AS code, i FROM {1..100} ORDER BY i
row_limit: 100
indicator: grids
period: last_ended
columns: {region: code, value: i}`,
			want: hundred(),
		},
		"one row too many": {
			options: `
query: SELECT '360603' AS code, i FROM {1..101}
row_limit: 100
indicator: grids
period: last_ended
columns: {region: code, value: i}`,
			want: hundred(),
			err:  "the query returned more rows than the row_limit of 100; nothing was taken: let the query select less, or raise row_limit",
		},
		"far too many rows": {
			options: `
query: SELECT '360603' AS code, i FROM {1..5000000}
row_limit: 100
indicator: grids
period: last_ended
columns: {region: code, value: i}`,
			want: hundred(),
			err:  "more rows than the row_limit of 100",
		},
		"a query that takes too long": {
			timeout: "200ms",
			options: `
query: "{endless}"
row_limit: 100
indicator: grids
period: last_ended
columns: {region: code, value: amount}`,
			err: "no answer within the statement_timeout of 200ms",
		},
		"a query that is wrong": {
			options: "query: SELECT code, month, amount FROM nowhere" + long,
			err:     "nowhere",
		},
	}
}

func hundred() []string {
	var lines []string
	for i := range 100 {
		lines = append(lines, collectorstest.Line(fact.Reading{
			Indicator: "grids", Region: "360603", LastEnded: true, Value: fact.NumberValue(float64(i + 1)),
			Place: fact.Place{Row: int32(i + 1), Field: "i"},
		}))
	}
	return lines
}

// in writes a text in the dialect.
func (d *database) in(text string) string {
	naive, utc := "TIMESTAMP", "+00:00"
	if d.name == "MariaDB" {
		// Its TIMESTAMP is a point in time; the session that sets up is in UTC.
		naive, utc = "DATETIME", ""
	}
	return strings.NewReplacer("{instant}", d.instant, "{naive}", naive, "{utc}", utc, "{boolean}", d.boolean, "{endless}", d.endless,
		"{1..100}", d.numbers(100), "{1..101}", d.numbers(101), "{1..5000000}", d.numbers(5_000_000)).Replace(text)
}

func TestCollect(t *testing.T) {
	for _, db := range databases(t) {
		t.Run(db.name, func(t *testing.T) {
			for name, test := range samples() {
				t.Run(name, func(t *testing.T) { test.run(t, db) })
			}
			t.Run("writing", func(t *testing.T) { testWriting(t, db) })
			t.Run("stopped in the middle", func(t *testing.T) { testStopped(t, db) })
			t.Run("stopped while waiting", func(t *testing.T) { testStoppedWaiting(t, db) })
			t.Run("an error of the gate", func(t *testing.T) { testEmitFails(t, db) })
			t.Run("digests", func(t *testing.T) { testDigests(t, db) })
			t.Run("ping", func(t *testing.T) { testPing(t, db) })
		})
	}
}

func (s *sample) run(t *testing.T, db *database) {
	if err := db.exec(t.Context(), "DROP TABLE IF EXISTS figures; DROP TABLE IF EXISTS 网格; "+db.in(s.setup)); err != nil {
		t.Fatal(err)
	}
	timeout := s.timeout
	if timeout == "" {
		timeout = "30s"
	}
	collector, err := newCollector(t, db.url, timeout, db.in(s.options))
	if err != nil {
		t.Fatal(err)
	}
	request := collectors.Request{Now: now(t)}
	if s.since != "" {
		if request.Since, err = fact.ParsePeriod(s.since); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := collect(t.Context(), collector, request)
	if s.err == "" && err != nil || s.err != "" && (err == nil || !strings.Contains(err.Error(), s.err)) {
		t.Errorf("error %v, want %q in it", err, s.err)
	}
	want := s.want
	if other, ok := s.on[db.name]; ok {
		want = other
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("readings (-want +got):\n%s", diff)
	}
}

func testWriting(t *testing.T, db *database) {
	tests := map[string]string{
		"insert": "INSERT INTO figures VALUES ('360699', '2025-12', 1) RETURNING code, month, amount",
		"delete": "DELETE FROM figures RETURNING code, month, amount",
		"create": "CREATE TABLE other (i INTEGER)",
		"drop":   "DROP TABLE figures",
	}
	for name, query := range tests {
		t.Run(name, func(t *testing.T) {
			if err := db.exec(t.Context(), `DROP TABLE IF EXISTS figures; DROP TABLE IF EXISTS other;
				CREATE TABLE figures (code VARCHAR(12), month VARCHAR(7), amount INTEGER); INSERT INTO figures VALUES ('360603', '2025-12', 1)`); err != nil {
				t.Fatal(err)
			}
			collector, err := newCollector(t, db.url, "30s", "query: "+query+long)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := collect(t.Context(), collector, collectors.Request{Now: now(t)}); err == nil {
				t.Error("no error")
			} else if words := strings.ToLower(err.Error()); !strings.Contains(words, "read-only") && !strings.Contains(words, "read only") && !strings.Contains(words, "readonly") {
				t.Errorf("error %v does not say that the session is read-only", err)
			}
			check, err := newCollector(t, db.url, "30s", "query: SELECT code, month, amount FROM figures"+long)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := collect(t.Context(), check, collectors.Request{Now: now(t)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"grids | 360603 | 2025-12 | 1 | row 1, column amount"}, got); diff != "" {
				t.Errorf("afterwards the table holds (-want +got):\n%s", diff)
			}
			if err := db.exec(t.Context(), "CREATE TABLE other (i INTEGER)"); err != nil {
				t.Errorf("a table was made: %v", err)
			}
		})
	}
}

// many is a query with more rows than any buffer holds.
func many(t *testing.T, db *database) collectors.Collector {
	t.Helper()
	collector, err := newCollector(t, db.url, "60s", db.in(`
query: SELECT '360603' AS code, i FROM {1..5000000}
row_limit: 10000000
indicator: grids
period: last_ended
columns: {region: code, value: i}`))
	if err != nil {
		t.Fatal(err)
	}
	return collector
}

func testStopped(t *testing.T, db *database) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	rows := 0
	summary, err := many(t, db).Collect(ctx, collectors.Request{Now: now(t)}, &each{add: func() error {
		if rows++; rows == 10 {
			stop()
		}
		return nil
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that the context was cancelled", err)
	}
	if summary.Rows < 10 || summary.Rows == 5_000_000 {
		t.Errorf("%d rows read, want few more than 10", summary.Rows)
	}
}

func testStoppedWaiting(t *testing.T, db *database) {
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	collector, err := newCollector(t, db.url, "60s", db.in(`
query: "{endless}"
row_limit: 1
indicator: grids
period: last_ended
columns: {region: code, value: amount}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := collect(ctx, collector, collectors.Request{Now: now(t)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that the deadline was exceeded", err)
	}
}

func testEmitFails(t *testing.T, db *database) {
	full := errors.New("no room for more")
	_, err := many(t, db).Collect(t.Context(), collectors.Request{Now: now(t)}, &collectorstest.Sink{Err: full})
	if !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

func testDigests(t *testing.T, db *database) {
	run := func(query string, lookback string) collectors.Summary {
		t.Helper()
		collector, err := newCollector(t, db.url, "30s", "query: "+query+lookback+long)
		if err != nil {
			t.Fatal(err)
		}
		_, summary, err := collect(t.Context(), collector, collectors.Request{Now: now(t)})
		if err != nil {
			t.Fatal(err)
		}
		return summary
	}
	const query = "SELECT '360603' AS code, '2025-12' AS month, 1 AS amount"
	first := run(query, "")
	if first.Rows != 1 || len(first.QueryDigest) != 64 || len(first.InputDigest) != 64 {
		t.Errorf("summary %+v, want one row and two SHA-256 in hex", first)
	}
	if again := run(query, ""); again != first {
		t.Errorf("the same again gave %+v, want %+v", again, first)
	}
	if other := run(query+" WHERE 1 = 1", ""); other.QueryDigest == first.QueryDigest || other.InputDigest != first.InputDigest {
		t.Errorf("another query with the same answer gave %+v after %+v", other, first)
	}
	shifted := run("SELECT '3606' AS code, '032025-12' AS month, 1 AS amount", "")
	if shifted.InputDigest == first.InputDigest {
		t.Error("the same bytes in other columns have the same digest")
	}
	const since = "SELECT '360603' AS code, '2025-12' AS month, 1 AS amount WHERE '2020-01-01' < :since"
	if a, b := run(since, "\nlookback: 1d"), run(since, "\nlookback: 2d"); a.QueryDigest == b.QueryDigest {
		t.Error("the same query with another parameter has the same digest")
	}
}

func testPing(t *testing.T, db *database) {
	if err := many(t, db).Ping(t.Context(), collectors.Target{}); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestCollectSurvivesAServerThatGoes(t *testing.T) {
	for _, db := range []*database{onPostgreSQL(t), onMariaDB(t)} {
		t.Run(db.name, func(t *testing.T) {
			rows := 0
			summary, err := many(t, db).Collect(t.Context(), collectors.Request{Now: now(t)}, &each{add: func() error {
				if rows++; rows == 10 {
					db.kill()
				}
				return nil
			}})
			if err == nil || summary.Rows == 5_000_000 {
				t.Fatalf("error %v after %d rows, want one in the middle", err, summary.Rows)
			}
			if want := "query " + db.name; !strings.Contains(err.Error(), "query ") {
				t.Errorf("error %v, want %q in it", err, want)
			}
			if err := many(t, db).Ping(t.Context(), collectors.Target{}); err == nil {
				t.Error("ping reaches a server that has gone")
			}
		})
	}
}
