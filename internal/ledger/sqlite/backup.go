package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Backup writes a copy of the ledger at one moment to a new file, while the
// ledger is in use: see ledger.Store. The file appears under its name only when
// it is complete and on disk.
func (s *Store) Backup(ctx context.Context, file string) error {
	temporary, err := reserve(file)
	if err != nil {
		return fmt.Errorf("back up ledger %s: %w", s.file, err)
	}
	defer func() { _ = os.Remove(temporary) }() // where it still has that name
	// VACUUM takes no transaction of ours: it makes its own, and reads the
	// ledger as it is at its start.
	if _, err := s.readers.ExecContext(ctx, "VACUUM INTO ?", temporary); err != nil {
		return s.explain("back up to "+file, whyEnded(ctx, err))
	}
	if err := publish(temporary, file); err != nil {
		return fmt.Errorf("back up ledger %s: %w", s.file, err)
	}
	return nil
}

// Restore makes a ledger of a backup. It works on a copy, which it opens,
// brings up to date and checks as a whole before that becomes the ledger. It
// refuses where there is a ledger already, and where a check finds anything.
func Restore(ctx context.Context, backupFile, ledgerFile string) error {
	if err := restore(ctx, backupFile, ledgerFile); err != nil {
		return fmt.Errorf("restore ledger %s from %s: %w", ledgerFile, backupFile, err)
	}
	return nil
}

func restore(ctx context.Context, backupFile, ledgerFile string) (err error) {
	if ledgerFile, err = filepath.Abs(ledgerFile); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-journal"} {
		if _, err := os.Lstat(backupFile + suffix); err == nil {
			return fmt.Errorf("there is %s beside it, so it is a ledger in use rather than a backup: make one with govkpi ledger backup", filepath.Base(backupFile+suffix))
		}
		// SQLite would take such a leftover for the log of the new ledger.
		if _, err := os.Lstat(ledgerFile + suffix); err == nil {
			return fmt.Errorf("%s is left of an earlier ledger: move it away together with that", ledgerFile+suffix)
		}
	}
	if err := looksLikeLedger(backupFile); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(ledgerFile), 0o750); err != nil {
		return err
	}
	lock, err := acquireLock(ledgerFile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	temporary, err := reserve(ledgerFile)
	if err != nil {
		return err
	}
	defer func() {
		for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
			_ = os.Remove(temporary + suffix)
		}
	}()
	if err := copyFile(backupFile, temporary); err != nil {
		return err
	}
	if err := verify(ctx, temporary); err != nil {
		return err
	}
	return publish(temporary, ledgerFile)
}

// looksLikeLedger reads the header, so that an empty file is not taken for an
// empty ledger.
func looksLikeLedger(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	header := make([]byte, 100)
	_, err = io.ReadFull(f, header)
	if err != nil || binary.BigEndian.Uint32(header[68:]) != applicationID {
		err = fmt.Errorf("%s is no backup of a ledger", file)
	}
	return errors.Join(err, f.Close())
}

// verify opens a ledger as a server would, checks it, and closes it again.
func verify(ctx context.Context, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	// The copy has just been written, so its own time dates a migration.
	now := func() time.Time { return info.ModTime() }
	s, err := Open(ctx, Options{File: file, Now: now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("the backup can't be used: %w", err)
	}
	found, err := s.Check(ctx)
	if err := errors.Join(err, s.Close()); err != nil {
		return fmt.Errorf("the backup can't be used: %w", err)
	}
	if len(found) > 0 {
		return fmt.Errorf("the backup is damaged, so nothing was restored: %s", strings.Join(found, "; "))
	}
	return nil
}

// reserve returns the name of a new, empty file in the folder of file, which
// must not exist.
func reserve(file string) (string, error) {
	if _, err := os.Lstat(file); err == nil {
		return "", fmt.Errorf("%s exists: name another file, or move that one away", file)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return "", err
	}
	// As readable as the ledger is: a temporary file is for its owner only.
	return f.Name(), errors.Join(f.Chmod(0o640), f.Close())
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, in.Close(), out.Close())
}

// publish gives a complete file its name: first its content must be on disk,
// then its name. A file of that name made meanwhile stays as it is.
func publish(temporary, file string) error {
	if err := syncFile(temporary); err != nil {
		return err
	}
	if err := os.Link(temporary, file); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s exists: name another file, or move that one away", file)
		}
		// A file system without links, such as a memory stick's.
		if err := os.Rename(temporary, file); err != nil {
			return err
		}
	}
	return syncFile(filepath.Dir(file))
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
