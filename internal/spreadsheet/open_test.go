package spreadsheet_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/govkpi/govkpi/internal/spreadsheet"
)

func TestOpen(t *testing.T) {
	content := excel(t, grids)
	for _, name := range []string{"网格.xlsx", "网格.XLSM", "网格.xls", "网格"} {
		t.Run(name, func(t *testing.T) {
			w, err := spreadsheet.Open(t.Context(), write(t, name, content), roomy)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(content)
			if w.Digest() != hex.EncodeToString(sum[:]) {
				t.Errorf("digest %s", w.Digest())
			}
			if sheets := w.Sheets(); len(sheets) != 1 || sheets[0] != (spreadsheet.Sheet{Name: "Sheet1"}) {
				t.Errorf("sheets %+v", sheets)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenNeedsLimits(t *testing.T) {
	file := write(t, "a.csv", []byte("a"))
	for _, change := range []func(l *spreadsheet.Limits){
		func(l *spreadsheet.Limits) { l.FileBytes = 0 },
		func(l *spreadsheet.Limits) { l.UnpackedBytes = -1 },
		func(l *spreadsheet.Limits) { l.Rows = 0 },
		func(l *spreadsheet.Limits) { l.Columns = 0 },
	} {
		limits := roomy
		change(&limits)
		if _, err := spreadsheet.Open(t.Context(), file, limits); err == nil || !strings.Contains(err.Error(), "limits") {
			t.Errorf("limits %+v: error %v", limits, err)
		}
	}
}

func TestOpenLocked(t *testing.T) {
	for _, lock := range []string{"~$网格.xlsx", ".~网格.xlsx", ".~lock.网格.xlsx#"} {
		t.Run(lock, func(t *testing.T) {
			file := write(t, "网格.xlsx", excel(t, grids))
			if err := os.WriteFile(filepath.Join(filepath.Dir(file), lock), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := spreadsheet.Open(t.Context(), file, roomy)
			f := faultOf(t, err, spreadsheet.Locked)
			if !strings.Contains(f.Reason.ZH, lock) || !strings.Contains(f.Reason.EN, lock) {
				t.Errorf("reason %+v does not name %s", f.Reason, lock)
			}
		})
	}
}

func TestOpenOther(t *testing.T) {
	folder := t.TempDir()
	_, err := spreadsheet.Open(t.Context(), folder, roomy)
	if f := faultOf(t, err, spreadsheet.NotWorkbook); !strings.Contains(f.Error(), "a folder") {
		t.Errorf("a folder: %v", f)
	}

	_, err = spreadsheet.Open(t.Context(), filepath.Join(folder, "gone.xlsx"), roomy)
	if _, ok := errors.AsType[*spreadsheet.Fault](err); ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}

	_, err = spreadsheet.Open(t.Context(), write(t, "empty.csv", nil), roomy)
	if f := faultOf(t, err, spreadsheet.HalfWritten); !strings.Contains(f.Error(), "empty") {
		t.Errorf("an empty file: %v", f)
	}

	limits := roomy
	limits.FileBytes = 3
	_, err = spreadsheet.Open(t.Context(), write(t, "large.csv", []byte("abcd")), limits)
	if f := faultOf(t, err, spreadsheet.TooLarge); !strings.Contains(f.Error(), "larger than 3 B") {
		t.Errorf("a large file: %v", f)
	}
	if _, err = spreadsheet.Open(t.Context(), write(t, "fits.csv", []byte("abc")), limits); err != nil {
		t.Errorf("a file of the largest size: %v", err)
	}
}

func TestOpenStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := spreadsheet.Open(ctx, write(t, "a.csv", []byte("a")), roomy); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Rows can be read as often as one likes, stops when told to, and not at all
// after Close.
func TestWorkbook(t *testing.T) {
	stop := errors.New("enough")
	for name, content := range map[string][]byte{"a.xlsx": excel(t, grids), "a.csv": []byte("a,b\nc,d\n")} {
		t.Run(name, func(t *testing.T) {
			w, err := spreadsheet.Parse(name, content, roomy)
			if err != nil {
				t.Fatal(err)
			}
			sheet := w.Sheets()[0].Name
			var counts [3]int
			for i := range counts {
				err := w.Rows(t.Context(), sheet, func(spreadsheet.Row) error {
					counts[i]++
					if i == 1 {
						return stop
					}
					return nil
				})
				if i == 1 && !errors.Is(err, stop) || i != 1 && err != nil {
					t.Errorf("reading %d: %v", i, err)
				}
			}
			if counts[0] != counts[2] || counts[0] < 2 || counts[1] != 1 {
				t.Errorf("rows %v", counts)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := w.Rows(ctx, sheet, func(spreadsheet.Row) error { return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			if err := w.Rows(t.Context(), "nowhere", nil); err == nil || !strings.Contains(err.Error(), "nowhere") {
				t.Errorf("rows of a sheet that is not there: %v", err)
			}
			if _, err := w.Merged("nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
				t.Errorf("merged cells of a sheet that is not there: %v", err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if err := w.Rows(t.Context(), sheet, nil); err == nil {
				t.Error("a closed workbook was read")
			}
			if _, err := w.Merged(sheet); err == nil || len(w.Sheets()) != 0 || w.Date1904() {
				t.Error("a closed workbook has contents")
			}
		})
	}
}

func TestSheets(t *testing.T) {
	content := excel(t, func(f *excelize.File) error {
		var errs []error
		for _, name := range []string{"11月", "旧", "很旧", "图"} {
			_, err := f.NewSheet(name)
			errs = append(errs, err)
		}
		errs = append(errs, f.SetSheetVisible("旧", false), f.SetSheetVisible("很旧", false, true), f.DeleteSheet("图"),
			f.AddChartSheet("图", &excelize.Chart{Type: excelize.Line, Series: []excelize.ChartSeries{{Name: "a", Values: "Sheet1!$A$1:$A$2"}}}),
			f.SetSheetName("Sheet1", "12月"))
		return errors.Join(errs...)
	})
	w, err := spreadsheet.Parse("a.xlsx", content, roomy)
	if err != nil {
		t.Fatal(err)
	}
	want := []spreadsheet.Sheet{{Name: "12月"}, {Name: "11月"}, {Name: "旧", Hidden: true}, {Name: "很旧", Hidden: true}}
	got := w.Sheets()
	if len(got) != len(want) {
		t.Fatalf("sheets %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("sheets %+v, want %+v", got, want)
		}
	}
}

func TestDate1904(t *testing.T) {
	for _, is := range []bool{false, true} {
		content := excel(t, func(f *excelize.File) error {
			return f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &is})
		})
		w, err := spreadsheet.Parse("a.xlsx", content, roomy)
		if err != nil || w.Date1904() != is {
			t.Errorf("Date1904 of %v: %v", is, err)
		}
	}
	for written, want := range map[string]bool{"1": true, "true": true, "0": false, "false": false} {
		content := byHand(t, "", map[string]string{"xl/workbook.xml": `<workbook><workbookPr date1904="` + written + `"/></workbook>`})
		if w, err := spreadsheet.Parse("a.xlsx", content, roomy); err != nil || w.Date1904() != want {
			t.Errorf("Date1904 written as %s: %v", written, err)
		}
	}
}
