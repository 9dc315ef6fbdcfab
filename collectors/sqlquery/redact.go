package sqlquery

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// redactor returns a function that takes the secrets out of a text, in the
// forms in which a driver or URL may write them, and puts it on one line.
func redactor(secrets []string) func(string) string {
	var forms []string
	for _, s := range secrets {
		forms = append(forms, s, url.QueryEscape(s), url.PathEscape(s), strings.TrimPrefix(url.UserPassword("", s).String(), ":"))
	}
	forms = slices.DeleteFunc(forms, func(s string) bool { return s == "" })
	// Longest first: of a secret within another nothing must be left.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, form := range slices.Compact(forms) {
		pairs = append(pairs, form, "***")
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string {
		return oneLine(replacer.Replace(text))
	}
}

// oneLine joins the lines of a text, for logs and tables.
func oneLine(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if b.Len() > 0 {
			if !strings.HasSuffix(b.String(), ":") {
				b.WriteByte(';')
			}
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return b.String()
}

// passwords lists what is secret in a URL that could be parsed.
func passwords(u *url.URL) []string {
	password, _ := u.User.Password()
	secrets := []string{u.String(), password}
	for name, values := range u.Query() {
		if strings.Contains(strings.ToLower(name), "password") {
			secrets = append(secrets, values...)
		}
	}
	return secrets
}

// parseURL reads a URL, or refuses one in which it is not certain what the
// password is: an unescaped @, /, ? or # in it would move a part of it into the
// host, path or parameters, which messages show. The error says nothing of the
// URL.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || strings.Count(raw, "@") > 1 || strings.Contains(raw, "@") && u.User == nil {
		return nil, errUnreadable
	}
	for name := range u.Query() {
		if strings.EqualFold(name, "password") {
			return nil, errors.New("the URL has the password among its parameters; write it before the host, as user:password@host")
		}
	}
	return u, nil
}

var errUnreadable = errors.New("the URL can't be read; in user and password write %40 for @, %3A for :, %2F for /, %3F for ?, %23 for # and %25 for %")
