package collectors

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// Target is one of the regions that a collector is fanned out over. The zero
// value is no target.
type Target struct {
	Code  string
	Name  string
	Level fact.Level
	// ParentCode and ParentName are of the region above.
	ParentCode string
	ParentName string
	// Unknown says why there is no such region (yet): the target is not pulled
	// and fails with it. Code is what was written then.
	Unknown string
}

// IsZero reports whether there is no target.
func (t Target) IsZero() bool { return t.Code == "" }

// String returns the name and the code, for messages.
func (t Target) String() string {
	if t.Name == "" {
		return t.Code
	}
	return t.Name + " (" + t.Code + ")"
}

// The placeholders that a target gives a value.
const (
	regionCode = "region.code"
	regionName = "region.name"
	parentCode = "region.parent.code"
	parentName = "region.parent.name"
)

// TargetPlaceholders lists the names that Target.Value knows.
func TargetPlaceholders() []string { return []string{regionCode, regionName, parentCode, parentName} }

// Value returns the value of a placeholder, and false for one that is not a
// target's.
func (t Target) Value(placeholder string) (string, bool) {
	switch placeholder {
	case regionCode:
		return t.Code, true
	case regionName:
		return t.Name, true
	case parentCode:
		return t.ParentCode, true
	case parentName:
		return t.ParentName, true
	}
	return "", false
}

// Template is a text with placeholders such as {region.code}. It is immutable.
type Template struct {
	pieces []piece
}

// piece is a text, or a placeholder's name.
type piece struct {
	text        string
	placeholder bool
}

var placeholderPattern = regexp.MustCompile(`\{[a-z][a-z_]*(?:\.[a-z][a-z_]*)*\}`)

// ParseTemplate finds the placeholders of a text: names of small letters, _ and
// dots in braces. One that known does not list is an error; braces around
// anything else, as in JSON, are left as they are.
func ParseTemplate(text string, known ...string) (Template, error) {
	var t Template
	at := 0
	for _, found := range placeholderPattern.FindAllStringIndex(text, -1) {
		name := text[found[0]+1 : found[1]-1]
		if !slices.Contains(known, name) {
			return Template{}, unknownPlaceholder(name, known)
		}
		if found[0] > at {
			t.pieces = append(t.pieces, piece{text: text[at:found[0]]})
		}
		t.pieces = append(t.pieces, piece{text: name, placeholder: true})
		at = found[1]
	}
	if at < len(text) {
		t.pieces = append(t.pieces, piece{text: text[at:]})
	}
	return t, nil
}

func unknownPlaceholder(name string, known []string) error {
	there := "there are none here"
	if len(known) > 0 {
		there = "there are {" + strings.Join(known, "}, {") + "}"
	}
	if slices.Contains(TargetPlaceholders(), name) {
		there = "it needs for_each, which names the regions to pull for"
	}
	return fmt.Errorf("the placeholder {%s} has no value: %s", name, there)
}

// Placeholders lists the names of the placeholders, in the order of the text.
func (t Template) Placeholders() []string {
	var names []string
	for _, p := range t.pieces {
		if p.placeholder {
			names = append(names, p.text)
		}
	}
	return names
}

// OfTarget reports whether the text differs from target to target.
func (t Template) OfTarget() bool {
	return slices.ContainsFunc(t.Placeholders(), func(name string) bool { return slices.Contains(TargetPlaceholders(), name) })
}

// Expand puts values in the place of the placeholders. value must know all of
// them and escapes them as the text needs it.
func (t Template) Expand(value func(placeholder string) string) string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.placeholder {
			b.WriteString(value(p.text))
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}
