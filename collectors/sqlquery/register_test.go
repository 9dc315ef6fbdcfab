package sqlquery_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
)

func TestRegister(t *testing.T) {
	const table = `DROP TABLE IF EXISTS villages;
		CREATE TABLE villages (code BIGINT, title VARCHAR(40), above {code}, rank VARCHAR(20), changed DATE);
		INSERT INTO villages VALUES (360603001, '邓埠镇', NULL, 'township', '2025-12-01'),
			(360603001001, '仓前社区', 360603001, 'village', '2025-12-02'),
			(360603001001001, NULL, 360603001001, 'grid', '2025-12-03'), (NULL, '', NULL, NULL, '2025-12-04'),
			(360681001, '泗沥镇', 360681, 'township', '2020-01-01')`
	tests := map[string]struct {
		options string
		fanOut  bool
		want    []string
		err     string
	}{
		"all columns": {
			options: `
query: SELECT * FROM villages WHERE changed > '2025-01-01' ORDER BY changed
register: {code: code, name: TITLE, parent: above, level_column: rank}`,
			want: []string{
				"360603001 | 邓埠镇 | township | - | row 1",
				"360603001001 | 仓前社区 | village | 360603001 | row 2",
				"360603001001001 | - | grid | 360603001001 | row 3",
				"- | - | - | - | row 4",
			},
		},
		"codes alone, of one level": {
			options: `
query: SELECT code FROM villages WHERE rank = 'grid'
register: {code: code, level: grid}`,
			want: []string{"360603001001001 | - | grid | - | row 1"},
		},
		"what has changed since": {
			options: `
query: SELECT code, title FROM villages WHERE changed >= :since AND code IS NOT NULL ORDER BY code
lookback: 39d
register: {code: code, name: title}`,
			want: []string{"360603001001 | 仓前社区 | - | - | row 1", "360603001001001 | - | - | - | row 2"},
		},
		"of a target": {
			options: `
query: SELECT code, title, :region_code AS county FROM villages WHERE CAST(code AS CHAR(15)) LIKE concat(CAST(:region_code AS CHAR(6)), '%') AND rank = 'township'
register: {code: code, name: title, parent: county}`,
			fanOut: true,
			want:   []string{"360681001 | 泗沥镇 | - | 360681 | row 1"},
		},
		"missing columns": {
			options: `
query: SELECT code, title FROM villages
register: {code: id, name: title, parent: above}`,
			err: `the answer of the query has no column "id", "above"; its columns are "code", "title": correct the query or columns`,
		},
	}
	for _, db := range databases(t) {
		t.Run(db.name, func(t *testing.T) {
			code := map[string]string{"PostgreSQL": "NUMERIC(15)", "MariaDB": "DOUBLE", "SQLite": "REAL"}[db.name]
			if err := db.exec(t.Context(), strings.ReplaceAll(table, "{code}", code)); err != nil {
				t.Fatal(err)
			}
			for name, test := range tests {
				t.Run(name, func(t *testing.T) {
					collector, err := newOf(t, db.url, "30s", test.options+"\nrow_limit: 10\n", test.fanOut)
					if err != nil {
						t.Fatal(err)
					}
					got, summary, err := collect(t.Context(), collector, collectors.Request{Now: now(t), Target: guixi()})
					if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
						t.Errorf("error %v, want %q in it", err, test.err)
					}
					if diff := cmp.Diff(test.want, got); diff != "" || summary.Rows != len(test.want) {
						t.Errorf("%d rows; entries (-want +got):\n%s", summary.Rows, diff)
					}
				})
			}
			t.Run("an error of the gate", func(t *testing.T) {
				collector, err := newCollector(t, db.url, "30s", "query: SELECT code FROM villages\nrow_limit: 10\nregister: {code: code}\n")
				if err != nil {
					t.Fatal(err)
				}
				full := errors.New("no room for more")
				if _, err := collector.Collect(t.Context(), collectors.Request{Now: now(t)}, &collectorstest.Sink{Err: full}); !errors.Is(err, full) {
					t.Errorf("error %v, want %v", err, full)
				}
			})
		})
	}
}
