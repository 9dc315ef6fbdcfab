package spreadsheet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
)

// moving is a file that is not the same after it was read.
type moving struct {
	io.Reader
	before, after fstest.MapFile
	stats         int
}

func (m *moving) Stat() (fs.FileInfo, error) {
	file := &m.before
	if m.stats++; m.stats > 1 {
		file = &m.after
	}
	return fs.Stat(fstest.MapFS{"a.xlsx": file}, "a.xlsx")
}

func TestReadStill(t *testing.T) {
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	of := func(size int, at time.Time) fstest.MapFile {
		return fstest.MapFile{Data: make([]byte, size), ModTime: at}
	}
	tests := map[string]struct {
		file moving
		want FaultKind // 0: read
	}{
		"still":                {moving{before: of(9, now), after: of(9, now)}, 0},
		"touched":              {moving{before: of(9, now), after: of(9, now.Add(time.Second))}, HalfWritten},
		"grown afterwards":     {moving{before: of(9, now), after: of(10, now)}, HalfWritten},
		"grown meanwhile":      {moving{before: of(8, now), after: of(9, now)}, HalfWritten},
		"grown by far":         {moving{before: of(0, now), after: of(9, now)}, HalfWritten},
		"shrunk":               {moving{before: of(10, now), after: of(10, now)}, HalfWritten},
		"beyond the limit":     {moving{before: of(11, now), after: of(11, now)}, TooLarge},
		"larger, read shorter": {moving{before: of(10, now), after: of(9, now)}, HalfWritten},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.file.Reader = bytes.NewReader([]byte("123456789"))
			content, err := readStill(t.Context(), &test.file, 10)
			if test.want == 0 {
				if err != nil || string(content) != "123456789" {
					t.Fatalf("read %q, %v", content, err)
				}
				return
			}
			if f, ok := errors.AsType[*Fault](err); !ok || f.Kind != test.want || content != nil {
				t.Errorf("read %q, %v; want a fault of kind %v", content, err, test.want)
			}
		})
	}
}

func TestReadStillStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file := &moving{Reader: bytes.NewReader(nil)}
	if _, err := readStill(ctx, file, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestFailed(t *testing.T) {
	tests := map[string]struct {
		err    error
		locked bool
	}{
		"permission": {&fs.PathError{Op: "open", Err: syscall.EACCES}, true},
		"busy":       {&fs.PathError{Op: "open", Err: syscall.EBUSY}, true},
		"share":      {&fs.PathError{Op: "open", Err: syscall.ETXTBSY}, true},
		"gone":       {&fs.PathError{Op: "open", Err: syscall.ENOENT}, false},
		"disk":       {&fs.PathError{Op: "read", Err: syscall.EIO}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := failed("a.xlsx", test.err)
			f, ok := errors.AsType[*Fault](err)
			if ok != test.locked || ok && f.Kind != Locked {
				t.Errorf("error %v", err)
			}
			if !ok && !errors.Is(err, test.err) {
				t.Errorf("error %v does not wrap %v", err, test.err)
			}
		})
	}
	fault := cutOff()
	if err := failed("a.xlsx", fmt.Errorf("in vain: %w", fault)); !errors.Is(err, fault) {
		t.Errorf("error %v hides the fault", err)
	}
}

// A text of many pieces takes no more than its length to join.
func TestText(t *testing.T) {
	var v text
	if v.String() != "" {
		t.Errorf("an empty text is %q", v.String())
	}
	for _, piece := range []string{"", "县", "", "区", "市"} {
		v.add(piece)
	}
	if v.String() != "县区市" {
		t.Errorf("joined %q", v.String())
	}
}

func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "网格": "网格", "a_x000D_b": "a\rb", "_x000A__x0009_": "\n\t", "_x005F_x000D_": "_x000D_", "_x4F59_江": "余江", "a_x00": "a_x00", "_xZZZZ_": "_xZZZZ_",
		"_x_x0041_": "_xA", "_xD83D__xDE00_": "😀", "_xD83D_a": "\uFFFDa", "_x": "_x", "a_x0041": "a_x0041",
	} {
		if got := unescape(text); got != want {
			t.Errorf("unescape(%q) = %q, want %q", text, got, want)
		}
	}
}
