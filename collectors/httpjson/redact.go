package httpjson

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// shortestSecret is from what length on a text is taken out of messages
// wherever it appears; a shorter one is a part of half of all words.
const shortestSecret = 4

// redactor returns a function that takes the secrets out of a text, in the forms
// in which a URL may write them, and puts it on one line.
func redactor(secrets []string) func(string) string {
	var forms []string
	for _, s := range secrets {
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			if len(form) >= shortestSecret {
				forms = append(forms, form)
			}
		}
	}
	// Longest first: of a secret within another nothing must be left.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, "***")
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string { return oneLine(replacer.Replace(text)) }
}

// oneLine joins the lines of a text, for logs and tables.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
