package sqlquery

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/govkpi/govkpi/collectors"
)

// lexis is how a dialect of SQL writes what is not code: the scanner must know
// it in order to find :since and its like only where they are parameters.
type lexis struct {
	backslash      bool // \ escapes the next character within quotes
	escapeStrings  bool // … only within E'…'
	dollarQuotes   bool // $tag$…$tag$
	backticks      bool // `name`
	brackets       bool // [name]
	hashComments   bool // # to the end of the line
	nestedComments bool // /* may hold /* … */ */
	spacedDashes   bool // -- begins a comment only before white space
}

// statement is one SQL statement, cut where it has parameters.
type statement struct {
	text  string
	names []string // of the parameters, without colon, in their order
	parts []string // one more than there are parameters
}

// sinceParameter is the parameter :since; the others are those of a target.
const sinceParameter = "since"

// targetParameters lists the parameters that a target gives a value:
// :region_code for the placeholder region.code, and so on.
func targetParameters() []string {
	var names []string
	for _, placeholder := range collectors.TargetPlaceholders() {
		names = append(names, strings.ReplaceAll(placeholder, ".", "_"))
	}
	return names
}

// has reports whether the statement has the parameter.
func (s statement) has(name string) bool { return slices.Contains(s.names, name) }

// targets lists the placeholders behind the statement's parameters of a target,
// each once.
func (s statement) targets() []string {
	var used []string
	names := targetParameters()
	for i, placeholder := range collectors.TargetPlaceholders() {
		if s.has(names[i]) {
			used = append(used, placeholder)
		}
	}
	return used
}

// arguments returns the values of the parameters in their order.
func (s statement) arguments(since string, target collectors.Target) []string {
	values := map[string]string{sinceParameter: since}
	names := targetParameters()
	for i, placeholder := range collectors.TargetPlaceholders() {
		values[names[i]], _ = target.Value(placeholder)
	}
	arguments := make([]string, len(s.names))
	for i, name := range s.names {
		arguments[i] = values[name]
	}
	return arguments
}

// sql writes the statement with the n-th parameter, counted from 1, as the
// driver wants it.
func (s statement) sql(placeholder func(n int) string) string {
	var b strings.Builder
	for i, part := range s.parts {
		if i > 0 {
			b.WriteString(placeholder(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// parseStatement finds the parameters. It refuses an empty query, a second
// statement, an unknown parameter and a quote or comment without an end.
func parseStatement(query string, l lexis) (statement, error) {
	s := scanner{query: query, lexis: l}
	for s.at < len(query) {
		if err := s.step(); err != nil {
			return statement{}, err
		}
	}
	if !s.code {
		return statement{}, errors.New("the query is empty")
	}
	return statement{text: query, names: s.names, parts: append(s.parts, query[s.start:])}, nil
}

type scanner struct {
	query string
	lexis lexis
	at    int
	start int // where the current part begins
	names []string
	parts []string
	code  bool // something that is neither blank nor comment was seen
	ended bool // a semicolon was seen after it
}

// step moves over one character of code, or all of a quotation or comment.
func (s *scanner) step() error {
	rest := s.query[s.at:]
	switch c := rest[0]; {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
		s.at++
		return nil
	case s.beginsLineComment(rest):
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			s.at += end + 1
		} else {
			s.at = len(s.query)
		}
		return nil
	case strings.HasPrefix(rest, "/*"):
		return s.blockComment()
	case c == ';':
		s.ended = s.ended || s.code
		s.at++
		return nil
	}
	if s.ended {
		return errors.New("the query has a second statement after the semicolon; a collector runs one")
	}
	s.code = true
	return s.token(rest)
}

// token moves over a quotation, a parameter or one character of anything else.
func (s *scanner) token(rest string) error {
	switch c := rest[0]; {
	case c == '\'', c == '"', c == '`' && s.lexis.backticks:
		return s.quotation(c)
	case c == '[' && s.lexis.brackets:
		return s.until("]", 1)
	case c == '$' && s.lexis.dollarQuotes && !s.afterName():
		if tag := dollarTag(rest); tag != "" {
			return s.until(tag, len(tag))
		}
		s.at++
	case strings.HasPrefix(rest, "::"):
		s.at += 2
	case c == ':' && !s.afterName():
		return s.parameter(rest[1:])
	default:
		s.at++
	}
	return nil
}

func (s *scanner) beginsLineComment(rest string) bool {
	if rest[0] == '#' {
		return s.lexis.hashComments
	}
	if !strings.HasPrefix(rest, "--") {
		return false
	}
	return !s.lexis.spacedDashes || len(rest) == 2 || rest[2] <= ' '
}

func (s *scanner) blockComment() error {
	begin, depth := s.at, 1
	for s.at += 2; depth > 0; {
		rest := s.query[s.at:]
		switch {
		case rest == "":
			return s.unclosed("comment", begin)
		case strings.HasPrefix(rest, "*/"):
			depth--
			s.at += 2
		case strings.HasPrefix(rest, "/*") && s.lexis.nestedComments:
			depth++
			s.at += 2
		default:
			s.at++
		}
	}
	return nil
}

// quotation moves over quoted text. A doubled quote within needs no care: it
// ends one quotation and begins the next.
func (s *scanner) quotation(quote byte) error {
	begin := s.at
	escapes := quote != '`' && s.lexis.backslash || quote == '\'' && s.lexis.escapeStrings && s.afterE()
	for s.at++; s.at < len(s.query); s.at++ {
		switch s.query[s.at] {
		case quote:
			s.at++
			return nil
		case '\\':
			if escapes {
				s.at++
			}
		}
	}
	return s.unclosed("quotation", begin)
}

// until moves behind the next end after the opening, which is of a length.
func (s *scanner) until(end string, opening int) error {
	length := strings.Index(s.query[s.at+opening:], end)
	if length < 0 {
		return s.unclosed("quotation", s.at)
	}
	s.at += opening + length + len(end)
	return nil
}

func (s *scanner) parameter(rest string) error {
	length := 0
	for length < len(rest) && isName(rest[length]) {
		length++
	}
	switch name := rest[:length]; {
	case name == "" || isDigit(name[0]):
		s.at++
		return nil
	case name != sinceParameter && !slices.Contains(targetParameters(), name):
		return fmt.Errorf("the query has an unknown parameter :%s; there are :since and, with for_each, :%s", name, strings.Join(targetParameters(), ", :"))
	default:
		s.names = append(s.names, name)
	}
	s.parts = append(s.parts, s.query[s.start:s.at])
	s.at += 1 + length
	s.start = s.at
	return nil
}

// afterName reports whether the character before belongs to a name or number,
// so that a[1:since] has no parameter and a$b$ no quotation.
func (s *scanner) afterName() bool { return s.at > 0 && isName(s.query[s.at-1]) }

// afterE reports whether a quotation is written E'…'.
func (s *scanner) afterE() bool {
	if s.at == 0 || s.query[s.at-1]|0x20 != 'e' {
		return false
	}
	return s.at == 1 || !isName(s.query[s.at-2])
}

func (s *scanner) unclosed(what string, begin int) error {
	line := 1 + strings.Count(s.query[:begin], "\n")
	return fmt.Errorf("the query has a %s that begins in its line %d and has no end", what, line)
}

// dollarTag returns the opening $…$ that s begins with, or nothing.
func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !isName(s[i]), i == 1 && isDigit(s[i]):
			return ""
		}
	}
	return ""
}

// isName reports whether c can be part of a name; all of UTF-8 beyond ASCII can.
func isName(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
