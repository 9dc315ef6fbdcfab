package written

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// folded is a text without blanks, in one form of each character: half-width,
// capital letters, one dash. A blank between two digits stays, since 2025 12 is
// not 202512.
type folded struct {
	text string
	at   []int // where each byte of text, and its end, stood in what was folded
}

func fold(s string) folded {
	var (
		b     strings.Builder
		at    []int
		last  rune
		blank bool
	)
	for i, r := range s {
		if f := width.LookupRune(r).Folded(); f != 0 {
			r = f
		}
		r = foldRune(r)
		if r == ' ' {
			blank = true
			continue
		}
		if r == '-' && last == '-' {
			continue // a long dash is written as two
		}
		if blank && isDigit(last) && isDigit(r) {
			b.WriteByte(' ')
			at = append(at, i)
		}
		blank, last = false, r
		n := b.Len()
		b.WriteRune(r)
		for ; n < b.Len(); n++ {
			at = append(at, i)
		}
	}
	return folded{text: b.String(), at: append(at, len(s))}
}

func foldRune(r rune) rune {
	switch r {
	case '\u2010', '\u2011', '\u2012', '–', '—', '―', '─', '\u2212', '﹣':
		return '-'
	case '〜', '～', '∼':
		return '~'
	case '\u200B', '\uFEFF', '\u00AD':
		return ' '
	case '○', '零':
		return '〇'
	}
	if unicode.IsSpace(r) {
		return ' '
	}
	if 'a' <= r && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// chineseDigit returns the value of 一 to 九 and 〇; ok is false for other
// characters.
func chineseDigit(r rune) (value int, ok bool) {
	for i, d := range []rune("〇一二三四五六七八九") {
		if d == r {
			return i, true
		}
	}
	return 0, false
}
