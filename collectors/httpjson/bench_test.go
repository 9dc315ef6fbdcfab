package httpjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

const (
	grids    = 176_000 // as many as one province has
	pageRows = 1_000
)

// gridPages are the pages of an API that lists grids.
func gridPages() [][]byte {
	var all [][]byte
	for first := 0; first < grids; first += pageRows {
		var b bytes.Buffer
		fmt.Fprintf(&b, `{"code":0,"msg":"成功","data":{"total":%d,"items":[`, grids)
		for i := first; i < first+pageRows; i++ {
			if i > first {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"id":%d,"code":"%015d","town":"第%d镇","county":"第%d县","city":"第%d市","type":"综合网格","count":%d,"updated":"2025-12-31T08:00:00+08:00"}`,
				i, 360000000000000+(i%100)*1000000000+i, i/110, i/1760, i/16000, i%900)
		}
		b.WriteString("]}}")
		all = append(all, b.Bytes())
	}
	return all
}

// counting is a sink that only counts.
type counting struct {
	collectorstest.Sink
	n int
}

func (c *counting) Add(fact.Reading) error { c.n++; return nil }

// BenchmarkPull sets a pull of 176,000 readings in pages of 1,000 from a server
// on this machine, with all that belongs to it, against a bare decode of the
// same bytes by encoding/json in the same run: x-bare-decode says how many times
// as long it takes.
func BenchmarkPull(b *testing.B) {
	benchmarkPull(b, "ok: .code == 0\nrows: .data.items[]\ncolumns: {region: .code, within: [.town, .county, .city], value: .count}\n", "")
}

// BenchmarkPullThroughJQ is BenchmarkPull where every row goes through jq.
func BenchmarkPullThroughJQ(b *testing.B) {
	benchmarkPull(b, "rows: '.data.items[] | select(.count >= 0)'\ncolumns: {region: '.code | tostring', within: [.town, .county, .city], value: .count}\n", ", items: .data.items")
}

func benchmarkPull(b *testing.B, columns, items string) {
	texts := gridPages()
	s := serve(b, func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil || n < 1 || n > len(texts) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(texts[n-1])))
		w.Write(texts[n-1])
	})
	collector := mustBuild(b, at(s)+noWaiting, columns+`
indicator: grids
period: last_ended
paging: {by: page, parameter: page, first: 1, size_parameter: size, size: 1000, count: .data.total`+items+`}
limits: {page_bytes: 8MiB, pages: 500, rows: 200000, depth: 20}`)
	var bare, whole time.Duration
	var before, after runtime.MemStats
	mallocs := uint64(0)
	for b.Loop() {
		start := time.Now()
		if n := bareDecode(b, texts); n != grids {
			b.Fatalf("decoded %d rows", n)
		}
		bare += time.Since(start)

		runtime.ReadMemStats(&before)
		sink := &counting{}
		start = time.Now()
		summary, err := collector.Collect(b.Context(), collectors.Request{Now: now(b)}, sink)
		whole += time.Since(start)
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs
		if err != nil || summary.Rows != grids || sink.n != grids {
			b.Fatalf("collected %d readings of %d rows: %v", sink.n, summary.Rows, err)
		}
	}
	b.ReportMetric(float64(whole)/float64(bare), "x-bare-decode")
	b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/pull")
	b.ReportMetric(float64(mallocs)/float64(b.N)/grids, "allocs/row")
}

// bareDecode decodes the pages into what a program has that knows their form.
func bareDecode(b *testing.B, texts [][]byte) int {
	b.Helper()
	n := 0
	for _, text := range texts {
		var page struct {
			Data struct {
				Items []struct {
					Code   string  `json:"code"`
					Town   string  `json:"town"`
					County string  `json:"county"`
					City   string  `json:"city"`
					Count  float64 `json:"count"`
				} `json:"items"`
			} `json:"data"`
		}
		if err := json.Unmarshal(text, &page); err != nil {
			b.Fatal(err)
		}
		n += len(page.Data.Items)
	}
	return n
}
