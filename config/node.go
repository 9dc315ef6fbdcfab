package config

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a value of a YAML file with its place, its ${ENV} references resolved.
type node struct {
	kind nodeKind
	name string   // the key it stands under; an entry of a list has its list's
	key  position // of that key; an entry of a list has its own position
	at   position

	value string // of a text, with ${ENV} resolved, or of another scalar
	// written is what messages may quote: the value before ${ENV} was
	// resolved. It is empty where even that must not be shown.
	written string
	// secret says that some of value came from the environment.
	secret bool
	// content is what the file holds that a key ending in _file names.
	content string

	children []*node // of a mapping or a list, in order
}

type nodeKind uint8

const (
	nothing nodeKind = iota
	text
	number
	boolean
	otherScalar // a date and the like, which YAML makes of unquoted text
	list
	mapping
)

var nodeKinds = [...]string{nothing: "nothing", text: "a text", number: "a number", boolean: "true or false", otherScalar: "a date", list: "a list", mapping: "a mapping"}

func (k nodeKind) String() string { return nodeKinds[k] }

// fileSuffix ends the keys that name a file with the value of the key without it.
const fileSuffix = "_file"

// label begins a message about the node.
func (n *node) label() string {
	if n.name == "" {
		return ""
	}
	return n.name + ": "
}

// quote returns the value as a message may show it.
func (n *node) quote() string {
	if n.written == "" && n.value != "" {
		return "the value"
	}
	const longest = 80
	if runes := []rune(n.written); len(runes) > longest {
		return strconv.Quote(string(runes[:longest]) + "…")
	}
	return strconv.Quote(n.written)
}

// child returns what stands under a key of a mapping, or nil.
func (n *node) child(key string) *node {
	if n == nil || n.kind != mapping {
		return nil
	}
	for _, c := range n.children {
		if c.name == key {
			return c
		}
	}
	return nil
}

// find returns the node at a path such as columns.region or targets.0.value, or
// else the nearest one above it. Keys may hold dots: the longest that fits wins.
func (n *node) find(path string) (found *node, exact bool) {
	if path == "" {
		return n, true
	}
	if n.kind == list {
		first, rest, _ := strings.Cut(path, ".")
		i, err := strconv.Atoi(first)
		if err != nil || i < 0 || i >= len(n.children) {
			return n, false
		}
		return n.children[i].find(rest)
	}
	var best *node
	rest := ""
	for _, c := range n.children {
		switch after, ok := strings.CutPrefix(path, c.name); {
		case !ok || best != nil && len(c.name) <= len(best.name):
		case after == "":
			best, rest = c, ""
		case after[0] == '.':
			best, rest = c, after[1:]
		}
	}
	if best == nil {
		return n, false
	}
	return best.find(rest)
}

// Format implements fmt.Formatter, so that no verb shows a value.
func (n *node) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s at %s:%d:%d", n.kind, n.at.file.name, n.at.line, n.at.column)
}
