package config

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// redacted stands where a secret stood.
const redacted = "[redacted]"

// shortestSecret is from what length on a value is taken out wherever it
// appears. A shorter one is a part of half of all words: a password is taken out
// as a word of its own then, any other value not at all.
const shortestSecret = 4

// Secrets knows every secret of a configuration, to keep them out of what is
// printed. It shows nothing of them itself, whichever way it is printed. Once
// Load has returned it is immutable and safe for concurrent use.
type Secrets struct {
	replacer *strings.Replacer
	short    []string // shorter than shortestSecret
}

// Redact returns the text with every secret in it replaced, also where it is
// quoted or escaped for a URL.
func (s *Secrets) Redact(text string) string {
	if s == nil || s.replacer == nil {
		return text
	}
	text = s.replacer.Replace(text)
	for _, form := range s.short {
		text = replaceWord(text, form)
	}
	return text
}

// replaceWord redacts a word where it is not a part of a longer one.
func replaceWord(text, word string) string {
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(word)
	var b strings.Builder
	for rest := text; ; {
		i := strings.Index(rest, word)
		if i < 0 {
			b.WriteString(rest)
			return b.String()
		}
		before, _ := utf8.DecodeLastRuneInString(text[:len(text)-len(rest)+i])
		after, _ := utf8.DecodeRuneInString(rest[i+len(word):])
		if inWord(before) && inWord(first) || inWord(after) && inWord(last) {
			b.WriteString(rest[:i+1])
			rest = rest[i+1:]
			continue
		}
		b.WriteString(rest[:i] + redacted)
		rest = rest[i+len(word):]
	}
}

// inWord knows Latin words only: Chinese text runs on without spaces.
func inWord(r rune) bool {
	return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

// Format implements fmt.Formatter.
func (s Secrets) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// MarshalText implements encoding.TextMarshaler, and so JSON.
func (s Secrets) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// secretsBuilder collects secrets while a tree is read.
type secretsBuilder struct {
	forms map[string]bool
}

// add takes a value from the environment or from a file.
func (b *secretsBuilder) add(value string) {
	if len(value) >= shortestSecret {
		b.addForms(value)
		b.addForms(strings.TrimSpace(value))
	}
	b.addPassword(value)
}

// addPassword takes the password of a URL; any other value is left alone.
func (b *secretsBuilder) addPassword(value string) {
	password, ok := urlPassword(value)
	if !ok {
		return
	}
	b.addForms(password)
	if plain, err := url.PathUnescape(password); err == nil && plain != "" {
		b.addForms(plain)
		b.addForms(strings.TrimPrefix(url.UserPassword("", plain).String(), ":"))
	}
}

// addForms adds what a value may look like when it is printed.
func (b *secretsBuilder) addForms(value string) {
	if value == "" {
		return
	}
	if b.forms == nil {
		b.forms = map[string]bool{}
	}
	quoted := strconv.Quote(value)
	ascii := strconv.QuoteToASCII(value)
	for _, form := range []string{value, quoted[1 : len(quoted)-1], ascii[1 : len(ascii)-1], url.QueryEscape(value), url.PathEscape(value)} {
		b.forms[form] = true
	}
}

// build puts what was collected into s.
func (b *secretsBuilder) build(s *Secrets) {
	var forms []string
	for form := range b.forms {
		forms = append(forms, form)
	}
	// The longest first: a password must not break the address it is in apart,
	// so that the rest of the address stays.
	slices.SortFunc(forms, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var pairs []string
	for _, form := range forms {
		if len(form) < shortestSecret {
			s.short = append(s.short, form)
		} else {
			pairs = append(pairs, form, redacted)
		}
	}
	s.replacer = strings.NewReplacer(pairs...)
}
