package httpjson

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shortestSecret is from what length on a text is taken out of messages
// wherever it appears; a shorter one is a part of half of all words.
const shortestSecret = 4

// withheld stands in messages where a secret stood.
const withheld = "***"

// redaction takes the secrets out of texts, in the forms in which a URL, JSON,
// HTML or a message may write them. It is immutable.
type redaction struct {
	forms    []string
	replacer *strings.Replacer
}

func newRedaction(secrets []string) *redaction {
	r := &redaction{}
	for _, s := range secrets {
		for _, form := range formsOf(s) {
			if len(form) >= shortestSecret {
				r.forms = append(r.forms, form)
			}
		}
	}
	// Longest first: of a secret within another nothing must be left.
	slices.SortFunc(r.forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	r.forms = slices.Compact(r.forms)
	var pairs []string
	for _, form := range r.forms {
		pairs = append(pairs, form, withheld)
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

func formsOf(secret string) []string {
	inner := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
		inner(strconv.Quote(secret)), inner(strconv.QuoteToASCII(secret)),
	}
	if b, err := json.Marshal(secret); err == nil {
		forms = append(forms, inner(string(b)), strings.ReplaceAll(inner(string(b)), "/", `\/`))
	}
	return forms
}

// text redacts a text and puts it on one line. jq and shorten cut long texts
// off, so a secret may have lost its end where a text goes on with dots.
func (r *redaction) text(s string) string {
	s = r.replacer.Replace(s)
	for _, mark := range []string{"…", " ..."} {
		parts := strings.Split(s, mark)
		for i := range parts[:len(parts)-1] {
			parts[i] = r.withoutTail(parts[i])
		}
		s = strings.Join(parts, mark)
	}
	return oneLine(s)
}

// withoutTail redacts the beginning of a secret that a text ends in.
func (r *redaction) withoutTail(s string) string {
	longest := 0
	for _, form := range r.forms {
		for n := min(len(form)-1, len(s)); n >= max(shortestSecret, longest+1); n-- {
			if strings.HasSuffix(s, form[:n]) {
				longest = n
				break
			}
		}
	}
	if longest == 0 {
		return s
	}
	return s[:len(s)-longest] + withheld
}

// quoted is how much of a text a message quotes, readAhead how many bytes of one
// are looked at for that.
const (
	quoted    = 120
	readAhead = 4 * quoted
)

// head is the beginning of what a server said, for a message. It is redacted
// before it is cut and quoted: afterwards no secret would be recognized.
func (r *redaction) head(b []byte) string {
	s := string(b[:min(len(b), readAhead)])
	if s = r.replacer.Replace(s); len(b) > readAhead {
		s = strings.ToValidUTF8(r.withoutTail(s), "")
	}
	return shorten(oneLine(s))
}

// describe quotes a value for a message.
func (r *redaction) describe(v value) string {
	switch v.kind {
	case text:
		return strconv.Quote(shorten(r.text(string(v.text))))
	case number, boolean:
		return shorten(r.text(string(v.text)))
	case missing:
		return "nothing"
	}
	return v.kind.String()
}

// shorten cuts a text that is too long for a message.
func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= quoted {
		return s
	}
	return string(runes[:quoted]) + "…"
}

// oneLine joins the lines of a text, for logs and tables.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
