package workbook_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
	"github.com/govkpi/govkpi/internal/fact"
)

// grid is a small CSV file with one figure.
func grid(value string) []byte {
	return []byte("县区,统计期,网格数\n余江区,2025-12," + value + "\n")
}

const gridOptions = `columns: {region: 县区, period: 统计期, figures: {网格数: grids}}`

// parts are what was delivered, in order: names, and values or a word.
func parts(s *collectorstest.Sink) []string {
	var all []string
	for _, p := range s.Parts {
		what := "nothing"
		if !p.Taken {
			what = "refused"
		} else if len(p.Readings) > 0 {
			what = p.Readings[0].Value.String()
		}
		all = append(all, p.Name+" "+what)
	}
	return all
}

func expectParts(t *testing.T, s *collectorstest.Sink, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, parts(s)); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

// again collects with the sink and forgets what it was handed before, but not
// what was delivered.
func again(t *testing.T, c collectors.Collector, s *collectorstest.Sink) collectors.Summary {
	t.Helper()
	s.Parts = nil
	summary, err := collect(t, c, s)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestBrokenFileLeavesTheOthers(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	put(t, filepath.Join(folder, "b.xlsx"), []byte("no workbook"))
	put(t, filepath.Join(folder, "c", "d.csv"), grid("2"))
	put(t, filepath.Join(folder, "c.csv"), grid("若干"))
	put(t, filepath.Join(folder, "e.csv"), grid("3"))
	sink := gated(t)
	if _, err := collect(t, newCollector(t, folder, gridOptions), sink); err != nil {
		t.Fatal(err)
	}
	expectParts(t, sink.Sink, "a.csv 1", "b.xlsx refused", "c.csv refused", "c/d.csv 2", "e.csv 3")
}

func TestOnlyNewAndChangedFilesAreRead(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	c := newCollector(t, folder, gridOptions)
	a, b := filepath.Join(folder, "a.csv"), filepath.Join(folder, "b.csv")
	put(t, a, grid("1"))
	put(t, b, grid("2"))
	if summary := again(t, c, sink); summary.Unchanged {
		t.Error("two new files are no change")
	}
	expectParts(t, sink, "a.csv 1", "b.csv 2")

	if summary := again(t, c, sink); !summary.Unchanged {
		t.Error("nothing has changed, but the summary does not say so")
	}
	expectParts(t, sink)

	put(t, a, grid("5"))
	again(t, c, sink)
	expectParts(t, sink, "a.csv 5")

	put(t, a, grid("1")) // the correction is undone
	again(t, c, sink)
	expectParts(t, sink, "a.csv 1")

	put(t, filepath.Join(folder, "c.csv"), grid("2"))
	again(t, c, sink)
	expectParts(t, sink, "c.csv nothing")
	receipt := readReceipt(t, filepath.Join(folder, "c.csv"))
	if !strings.Contains(receipt, "内容与文件 b.csv 完全相同") || !strings.Contains(receipt, "the same as that of file b.csv") {
		t.Errorf("the receipt does not tell of the other file:\n%s", receipt)
	}
	again(t, c, sink)
	expectParts(t, sink)

	put(t, b, grid("7"))
	put(t, filepath.Join(folder, "d.csv"), grid("2")) // an old copy must not undo the correction
	again(t, c, sink)
	expectParts(t, sink, "b.csv 7", "d.csv nothing")

	put(t, b, grid("1")) // known from a.csv, but not as b.csv
	again(t, c, sink)
	expectParts(t, sink, "b.csv 1")

	again(t, newCollector(t, folder, `columns: {region: 县区, period: 统计期, figures: {网格数: full_time_grid_staff}}`), sink)
	expectParts(t, sink, "a.csv 1", "b.csv 1", "c.csv 2", "d.csv 2")
}

func TestRefusedFileIsReadAgain(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	c := newCollector(t, folder, gridOptions)
	file := filepath.Join(folder, "a.csv")
	put(t, file, grid("#REF!"))
	put(t, filepath.Join(folder, "b.csv"), grid("#REF!")) // as wrong under this name
	again(t, c, sink)
	expectParts(t, sink, "a.csv refused", "b.csv refused")
	again(t, c, sink)
	expectParts(t, sink, "a.csv refused", "b.csv refused")
	put(t, file, grid("4"))
	again(t, c, sink)
	expectParts(t, sink, "a.csv 4", "b.csv refused")
	if receipt := readReceipt(t, file); !strings.Contains(receipt, "结果：已采用") {
		t.Errorf("the receipt still says\n%s", receipt)
	}
}

func TestReceiptIsWrittenOnlyWhenItSaysSomethingNew(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	c := newCollector(t, folder, gridOptions)
	file := filepath.Join(folder, "a.csv")
	put(t, file, grid("#REF!"))
	again(t, c, sink)
	first := readReceipt(t, file)
	later := collectors.Request{Now: now().Add(time.Hour)}
	if _, err := c.Collect(t.Context(), later, sink); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, readReceipt(t, file)); diff != "" {
		t.Errorf("the receipt changed, although nothing else did:\n%s", diff)
	}
	put(t, file, grid("#N/A"))
	if _, err := c.Collect(t.Context(), later, sink); err != nil {
		t.Fatal(err)
	}
	if receipt := readReceipt(t, file); !strings.Contains(receipt, "2026-01-05 09:30:00") {
		t.Errorf("the receipt is not of the second reading:\n%s", receipt)
	}
	info, err := os.Stat(file + ".receipt.txt")
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o644 {
		t.Errorf("the receipt's mode is %o, want 644", mode)
	}
}

