package sqlite

import (
	"context"
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// explain names the ledger's file, what failed, and for what SQLite reports
// about the machine rather than the statement, what to do.
func (s *Store) explain(what string, err error) error {
	if hint := hint(err); hint != "" {
		return fmt.Errorf("ledger %s: %s: %w: %s", s.file, what, err, hint)
	}
	return fmt.Errorf("ledger %s: %s: %w", s.file, what, err)
}

func hint(err error) string {
	if isDamage(err) {
		return "keep the file, run govkpi ledger check, and restore the last backup with govkpi ledger restore"
	}
	switch primaryCode(err) {
	case codes.SQLITE_FULL:
		return "the disk is full: free some space; nothing was recorded, so a further run delivers it again"
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return "another program holds a lock on the file: end the sqlite3 shell or the copy that has a transaction open"
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_AUTH:
		return "the file or its folder can't be written: check their owner and mode, and that the disk isn't mounted read-only"
	case codes.SQLITE_CANTOPEN:
		return "the file can't be opened: check that it and its folder exist and that this user may read and write both"
	case codes.SQLITE_IOERR:
		return "the disk failed to read or write: look into the system's log for the disk, then run govkpi ledger check"
	}
	return ""
}

// primaryCode returns SQLite's primary result code, or 0 where err isn't from
// SQLite.
func primaryCode(err error) int {
	var e *driver.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// errDamaged marks content that no govkpi has written.
var errDamaged = errors.New("the ledger is damaged")

// isDamage reports whether the file itself was found to be broken.
func isDamage(err error) bool {
	code := primaryCode(err)
	return code == codes.SQLITE_CORRUPT || code == codes.SQLITE_NOTADB || errors.Is(err, errDamaged)
}

// whyEnded gives the context's error where it was what ended a statement: SQLite
// itself only says "interrupted".
func whyEnded(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w (%w)", cause, err)
	}
	return err
}
