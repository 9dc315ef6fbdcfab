package workbook_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/collectors/workbook"
)

const (
	soundSource    = "folder: reports\nreceipts: beside\nsettle: 10s\nlimits: {file: 20MB, unpacked: 200MB, rows: 20000, columns: 200}"
	soundCollector = "files: ['**/*.xlsx']\ncolumns: {region: 县区, period: 统计期, figures: {网格数: grids}}"
)

// One fault, one message, at its place.
func TestOptionsAreRefused(t *testing.T) {
	tests := map[string]struct {
		source, collector string // sound where they are empty
		fanOut            bool
		want              string
	}{
		"no folder":           {source: "receipts: none\nsettle: 1s\nlimits: {file: 1MB, unpacked: 1MB, rows: 1, columns: 1}", want: "1:1: folder is missing: name the folder that the files are put into"},
		"no receipts":         {source: "folder: f\nsettle: 1s\nlimits: {file: 1MB, unpacked: 1MB, rows: 1, columns: 1}", want: "1:1: receipts is missing: write beside, none, or a folder that the receipts are put into"},
		"besides":             {source: strings.Replace(soundSource, "beside", "besides", 1), want: `2:11: receipts: "besides" is unknown: there are beside and none; a folder is written with a slash, such as ./besides`},
		"no settle":           {source: "folder: f\nreceipts: none\nlimits: {file: 1MB, unpacked: 1MB, rows: 1, columns: 1}", want: "1:1: settle is missing: give a duration such as 10s"},
		"no limits":           {source: "folder: f\nreceipts: none\nsettle: 1s", want: "1:1: limits.file is missing: give a size such as 20MB\n1:1: limits.unpacked is missing: give a size such as 200MB\n1:1: limits.rows is missing: give the most rows that a sound sheet has\n1:1: limits.columns is missing: give the most columns that a sound sheet has"},
		"no size":             {source: "folder: f\nreceipts: none\nsettle: 1s\nlimits: {file: 20 elephants, unpacked: 0MB, rows: 1, columns: 1}", want: "4:16: limits.file: \"20 elephants\" is no size: write one such as 20MB\n4:40: limits.unpacked: \"0MB\" is no size: write one such as 200MB"},
		"no rows allowed":     {source: "folder: f\nreceipts: none\nsettle: 1s\nlimits: {file: 2kB, unpacked: 1MB, rows: 0, columns: 1}", want: "4:42: limits.rows is 0: expected 1 to 2147483647"},
		"placeholder":         {source: strings.Replace(soundSource, "reports", "'reports/{region.code}'", 1), want: "1:9: folder: the placeholder {region.code} has no value: it needs for_each, which names the regions to pull for"},
		"no files":            {collector: "columns: {region: 县区, period: 统计期, figures: {网格数: grids}}", want: `1:1: files is missing: give globs such as "**/*.xlsx"`},
		"files elsewhere":     {collector: strings.Replace(soundCollector, "**/", "../", 1), want: "1:8: files: \"../*.xlsx\" is no glob of files within the folder: write one such as **/*.xlsx, without .. and without a slash at its ends"},
		"files from the root": {collector: strings.Replace(soundCollector, "**/", "/", 1), want: "1:8: files: \"/*.xlsx\" is no glob of files within the folder: write one such as **/*.xlsx, without .. and without a slash at its ends"},
		"broken glob":         {collector: strings.Replace(soundCollector, "**/*", "[a", 1), want: `1:8: files: "[a.xlsx" is no glob: a bracket or a backslash in it is not closed`},
		"broken sheet glob":   {collector: soundCollector + "\nsheets: ['[']", want: `3:9: sheets: "[" is no glob: a bracket or a backslash in it is not closed`},
		"no period":           {collector: "files: [a]\ncolumns: {region: 县区, figures: {网格数: grids}}", want: "2:10: the period is missing: name the column in columns.period or columns.date, or say in period_from where else it stands"},
		"period from nowhere": {collector: "files: [a]\nperiod_from: heart\ncolumns: {region: 县区, figures: {网格数: grids}}", want: `2:14: period_from: "heart" is unknown: there are title, sheet and file`},
		"period twice":        {collector: soundCollector + "\nperiod_from: title", want: "3:14: period_from and columns.period are both given: keep the one that says where the period stands"},
		"period of a register": {collector: "files: [a]\nperiod_from: title\nregister: {code: 编码}",
			want: "2:14: period_from is given beside register: a register has no periods"},
		"alias of nothing":     {collector: soundCollector + "\naliases: {乡镇: [街道]}", want: "3:15: aliases: the collector reads no column \"乡镇\": give the other names of one that columns or register names"},
		"alias without a name": {collector: soundCollector + "\naliases: {县区: [' ']}", want: `3:15: aliases: column "县区" has an empty name`},
		"alias for two":        {collector: soundCollector + "\naliases: {县区: [单位], 网格数: [' 单 位']}", want: `3:10: aliases: "单位" stands for two columns, "县区" and "网格数"`},
		"receipt's name":       {collector: soundCollector + "\nreceipt_name: ../a", want: `3:15: receipt_name: "../a" must be part of a file's name, without slashes`},
		"period of the run":    {collector: "files: [a]\nperiod: last_ended\ncolumns: {region: 县区, figures: {网格数: grids}}", want: "2:9: period: last_ended is not for files, as they don't say when they were sent: say with period_from or columns.period where the period stands"},
		"no columns":           {collector: "files: [a]\nperiod_from: title\ncolumns: {region: 县区}", want: "3:10: neither columns.value nor columns.figures is given: name the column of the figure, or the columns of several with their indicators"},
		"fan-out over the same files": {fanOut: true,
			want: "1:8: for_each is given, but nothing says where a region's own files are: put {region.code} or {region.name} into the folder or the files"},
		"fan-out into one folder of receipts": {fanOut: true, source: strings.NewReplacer("reports", "'reports/{region.code}'", "beside", "./receipts").Replace(soundSource),
			want: "2:11: receipts: all regions would share one folder, and files of the same name their receipt: put {region.code} into it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.source == "" {
				test.source = soundSource
			}
			if test.collector == "" {
				test.collector = soundCollector
			}
			_, err := workbook.Kind().New(collectors.Blocks{
				Source: collectorstest.NewBlock(t, test.source, nil), Collector: collectorstest.NewBlock(t, test.collector, nil), FanOut: test.fanOut,
			})
			if diff := cmp.Diff(test.want, fmt.Sprint(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsOfBothBlocksAreToldAtOnce(t *testing.T) {
	_, err := workbook.Kind().New(collectors.Blocks{
		Source: collectorstest.NewBlock(t, "receipts: none\n", nil), Collector: collectorstest.NewBlock(t, "sheets: [a]\n", nil),
	})
	for _, want := range []string{"folder is missing", "settle is missing", "limits.rows is missing", "files is missing", "columns.region is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

// fanned makes a collector that is fanned out.
func fanned(t *testing.T, source, options string) collectors.Collector {
	t.Helper()
	c, err := workbook.Kind().New(collectors.Blocks{
		Source: collectorstest.NewBlock(t, source, nil), Collector: collectorstest.NewBlock(t, options, nil), FanOut: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sourceOf(folder, receipts string) string {
	return fmt.Sprintf("folder: %q\nreceipts: %q\nsettle: 1s\nlimits: {file: 2MB, unpacked: 8MB, rows: 5000, columns: 100}", folder, receipts)
}

// Each region has its own folder, or its own files, and needs no column for what
// the folder says.
func TestFanOut(t *testing.T) {
	yujiang := collectors.Target{Code: "360603", Name: "余江区", ParentCode: "360600", ParentName: "鹰潭市"}
	own := []byte("统计期,网格数\n2025-12,1234\n合计,1234\n")
	const options = `columns: {period: 统计期, figures: {网格数: grids}}`
	tests := map[string]struct {
		folder, files, file string
		target              collectors.Target
	}{
		"folder by name": {"{region.parent.name}/{region.name}", "*.csv", "鹰潭市/余江区/12月.csv", yujiang},
		"folder by code": {"{region.code}", "**/*.csv", "360603/2025/12月.csv", yujiang},
		"files by name":  {"", "**/*{region.name}*.csv", "2025/余江区12月.csv", yujiang},
		"a name with a star": {"", "{region.name}.csv", "[a]*.csv",
			collectors.Target{Code: "1", Name: "[a]*"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			put(t, filepath.Join(folder, filepath.FromSlash(test.file)), own)
			put(t, filepath.Join(folder, "月湖区", "月湖区12月.csv"), []byte("统计期,网格数\n2025-12,1\n"))
			c := fanned(t, sourceOf(folder+"/"+test.folder, "beside"), "files: ["+fmt.Sprintf("%q", test.files)+"]\n"+options)
			if err := c.Ping(t.Context(), test.target); err != nil {
				t.Error(err)
			}
			sink := &collectorstest.Sink{}
			if _, err := c.Collect(t.Context(), collectors.Request{Now: now(), Target: test.target}, sink); err != nil {
				t.Fatal(err)
			}
			want := []string{"grids | " + test.target.Code + ` | 2025-12 | "1234" | row 2, column 网格数`}
			if diff := cmp.Diff(want, sink.Lines()); diff != "" {
				t.Errorf("readings (-want +got):\n%s", diff)
			}
		})
	}
}

// A region that has no folder yet, or whose name would lead elsewhere, fails
// alone.
func TestFanOutFails(t *testing.T) {
	c := fanned(t, sourceOf(t.TempDir()+"/{region.name}", "none"), soundCollector)
	for name, want := range map[string]string{
		"余江区": "余江区 does not exist", "../x": `{region.name} of ../x (1) is "../x", which can't be part of a path`, "": "can't be part of a path",
	} {
		target := collectors.Target{Code: "1", Name: name}
		_, err := c.Collect(t.Context(), collectors.Request{Now: now(), Target: target}, &collectorstest.Sink{})
		for _, err := range []error{err, c.Ping(t.Context(), target)} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: error %v, want %q", name, err, want)
			}
		}
	}
}

func TestWhereReceiptsGo(t *testing.T) {
	folder, receipts := t.TempDir(), t.TempDir()
	put(t, filepath.Join(folder, "余江区", "a.csv"), grid("1"))
	run := func(where, options string) {
		c, err := workbook.Kind().New(collectors.Blocks{
			Source: collectorstest.NewBlock(t, sourceOf(folder, where), nil), Collector: collectorstest.NewBlock(t, options, nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := collect(t, c, &collectorstest.Sink{}); err != nil {
			t.Fatal(err)
		}
	}
	exists := func(file string) bool {
		_, err := os.Stat(file)
		return err == nil
	}
	options := "files: ['**/*.csv']\n" + gridOptions
	run("none", options)
	run(receipts, options)
	if exists(filepath.Join(folder, "余江区", "a.csv.receipt.txt")) {
		t.Error("there is a receipt beside the file, where nobody asked for one")
	}
	if !exists(filepath.Join(receipts, "余江区", "a.csv.receipt.txt")) {
		t.Error("there is no receipt in the folder for them")
	}
	run("beside", options+"\nreceipt_name: 网格")
	if !exists(filepath.Join(folder, "余江区", "a.csv.网格.receipt.txt")) {
		t.Error("there is no receipt of the collector's name")
	}
}