func TestYoungFilesWait(t *testing.T) {
	tests := map[string]struct {
		age  time.Duration
		want []string
	}{
		"being written":          {0, nil},
		"just written":           {999 * time.Millisecond, nil},
		"old enough":             {time.Second, []string{"a.csv 1"}},
		"of a clock a bit ahead": {-500 * time.Millisecond, nil},
		"of a clock far ahead":   {-time.Hour, []string{"a.csv 1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder, sink := t.TempDir(), &collectorstest.Sink{}
			file := filepath.Join(folder, "a.csv")
			put(t, file, grid("1"))
			age(t, file, test.age)
			again(t, newCollector(t, folder, gridOptions), sink)
			if diff := cmp.Diff(test.want, parts(sink)); diff != "" {
				t.Errorf("delivered (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoneOfOurs(t *testing.T) {
	folder, sink, elsewhere := t.TempDir(), &collectorstest.Sink{}, t.TempDir()
	for _, name := range []string{"a.csv", "a.csv.receipt.txt", "B.CSV.Receipt.TXT", "~$b.csv", ".hidden.csv", ".trash/a.csv", "list.pdf", "folder.csv/x.csv"} {
		put(t, filepath.Join(folder, filepath.FromSlash(name)), grid("1"))
	}
	put(t, filepath.Join(elsewhere, "secret.csv"), grid("2"))
	for link, target := range map[string]string{"link.csv": filepath.Join(elsewhere, "secret.csv"), "out": elsewhere, "own.csv": filepath.Join(folder, "a.csv"), "gone.csv": "nowhere"} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	again(t, newCollector(t, folder, gridOptions), sink)
	expectParts(t, sink, "a.csv 1", "folder.csv/x.csv nothing")
}

func TestFolderMayBeALink(t *testing.T) {
	folder, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	if err := os.Symlink(folder, link); err != nil {
		t.Fatal(err)
	}
	sink := &collectorstest.Sink{}
	again(t, newCollector(t, link, gridOptions), sink)
	expectParts(t, sink, "a.csv 1")
}

// removing takes a file away while another is looked up.
type removing struct {
	*collectorstest.Sink
	file string
}

func (s removing) Delivered(ctx context.Context, q fact.DeliveryQuery) ([]fact.Delivered, error) {
	_ = os.Remove(s.file)
	return s.Sink.Delivered(ctx, q)
}

func TestFileThatVanishes(t *testing.T) {
	for _, gone := range []string{"a.csv", "b.csv"} { // between two looks at it, or before the first
		folder := t.TempDir()
		put(t, filepath.Join(folder, "a.csv"), grid("1"))
		put(t, filepath.Join(folder, "b.csv"), grid("2"))
		put(t, filepath.Join(folder, "c.csv"), grid("3"))
		sink := removing{&collectorstest.Sink{}, filepath.Join(folder, gone)}
		if _, err := collect(t, newCollector(t, folder, gridOptions), sink); err != nil {
			t.Errorf("without %s: %v", gone, err)
		}
		got := strings.Join(parts(sink.Sink), ", ")
		if strings.Contains(got, gone) || !strings.Contains(got, "c.csv 3") || len(sink.Parts) != 2 {
			t.Errorf("without %s: delivered %s", gone, got)
		}
	}
}

func TestDryRunLeavesNothing(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	put(t, filepath.Join(folder, "b.csv"), grid("#REF!"))
	c := newCollector(t, folder, gridOptions)
	if _, err := c.Collect(t.Context(), collectors.Request{Now: now(), DryRun: true}, sink); err != nil {
		t.Fatal(err)
	}
	expectParts(t, sink, "a.csv 1", "b.csv refused")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v: %v", entries, err)
	}
}

func TestFoldersThatCannotBeRead(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "a.csv")
	put(t, file, grid("1"))
	for name, test := range map[string]struct{ folder, want string }{
		"missing": {filepath.Join(folder, "nowhere"), "nowhere does not exist: create it, or correct the folder"},
		"a file":  {file, "check that it is a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCollector(t, test.folder, gridOptions)
			_, err := collect(t, c, &collectorstest.Sink{})
			for _, err := range []error{err, c.Ping(t.Context(), collectors.Target{})} {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v, want %q", err, test.want)
				}
			}
		})
	}
	if err := newCollector(t, folder, gridOptions).Ping(t.Context(), collectors.Target{}); err != nil {
		t.Errorf("a sound folder: %v", err)
	}
}

func TestFolderBelowThatMayNotBeRead(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	put(t, filepath.Join(folder, "closed", "b.csv"), grid("2"))
	closed := filepath.Join(folder, "closed")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(closed, 0o755) })
	asNobody(t, folder)
	_, err := collect(t, newCollector(t, folder, gridOptions), sink)
	if err == nil || !strings.Contains(err.Error(), closed+" may not be read by the user that govkpi runs as") {
		t.Errorf("error %v", err)
	}
	expectParts(t, sink, "a.csv 1")
}

