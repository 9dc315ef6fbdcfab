package workbook

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// entry is a file that the globs match.
type entry struct {
	name    string // slash-separated, within the folder
	changed time.Time
}

// settled reports whether a file has lain unchanged for long enough. One that is
// dated further ahead than that has a wrong clock to thank for it, and would
// wait for ever.
func (e entry) settled(now time.Time, settle time.Duration) bool {
	return now.Sub(e.changed).Abs() >= settle
}

// receiptSuffix ends the names of all receipts.
const receiptSuffix = ".receipt.txt"

// list returns the files that the globs match, those changed last at the
// end, so that what they say stands, and otherwise in the order of their paths. A
// folder below that can't be read is an error, but leaves the others. Symbolic
// links below the folder are not followed: a link must not make the program read
// what lies elsewhere.
func list(ctx context.Context, p place) ([]entry, error) {
	entries := []entry{}
	var failures []error
	err := fs.WalkDir(os.DirFS(p.folder), ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if name == "." {
				return explainFolder(p.folder, err)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				failures = append(failures, explainFolder(filepath.Join(p.folder, filepath.FromSlash(name)), err))
			}
			return nil
		}
		if d.IsDir() {
			if name != "." && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || ignored(d.Name()) || !p.matches(name) {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // it has gone since
		}
		entries = append(entries, entry{name: name, changed: info.ModTime()})
		return nil
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // made above
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(a.changed.Compare(b.changed), strings.Compare(a.name, b.name))
	})
	return entries, errors.Join(failures...)
}

// ignored reports whether a file is none that people send: a receipt, the lock
// of a program that has a workbook open, or hidden.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || strings.HasSuffix(folded(name), receiptSuffix)
}

func (p *place) matches(name string) bool {
	return slices.ContainsFunc(p.patterns, func(glob pattern) bool { return glob.match(name) })
}
