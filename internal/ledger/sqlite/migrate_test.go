package sqlite_test

import (
	"database/sql"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/govkpi/govkpi/internal/ledger/sqlite"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// steps are migrations of a made-up ledger.
func steps(texts ...string) fs.FS {
	files := fstest.MapFS{}
	for i, text := range texts {
		files["000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// query returns the rows of a query on a file, one a line.
func query(t *testing.T, file, text string) string {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func schemaOf(t *testing.T, file string) string {
	t.Helper()
	return query(t, file, "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name") + "\n"
}

// The tables that the migrations make are those that were reviewed: a released
// migration never changes, a new one shows here.
func TestSchema(t *testing.T) {
	s, file := newStore(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := schemaOf(t, file)
	golden := filepath.Join("testdata", "schema.sql")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the tables (-want +got; rewrite with -update):\n%s", diff)
	}
}

// columnsOf lists the columns of a table.
func columnsOf(t *testing.T, file, table string) []string {
	t.Helper()
	return strings.Fields(query(t, file, "SELECT name FROM pragma_table_info('"+table+"')"))
}

// rowsOf writes out columns of all rows of a table, one a line.
func rowsOf(t *testing.T, file, table string, columns []string) string {
	t.Helper()
	var quoted []string
	for _, column := range columns {
		quoted = append(quoted, "quote("+column+")")
	}
	return query(t, file, "SELECT "+strings.Join(quoted, " || ' ' || ")+" AS line FROM "+table+" ORDER BY line")
}

// Every fixture in testdata is a ledger as its version wrote it: this program
// opens it, and all that was in it is there, to the row.
func TestOpenEveryVersion(t *testing.T) {
	fixtures, err := filepath.Glob(filepath.Join("testdata", "ledger-*.sql"))
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, fixture := range fixtures {
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			text, err := os.ReadFile(fixture)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "ledger.db")
			if err := shell(t, file, string(text)); err != nil {
				t.Fatal(err)
			}
			columns, want := map[string][]string{}, map[string]string{}
			for table := range strings.FieldsSeq(query(t, file, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")) {
				columns[table] = columnsOf(t, file, table)
				want[table] = rowsOf(t, file, table, columns[table])
			}
			s := open(t, file, fixedNow)
			if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
				t.Errorf("Check: %q, %v", found, err)
			}
			assertFixture(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for table, rows := range want {
				if got := rowsOf(t, file, table, columns[table]); !strings.HasPrefix(got, rows) || got != rows && table != "migration" {
					t.Errorf("table %s held\n%s\nand now holds\n%s", table, rows, got)
				}
			}
			assertUpToDate(t, file)
		})
	}
}

// assertFixture fails the test unless the store has the figures that every
// fixture begins with.
func assertFixture(t *testing.T, s *sqlite.Store) {
	t.Helper()
	var got []string
	for _, f := range history(t, s) {
		if f.Run > 2 {
			continue
		}
		got = append(got, strings.Join([]string{f.Indicator, f.Region, string(f.Dimensions), f.Period.String(), f.Place.String()}, " "))
	}
	want := []string{
		"grids 360602  2025-12 row 1, column amount",
		"grids 360603 sex=female 2025-12 12月, row 2, column amount",
		"grids 360603 sex=female 2025-12 12月, row 2, column amount",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

// assertUpToDate uses a migrated ledger for what its own version couldn't, and
// compares its tables, indexes, triggers and view with those of a new one.
func assertUpToDate(t *testing.T, file string) {
	t.Helper()
	s := open(t, file, fixedNow)
	deliverRegister(t, s, "丙")
	mustDeliver(t, s, figures("2026", 3, 0))
	deliverJudged(t, s, "2026")
	if found, err := s.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("Check after further deliveries: %q, %v", found, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"run", "fact", "delivery", "held", "decision"} {
		mustFail(t, shell(t, file, "DELETE FROM "+table), "never deleted")
	}
	mustFail(t, shell(t, file, "UPDATE run SET attempt = 7"), "never changed")
	mustFail(t, shell(t, file, "INSERT INTO run (collector, started, ended, outcome, attempt) VALUES ('x', 1, 2, 'well', 1)"), "CHECK")
	mustFail(t, shell(t, file, "PRAGMA foreign_keys = ON; INSERT INTO delivery VALUES (99, 99, '', 0, 0, 0, 0, 0, '', '', 0, 0, 0, 0)"), "FOREIGN KEY")
	want, err := os.ReadFile(filepath.Join("testdata", "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), schemaOf(t, file)); diff != "" {
		t.Errorf("the tables (-new +migrated):\n%s", diff)
	}
}

func TestMigrateStepByStep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.db")
	texts := []string{
		"CREATE TABLE a (x); INSERT INTO a VALUES (1)",
		"CREATE TABLE b (x); INSERT INTO b SELECT x + 1 FROM a; CREATE TRIGGER c BEFORE DELETE ON b BEGIN SELECT RAISE(ABORT, 'no; never'); END",
		"ALTER TABLE b ADD COLUMN y",
	}
	for n := range texts {
		for range 2 { // the second time there is nothing to do
			s, err := sqlite.OpenWith(t.Context(), options(file), steps(texts[:n+1]...))
			if err != nil {
				t.Fatalf("open with %d migrations: %v", n+1, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := query(t, file, "SELECT number || ' ' || name || ' ' || applied FROM migration")
	if want := "1 0001_step 1768458600000\n2 0002_step 1768458600000\n3 0003_step 1768458600000"; got != want {
		t.Errorf("the ledger recorded\n%s\nwant\n%s", got, want)
	}
	if got := query(t, file, "SELECT x FROM b"); got != "2" {
		t.Errorf("the second migration left %q; want 2", got)
	}
}

func TestMigrationFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ledger.db")
	_, err := sqlite.OpenWith(t.Context(), options(file), steps("CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO missing VALUES (1)"))
	mustFail(t, err, file, "apply migration 0002_step", "missing")
	if got := query(t, file, "SELECT name FROM sqlite_schema ORDER BY name"); got != "a\nmigration" {
		t.Errorf("the ledger has the tables %q; want those of the first migration, nothing of the second", got)
	}
	if got := query(t, file, "SELECT user_version FROM pragma_user_version"); got != "1" {
		t.Errorf("the ledger is of version %s; want 1", got)
	}
	// A mended program goes on from there.
	s, err := sqlite.OpenWith(t.Context(), options(file), steps("CREATE TABLE a (x)", "CREATE TABLE b (x)"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Some of the program's own steps take tables apart by their text: where one
// fails late, nothing of that stays.
func TestMigrationFailsLate(t *testing.T) {
	for fixture, c := range map[string]struct{ step, table string }{
		"ledger-0001.sql": {"0002", "region"},
		"ledger-0002.sql": {"0003", "decision"},
	} {
		t.Run(fixture, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "ledger.db")
			text, err := os.ReadFile(filepath.Join("testdata", fixture))
			if err != nil {
				t.Fatal(err)
			}
			if err := shell(t, file, string(text)+"CREATE TABLE "+c.table+" (stands TEXT)"); err != nil {
				t.Fatal(err)
			}
			before := schemaOf(t, file)
			_, err = sqlite.Open(t.Context(), options(file))
			mustFail(t, err, file, "apply migration "+c.step, c.table)
			if diff := cmp.Diff(before, schemaOf(t, file)); diff != "" {
				t.Errorf("the tables (-before +after):\n%s", diff)
			}
			if err := shell(t, file, "DROP TABLE "+c.table); err != nil {
				t.Fatal(err)
			}
			s := open(t, file, fixedNow)
			assertFixture(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			assertUpToDate(t, file)
		})
	}
}

func TestNewerLedger(t *testing.T) {
	s, file := newStore(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := shell(t, file, "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.Open(t.Context(), options(file))
	mustFail(t, err, file, "newer govkpi", "version 99", "knows 3", "run that version")
	_, err = sqlite.OpenReadOnly(t.Context(), options(file))
	mustFail(t, err, file, "newer govkpi")
}

func TestMigrationNumbers(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"a gap":      {"0001_a.sql": {}, "0003_b.sql": {}},
		"twice":      {"0001_a.sql": {}, "0001_b.sql": {}},
		"not from 1": {"0002_a.sql": {}},
		"no number":  {"first.sql": {}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sqlite.OpenWith(t.Context(), options(filepath.Join(t.TempDir(), "ledger.db")), files)
			mustFail(t, errors.Join(err, closed(s)), "migration", "expected number")
		})
	}
}
