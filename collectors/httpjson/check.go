package httpjson

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// syntaxFault is where a text stops being the JSON that we take.
type syntaxFault struct {
	offset   int // counted from 0
	reason   string
	trailing bool // a value was complete before it
}

func (f *syntaxFault) Error() string { return fmt.Sprintf("byte %d: %s", f.offset+1, f.reason) }

// check makes sure that b is one value of JSON in UTF-8 with nothing behind it,
// nested no deeper than depth, so that whatever walks through it afterwards can
// rely on that. It returns where the value begins.
func check(b []byte, depth int) (start int, err error) {
	if at := invalidUTF8(b); at >= 0 {
		return 0, &syntaxFault{offset: at, reason: "the text is not UTF-8: let the source answer in UTF-8, not in GBK or UTF-16"}
	}
	c := checker{b}
	start = skipSpace(b, 0)
	end, err := c.value(start, depth)
	if err != nil {
		return 0, err
	}
	if end = skipSpace(b, end); end < len(b) {
		reason := fmt.Sprintf("%s follows, where the answer should be at its end", found(b[end]))
		return 0, &syntaxFault{offset: end, reason: reason, trailing: true}
	}
	return start, nil
}

func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for at := 0; ; {
		r, size := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

type checker struct{ b []byte }

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// value checks the value that begins at i and returns its end. left is how many
// levels may still open.
func (c *checker) value(i, left int) (int, error) {
	if i >= len(c.b) {
		return 0, c.cutOff()
	}
	switch b := c.b[i]; {
	case b == '"':
		return c.text(i)
	case b == '{' || b == '[':
		if left == 0 {
			return 0, &syntaxFault{offset: i, reason: "the answer is nested deeper than limits.depth allows"}
		}
		if b == '{' {
			return c.object(i, left-1)
		}
		return c.list(i, left-1)
	case b == '-' || isDigit(b):
		return c.number(i)
	case b == 't':
		return c.literal(i, "true")
	case b == 'f':
		return c.literal(i, "false")
	case b == 'n':
		return c.literal(i, "null")
	}
	return 0, c.unexpected(i, "a value")
}

func (c *checker) object(i, left int) (int, error) {
	i = skipSpace(c.b, i+1)
	if i < len(c.b) && c.b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(c.b) || c.b[i] != '"' {
			return 0, c.unexpected(i, "a key in quotes")
		}
		end, err := c.text(i)
		if err != nil {
			return 0, err
		}
		if i = skipSpace(c.b, end); i >= len(c.b) || c.b[i] != ':' {
			return 0, c.unexpected(i, "a colon")
		}
		if i, err = c.value(skipSpace(c.b, i+1), left); err != nil {
			return 0, err
		}
		i = skipSpace(c.b, i)
		switch {
		case i < len(c.b) && c.b[i] == ',':
			i = skipSpace(c.b, i+1)
		case i < len(c.b) && c.b[i] == '}':
			return i + 1, nil
		default:
			return 0, c.unexpected(i, "a comma or }")
		}
	}
}

func (c *checker) list(i, left int) (int, error) {
	i = skipSpace(c.b, i+1)
	if i < len(c.b) && c.b[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := c.value(i, left)
		if err != nil {
			return 0, err
		}
		i = skipSpace(c.b, end)
		switch {
		case i < len(c.b) && c.b[i] == ',':
			i = skipSpace(c.b, i+1)
		case i < len(c.b) && c.b[i] == ']':
			return i + 1, nil
		default:
			return 0, c.unexpected(i, "a comma or ]")
		}
	}
}

func (c *checker) text(i int) (int, error) {
	for i++; i < len(c.b); i++ {
		switch b := c.b[i]; {
		case b == '"':
			return i + 1, nil
		case b < ' ':
			return 0, &syntaxFault{offset: i, reason: "a line break or control character within a text: JSON writes it as \\n or \\u000a"}
		case b == '\\':
			i++
			if i >= len(c.b) {
				return 0, c.cutOff()
			}
			if c.b[i] == 'u' {
				for range 4 {
					if i++; i >= len(c.b) || !isHex(c.b[i]) {
						return 0, c.unexpected(i, "four hexadecimal digits")
					}
				}
			} else if bytes.IndexByte([]byte(`"\/bfnrt`), c.b[i]) < 0 {
				return 0, c.unexpected(i, "a letter that JSON knows after \\")
			}
		}
	}
	return 0, c.cutOff()
}

func (c *checker) number(i int) (int, error) {
	if c.b[i] == '-' {
		i++
	}
	start := i
	i, err := c.digits(i)
	if err != nil {
		return 0, err
	}
	if c.b[start] == '0' && i > start+1 {
		return 0, &syntaxFault{offset: start, reason: "a number with a zero before it, which JSON does not know: codes are written in quotes"}
	}
	if i < len(c.b) && c.b[i] == '.' {
		if i, err = c.digits(i + 1); err != nil {
			return 0, err
		}
	}
	if i < len(c.b) && c.b[i]|0x20 == 'e' {
		if i++; i < len(c.b) && (c.b[i] == '+' || c.b[i] == '-') {
			i++
		}
		return c.digits(i)
	}
	return i, nil
}

// digits moves over at least one digit.
func (c *checker) digits(i int) (int, error) {
	start := i
	for i < len(c.b) && isDigit(c.b[i]) {
		i++
	}
	if i == start {
		return 0, c.unexpected(i, "a digit")
	}
	return i, nil
}

func (c *checker) literal(i int, word string) (int, error) {
	for n := range len(word) {
		if i+n >= len(c.b) || c.b[i+n] != word[n] {
			return 0, c.unexpected(i+n, word)
		}
	}
	return i + len(word), nil
}

func (c *checker) unexpected(i int, expected string) error {
	if i >= len(c.b) {
		return c.cutOff()
	}
	return &syntaxFault{offset: i, reason: fmt.Sprintf("expected %s, found %s", expected, found(c.b[i]))}
}

func (c *checker) cutOff() error {
	return &syntaxFault{offset: len(c.b), reason: "the answer ends in the middle"}
}

// found quotes a byte for a message.
func found(b byte) string {
	if b >= utf8.RuneSelf {
		return "a character beyond ASCII"
	}
	return fmt.Sprintf("%q", rune(b))
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isHex(b byte) bool { return isDigit(b) || 'a' <= b|0x20 && b|0x20 <= 'f' }
