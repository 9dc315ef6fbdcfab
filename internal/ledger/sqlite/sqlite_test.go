package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/govkpi/govkpi/internal/fact"
	"github.com/govkpi/govkpi/internal/ledger"
	"github.com/govkpi/govkpi/internal/ledger/ledgertest"
	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

func TestStore(t *testing.T) {
	folders := map[string]string{}
	ledgertest.Run(t, func(t *testing.T, now func() time.Time) ledger.Store {
		t.Helper()
		folder, known := folders[t.Name()]
		if !known {
			folder = t.TempDir()
			folders[t.Name()] = folder
		}
		return open(t, filepath.Join(folder, "ledger.db"), now)
	})
}

func fixedNow() time.Time { return time.Date(2026, 1, 15, 6, 30, 0, 0, time.UTC) }

func options(file string) sqlite.Options {
	return sqlite.Options{File: file, Now: fixedNow, Log: slog.New(slog.DiscardHandler)}
}

func open(t testing.TB, file string, now func() time.Time) *sqlite.Store {
	t.Helper()
	o := options(file)
	o.Now = now
	s, err := sqlite.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newStore returns a store on a file of its own.
func newStore(t testing.TB) (*sqlite.Store, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ledger.db")
	s := open(t, file, fixedNow)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s, file
}

// figures are n facts of consecutive regions.
func figures(period string, n int, value float64) []fact.Fact {
	p, err := fact.ParsePeriod(period)
	if err != nil {
		panic(err)
	}
	facts := make([]fact.Fact, n)
	for i := range facts {
		facts[i] = fact.Fact{Indicator: "grids", Region: strconv.Itoa(360100000 + i), Period: p, Value: value + float64(i),
			Place: fact.Place{Field: "amount", Row: int32(i + 1)}}
	}
	return facts
}

// deliver commits facts in a run of their own.
func deliver(ctx context.Context, s ledger.Store, facts []fact.Fact) (run int64, err error) {
	if run, err = s.Begin(ctx, fact.Run{Collector: "grids", Start: fixedNow(), Attempt: 1}); err != nil {
		return 0, err
	}
	if _, err = s.Commit(ctx, fact.Delivery{Run: run, Facts: facts}); err != nil {
		return 0, err
	}
	return run, s.End(ctx, fact.Run{ID: run, End: fixedNow(), Outcome: fact.Succeeded})
}

func mustDeliver(t testing.TB, s ledger.Store, facts []fact.Fact) {
	t.Helper()
	if _, err := deliver(t.Context(), s, facts); err != nil {
		t.Fatal(err)
	}
}

func history(t testing.TB, s ledger.Store) []fact.Fact {
	t.Helper()
	var facts []fact.Fact
	err := s.Facts(t.Context(), ledger.FactQuery{AllRevisions: true}, func(f fact.Fact) error {
		facts = append(facts, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// closed closes a store that should not have opened.
func closed(s *sqlite.Store) error {
	if s == nil {
		return nil
	}
	return s.Close()
}

// shell runs SQL on a ledger that is not open, as a person with the sqlite3
// shell may.
func shell(t testing.TB, file, statements string) error {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statements)
	return err
}

// mustFail fails the test unless err says all of the words.
func mustFail(t testing.TB, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q doesn't say %q", err, word)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	foreign := filepath.Join(folder, "foreign.db")
	if err := shell(t, foreign, "CREATE TABLE t (x); INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	noFile, noClock, noLog := options(""), options(filepath.Join(folder, "a")), options(filepath.Join(folder, "b"))
	noClock.Now, noLog.Log = nil, nil
	for name, c := range map[string]struct {
		options sqlite.Options
		words   []string
	}{
		"no file":              {noFile, []string{"Options.File"}},
		"no clock":             {noClock, []string{"Options.Now"}},
		"no logger":            {noLog, []string{"Options.Log"}},
		"not a database":       {options(write("text.db", strings.Repeat("text ", 1000))), []string{"text.db", "not a database", "restore the last backup"}},
		"another's database":   {options(foreign), []string{"foreign.db", "another program"}},
		"a folder":             {options(folder), []string{folder, "can't be opened"}},
		"a file for a folder":  {options(filepath.Join(write("plain", "x"), "ledger.db")), []string{"plain", "folder"}},
		"a name beyond limits": {options(filepath.Join(folder, strings.Repeat("x", 300))), []string{"too long"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sqlite.Open(t.Context(), c.options)
			mustFail(t, errors.Join(err, closed(s)), c.words...)
		})
	}
	// What isn't ours was not touched.
	if err := shell(t, foreign, "PRAGMA journal_mode = DELETE; SELECT x FROM t"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(foreign + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening another's database left a log beside it: %v", err)
	}
}

func TestOpenTakesAnyName(t *testing.T) {
	for _, name := range []string{"with space", "江西", "50%25", "a?mode=memory", "a#b", "semi;colon", "quote'd"} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), name)
			file := filepath.Join(folder, name+".db")
			s := open(t, file, fixedNow)
			mustDeliver(t, s, figures("2025", 3, 0))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			}
			entries, err := os.ReadDir(folder)
			if err != nil || len(entries) != 2 { // the ledger and its lock
				t.Errorf("the folder holds %v, %v", entries, err)
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	s, file := newStore(t)
	mustDeliver(t, s, figures("2025", 3, 0))
	r, err := sqlite.OpenReadOnly(t.Context(), sqlite.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	mustDeliver(t, s, figures("2025", 4, 0)) // what is written later is read as well
	if n := len(history(t, r)); n != 4 {
		t.Errorf("a reader beside the writer sees %d facts; want 4", n)
	}
	statistics, err := r.Statistics(t.Context())
	if err != nil || statistics.Facts != 4 {
		t.Errorf("Statistics: %+v, %v; want 4 facts", statistics, err)
	}
	if found, err := r.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("Check: %q, %v", found, err)
	}
	_, err = deliver(t.Context(), r, figures("2025", 1, 7))
	mustFail(t, err, file, "reading only")
}

func TestReadOnlyRefuses(t *testing.T) {
	folder := t.TempDir()
	_, err := sqlite.OpenReadOnly(t.Context(), sqlite.Options{})
	mustFail(t, err, "Options.File")
	missing := filepath.Join(folder, "missing.db")
	_, err = sqlite.OpenReadOnly(t.Context(), sqlite.Options{File: missing})
	mustFail(t, err, missing, "start the server once")
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Error("asking for a ledger made one")
	}
	empty := filepath.Join(folder, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.OpenReadOnly(t.Context(), sqlite.Options{File: empty})
	mustFail(t, err, empty, "version 0", "start the server once")
}

func TestClosedStore(t *testing.T) {
	s, file := newStore(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	_, err := deliver(t.Context(), s, nil)
	mustFail(t, err, file, "closed")
	_, err = s.Runs(t.Context(), ledger.RunQuery{})
	mustFail(t, err, file, "closed")
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(file + suffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a closed ledger still has %s beside it", suffix)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	s, file := newStore(t)
	mustDeliver(t, s, figures("2025", 10, 0))
	t.Run("the disk is full", func(t *testing.T) {
		// SQLite reports a database at its page limit as it does a full disk.
		sqlite.LimitPages(t, s, 64)
		_, err := deliver(t.Context(), s, figures("2026", 100_000, 0))
		mustFail(t, err, file, "disk is full", "free some space")
		sqlite.LimitPages(t, s, 1<<30)
		if n := len(history(t, s)); n != 10 {
			t.Errorf("%d facts after the disk was full; want the 10 of before", n)
		}
		mustDeliver(t, s, figures("2026", 10, 0))
	})
	t.Run("another program holds a lock", func(t *testing.T) {
		db, err := sql.Open("sqlite", file+"?_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		sqlite.ShortenBusyTimeout(t, s)
		_, err = deliver(t.Context(), s, figures("2025", 1, 5))
		mustFail(t, err, file, "another program holds a lock")
	})
}

// The last of a delivery's statements fails: nothing of the others may stay.
func TestCommitFailsLate(t *testing.T) {
	s, file := newStore(t)
	if err := shell(t, file, "CREATE TRIGGER late BEFORE INSERT ON rejection BEGIN SELECT RAISE(ABORT, 'too late'); END"); err != nil {
		t.Fatal(err)
	}
	run, err := s.Begin(t.Context(), fact.Run{Collector: "grids", Start: fixedNow()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Commit(t.Context(), fact.Delivery{Run: run, Facts: figures("2025", 1000, 0), Regions: register(300, "甲"), Rejections: []fact.Rejection{{Stage: "x"}},
		Held: []fact.HeldFact{{Key: figures("2024", 1, 0)[0].Key()}}})
	mustFail(t, err, file, "too late")
	for _, table := range []string{"fact", "region", "held", "delivery", "indicator", "period"} {
		if n := query(t, file, "SELECT count(*) FROM "+table); n != "0" {
			t.Errorf("table %s has %s rows after a commit that failed; want none", table, n)
		}
	}
	mustDeliver(t, s, figures("2025", 1000, 0))
}

func TestAppendOnlyInShell(t *testing.T) {
	s, file := newStore(t)
	run, err := s.Begin(t.Context(), fact.Run{Collector: "grids", Start: fixedNow()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), fact.Delivery{Run: run, Facts: figures("2025", 3, 0), Rejections: []fact.Rejection{{Stage: "x"}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), fact.Run{ID: run, End: fixedNow(), Outcome: fact.Succeeded}); err != nil {
		t.Fatal(err)
	}
	deliverRegister(t, s, "甲")
	deliverJudged(t, s, "2025-12")
	if _, err := s.Accept(t.Context(), ledger.Configuration{Digest: "d", Accepted: fixedNow(),
		Files: []ledger.ConfigurationFile{{Name: "f", Content: []byte("c")}}}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"fact", "delivery", "run", "indicator", "period", "dimensions", "place", "configuration", "configuration_file", "content",
		"region", "target", "target_run", "held", "decision"} {
		t.Run(table, func(t *testing.T) {
			mustFail(t, shell(t, file, "DELETE FROM "+table), "never deleted")
			var column string
			db, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.QueryRowContext(t.Context(), "SELECT name FROM pragma_table_info(?) LIMIT 1", table).Scan(&column); err != nil {
				t.Fatal(err)
			}
			mustFail(t, shell(t, file, "UPDATE "+table+" SET "+column+" = "+column), "never changed")
		})
	}
	mustFail(t, shell(t, file, "UPDATE rejection SET stage = 'y'"), "never changed")
	for _, set := range []string{
		"value = 1, closing = 'rejected', closed_by = 2", "rowid = 99, closing = 'rejected', closed_by = 2", "region = 36, closing = 'rejected', closed_by = 2",
		"reason_en = '', closing = 'rejected', closed_by = 2", "closing = NULL, closed_by = NULL",
	} {
		mustFail(t, shell(t, file, "UPDATE held SET "+set+" WHERE closing IS NULL"), "never changed")
	}
	mustFail(t, shell(t, file, "UPDATE held SET closing = NULL, closed_by = NULL WHERE closing IS NOT NULL"), "never changed")
	mustFail(t, shell(t, file, "UPDATE held SET closing = 'rejected' WHERE closing IS NULL"), "CHECK")
	mustFail(t, shell(t, file, `INSERT INTO held SELECT 99, delivery, indicator, period, region, dimensions, value, place, row, stage, '', '', NULL, NULL
		FROM held WHERE closing IS NULL`), "UNIQUE")
	mustFail(t, shell(t, file, `INSERT INTO decision SELECT 99, delivery, action, indicator, period, region, dimensions, revision, held, overruled
		FROM decision WHERE action = 'confirm'`), "UNIQUE")
	mustFail(t, shell(t, file, "INSERT INTO target_run SELECT 1, position, target, started, ended, outcome, attempts, rows, accepted, changed, rejected, error FROM target_run"),
		"a run that has ended is never changed")
}
