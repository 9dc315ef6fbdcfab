package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

func TestBackupWhileWriting(t *testing.T) {
	s, _ := newStore(t)
	const size = 400
	mustDeliver(t, s, figures("2025", size, 0))
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() {
		var err error
		for i := 1; err == nil; i++ {
			_, err = deliver(ctx, s, figures("2025", size, float64(i)))
		}
		stopped <- err
	}()
	folder := t.TempDir()
	var backups []string
	for _, name := range []string{"a.db", "b.db", "c.db", "d.db"} {
		file := filepath.Join(folder, name)
		if err := s.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		backups = append(backups, file)
	}
	cancel()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Errorf("the writer stopped with %v", err)
	}

	// Each backup is the beginning of what the ledger now holds, to the delivery.
	now := history(t, s)
	for _, backup := range backups {
		restored := filepath.Join(t.TempDir(), "data", "ledger.db")
		if err := sqlite.Restore(t.Context(), backup, restored); err != nil {
			t.Fatal(err)
		}
		r := open(t, restored, fixedNow)
		then := history(t, r)
		if len(then) == 0 || len(then)%size != 0 {
			t.Errorf("%s holds %d facts; want whole deliveries of %d", backup, len(then), size)
		}
		revisions := int32(len(then) / size)
		var want []fact.Fact
		for _, f := range now {
			if f.Revision <= revisions {
				want = append(want, f)
			}
		}
		if diff := cmp.Diff(want, then, cmpopts.EquateComparable(fact.Period{})); diff != "" {
			t.Errorf("%s (-ledger +backup):\n%s", backup, diff)
		}
		mustDeliver(t, r, figures("2026", 10, 0)) // it is a ledger like any other
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	assertOnly(t, folder, "a.db", "b.db", "c.db", "d.db")
}

// assertOnly fails the test where a folder holds more, or less, than the names.
func assertOnly(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if diff := cmp.Diff(names, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("files in the folder (-want +got):\n%s", diff)
	}
}

func TestBackupFails(t *testing.T) {
	s, file := newStore(t)
	mustDeliver(t, s, figures("2025", 5000, 0))
	folder := t.TempDir()
	mustFail(t, s.Backup(t.Context(), filepath.Join(folder, "missing", "a.db")), file, "missing")
	mustFail(t, s.Backup(t.Context(), file), "exists", "name another file")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(ctx, filepath.Join(folder, "b.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("Backup with an ended context: %v", err)
	}
	assertOnly(t, folder)
}

// A file that appeared while a backup was being written stays.
func TestPublish(t *testing.T) {
	folder := t.TempDir()
	temporary, file := filepath.Join(folder, "temporary"), filepath.Join(folder, "file")
	for name, content := range map[string]string{temporary: "new", file: "old"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustFail(t, sqlite.Publish(temporary, file), "exists")
	if content, err := os.ReadFile(file); err != nil || string(content) != "old" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if err := sqlite.Publish(temporary, file+"2"); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(file + "2"); err != nil || string(content) != "new" {
		t.Errorf("the new file holds %q, %v", content, err)
	}
}

func TestBackupByReader(t *testing.T) {
	s, file := newStore(t)
	mustDeliver(t, s, figures("2025", 10, 0))
	r, err := sqlite.OpenReadOnly(t.Context(), sqlite.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := r.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), backup, filepath.Join(t.TempDir(), "ledger.db")); err != nil {
		t.Error(err)
	}
}

// All that a ledger holds is in a backup, row by row.
func TestBackupHoldsEverything(t *testing.T) {
	file, folder := writeSample(t), t.TempDir()
	s := open(t, file, fixedNow)
	backup, restored := filepath.Join(folder, "backup.db"), filepath.Join(folder, "data", "ledger.db")
	if err := errors.Join(s.Backup(t.Context(), backup), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Restore(t.Context(), backup, restored); err != nil {
		t.Fatal(err)
	}
	for table := range strings.FieldsSeq(query(t, file, "SELECT name FROM sqlite_schema WHERE type = 'table'")) {
		want := rowsOf(t, file, table, columnsOf(t, file, table))
		if want == "" {
			t.Errorf("table %s is empty: the test has lost its object", table)
		}
		if diff := cmp.Diff(want, rowsOf(t, restored, table, columnsOf(t, restored, table))); diff != "" {
			t.Errorf("table %s (-ledger +restored):\n%s", table, diff)
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	s, _ := newStore(t)
	mustDeliver(t, s, figures("2025", 5000, 0))
	folder := t.TempDir()
	good := filepath.Join(folder, "good.db")
	if err := s.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) string {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	changed := bytes.Clone(content)
	changed[len(changed)/2] ^= 1
	inUse := write("in-use.db", content)
	write("in-use.db-wal", []byte("log"))
	target := filepath.Join(folder, "new", "ledger.db")
	for name, c := range map[string]struct {
		backup, target string
		words          []string
	}{
		"a ledger is there":     {good, write("there/ledger.db", []byte("x")), []string{"exists", "move that one away"}},
		"a log is left":         {good, write("log/ledger.db-wal", nil)[:len(folder)+len("/log/ledger.db")], []string{"left of an earlier ledger"}},
		"no such backup":        {filepath.Join(folder, "none.db"), target, []string{"none.db"}},
		"an empty file":         {write("empty.db", nil), target, []string{"empty.db", "no backup"}},
		"a text":                {write("text.db", bytes.Repeat([]byte("text "), 1000)), target, []string{"text.db", "no backup"}},
		"the first half":        {write("half.db", content[:len(content)/2]), target, []string{"backup"}},
		"a byte changed":        {write("changed.db", changed), target, []string{"backup"}},
		"a ledger with its log": {inUse, target, []string{"in-use.db-wal", "govkpi ledger backup"}},
	} {
		t.Run(name, func(t *testing.T) {
			mustFail(t, sqlite.Restore(t.Context(), c.backup, c.target), append(c.words, c.backup, c.target)...)
			if c.target == target {
				if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
					t.Error("a refused backup became a ledger")
				}
			}
		})
	}
	assertOnly(t, filepath.Dir(target), "ledger.db.lock")
	t.Run("a server is running", func(t *testing.T) {
		running := filepath.Join(t.TempDir(), "ledger.db")
		r := open(t, running, fixedNow)
		defer r.Close()
		if err := os.Remove(running); err != nil { // even where somebody removed its file
			t.Fatal(err)
		}
		for _, suffix := range []string{"-wal", "-shm"} {
			if err := os.Remove(running + suffix); err != nil {
				t.Fatal(err)
			}
		}
		mustFail(t, sqlite.Restore(t.Context(), good, running), "already in use")
	})
}
