package spreadsheet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/govkpi/govkpi/internal/fact"
)

// read returns the content of a file that nobody is writing.
func read(ctx context.Context, file string, limit int64) ([]byte, error) {
	// Opening a pipe would wait for its writer.
	info, err := os.Stat(file)
	if err != nil {
		return nil, failed(file, err)
	}
	if !info.Mode().IsRegular() {
		return nil, notWorkbook(fact.Text{ZH: "文件夹或设备，而不是文件", EN: "a folder or a device"})
	}
	if lock, held := lockOf(file); held {
		return nil, locked(lock)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, failed(file, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	content, err := readStill(ctx, f, limit)
	if err != nil {
		return nil, failed(file, err)
	}
	return content, nil
}

// failed sorts an error of the file system: what a person at the other end can
// mend is a fault.
func failed(file string, err error) error {
	if _, ok := errors.AsType[*Fault](err); ok {
		return err
	}
	if errors.Is(err, fs.ErrPermission) || inUse(err) {
		return unreadable()
	}
	return fmt.Errorf("read %s: %w", file, err)
}

// inUse reports whether a file share or Windows refused the file because
// another program holds it.
func inUse(err error) bool {
	const sharingViolation, lockViolation = syscall.Errno(32), syscall.Errno(33)
	if errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.ETXTBSY) {
		return true
	}
	return runtime.GOOS == "windows" && (errors.Is(err, sharingViolation) || errors.Is(err, lockViolation))
}

// lockOf looks for the file that Excel, WPS or LibreOffice lay beside one that
// they have open.
func lockOf(file string) (name string, held bool) {
	folder, base := filepath.Split(file)
	for _, name := range []string{"~$" + base, ".~" + base, ".~lock." + base + "#"} {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return name, true
		}
	}
	return "", false
}

// statReader is what readStill needs of an *os.File.
type statReader interface {
	io.Reader
	Stat() (fs.FileInfo, error)
}

// readStill reads all of f, which must not change meanwhile.
func readStill(ctx context.Context, f statReader, limit int64) ([]byte, error) {
	before, err := f.Stat()
	if err != nil {
		return nil, err //nolint:wrapcheck // failed does it
	}
	if before.Size() > limit {
		return nil, largeFile(limit)
	}
	content := make([]byte, 0, before.Size()+1)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(content) == cap(content) {
			return nil, changed() // grown beyond what Stat said
		}
		end := min(len(content)+1<<20, cap(content))
		n, err := f.Read(content[len(content):end])
		content = content[:len(content)+n]
		if err == io.EOF { //nolint:errorlint // a Reader returns it bare
			break
		}
		if err != nil {
			return nil, err //nolint:wrapcheck // failed does it
		}
	}
	after, err := f.Stat()
	if err != nil {
		return nil, err //nolint:wrapcheck // failed does it
	}
	if after.Size() != int64(len(content)) || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return nil, changed()
	}
	return content, nil
}
