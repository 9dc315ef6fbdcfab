package config

import (
	"bytes"
	"errors"
	"io"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// deepest is how far mappings and lists may be nested; the deepest that any key
// needs is less than half of it.
const deepest = 20

// checkText refuses what is no UTF-8 text, at the place of the first bad byte.
func (l *loader) checkText(f *file) bool {
	line, column := 1, 1
	for i := 0; i < len(f.content); {
		if b := f.content[i]; b >= ' ' && b < utf8.RuneSelf && b != 0x7f {
			column++
			i++
			continue
		}
		r, size := utf8.DecodeRune(f.content[i:])
		i += size
		switch {
		case r == utf8.RuneError && size == 1:
			l.problems.at(position{f, line, column}, "byte 0x%02x is not UTF-8: save the file as UTF-8 text", f.content[i-1])
			return false
		case r == '\n':
			line, column = line+1, 1
			continue
		case r == '\t' || r == '\r':
		case unicode.IsControl(r):
			l.problems.at(position{f, line, column}, "control character %U: this is no text file", r)
			return false
		}
		column++
	}
	return true
}

// parse makes nodes of a YAML file. It returns nil where there is nothing to go
// on with.
func (l *loader) parse(f *file) *node {
	start := position{f, 1, 1}
	if !l.checkText(f) {
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(f.content))
	if err != nil {
		l.problems.at(start, "cannot be read as YAML: %v", err)
		return nil
	}
	var document, second yaml.Node
	switch err := loader.Load(&document); {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		l.problems.at(start, "the file is empty")
		return nil
	case err != nil:
		l.syntaxError(f, err)
		return nil
	}
	switch err := loader.Load(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		l.syntaxError(f, err)
		return nil
	default:
		l.problems.at(position{f, second.Line, second.Column}, "a second document begins here: a file holds one; put the other into a file of its own")
	}
	root := l.convert(document.Content[0], node{key: start}, 0, f)
	root.at = start
	if root.kind != mapping {
		l.problems.at(start, "the file must be a mapping of sections, found %s", root.kind)
		return nil
	}
	return root
}

func (l *loader) syntaxError(f *file, err error) {
	var syntax *yaml.LoadError
	if !errors.As(err, &syntax) {
		l.problems.at(position{f, 1, 1}, "this is not YAML: %v", err)
		return
	}
	context := ""
	if syntax.ContextMsg != "" {
		context = " " + syntax.ContextMsg
	}
	at := position{f, max(1, syntax.Mark.Line), max(1, syntax.Mark.Column)}
	l.problems.at(at, "this is not YAML: %s%s", syntax.Message, context)
}

// convert makes a node of a YAML node; known says under which key it stands.
func (l *loader) convert(y *yaml.Node, known node, depth int, f *file) *node {
	n := &known
	n.at = position{f, y.Line, y.Column}
	if y.Anchor != "" && y.Kind != yaml.AliasNode {
		l.problems.refuse(n, "anchor &%s: anchors are not supported; write the value out where it is needed", y.Anchor)
	}
	if y.Style&yaml.TaggedStyle != 0 {
		l.problems.refuse(n, "tag %s: tags are not supported; leave it out", y.Tag)
	}
	if depth > deepest {
		l.problems.refuse(n, "nested more than %d deep", deepest)
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		l.problems.refuse(n, "alias *%s: aliases are not supported; write the value out here", y.Value)
	case yaml.SequenceNode:
		n.kind = list
		for _, entry := range y.Content {
			n.children = append(n.children, l.convert(entry, node{name: n.name, key: position{f, entry.Line, entry.Column}}, depth+1, f))
		}
	case yaml.MappingNode:
		n.kind = mapping
		l.convertMapping(y, n, depth, f)
	default:
		l.convertScalar(y, n)
	}
	return n
}

func (l *loader) convertMapping(y *yaml.Node, n *node, depth int, f *file) {
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		at := position{f, key.Line, key.Column}
		switch {
		case key.ShortTag() == "!!merge":
			l.problems.at(at, "merge keys (<<) are not supported; write the keys out")
			continue
		case key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str":
			l.problems.at(at, "a key must be a text: put it in quotes")
			continue
		}
		l.secrets.addPassword(key.Value)
		if first := n.child(key.Value); first != nil {
			l.problems.at(at, "key %q stands twice; the first is in line %d", key.Value, first.key.line)
			continue
		}
		n.children = append(n.children, l.convert(value, node{name: key.Value, key: at}, depth+1, f))
	}
}

func (l *loader) convertScalar(y *yaml.Node, n *node) {
	n.value, n.written = y.Value, y.Value
	switch y.ShortTag() {
	case "!!str":
		n.kind = text
		l.resolve(n)
	case "!!int", "!!float":
		n.kind = number
	case "!!bool":
		n.kind = boolean
	case "!!null":
		n.kind = nothing
	default:
		n.kind = otherScalar
	}
}
