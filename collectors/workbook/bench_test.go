package workbook_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/internal/fact"
)

// As many files as counties, each with as many rows as a county has grids.
const (
	benchFiles = 100
	benchRows  = 1800
)

// counter is a sink that counts.
type counter struct {
	readings, parts int
	heap            uint64 // the most that lived when a part was delivered
	measure         bool
}

func (c *counter) Add(fact.Reading) error           { c.readings++; return nil }
func (c *counter) AddRegion(fact.RegionEntry) error { return nil }
func (c *counter) Reject(rejection fact.Rejection) error {
	return fmt.Errorf("%s: %s", rejection.Reading.Place, rejection.Reason.EN)
}

func (c *counter) Deliver(context.Context, collectors.Part) (collectors.Receipt, error) {
	if c.parts++; c.measure {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.heap = max(c.heap, m.HeapAlloc)
	}
	return collectors.Receipt{Taken: true}, nil
}

func (c *counter) Delivered(context.Context, fact.DeliveryQuery) ([]fact.Delivered, error) {
	return nil, nil
}

// BenchmarkCollect sets a pull of 100 files of 1,800 rows, with all that belongs
// to it, against a bare streaming read of the same files by excelize in the same
// run: x-bare-excelize says how many times as long it takes. live-MB is what
// lives in memory while files are delivered.
func BenchmarkCollect(b *testing.B) {
	folder := b.TempDir()
	for i := range benchFiles {
		put(b, filepath.Join(folder, fmt.Sprintf("%d.xlsx", i)), benchFile(b, i))
	}
	collector := newCollector(b, folder, `{columns: {region: 网格编码, within: [乡镇, 县区], figures: {网格人口: people, 走访次数: visits, 办结事项: cases}}, period_from: title}`)
	var bare, whole time.Duration
	for b.Loop() {
		start := time.Now()
		if rows := bareRead(b, folder); rows != benchFiles*(benchRows+2) {
			b.Fatalf("read %d rows", rows)
		}
		bare += time.Since(start)

		sink := &counter{}
		start = time.Now()
		if _, err := collect(b, collector, sink); err != nil {
			b.Fatal(err)
		}
		whole += time.Since(start)
		if sink.parts != benchFiles || sink.readings != benchFiles*benchRows*3 {
			b.Fatalf("collected %d readings of %d files", sink.readings, sink.parts)
		}
	}
	b.ReportMetric(float64(whole)/float64(bare), "x-bare-excelize")
	b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/pull")
	sink := &counter{measure: true}
	if _, err := collect(b, collector, sink); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(sink.heap)/(1<<20), "live-MB")
}

// bareRead opens each file and reads its rows, as a program would that does
// nothing else.
func bareRead(b *testing.B, folder string) int {
	b.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".xlsx" {
			continue
		}
		book, err := excelize.OpenFile(filepath.Join(folder, e.Name()))
		if err != nil {
			b.Fatal(err)
		}
		rows, err := book.Rows("12月")
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			if _, err := rows.Columns(); err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
		if err := book.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return n
}

func benchFile(b *testing.B, n int) []byte {
	b.Helper()
	rows := []row{{"2025年12月网格工作统计表"}, {"序号", "县区", "乡镇", "网格编码", "网格人口", "走访次数", "办结事项"}}
	for i := range benchRows {
		rows = append(rows, row{
			i + 1, fmt.Sprintf("第%d县", n), fmt.Sprintf("第%d镇", i/100), fmt.Sprintf("36%04d%09d", n, i), i%900 + n, float64(i) / 8, fmt.Sprintf("%d", i),
		})
	}
	return workbookOf(b, page{rows: rows, merge: []string{"A1:G1"}})
}
