package spreadsheet_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

// As many workbooks as there are counties, of as many rows as one has grids.
const (
	benchFiles = 100
	benchRows  = 1_800
)

// BenchmarkRows sets opening 100 workbooks and reading all their rows and merged
// cells against a bare streaming read of the same files by excelize in the same
// run: x-bare-excelize says how many times as long it takes.
func BenchmarkRows(b *testing.B) {
	files := benchWorkbooks(b)
	var bare, whole time.Duration
	var before, after runtime.MemStats
	mallocs := uint64(0)
	for b.Loop() {
		start := time.Now()
		for _, file := range files {
			if n := bareRead(b, file); n != benchRows {
				b.Fatalf("excelize read %d rows", n)
			}
		}
		bare += time.Since(start)

		runtime.ReadMemStats(&before)
		start = time.Now()
		for _, file := range files {
			if n := wholeRead(b, file); n != benchRows {
				b.Fatalf("read %d rows", n)
			}
		}
		whole += time.Since(start)
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs
	}
	b.ReportMetric(float64(whole)/float64(bare), "x-bare-excelize")
	b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/pull")
	b.ReportMetric(float64(mallocs)/float64(b.N)/benchFiles/benchRows, "allocs/row")
}

func benchWorkbooks(b *testing.B) []string {
	b.Helper()
	folder := b.TempDir()
	files := make([]string, benchFiles)
	for n := range files {
		f := excelize.NewFile()
		if err := f.MergeCell("Sheet1", "A1", "A110"); err != nil {
			b.Fatal(err)
		}
		for row := range benchRows {
			cells := []any{fmt.Sprintf("第%d县", n), fmt.Sprintf("第%d镇", row/110), fmt.Sprintf("网格%d", row),
				"2025年12月", row, row % 900, float64(row) / 7, "在用"}
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row+1), &cells); err != nil {
				b.Fatal(err)
			}
		}
		files[n] = filepath.Join(folder, fmt.Sprintf("%d.xlsx", n))
		if err := f.SaveAs(files[n]); err != nil {
			b.Fatal(err)
		}
		f.Close() //nolint:errcheck // it was saved
	}
	return files
}

// bareRead streams the rows as a program would that does nothing else.
func bareRead(b *testing.B, file string) (count int) {
	b.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := f.Rows("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if _, err := rows.Columns(); err != nil {
			b.Fatal(err)
		}
		count++
	}
	return count
}

func wholeRead(b *testing.B, file string) (count int) {
	b.Helper()
	w, err := spreadsheet.Open(b.Context(), file, roomy)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	if merged, err := w.Merged("Sheet1"); err != nil || len(merged) != 1 {
		b.Fatal(merged, err)
	}
	if err := w.Rows(b.Context(), "Sheet1", func(spreadsheet.Row) error { count++; return nil }); err != nil {
		b.Fatal(err)
	}
	return count
}
