package telemetry

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
	"syscall"

	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
)

// ErrLocked is wrapped by the error of Open where another process has the folder.
var ErrLocked = errors.New("already in use")

// explain says which folder can't be used and what to do.
func explain(folder string, err error) error {
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("open telemetry %s: %w by another process: stop that one, or give each a ledger of its own", folder, ErrLocked)
	}
	return fmt.Errorf("open telemetry %s: %w: %s", folder, err, hint(err))
}

func hint(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk is full: free some space, or keep telemetry for a shorter time"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "the folder can't be written: check its owner and mode, and that the disk isn't mounted read-only"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return "there is a file in its place: move that away"
	case errors.Is(err, syscall.EIO):
		return "the disk failed to read or write: look into the system's log"
	}
	return "move the folder away to begin anew; it holds what the program said of itself, and no figure"
}

// damagedPrefix begins the name of a block that was set aside. The TSDB takes
// such a folder for none of its own.
const damagedPrefix = "damaged-"

// setAsideDamage renames the blocks that can't be opened: the TSDB would not open
// for one of them, or complain every minute. It holds the TSDB's lock meanwhile.
func setAsideDamage(ctx context.Context, folder string, log *slog.Logger) error {
	lock, err := tsdbutil.NewDirLocker(folder, "telemetry", log, nil)
	if err != nil {
		return fmt.Errorf("find the lock: %w", err)
	}
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	aside := errors.Join(setAsideBlocks(ctx, folder, log), setAsideChunks(ctx, folder, log))
	if err := lock.Release(); err != nil {
		return errors.Join(aside, fmt.Errorf("unlock: %w", err))
	}
	return aside
}

func setAsideBlocks(ctx context.Context, folder string, log *slog.Logger) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("look for damage: %w", err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || !isBlock(entry.Name()) {
			continue
		}
		damage := tryBlock(filepath.Join(folder, entry.Name()), log)
		if damage == nil {
			continue
		}
		to := filepath.Join(folder, damagedPrefix+entry.Name())
		if err := os.Rename(filepath.Join(folder, entry.Name()), to); err != nil {
			return fmt.Errorf("set aside a damaged block: %w", errors.Join(err, damage))
		}
		log.ErrorContext(ctx, "a block of telemetry is damaged and was set aside: its days are missing from answers; put a copy of it back under its old name, or delete it",
			"block", entry.Name(), "folder", to, "err", damage)
	}
	return nil
}

// setAsideChunks renames the folder of the chunks that are not in blocks yet where
// a file of them isn't one. The write-ahead log has the same samples.
func setAsideChunks(ctx context.Context, folder string, log *slog.Logger) error {
	const name = "chunks_head"
	files, err := os.ReadDir(filepath.Join(folder, name))
	if err != nil {
		return nil //nolint:nilerr // there are none; what else it is, the TSDB will say
	}
	to := filepath.Join(folder, damagedPrefix+name)
	for i, file := range files {
		header, err := headerOf(filepath.Join(folder, name, file.Name()))
		// The TSDB deletes the last file by itself where nothing was written to it.
		if err != nil || header == chunks.MagicHeadChunks || header == 0 && i == len(files)-1 {
			continue
		}
		if err := os.RemoveAll(to); err != nil {
			return fmt.Errorf("delete damaged chunks that were set aside before: %w", err)
		}
		if err := os.Rename(filepath.Join(folder, name), to); err != nil {
			return fmt.Errorf("set aside damaged chunks: %w", err)
		}
		log.ErrorContext(ctx, "newest chunks of telemetry are damaged and were set aside; they are made anew from the write-ahead log, so that the folder may be deleted", "file", file.Name(), "folder", to)
		return nil
	}
	return nil
}

// headerOf returns the number that a file begins with, 0 where it is too short.
func headerOf(name string) (uint32, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, fmt.Errorf("look at chunks: %w", err)
	}
	defer func() { _ = file.Close() }()
	var header [4]byte
	if n, err := io.ReadFull(file, header[:]); n < len(header) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, fmt.Errorf("look at chunks: %w", err)
	}
	return binary.BigEndian.Uint32(header[:]), nil
}

// isBlock reports whether a folder has the name of a block: a ULID.
func isBlock(name string) bool {
	return len(name) == 26 && strings.Trim(name, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

func tryBlock(folder string, log *slog.Logger) error {
	block, err := tsdb.OpenBlock(log, folder, nil, nil)
	if err != nil {
		return fmt.Errorf("open block: %w", err)
	}
	if err := block.Close(); err != nil {
		return fmt.Errorf("close block: %w", err)
	}
	return nil
}

// sandboxPrefix begins the name of the folder in which a process that only reads
// replays the write-ahead log. The TSDB's package gives it.
const sandboxPrefix = "tmp_dbro_sandbox"

// removeSandboxes deletes what killed readers have left. One that is at work
// holds its files open already, or asks again.
func removeSandboxes(ctx context.Context, folder string, log *slog.Logger) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return // the TSDB will say so
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), sandboxPrefix) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
			log.WarnContext(ctx, "cannot delete what a reader of telemetry has left", "folder", entry.Name(), "err", err)
		}
	}
}

// sizeOf adds up the files below a folder. What goes meanwhile is not counted.
func sizeOf(folder string) (bytes int64, damaged int) {
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // it has just been deleted, or can't be read: the rest still counts
		}
		if entry.IsDir() {
			if name, aside := strings.CutPrefix(entry.Name(), damagedPrefix); aside && isBlock(name) {
				damaged++
			}
			return nil
		}
		if info, err := entry.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes, damaged
}
