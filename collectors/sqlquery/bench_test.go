package sqlquery_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/govkpi/govkpi/collectors"
)

// As many grids as one province has.
const grids = 176_000

const gridTable = `CREATE TABLE grid_figures AS
	SELECT (360000000000000 + (i % 100)::bigint * 1000000000 + i)::text AS code,
		'第' || (i / 110) || '镇' AS town, '第' || (i / 1760) || '县' AS county, '第' || (i / 16000) || '市' AS city, i % 900 AS value
	FROM generate_series(0, 175999) AS n(i)`

// BenchmarkCollect sets a pull of 176,000 rows from PostgreSQL, with all that
// belongs to it, against a bare scan of the same rows by the same driver in the
// same run: x-bare-scan says how many times as long it takes.
func BenchmarkCollect(b *testing.B) {
	db := onPostgreSQL(b)
	if err := db.exec(b.Context(), gridTable); err != nil {
		b.Fatal(err)
	}
	collector, err := newCollector(b, db.url, "60s", `
query: SELECT code, town, county, city, value FROM grid_figures
row_limit: 200000
indicator: grids
period: last_ended
columns: {region: code, within: [town, county, city], value: value}`)
	if err != nil {
		b.Fatal(err)
	}
	request := collectors.Request{Now: now(b)}
	var bare, whole time.Duration
	var before, after runtime.MemStats
	mallocs := uint64(0)
	for b.Loop() {
		start := time.Now()
		if n := bareScan(b.Context(), b, db.url); n != grids {
			b.Fatalf("scanned %d rows", n)
		}
		bare += time.Since(start)

		runtime.ReadMemStats(&before)
		start = time.Now()
		count := 0
		summary, err := collector.Collect(b.Context(), request, &each{add: func() error { count++; return nil }})
		whole += time.Since(start)
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs
		if err != nil || summary.Rows != grids || count != grids {
			b.Fatalf("collected %d readings of %d rows: %v", count, summary.Rows, err)
		}
	}
	b.ReportMetric(float64(whole)/float64(bare), "x-bare-scan")
	b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/pull")
	b.ReportMetric(float64(mallocs)/float64(b.N)/grids, "allocs/row")
}

// bareScan connects and scans all rows into variables, as a program would that
// does nothing else.
func bareScan(ctx context.Context, b *testing.B, url string) int {
	b.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, "SELECT code, town, county, city, value FROM grid_figures")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var (
		code, town, county, city string
		value                    float64
		n                        int
	)
	for rows.Next() {
		if err := rows.Scan(&code, &town, &county, &city, &value); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return n
}
