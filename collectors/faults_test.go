package collectors_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/collectors"
	"github.com/govkpi/govkpi/collectors/collectorstest"
)

func newFaults(t *testing.T) *collectors.Faults {
	t.Helper()
	return &collectors.Faults{Options: collectorstest.NewBlock(t, "wait: x\nlimits:\n  rows: 3\n", nil)}
}

func TestFaultsAreJoined(t *testing.T) {
	f := newFaults(t)
	if err := f.Err(); err != nil {
		t.Fatalf("error %v before there was a fault", err)
	}
	cause := errors.New("no such file")
	f.AddError(nil)
	f.Add("limits.rows", "%d is too few", 3)
	f.AddError(cause)
	f.Add("limits.pages", "wrong: %w", cause)
	f.AddError(nil)
	want := []string{"3:9: 3 is too few", "no such file", "3:3: wrong: no such file"}
	err := f.Err()
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" || !errors.Is(err, cause) {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestFaultsDuration(t *testing.T) {
	tests := map[string]struct {
		want time.Duration
		err  string
	}{
		"30s":    {want: 30 * time.Second},
		"1ms":    {want: time.Millisecond},
		"1h30m":  {want: 90 * time.Minute},
		"400d":   {want: 400 * 24 * time.Hour},
		"":       {err: "1:7: wait is missing: give a duration such as 30s"},
		"0s":     {err: `1:7: wait: "0s" is no duration: write one such as 30s`},
		"-1s":    {err: `1:7: wait: "-1s" is no duration: write one such as 30s`},
		"30":     {err: `1:7: wait: "30" is no duration: write one such as 30s`},
		"1.5h":   {err: `1:7: wait: "1.5h" is no duration: write one such as 30s`},
		"soon":   {err: `1:7: wait: "soon" is no duration: write one such as 30s`},
		"90000y": {err: `1:7: wait: "90000y" is no duration: write one such as 30s`},
	}
	for written, test := range tests {
		t.Run(written, func(t *testing.T) {
			f := newFaults(t)
			if got := f.Duration("wait", written, "30s"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			holds(t, f, test.err)
		})
	}
}

func TestFaultsCount(t *testing.T) {
	const outside = "3:9: limits.rows is "
	tests := map[string]struct {
		written *int
		want    int
		err     string
	}{
		"one":      {written: new(1), want: 1},
		"most":     {written: new(math.MaxInt32), want: math.MaxInt32},
		"nothing":  {err: "3:9: limits.rows is missing: give the most rows that a page can have"},
		"zero":     {written: new(0), err: outside + "0: expected 1 to 2147483647"},
		"negative": {written: new(-1), err: outside + "-1: expected 1 to 2147483647"},
		"too many": {written: new(math.MaxInt32 + 1), err: outside + "2147483648: expected 1 to 2147483647"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFaults(t)
			if got := f.Count("limits.rows", test.written, "the most rows that a page can have"); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
			holds(t, f, test.err)
		})
	}
}

// holds checks that the faults are that one, or none.
func holds(t *testing.T, f *collectors.Faults, want string) {
	t.Helper()
	got := ""
	if err := f.Err(); err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestFaultsSize(t *testing.T) {
	for written, want := range map[string]int64{"1B": 1, "2kB": 2000, "2KB": 2000, "20MB": 20e6, "3GB": 3e9, "1KiB": 1024, "8MiB": 8 << 20, "1GiB": 1 << 30} {
		f := newFaults(t)
		if got := f.Size("wait", written, "8MiB"); got != want || f.Err() != nil {
			t.Errorf("%s is %d (%v), want %d", written, got, f.Err(), want)
		}
	}
	for _, written := range []string{"20", "MB", "0MB", "-1MB", "1.5MB", "20 MB", "20mb", "20MBMB", "99999999999GB"} {
		f := newFaults(t)
		got, want := f.Size("wait", written, "8MiB"), `1:7: wait: "`+written+`" is no size: write one such as 8MiB`
		if err := f.Err(); got != 0 || err == nil || err.Error() != want {
			t.Errorf("%q is taken for %d bytes, error %v, want %q", written, got, err, want)
		}
	}
	f := newFaults(t)
	f.Size("wait", "", "8MiB")
	if err, want := f.Err(), "1:7: wait is missing: give a size such as 8MiB"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}