// asNobody lets the rest of a test read and write files as an ordinary user does:
// nothing is forbidden to root. It goes by the thread that runs the test.
func asNobody(t *testing.T, folder string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	for top := os.TempDir(); folder != top; folder = filepath.Dir(folder) { //nolint:usetesting // it is above the test's own
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread()
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Error(err)
		}
		runtime.UnlockOSThread()
	})
}

func TestReceiptsThatCannotBeWritten(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	for _, name := range []string{"a.csv", "b.csv"} {
		put(t, filepath.Join(folder, name), grid("1"+name[:1]))
		if err := os.MkdirAll(filepath.Join(folder, name+".receipt.txt", "in the way"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(folder, "c.csv"), grid("3"))
	_, err := collect(t, newCollector(t, folder, gridOptions), sink)
	if want := "2 receipts could not be written into " + folder; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	if len(sink.Parts) != 3 {
		t.Errorf("delivered %v, want all three", parts(sink))
	}
	readReceipt(t, filepath.Join(folder, "c.csv"))
	left, err := filepath.Glob(filepath.Join(folder, ".receipt-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind %v: %v", left, err)
	}
}

func TestHistoryIsNotThere(t *testing.T) {
	since, err := fact.ParsePeriod("2024-01")
	if err != nil {
		t.Fatal(err)
	}
	_, err = newCollector(t, t.TempDir(), gridOptions).Collect(t.Context(), collectors.Request{Now: now(), Since: since}, &collectorstest.Sink{})
	if err == nil || !strings.Contains(err.Error(), "history since 2024-01 was asked for") {
		t.Errorf("error %v", err)
	}
}

func TestEmptyFolderIsDelivered(t *testing.T) {
	summary, err := collect(t, newCollector(t, t.TempDir(), gridOptions), &collectorstest.Sink{})
	if err != nil || summary.Unchanged || summary.Rows != 0 {
		t.Errorf("summary %+v, error %v: the gate must see that nothing came", summary, err)
	}
}

// failing is a sink that fails in one of its methods.
type failing struct {
	*collectorstest.Sink
	deliver, delivered, reject error
}

func (s failing) Deliver(context.Context, collectors.Part) (collectors.Receipt, error) {
	return collectors.Receipt{}, s.deliver
}

func (s failing) Delivered(context.Context, fact.DeliveryQuery) ([]fact.Delivered, error) {
	return nil, s.delivered
}

func (s failing) Reject(fact.Rejection) error { return s.reject }

func TestErrorsOfTheSinkEndThePull(t *testing.T) {
	broken := errors.New("the ledger is full")
	tests := map[string]struct {
		sink    failing
		content string
	}{
		"deliver":       {failing{deliver: broken}, "1"},
		"look up":       {failing{delivered: broken}, "1"},
		"reject a cell": {failing{reject: broken}, "#REF!"},
		"add":           {failing{Sink: &collectorstest.Sink{Err: broken}, deliver: broken}, "1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			put(t, filepath.Join(folder, "a.csv"), grid(test.content))
			if test.sink.Sink == nil {
				test.sink.Sink = &collectorstest.Sink{}
			}
			_, err := collect(t, newCollector(t, folder, gridOptions), test.sink)
			if !errors.Is(err, broken) || !strings.Contains(err.Error(), "a.csv") {
				t.Errorf("error %v, want that of the sink and the file", err)
			}
		})
	}
}

func TestPullIsStopped(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "a.csv"), grid("1"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := newCollector(t, folder, gridOptions).Collect(ctx, collectors.Request{Now: now()}, &collectorstest.Sink{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// The order is that of the paths, byte by byte, on every system.
func TestOrder(t *testing.T) {
	folder, sink := t.TempDir(), &collectorstest.Sink{}
	names := []string{"b.csv", "a/z.csv", "a.csv", "a-b.csv", "余江区.csv", "a/b/c.csv", "月湖区/1.csv"}
	for i, name := range names {
		put(t, filepath.Join(folder, filepath.FromSlash(name)), grid(strings.Repeat("1", i+1)))
	}
	again(t, newCollector(t, folder, gridOptions), sink)
	slices.Sort(names)
	var got []string
	for _, p := range sink.Parts {
		got = append(got, p.Name)
		if !p.Whole || p.QueryDigest == "" || p.InputDigest == "" || p.Rows != 1 {
			t.Errorf("part %+v", p.Part)
		}
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
