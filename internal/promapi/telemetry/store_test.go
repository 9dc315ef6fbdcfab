package telemetry_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"github.com/govkpi/govkpi/internal/promapi/telemetry"
)

const day = 24 * time.Hour

// What the rules manager and Prometheus' HTTP API want of a store.
var (
	_ storage.SampleAndChunkQueryable = (*telemetry.Store)(nil)
	_ storage.AppendableV2            = (*telemetry.Store)(nil)
	_ interface {
		CleanTombstones() error
		Delete(ctx context.Context, mint, maxt int64, ms ...*labels.Matcher) error
		Snapshot(dir string, withHead bool) error
		Stats(statsByLabelName string, limit int) (*tsdb.Stats, error)
		WALReplayStatus() (tsdb.WALReplayStatus, error)
		BlockMetas() ([]tsdb.BlockMeta, error)
	} = (*telemetry.Store)(nil)
)

// days records every hour for so many days, and compacts once a day, as the TSDB
// does of itself.
func (s *stage) days(tb testing.TB, n int) {
	tb.Helper()
	for range n {
		for range 24 {
			s.Record(tb.Context())
			s.clock.move(time.Hour)
		}
		if err := s.Compact(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
}

func (s *stage) blocks(tb testing.TB) []tsdb.BlockMeta {
	tb.Helper()
	blocks, err := s.BlockMetas()
	if err != nil {
		tb.Fatal(err)
	}
	return blocks
}

func TestRestartKeepsHistory(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.days(t, 5)
	want := everything(t, s.Store)
	if err := errors.Join(s.Stop(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
	ended := "stale@" + "432000"
	again := openStage(t, s.folder, s.clock)
	want[`{__name__="govkpi_a"}`] = append(want[`{__name__="govkpi_a"}`], ended)
	same(t, again.Store, want)
	if len(again.blocks(t)) == 0 {
		t.Error("after five days nothing is in blocks")
	}
	start, err := again.StartTime()
	if want := january().UnixMilli(); err != nil || start != want {
		t.Errorf("it starts at %d, %v; want %d", start, err, want)
	}
	again.clock.move(time.Hour)
	again.gauge(t, "govkpi_a").Set(2)
	again.rounds(t.Context(), 1)
	want[`{__name__="govkpi_a"}`] = append(want[`{__name__="govkpi_a"}`], "2@435600")
	same(t, again.Store, want)
}

// A program that is killed leaves its folder as it is. A copy of the folder of one
// that runs is that.
func TestKillLosesNothing(t *testing.T) {
	s := newStage(t)
	value := s.gauge(t, "govkpi_a")
	s.days(t, 3)
	for i := range 10 {
		value.Set(float64(i))
		s.rounds(t.Context(), 1)
	}
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(s.folder)); err != nil {
		t.Fatal(err)
	}
	again := openStage(t, killed, s.clock)
	same(t, again.Store, everything(t, s.Store))
	again.gauge(t, "govkpi_a").Set(10)
	again.rounds(t.Context(), 1)
	if got := everything(t, again.Store)[`{__name__="govkpi_a"}`]; len(got) != 3*24+10+1 {
		t.Errorf("%d samples after the restart", len(got))
	}
}

// Over 500 days, of which every twenty-fifth is recorded: writing a block waits
// for the disk.
func TestRetention(t *testing.T) {
	s := newStage(t, func(o *telemetry.Options) { o.Retention = 100 * day })
	s.gauge(t, "govkpi_a").Set(1)
	var recorded []time.Time
	for range 20 {
		recorded = append(recorded, s.clock.Now())
		s.days(t, 1)
		s.clock.move(24 * day)
	}
	blocks := s.blocks(t)
	oldest, newest := time.UnixMilli(blocks[0].MinTime), time.UnixMilli(blocks[len(blocks)-1].MaxTime)
	kept := newest.Sub(oldest)
	t.Logf("%d blocks of %s, %v bytes", len(blocks), kept, s.metric(t, "govkpi_telemetry_size_bytes"))
	if kept < 76*day || kept > 127*day {
		t.Errorf("it keeps %s, want 100 days and up to a block of 27 more", kept)
	}
	if len(blocks) > 12 {
		t.Errorf("%d blocks", len(blocks))
	}
	recorded = slices.DeleteFunc(recorded, func(began time.Time) bool { return began.Before(oldest) })
	if got := everything(t, s.Store)[`{__name__="govkpi_a"}`]; len(got) != 24*len(recorded) {
		t.Errorf("%d samples, want %d", len(got), 24*len(recorded))
	}
	if got, want := s.metric(t, "govkpi_telemetry_start_timestamp_seconds"), float64(oldest.Unix()); got != want {
		t.Errorf("it says it starts at %v, want %v", got, want)
	}
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > len(blocks)+3 { // wal, chunks_head, lock
		t.Errorf("%d entries are left for %d blocks", len(entries), len(blocks))
	}
}

// A program that was off for long goes on.
func TestLongPause(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.days(t, 3)
	s.clock.move(300 * day)
	s.days(t, 3)
	if got := everything(t, s.Store)[`{__name__="govkpi_a"}`]; len(got) != 6*24 {
		t.Errorf("%d samples, want %d", len(got), 6*24)
	}
}

// A rules manager appends beside the recorder and finds its alerts again.
func TestAlertsAreKeptBeside(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	for range 3 {
		s.Record(t.Context())
		app := s.AppenderV2(t.Context())
		alert := labels.FromStrings("__name__", "ALERTS_FOR_STATE", "alertname", "SourceDown")
		if _, err := app.Append(0, alert, 0, s.clock.Now().UnixMilli(), 7, nil, nil, storage.AOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := app.Commit(); err != nil {
			t.Fatal(err)
		}
		s.clock.move(time.Minute)
	}
	want := map[string][]string{
		`{__name__="govkpi_a"}`:                                 {"1@0", "1@60", "1@120"},
		`{__name__="ALERTS_FOR_STATE", alertname="SourceDown"}`: {"7@0", "7@60", "7@120"},
	}
	same(t, s.Store, want)
	stats, err := s.Stats("__name__", 10)
	if err != nil || stats.NumSeries != 2 || len(stats.IndexPostingStats.CardinalityMetricsStats) != 2 {
		t.Errorf("statistics %+v, %v", stats, err)
	}
}

func TestSnapshot(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.days(t, 3)
	folder := filepath.Join(t.TempDir(), "snapshot")
	if err := s.Snapshot(folder, true); err != nil {
		t.Fatal(err)
	}
	same(t, openStage(t, folder, s.clock).Store, everything(t, s.Store))
	if err := errors.Join(s.Delete(t.Context(), 0, 1), s.CleanTombstones()); err == nil {
		t.Error("it deletes")
	}
}

func TestOneProcessAtATime(t *testing.T) {
	s := newStage(t)
	_, err := telemetry.Open(t.Context(), options(s.folder, s.clock, s.log))
	if !errors.Is(err, telemetry.ErrLocked) || !strings.Contains(err.Error(), s.folder) {
		t.Errorf("a second one says %v", err)
	}
	s.gauge(t, "govkpi_a").Set(1)
	s.rounds(t.Context(), 1) // the first is unharmed
	same(t, s.Store, map[string][]string{`{__name__="govkpi_a"}`: {"1@0"}})
}

// write changes a file of the folder.
func write(t *testing.T, file string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, change(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamage(t *testing.T) {
	source := newStage(t)
	source.gauge(t, "govkpi_a").Set(1)
	source.days(t, 12) // a block of nine days or three, some of one, the rest in the log
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	all := len(everything(t, openStage(t, copyOf(t, source.folder), source.clock).Store)[`{__name__="govkpi_a"}`])
	garble := func(b []byte) []byte { return slices.Repeat([]byte{0xa5}, len(b)) }
	for name, c := range map[string]struct {
		file   string // a pattern; the first that matches
		change func([]byte) []byte
		aside  float64 // blocks
		atMost int     // samples that may be lost
	}{
		"index of a block":      {"0*/index", garble, 1, 9 * 24},
		"index cut short":       {"0*/index", func(b []byte) []byte { return b[:len(b)/2] }, 1, 9 * 24},
		"description of one":    {"0*/meta.json", func([]byte) []byte { return []byte("{") }, 1, 9 * 24},
		"write-ahead log":       {"wal/0*", garble, 0, 72},
		"write-ahead log, torn": {"wal/0*", func(b []byte) []byte { return b[:len(b)*2/3] }, 0, 72},
		"chunks of the head":    {"chunks_head/0*", garble, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			folder := copyOf(t, source.folder)
			files, err := filepath.Glob(filepath.Join(folder, c.file))
			if err != nil || len(files) == 0 {
				t.Fatalf("no %s: %v", c.file, err)
			}
			write(t, files[0], c.change)
			s := openStage(t, folder, newClock())
			s.clock.move(13 * day)
			got := len(everything(t, s.Store)[`{__name__="govkpi_a"}`])
			if got < all-c.atMost || got > all {
				t.Errorf("%d of %d samples are left; at most %d may be lost", got, all, c.atMost)
			}
			if got := s.metric(t, "govkpi_telemetry_damaged_blocks"); got != c.aside {
				t.Errorf("%v blocks were set aside, want %v", got, c.aside)
			}
			if said := strings.Contains(s.log.String(), "is damaged and was set aside"); said != (c.aside > 0) {
				t.Errorf("the log:\n%s", s.log)
			}
			if entries, _ := filepath.Glob(filepath.Join(folder, "damaged-chunks_head")); (len(entries) > 0) != strings.HasPrefix(c.file, "chunks_head") {
				t.Errorf("chunks of the head that were set aside: %v", entries)
			}
			s.gauge(t, "govkpi_b").Set(1)
			s.rounds(t.Context(), 2)
			if got := everything(t, s.Store)[`{__name__="govkpi_b"}`]; len(got) != 2 {
				t.Errorf("afterwards it records %v", got)
			}
		})
	}
}

func copyOf(t *testing.T, folder string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return to
}

// A checkpoint of the log that can't be read is beyond repair: the error says what
// to do.
func TestBeyondRepair(t *testing.T) {
	s := newStage(t)
	s.gauge(t, "govkpi_a").Set(1)
	s.days(t, 12)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkpoints, err := filepath.Glob(filepath.Join(s.folder, "wal", "checkpoint.*", "0*"))
	if err != nil || len(checkpoints) == 0 {
		t.Fatalf("no checkpoint: %v", err)
	}
	write(t, checkpoints[0], func(b []byte) []byte { return slices.Repeat([]byte{0xa5}, len(b)) })
	_, err = telemetry.Open(t.Context(), options(s.folder, s.clock, s.log))
	if err == nil || !strings.Contains(err.Error(), "move the folder away to begin anew") || !strings.Contains(err.Error(), s.folder) {
		t.Errorf("it says %v", err)
	}
}

func TestFolderThatCannotBeUsed(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, filepath.Join(file, "below")} {
		_, err := telemetry.Open(t.Context(), options(name, newClock(), &logBook{}))
		if err == nil || !strings.Contains(err.Error(), "there is a file in its place") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it left a lock")
	}
}

func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*telemetry.Options)
		want   string
	}{
		"Folder":     {func(o *telemetry.Options) { o.Folder = "" }, "Folder is required"},
		"Retention":  {func(o *telemetry.Options) { o.Retention = time.Hour }, "Retention is 1h0m0s; it must be at least 48h0m0s"},
		"Now":        {func(o *telemetry.Options) { o.Now = nil }, "Now is required"},
		"Log":        {func(o *telemetry.Options) { o.Log = nil }, "Log is required"},
		"Registerer": {func(o *telemetry.Options) { o.Registerer = nil }, "Registerer is required"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(filepath.Join(t.TempDir(), "telemetry"), newClock(), &logBook{})
			c.change(&o)
			if _, err := telemetry.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
	t.Run("names that are taken", func(t *testing.T) {
		s := newStage(t)
		s.rounds(t.Context(), 1)
		o := options(filepath.Join(t.TempDir(), "telemetry"), newClock(), &logBook{})
		o.Registerer = s.own
		if _, err := telemetry.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "register the metrics of telemetry") {
			t.Errorf("error %v", err)
		}
		if s.metric(t, "govkpi_telemetry_last_round_timestamp_seconds") == 0 {
			t.Error("the metrics of the first are gone")
		}
	})
}

// The Store's own metrics are documented, linted, and recorded with the rest.
func TestOwnMetrics(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	s := newStage(t, func(o *telemetry.Options) { o.Registerer = registry })
	r := s.recorderOf(t, registry)
	for range 2 {
		r.Record(t.Context())
		s.clock.move(time.Minute)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.Contains(string(page), "\n| `"+f.GetName()+"` | "+strings.ToLower(f.GetType().String())+" |") {
			t.Errorf("%s is not documented as a %s", f.GetName(), f.GetType())
		}
		if _, recorded := everything(t, s.Store)[`{__name__="`+f.GetName()+`"}`]; !recorded {
			t.Errorf("%s is not recorded", f.GetName())
		}
	}
	for name := range strings.SplitSeq(string(page), "\n| `") {
		name, _, _ = strings.Cut(name, "`")
		if strings.HasPrefix(name, "govkpi_telemetry_") && !slices.ContainsFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name }) {
			t.Errorf("docs/metrics.md has %s, and nobody else", name)
		}
	}
	if problems, err := promlint.NewWithMetricFamilies(families).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	if diff := cmp.Diff([]string{"0@0", "7@60"}, everything(t, s.Store)[`{__name__="govkpi_telemetry_samples_total"}`]); diff != "" {
		t.Errorf("samples: -want +got:\n%s", diff)
	}
}
