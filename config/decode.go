package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// decoder puts nodes into Go values, strictly. It goes on after a refusal, so
// that all of them are found; what it refused stays zero.
type decoder struct {
	problems *problems
}

// field is what the decoder knows of a struct's field.
type field struct {
	index    int
	key      string
	optional bool
	secret   bool // the value may also stand in the file that key_file names
}

// shape is what the decoder knows of a struct.
type shape struct {
	fields []field
	// self is the field of type *node that gets the mapping itself, rest the one
	// of type []*node that gets what stands under further keys; -1 is none.
	self, rest int
}

// shapeOf reads the yaml tags of a struct. Tags are written by programmers, so
// one that makes no sense is an error of the program, not of a file.
func shapeOf(t reflect.Type) (shape, error) {
	s := shape{self: -1, rest: -1}
	for i := range t.NumField() {
		key, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		f := field{index: i, key: key}
		switch {
		case options == "self" && t.Field(i).Type == reflect.TypeFor[*node]():
			s.self = i
			continue
		case options == "rest" && t.Field(i).Type == reflect.TypeFor[[]*node]():
			s.rest = i
			continue
		case !t.Field(i).IsExported():
			continue
		case key == "":
			return s, fmt.Errorf("field %s.%s cannot be decoded: it has no yaml tag with a name", t, t.Field(i).Name)
		}
		f.optional = t.Field(i).Type.Kind() == reflect.Pointer
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "optional", "omitempty":
				f.optional = true
			case "secret":
				f.secret = true
			default:
				return s, fmt.Errorf("field %s.%s has the unknown tag option %q", t, t.Field(i).Name, option)
			}
		}
		s.fields = append(s.fields, f)
	}
	return s, nil
}

// keys lists the keys that a struct takes.
func (s shape) keys() []string {
	var keys []string
	for _, f := range s.fields {
		keys = append(keys, f.key)
		if f.secret {
			keys = append(keys, f.key+fileSuffix)
		}
	}
	return keys
}

// decode puts n into v. Its error is one of the program: a type that cannot be
// decoded into.
func (d decoder) decode(n *node, v reflect.Value) error {
	switch {
	case d.problems.refused[n] && v.Kind() != reflect.Struct && v.Kind() != reflect.Pointer:
		return nil
	case v.Type() == reflect.TypeFor[time.Duration]():
		d.duration(n, v)
		return nil
	case v.Type() == reflect.TypeFor[*node](): // for what can be written in several ways
		v.Set(reflect.ValueOf(n))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		d.text(n, v)
	case reflect.Bool:
		if d.expect(n, boolean, "true or false") {
			v.SetBool(strings.EqualFold(n.value, "true"))
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.integer(n, v)
	case reflect.Float32, reflect.Float64:
		d.float(n, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.decode(n, v.Elem())
	case reflect.Slice:
		return d.list(n, v)
	case reflect.Map:
		return d.mapping(n, v)
	case reflect.Struct:
		return d.fields(n, v)
	default:
		return fmt.Errorf("the program cannot decode a configuration into %s", v.Type())
	}
	return nil
}

// expect refuses a node of another kind than the expected.
func (d decoder) expect(n *node, kind nodeKind, expected string) bool {
	switch {
	case n.kind == kind:
		return true
	case n.kind == nothing:
		d.problems.refuseKey(n, "has no value: expected %s", expected)
	case kind == text && (n.kind == number || n.kind == boolean || n.kind == otherScalar):
		d.problems.refuse(n, `expected %s, found %s: put it in quotes, "%s"`, expected, n.kind, n.written)
	case n.kind == text:
		d.problems.refuse(n, "expected %s, found the text %s", expected, n.quote())
	default:
		d.problems.refuse(n, "expected %s, found %s", expected, n.kind)
	}
	return false
}

func (d decoder) text(n *node, v reflect.Value) {
	if !d.expect(n, text, "a text") {
		return
	}
	if strings.TrimSpace(n.value) == "" {
		d.problems.refuse(n, "must not be empty")
		return
	}
	v.SetString(n.value)
}

var (
	wholeNumber   = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)
	decimalNumber = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
)

func (d decoder) integer(n *node, v reflect.Value) {
	if !d.expect(n, number, "a whole number") {
		return
	}
	i, err := strconv.ParseInt(n.value, 10, 64)
	switch {
	case !wholeNumber.MatchString(n.value):
		d.problems.refuse(n, "expected a whole number in plain digits, found %s", n.written)
	case err != nil || v.OverflowInt(i):
		d.problems.refuse(n, "%s is out of range", n.written)
	default:
		v.SetInt(i)
	}
}

func (d decoder) float(n *node, v reflect.Value) {
	if !d.expect(n, number, "a number") {
		return
	}
	f, err := strconv.ParseFloat(n.value, 64)
	switch {
	case !decimalNumber.MatchString(n.value):
		d.problems.refuse(n, "expected a number in plain decimal digits, found %s", n.written)
	case err != nil || v.OverflowFloat(f):
		d.problems.refuse(n, "%s is out of range", n.written)
	default:
		v.SetFloat(f)
	}
}

func (d decoder) duration(n *node, v reflect.Value) {
	const expected = "a duration such as 30s, 5m, 12h or 400d"
	if n.kind == number {
		d.problems.refuse(n, "expected %s, found the number %s without a unit", expected, n.written)
		return
	}
	if !d.expect(n, text, expected) {
		return
	}
	parsed, err := model.ParseDuration(n.value)
	if err != nil {
		d.problems.refuse(n, "expected %s, found the text %s", expected, n.quote())
		return
	}
	v.SetInt(int64(parsed))
}

func (d decoder) list(n *node, v reflect.Value) error {
	if !d.expect(n, list, "a list") {
		return nil
	}
	entries := reflect.MakeSlice(v.Type(), len(n.children), len(n.children))
	for i, c := range n.children {
		if err := d.decode(c, entries.Index(i)); err != nil {
			return err
		}
	}
	v.Set(entries)
	return nil
}

func (d decoder) mapping(n *node, v reflect.Value) error {
	if !d.expect(n, mapping, "a mapping") {
		return nil
	}
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("the program cannot decode a configuration into %s", v.Type())
	}
	entries := reflect.MakeMapWithSize(v.Type(), len(n.children))
	for _, c := range n.children {
		entry := reflect.New(v.Type().Elem()).Elem()
		if err := d.decode(c, entry); err != nil {
			return err
		}
		entries.SetMapIndex(reflect.ValueOf(c.name).Convert(v.Type().Key()), entry)
	}
	v.Set(entries)
	return nil
}

