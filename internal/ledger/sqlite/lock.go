package sqlite

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ErrLocked is wrapped by the error of Open where another process writes the
// ledger.
var ErrLocked = errors.New("already in use")

// lock is an exclusive advisory lock on FILE.lock. The kernel drops it when the
// process ends, however it ends. The lock file stays: removing it would let two
// processes hold locks on two files of one name.
type lock struct{ file *os.File }

// acquireLock fails at once where another process, or another Store in this
// one, writes the ledger.
func acquireLock(ledgerFile string) (*lock, error) {
	name := ledgerFile + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock ledger %s: %w: the folder must be writable for this user", ledgerFile, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := readHolder(f)
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock ledger %s: %w: process %s writes it: stop that one first, or give this one a data folder of its own", ledgerFile, ErrLocked, holder)
		}
		return nil, fmt.Errorf("lock ledger %s: %w: the data folder must be on a disk that supports file locks", ledgerFile, err)
	}
	// The process id only makes the message above better.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &lock{file: f}, nil
}

func readHolder(f *os.File) string {
	buffer := make([]byte, 32)
	n, _ := f.ReadAt(buffer, 0)
	if pid := strings.TrimSpace(string(buffer[:n])); pid != "" {
		return pid
	}
	return "(unknown)"
}

func (l *lock) release() error { return l.file.Close() }
