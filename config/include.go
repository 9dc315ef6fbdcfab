package config

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// readTree reads and decodes the root file and all that it includes.
func (l *loader) readTree() []*document {
	root := l.readDocument(l.root, position{file: &file{name: l.root}}, "")
	if root == nil {
		return nil
	}
	documents := []*document{root}
	section := root.Self.child("include")
	if section == nil || section.kind != list {
		return documents
	}
	for _, entry := range section.children {
		if l.problems.refused[entry] || entry.kind != text {
			continue
		}
		for _, name := range l.included(entry) {
			if _, again := l.read[name]; again {
				continue
			}
			d := l.readDocument(name, entry.at, entry.label())
			if d == nil {
				continue
			}
			if n := d.Self.child("include"); n != nil {
				l.problems.refuseKey(n, "only the root file includes others; name these in %s", l.root)
			}
			documents = append(documents, d)
		}
	}
	l.strays(section)
	return documents
}

// readDocument reads one YAML file that named names.
func (l *loader) readDocument(name string, named position, label string) *document {
	f := l.open(name, longestYAML, named, label)
	if f == nil {
		return nil
	}
	n := l.parse(f)
	if n == nil {
		l.incomplete = true
		return nil
	}
	return l.decode(n)
}

// inTree makes a path in the tree of one that is relative to the root file's
// folder; it refuses a path that leaves the folder.
func (l *loader) inTree(n *node) (string, bool) {
	if n.secret { // it would show in the names of files
		l.problems.refuse(n, "a path in the tree must not come from the environment")
		return "", false
	}
	if !fs.ValidPath(n.value) || n.value == "." || strings.Contains(n.value, `\`) {
		l.problems.refuse(n, "%s must be a path relative to the root file's folder, with / and without . and ..", n.quote())
		return "", false
	}
	return path.Join(l.folder, n.value), true
}

// included lists the files that an entry of include names, sorted.
func (l *loader) included(entry *node) []string {
	pattern, ok := l.inTree(entry)
	if !ok {
		l.incomplete = true
		return nil
	}
	names, err := fs.Glob(l.tree, pattern)
	if err != nil {
		l.incomplete = true
		l.problems.refuse(entry, "%s is no pattern: %v", entry.quote(), err)
		return nil
	}
	names = slices.DeleteFunc(names, hidden)
	if len(names) == 0 {
		l.incomplete = true
		l.problems.refuse(entry, "no file matches %s", entry.quote())
	}
	slices.Sort(names)
	return names
}

// hidden reports whether a file is one that editors leave behind.
func hidden(name string) bool { return strings.HasPrefix(path.Base(name), ".") }

// strays refuses YAML files that lie beside those a pattern includes and that
// nothing includes: most likely somebody forgot them or misspelt their ending.
// The root's own folder may hold other roots.
func (l *loader) strays(section *node) {
	if l.incomplete {
		return
	}
	seen := map[string]bool{l.folder: true}
	for _, entry := range section.children {
		folder := path.Dir(path.Join(l.folder, entry.value))
		if l.problems.refused[entry] || entry.kind != text || !strings.ContainsAny(path.Base(entry.value), "*?[") || seen[folder] {
			continue
		}
		seen[folder] = true
		for _, ending := range []string{"/*.yaml", "/*.yml"} {
			names, _ := fs.Glob(l.tree, folder+ending) // the pattern is that of included
			for _, name := range names {
				if _, read := l.read[name]; !read && !hidden(name) {
					l.problems.at(entry.at, "include: %s lies beside the files of %s, but nothing includes it", name, entry.quote())
				}
			}
		}
	}
}
