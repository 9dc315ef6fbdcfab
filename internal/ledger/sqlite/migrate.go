package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// applicationID marks a file as a ledger: "gkpi" in ASCII.
const applicationID = 0x676b7069

//go:embed migrations/*.sql
var migrationFiles embed.FS

func embeddedMigrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// migration is one step from a version of the tables to the next. A released
// one never changes.
type migration struct {
	number int
	name   string
	sql    string
}

// readMigrations returns the steps by number: 0001_name.sql, 0002_name.sql …
// without a gap.
func readMigrations(files fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(files, ".") // sorted by name
	if err != nil {
		return nil, err
	}
	var steps []migration
	for _, entry := range entries {
		name := strings.TrimSuffix(path.Base(entry.Name()), ".sql")
		digits, _, _ := strings.Cut(name, "_")
		number, err := strconv.Atoi(digits)
		if err != nil || number != len(steps)+1 {
			return nil, fmt.Errorf("migration %s: expected number %04d", entry.Name(), len(steps)+1)
		}
		text, err := fs.ReadFile(files, entry.Name())
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{number: number, name: name, sql: string(text)})
	}
	return steps, nil
}

// version returns the number of the last migration that was applied; 0 for a
// new file. It fails where the file is some other SQLite database.
func (s *Store) version(ctx context.Context, db *sql.DB) (int, error) {
	var id, version, objects int
	err := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`).Scan(&id, &version, &objects)
	switch {
	case err != nil:
		return 0, s.explain("open", whyEnded(ctx, err))
	case objects == 0 && id == 0:
		return 0, nil
	case id != applicationID:
		return 0, fmt.Errorf("open ledger %s: it is a database of another program, not a ledger: name another file", s.file)
	}
	return version, nil
}

// inspect refuses a file that this program can't read as it is.
func (s *Store) inspect(ctx context.Context, db *sql.DB, files fs.FS) error {
	steps, err := readMigrations(files)
	if err != nil {
		return err
	}
	version, err := s.version(ctx, db)
	if err != nil {
		return err
	}
	if version < len(steps) {
		return fmt.Errorf("open ledger %s: its tables are of version %d and this program reads version %d: start the server once, which brings them up to date", s.file, version, len(steps))
	}
	return s.refuseNewer(version, len(steps))
}

func (s *Store) refuseNewer(version, known int) error {
	if version > known {
		return fmt.Errorf("open ledger %s: a newer govkpi wrote it (tables of version %d, this program knows %d): run that version, or restore a backup from before the upgrade", s.file, version, known)
	}
	return nil
}

// migrate brings the tables up to date, each step in a transaction of its own.
func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	steps, err := readMigrations(files)
	if err != nil {
		return err
	}
	version, err := s.version(ctx, s.writer)
	if err != nil {
		return err
	}
	if err := s.refuseNewer(version, len(steps)); err != nil {
		return err
	}
	// Only now: it would change a file that isn't ours.
	var mode string
	if err := s.writer.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return s.explain("open", whyEnded(ctx, err))
	}
	if mode != "wal" {
		return fmt.Errorf("open ledger %s: its file system doesn't support a write-ahead log (journal mode stays %s): keep the data folder on a local disk", s.file, mode)
	}
	for _, step := range steps[version:] {
		what := "apply migration " + step.name
		if err := s.write(ctx, what, func(tx *sql.Tx) error { return s.apply(ctx, tx, step) }); err != nil {
			return err
		}
		s.log.InfoContext(ctx, "ledger migrated", "file", s.file, "migration", step.name)
	}
	return nil
}

func (s *Store) apply(ctx context.Context, tx *sql.Tx, step migration) error {
	if step.number == 1 {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d;
			CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT`, applicationID)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, step.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO migration (number, name, applied) VALUES (?, ?, ?)`,
		step.number, step.name, s.now().UnixMilli()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", step.number))
	return err
}
