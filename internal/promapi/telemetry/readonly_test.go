package telemetry_test

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/prometheus/storage"

	"github.com/govkpi/govkpi/internal/promapi/telemetry"
)

func openReadOnly(t *testing.T, folder string) (storage.Queryable, func() error) {
	t.Helper()
	q, end, err := telemetry.OpenReadOnly(folder, slog.New(slog.NewTextHandler(&logBook{}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return q, end
}

// sandboxes lists what readers have put into a folder.
func sandboxes(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "tmp_*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestReaderBesideAWriter(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.days(t, 5)
	s.rounds(t.Context(), 3)
	reader, end := openReadOnly(t, s.folder)
	same(t, reader, everything(t, s.Store))
	s.rounds(t.Context(), 1)
	same(t, reader, everything(t, s.Store)) // each query sees the newest
	if left := sandboxes(t, s.folder); len(left) > 0 {
		t.Errorf("it left %v", left)
	}

	from, to := s.clock.Now().Add(-day).UnixMilli(), s.clock.Now().UnixMilli()
	if got, want := between(t, reader, from, to), between(t, s.Store, from, to); len(got[`{__name__="govkpi_a"}`]) != len(want[`{__name__="govkpi_a"}`]) {
		t.Errorf("of the last day there are %v, want %v", got, want)
	}

	first, err := reader.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	second, err := reader.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}
	if names, _, err := second.LabelValues(t.Context(), "__name__", nil); err != nil || len(names) != 1 {
		t.Errorf("after the first was closed, the second says %v, %v", names, err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if left := sandboxes(t, s.folder); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	if _, err := reader.Querier(0, 1); err == nil {
		t.Error("it answers after its end")
	}
	s.days(t, 2) // the writer has not noticed anything
}

// A writer that records and compacts all the while does not confuse readers.
func TestReadersBesideABusyWriter(t *testing.T) {
	s := newStage(t)
	for _, name := range []string{"govkpi_a", "govkpi_b", "govkpi_c"} {
		s.gauge(t, name).Set(1)
	}
	s.days(t, 1)
	reader, _ := openReadOnly(t, s.folder)
	last := 0
	for range 40 {
		// A day is written, and put into a block, while the reader looks.
		var writer sync.WaitGroup
		writer.Go(func() { s.days(t, 1) })
		got := len(everything(t, reader)[`{__name__="govkpi_c"}`])
		if got < last {
			t.Errorf("%d samples after %d", got, last)
		}
		last = got
		writer.Wait()
	}
	same(t, reader, everything(t, s.Store))
}

func TestReaderOfNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "telemetry")
	reader, _ := openReadOnly(t, folder)
	same(t, reader, map[string][]string{})
	if _, err := os.Stat(folder); err == nil {
		t.Error("it made the folder")
	}
	if err := os.Mkdir(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	reader, _ = openReadOnly(t, folder)
	same(t, reader, map[string][]string{})
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := telemetry.OpenReadOnly(file, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "a file, not a folder") {
		t.Errorf("error %v", err)
	}
}

// What a killed reader has left is deleted at the next start.
func TestKilledReader(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.rounds(t.Context(), 2)
	reader, _ := openReadOnly(t, s.folder)
	if _, err := reader.Querier(0, time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if left := sandboxes(t, s.folder); len(left) != 1 {
		t.Fatalf("a reader at work has %v", left)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := openStage(t, s.folder, s.clock)
	if left := sandboxes(t, s.folder); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	same(t, again.Store, map[string][]string{`{__name__="govkpi_a"}`: {"1@0", "1@60"}})
}