func (d decoder) fields(n *node, v reflect.Value) error {
	s, err := shapeOf(v.Type())
	if err != nil {
		return err
	}
	if s.self >= 0 {
		v.Field(s.self).Set(reflect.ValueOf(n))
	}
	if d.problems.refused[n] || !d.expect(n, mapping, "a mapping") {
		return nil
	}
	taken := map[string]bool{}
	for _, f := range s.fields {
		taken[f.key], taken[f.key+fileSuffix] = true, f.secret || taken[f.key+fileSuffix]
	}
	misspelt := d.further(n, v, s, taken)
	for _, f := range s.fields {
		if err := d.field(n, f, v.Field(f.index), misspelt[f.key]); err != nil {
			return err
		}
	}
	return nil
}

// further refuses the keys that a struct does not take, or hands them on to its
// rest field. It returns which of its keys they seem to mean.
func (d decoder) further(n *node, v reflect.Value, s shape, taken map[string]bool) map[string]bool {
	misspelt := map[string]bool{}
	var rest []*node
	for _, c := range n.children {
		switch {
		case taken[c.name]:
		case s.rest >= 0:
			rest = append(rest, c)
		default:
			misspelt[d.unknown(c, s.keys())] = true
		}
	}
	if s.rest >= 0 {
		v.Field(s.rest).Set(reflect.ValueOf(rest))
	}
	return misspelt
}

// unknown refuses a key and returns which one it seems to mean.
func (d decoder) unknown(n *node, known []string) string {
	d.problems.mark(n)
	meant := nearest(n.name, slices.Values(known))
	advice := "; the keys here are " + strings.Join(known, ", ")
	switch {
	case meant != "":
		advice = didYouMean(meant)
	case n.kind == nothing: // as a comma in {en: figures, synthetic} makes it
		advice += "; a text with a comma in it must be in quotes"
	}
	d.problems.at(n.key, "unknown key %q%s", n.name, advice)
	return meant
}

func (d decoder) field(n *node, f field, v reflect.Value, misspelt bool) error {
	c := n.child(f.key)
	if c == nil && f.secret {
		if named := n.child(f.key + fileSuffix); named != nil {
			v.SetString(named.content)
			return nil
		}
	}
	switch {
	case c != nil:
	case f.optional || misspelt:
		return nil
	default:
		d.missing(n, f)
		return nil
	}
	if err := d.decode(c, v); err != nil {
		return err
	}
	if !f.optional && (c.kind == list || c.kind == mapping) && len(c.children) == 0 {
		d.problems.refuse(c, "must not be empty")
	}
	return nil
}

func (d decoder) missing(n *node, f field) {
	key := strconv.Quote(f.key)
	if f.secret {
		key += " or " + strconv.Quote(f.key+fileSuffix)
	}
	d.problems.at(n.key, "%s%s is missing", n.label(), key)
}
