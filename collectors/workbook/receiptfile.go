package workbook

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// receiptPlace is the folder that receipts go below; empty for none.
type receiptPlace struct {
	folder string
	beside bool
}

// receiptWriter leaves receipts. A folder that can't be written to keeps no
// figures out: it is told of once, at the end.
type receiptWriter struct {
	folder receiptPlace
	name   string // that tells apart the receipts of collectors that read the same files
	failed map[string]error
	order  []string
	count  map[string]int
}

// write leaves the receipt of a file, unless the one that is there says the same.
func (w *receiptWriter) write(name, text string) {
	if w.folder.folder == "" {
		return
	}
	suffix := receiptSuffix
	if w.name != "" {
		suffix = "." + w.name + suffix
	}
	file := filepath.Join(w.folder.folder, filepath.FromSlash(name)) + suffix
	if err := w.put(file, encode(text)); err != nil {
		w.fail(filepath.Dir(file), err)
	}
}

func (w *receiptWriter) put(file, text string) error {
	folder := filepath.Dir(file)
	if !w.folder.beside {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err //nolint:wrapcheck // errs does
		}
	}
	before, err := os.ReadFile(file)
	if err == nil && untimed(string(before)) == untimed(text) {
		return nil
	}
	return replace(folder, file, text)
}

// replace puts a whole file in the place of what is there: nobody must find half
// a receipt. A link in its place is replaced, not written through.
func replace(folder, file, text string) (err error) {
	f, err := os.CreateTemp(folder, ".receipt-*.tmp")
	if err != nil {
		return err //nolint:wrapcheck // errs does
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, writeErr := f.WriteString(text)
	// Others must be able to read what is meant for them.
	if err := errors.Join(writeErr, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file) //nolint:wrapcheck // errs does
}

func (w *receiptWriter) fail(folder string, err error) {
	if w.failed == nil {
		w.failed, w.count = map[string]error{}, map[string]int{}
	}
	if _, known := w.failed[folder]; !known {
		w.failed[folder] = err
		w.order = append(w.order, folder)
	}
	w.count[folder]++
}

// errs tells of each folder that receipts could not be written to.
func (w *receiptWriter) errs() []error {
	var all []error
	for _, folder := range w.order {
		err := w.failed[folder]
		advice := "check that its disk has room and is there"
		if errors.Is(err, fs.ErrPermission) {
			advice = "allow the user that govkpi runs as to write there, or set receipts to another folder or none"
		}
		all = append(all, fmt.Errorf("%d receipts could not be written into %s; the figures are in the ledger all the same: %w: %s", w.count[folder], folder, err, advice))
	}
	return all
}

// encode writes a text so that every Windows shows it as it is: with a mark that
// says it is UTF-8 and with its line ends.
func encode(text string) string { return "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n") }

// untimed leaves out when a receipt was written.
func untimed(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, timeZH) && !strings.HasPrefix(line, timeEN) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}
