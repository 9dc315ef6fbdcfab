package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Block is a part of the configuration that only a kind of source understands.
// It is immutable and safe for concurrent use, and shows none of its values when
// it is printed.
type Block struct {
	node    *node
	secrets *Secrets
	folder  string // that relative paths are taken from
}

// Decode puts the block into the struct that into points to, strictly: a key
// that no field has, a required one that is missing and a value of another type
// are refused, all at once, with file:line:column.
//
// Fields are bound by a tag, `yaml:"name"`. They can be strings, bools, integers,
// floats, time.Duration (Prometheus style: 30s, 400d), structs, and slices, maps
// with string keys and pointers of these. A field is required, and a text, list
// or mapping in it must not be empty. A pointer, and a field tagged
// `yaml:"name,optional"` (or omitempty, as encoders have it), may be left out and
// is then left as it is. A string tagged `yaml:"name,secret"` may be given as
// name, or as name_file that names a file with the value.
func (b Block) Decode(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("the program cannot decode a configuration into %T: it must be a pointer to a struct", into)
	}
	var p problems
	err := decoder{&p}.decode(b.node, v.Elem())
	return errors.Join(p.err(b.secrets), err)
}

// Errorf refuses the value at a path such as columns.region or targets.0.value,
// at the position of its key or, where there is none, of the nearest one above.
// The message must be a whole sentence: the path is not put before it. It returns
// an *Error. Secrets are taken out of it.
func (b Block) Errorf(path, format string, args ...any) error {
	n, _ := b.node.find(path)
	reason := fmt.Errorf(format, args...).Error() // Errorf, so that %w may be used
	return &Error{File: n.key.file.name, Line: n.key.line, Column: n.key.column, Reason: b.secrets.Redact(reason)}
}

// Secret returns the text at a path, or else the content of the file that the
// path with _file behind names, without the line break that ends it. It is empty
// where neither is given.
func (b Block) Secret(path string) (string, error) {
	if n, exact := b.node.find(path); exact {
		if n.kind != text {
			return "", b.Errorf(path, "expected a text, found %s", n.kind)
		}
		return n.value, nil
	}
	if n, exact := b.node.find(path + fileSuffix); exact {
		return n.content, nil
	}
	return "", nil
}

// Path takes a relative path, written with slashes, from Options.Folder; an
// absolute one, and none at all, stay as they are.
func (b Block) Path(written string) string {
	if written == "" || filepath.IsAbs(written) {
		return written
	}
	return filepath.Join(b.folder, filepath.FromSlash(written))
}

// Format implements fmt.Formatter: it tells the place, whatever the verb.
func (b Block) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "block %s at %s:%d:%d", b.node.name, b.node.key.file.name, b.node.key.line, b.node.key.column)
}

// MarshalText implements encoding.TextMarshaler, and so JSON, like Format.
func (b Block) MarshalText() ([]byte, error) { return fmt.Append(nil, b), nil }

func (l *loader) block(n *node) *Block {
	return &Block{node: n, secrets: l.config.Secrets, folder: l.options.Folder}
}

// kindBlock finds the block under the kind's name among the keys that the entry
// itself does not take, and refuses the others. The kind is empty where the
// entry does not say which it is; then any one block may be the kind's.
func (l *loader) kindBlock(entry *node, rest []*node, kind string, own reflect.Type) *Block {
	shape, _ := shapeOf(own) // the decoder has read it already
	var found *node
	for _, n := range rest {
		switch {
		case kind == n.name, kind == "" && n.kind == mapping && found == nil:
			found = n
		default:
			keys := shape.keys()
			if kind != "" {
				keys = append(keys, kind)
			}
			decoder{&l.problems}.unknown(n, keys)
		}
	}
	switch {
	case found != nil && found.kind != mapping:
		l.problems.refuse(found, "expected a mapping, found %s", found.kind)
	case found != nil:
		l.readSecrets(found)
		l.refuseWrittenOut(found)
		return l.block(found)
	case kind != "" && entry.kind == mapping:
		l.problems.at(entry.key, "%s%q is missing: the kind's own block", entry.label(), kind)
	}
	return l.block(entry)
}

// misnamed returns the block that is most likely the kind's, under another name:
// the only mapping under a key that the entry does not take. It is nil where the
// kind's own is there, or none or several may be meant.
func misnamed(rest []*node, kind string, own reflect.Type) *node {
	shape, _ := shapeOf(own)
	var found *node
	for _, n := range rest {
		switch {
		case kind == "" || n.name == kind:
			return nil
		case n.kind != mapping || nearest(n.name, slices.Values(shape.keys())) != "":
		case found != nil:
			return nil
		default:
			found = n
		}
	}
	return found
}

// readSecrets reads the files that the keys ending in _file name, anywhere below
// n, and refuses a value that is given both ways.
func (l *loader) readSecrets(n *node) {
	for _, c := range n.children {
		base, named := strings.CutSuffix(c.name, fileSuffix)
		if n.kind != mapping || !named || base == "" || c.kind != text {
			l.readSecrets(c)
			continue
		}
		if n.child(base) != nil {
			l.problems.refuseKey(c, "%q is given too: leave one of the two out", base)
		}
		l.readSecret(c)
	}
}

// longestSecret is how long a secret file may be, in bytes.
const longestSecret = 64 << 10

func (l *loader) readSecret(n *node) {
	if l.problems.refused[n] {
		return
	}
	content, err := l.options.ReadSecret(n.value)
	n.content = strings.TrimRight(string(content), "\r\n")
	switch {
	case err != nil:
		l.problems.refuse(n, "the secret cannot be read: %v", err)
	case len(content) > longestSecret:
		l.problems.refuse(n, "the file is longer than %d bytes: that is no secret", longestSecret)
	case strings.TrimSpace(n.content) == "":
		l.problems.refuse(n, "the file %s is empty", n.quote())
	default:
		l.secrets.add(n.content)
	}
}
