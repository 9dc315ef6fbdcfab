package httpjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What walks here was checked: see check.

// skip returns the end of the value that begins at i.
func skip(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipText(b, i)
	case '{', '[':
		open := 0
		for ; ; i++ {
			switch b[i] {
			case '"':
				i = skipText(b, i) - 1
			case '{', '[':
				open++
			case '}', ']':
				if open--; open == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

func skipText(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// kindAt tells what begins with a byte.
func kindAt(b byte) kind {
	switch b {
	case '"':
		return text
	case '{':
		return object
	case '[':
		return list
	case 't', 'f':
		return boolean
	case 'n':
		return null
	}
	return number
}

// span is where a value stands; the zero span is nowhere.
type span struct{ start, end int }

func (s span) missing() bool { return s.end == 0 }

// branch is a key on the way to values that are wanted, with what is wanted
// below it.
type branch struct {
	name  string
	path  string // as in jq, for messages
	slots []int  // where the value of this key is wanted, if at all
	below []*branch
}

// plant adds a path to the tree.
func (t *branch) plant(path []string, slot int) {
	at := t
	for _, name := range path {
		i := slices.IndexFunc(at.below, func(b *branch) bool { return b.name == name })
		if i < 0 {
			i = len(at.below)
			at.below = append(at.below, &branch{name: name, path: at.path + jqKey(name)})
		}
		at = at.below[i]
	}
	at.slots = append(at.slots, slot)
}

// jqKey writes a key as jq has it.
func jqKey(name string) string {
	for i, r := range name {
		isLetter := r == '_' || 'a' <= r|0x20 && r|0x20 <= 'z'
		if !isLetter && (i == 0 || r < '0' || r > '9') {
			return fmt.Sprintf(".%q", name)
		}
	}
	if name == "" {
		return `.""`
	}
	return "." + name
}

// find looks for all that is wanted below the value at i and returns the end of
// that value. A key that is wanted and stands there twice is an error: nobody
// can say which of the two counts.
func (t *branch) find(b []byte, i int, slots []span) (int, error) {
	if kindAt(b[i]) != object {
		if kindAt(b[i]) == null && t.path != "" {
			return skip(b, i), nil
		}
		return 0, notObject(t.path, kindAt(b[i]))
	}
	seen := uint64(0) // of the first 64 branches; more of one object are not watched
	for i = skipSpace(b, i+1); b[i] != '}'; {
		keyEnd := skipText(b, i)
		next := t.match(b[i+1 : keyEnd-1])
		i = skipSpace(b, skipSpace(b, keyEnd)+1) // behind the colon
		if next < 0 {
			i = skip(b, i)
		} else {
			at := t.below[next]
			if seen&(1<<next) != 0 {
				return 0, twice(at.path)
			}
			seen |= 1 << next
			var err error
			if i, err = at.take(b, i, slots); err != nil {
				return 0, err
			}
		}
		if i = skipSpace(b, i); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return i + 1, nil
}

// take keeps where the value at i stands, and what is wanted below it.
func (t *branch) take(b []byte, i int, slots []span) (end int, err error) {
	if len(t.below) == 0 {
		end = skip(b, i)
	} else if end, err = t.find(b, i, slots); err != nil {
		return 0, err
	}
	for _, slot := range t.slots {
		slots[slot] = span{i, end}
	}
	return end, nil
}

func twice(path string) error { return fmt.Errorf("the key %s is given twice in one object", path) }

func notObject(path string, k kind) error {
	if path == "" {
		return fmt.Errorf("it is %s; expected an object", k)
	}
	return fmt.Errorf("%s is %s; expected an object", path, k)
}

// match returns which branch a key, still escaped, goes to.
func (t *branch) match(key []byte) int {
	if bytes.IndexByte(key, '\\') >= 0 {
		key = unescape(nil, key)
	}
	for i, b := range t.below {
		if string(key) == b.name {
			return i
		}
	}
	return -1
}

// valueAt reads the value of a span. Escaped texts are written to scratch, which
// it returns.
func valueAt(b []byte, s span, scratch []byte) (v value, rest []byte) {
	if s.missing() {
		return value{}, scratch
	}
	v.kind = kindAt(b[s.start])
	switch v.kind {
	case text:
		v.text = b[s.start+1 : s.end-1]
		if bytes.IndexByte(v.text, '\\') >= 0 {
			start := len(scratch)
			scratch = unescape(scratch, v.text)
			v.text = scratch[start:len(scratch):len(scratch)]
		}
	case number, boolean:
		v.text = b[s.start:s.end]
	}
	return v, scratch
}

// unescape appends what the inside of a text of JSON means.
func unescape(to, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			to = append(to, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'b':
			to = append(to, '\b')
		case 'f':
			to = append(to, '\f')
		case 'n':
			to = append(to, '\n')
		case 'r':
			to = append(to, '\r')
		case 't':
			to = append(to, '\t')
		case 'u':
			r := hexRune(b[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if len(b) > i+6 && b[i+1] == '\\' && b[i+2] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(b[i+3:]))
				}
				if r = pair; r != utf8.RuneError {
					i += 6
				}
			}
			to = utf8.AppendRune(to, r)
		default:
			to = append(to, b[i])
		}
	}
	return to
}

func hexRune(b []byte) (r rune) {
	for _, c := range b[:4] {
		digit := rune(c - '0')
		if c > '9' {
			digit = rune(c|0x20) - 'a' + 10
		}
		r = r<<4 | digit
	}
	return r
}

// decode makes of the value at i what jq works on. Numbers keep their digits.
func decode(b []byte, i int) (v any, end int, err error) {
	switch end = skipScalar(b, i); kindAt(b[i]) {
	case object:
		return decodeObject(b, i)
	case list:
		items := []any{}
		for i = skipSpace(b, i+1); b[i] != ']'; {
			if v, i, err = decode(b, i); err != nil {
				return nil, 0, err
			}
			items = append(items, v)
			if i = skipSpace(b, i); b[i] == ',' {
				i = skipSpace(b, i+1)
			}
		}
		return items, i + 1, nil
	case text:
		found, _ := valueAt(b, span{i, end}, nil)
		return string(found.text), end, nil
	case boolean:
		return b[i] == 't', end, nil
	case null:
		return nil, end, nil
	}
	return json.Number(b[i:end]), end, nil
}

// skipScalar is skip, for anything that isn't nested.
func skipScalar(b []byte, i int) int {
	if b[i] == '{' || b[i] == '[' {
		return i
	}
	return skip(b, i)
}

func decodeObject(b []byte, i int) (map[string]any, int, error) {
	members := map[string]any{}
	for i = skipSpace(b, i+1); b[i] != '}'; {
		keyEnd := skipText(b, i)
		key, _ := valueAt(b, span{i, keyEnd}, nil)
		name := string(key.text)
		if _, again := members[name]; again {
			return nil, 0, twice(jqKey(name))
		}
		v, end, err := decode(b, skipSpace(b, skipSpace(b, keyEnd)+1))
		if err != nil {
			return nil, 0, err
		}
		members[name] = v
		if i = skipSpace(b, end); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return members, i + 1, nil
}

// mostKeys is how many keys a message lists.
const mostKeys = 30

// keysOf lists the paths of a decoded value's fields, for messages.
func keysOf(v any) string {
	paths := fieldPaths(nil, "", v, 3)
	switch {
	case len(paths) == 0:
		return "none"
	case len(paths) > mostKeys:
		paths = append(paths[:mostKeys], "…")
	}
	return strings.Join(paths, ", ")
}

func fieldPaths(paths []string, path string, v any, depth int) []string {
	members, ok := v.(map[string]any)
	if !ok || depth == 0 || len(members) == 0 {
		if path != "" {
			paths = append(paths, path)
		}
		return paths
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		paths = fieldPaths(paths, path+jqKey(name), members[name], depth-1)
		if len(paths) > mostKeys {
			break
		}
	}
	return paths
}
