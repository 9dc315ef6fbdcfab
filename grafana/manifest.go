package grafana

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// manifestName lists what the last generate wrote, as sha256sum does, so that
// the next one knows what is its own.
const manifestName = "MANIFEST"

// Written says what Generate did.
type Written struct {
	Changed, Deleted []string // slash paths in the folder, in order
	Unchanged        int
}

// Generate writes Files into a folder, deletes what an earlier Generate wrote
// there and this one does not, and touches nothing else. It refuses a file that
// somebody else wrote or changed, unless force says to write over it.
func Generate(folder string, d Desired, o FileOptions, force bool) (Written, error) {
	files, err := Files(d, o)
	if err != nil {
		return Written{}, err
	}
	before, err := readManifest(filepath.Join(folder, manifestName))
	if err != nil {
		return Written{}, err
	}
	done := Written{}
	w := &writer{folder: folder, before: before, force: force, done: &done}
	if err := w.look(files); err != nil {
		return done, err
	}
	return done, w.write(files)
}

// writer writes one folder.
type writer struct {
	folder  string
	before  map[string]string // what was written last time: hashes by slash path
	present map[string]string // what is there now
	force   bool
	done    *Written
}

// look refuses before anything is written.
func (w *writer) look(files map[string][]byte) error {
	w.present = map[string]string{}
	var refused []error
	for name := range w.ours(files) {
		content, err := os.ReadFile(w.at(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at what is there: %w", err)
		}
		is := sum(content)
		w.present[name] = is
		wanted, made := files[name]
		was, listed := w.before[name]
		switch {
		case made && is == sum(wanted), is == was, w.force:
		case listed:
			refused = append(refused, fmt.Errorf("%s was changed by hand", w.at(name)))
		default:
			refused = append(refused, fmt.Errorf("%s is there already, and we did not write it", w.at(name)))
		}
	}
	if len(refused) > 0 {
		slices.SortFunc(refused, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return fmt.Errorf("%w\nnothing was written: move these files away, or write over them with --force", errors.Join(refused...))
	}
	return nil
}

// ours are the names that concern us: of what is to be written, and of what was.
func (w *writer) ours(files map[string][]byte) map[string]bool {
	names := map[string]bool{}
	for name := range files {
		names[name] = true
	}
	for name := range w.before {
		names[name] = true
	}
	return names
}

func (w *writer) at(name string) string { return filepath.Join(w.folder, filepath.FromSlash(name)) }

// write puts the manifest first, with the new names beside the old ones: whatever
// a crash leaves is known as ours by the next run.
func (w *writer) write(files map[string][]byte) error {
	hashes := map[string]string{}
	for name, content := range files {
		hashes[name] = sum(content)
	}
	both := maps.Clone(hashes)
	maps.Copy(both, w.before)
	if err := w.writeManifest(both); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if w.present[name] == hashes[name] {
			w.done.Unchanged++
			continue
		}
		if err := w.put(name, files[name]); err != nil {
			return err
		}
		w.done.Changed = append(w.done.Changed, name)
	}
	for _, name := range slices.Sorted(maps.Keys(w.before)) {
		if _, wanted := files[name]; wanted || w.present[name] == "" {
			continue
		}
		if err := os.Remove(w.at(name)); err != nil {
			return fmt.Errorf("delete what is not generated any more: %w", err)
		}
		w.done.Deleted = append(w.done.Deleted, name)
	}
	return w.writeManifest(hashes)
}

func (w *writer) put(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(w.at(name)), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return replaceFile(w.at(name), content, 0o644)
}

func (w *writer) writeManifest(hashes map[string]string) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		fmt.Fprintf(&b, "%s  %s\n", hashes[name], name)
	}
	return w.put(manifestName, []byte(b.String()))
}

func readManifest(file string) (map[string]string, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was generated before: %w", err)
	}
	hashes := map[string]string{}
	for line := range strings.Lines(string(content)) {
		hash, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "  ")
		if !ok || len(hash) != sha256.Size*2 || !filepath.IsLocal(filepath.FromSlash(name)) || name == manifestName {
			return nil, fmt.Errorf("%s has the line %q, which generate never writes: move the folder away and generate anew", file, oneLine(line))
		}
		hashes[name] = hash
	}
	return hashes, nil
}

func sum(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}
