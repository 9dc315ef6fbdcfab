package config

import (
	"slices"
	"strings"
)

// resolve replaces the ${NAME} of a text from the environment and refuses a
// password that is written out. A value that came from the environment is a
// secret from here on.
func (l *loader) resolve(n *node) {
	raw := n.value
	if password, ok := urlPassword(raw); ok && !onlyReferences(password) {
		l.secrets.addPassword(raw)
		n.written = ""
		l.problems.refuse(n, "a password must not stand in a configuration: put it, or the whole address, in ${ENV} or in a file that %s%s names", n.name, fileSuffix)
	}
	if !strings.Contains(raw, "${") {
		return
	}
	var b strings.Builder
	secret := false
	for {
		before, after, found := strings.Cut(raw, "${")
		if !found {
			b.WriteString(raw)
			break
		}
		if literal, ok := strings.CutSuffix(before, "$"); ok { // $${ stands for ${
			b.WriteString(literal + "${")
			raw = after
			continue
		}
		name, rest, closed := strings.Cut(after, "}")
		if closed && placeholderName(name) {
			l.problems.refuse(n, "a placeholder is written {%s}, without $", name)
			return
		}
		if !closed || !environmentName(name) {
			l.problems.refuse(n, "${ begins no reference to the environment: expected ${NAME}; write $${ for the characters themselves")
			return
		}
		value, ok := l.lookup(n, name)
		if !ok {
			return
		}
		b.WriteString(before + value)
		raw, secret = rest, true
	}
	n.value, n.secret = b.String(), secret
	if secret {
		l.secrets.addPassword(n.value)
	}
}

// folderKey is the key whose value is no secret wherever it comes from: an error
// about a folder helps nobody without its name.
const folderKey = "folder"

func (l *loader) lookup(n *node, name string) (string, bool) {
	switch value, ok := l.options.Env(name); {
	case !ok:
		l.problems.refuse(n, "the environment has no %s: set it before the start", name)
	case value == "":
		l.problems.refuse(n, "%s is set in the environment, but empty", name)
	default:
		if n.name != folderKey {
			l.secrets.add(value)
		}
		return value, true
	}
	return "", false
}

func environmentName(s string) bool {
	for i, c := range []byte(s) {
		letter := c == '_' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// placeholderName reports whether a name is one that a kind replaces, not we.
func placeholderName(s string) bool {
	first, _, dotted := strings.Cut(s, ".")
	return dotted && slices.Contains([]string{"region", "since", "now", "page"}, first)
}

// onlyReferences reports whether a part of a text consists of ${NAME} alone.
func onlyReferences(s string) bool {
	for s != "" {
		after, ok := strings.CutPrefix(s, "${")
		if !ok {
			return false
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed || !environmentName(name) {
			return false
		}
		s = rest
	}
	return true
}

// urlPassword returns the password of a URL as it stands there: between user and
// host, or else in a parameter of that purpose. It is generous, since what it
// misses might be shown: it takes text that net/url refuses.
func urlPassword(s string) (string, bool) {
	scheme, rest, ok := strings.Cut(strings.TrimSpace(s), "://")
	if !ok || scheme == "" || strings.ContainsAny(scheme, " \t\n/?#@'\"") {
		return "", false
	}
	if user, host, ok := cutUser(rest); ok {
		if _, password, ok := strings.Cut(user, ":"); ok && password != "" {
			return password, true
		}
		rest = host
	}
	_, parameters, _ := strings.Cut(rest, "?")
	for parameter := range strings.FieldsFuncSeq(parameters, func(r rune) bool { return r == '&' || r == ';' || r == '#' }) {
		name, value, _ := strings.Cut(parameter, "=")
		switch strings.ToLower(name) {
		case "password", "passwd", "pwd", "sslpassword", "token", "access_token", "api_key", "apikey", "secret":
			if value != "" {
				return value, true
			}
		}
	}
	return "", false
}

// cutUser cuts what follows the scheme at the @ that ends the user. A password
// with an unescaped / or ? puts that @ behind the first of these, where a port
// cannot be what stands before it.
func cutUser(rest string) (user, host string, ok bool) {
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if i := strings.LastIndexByte(rest[:end], '@'); i >= 0 {
		return rest[:i], rest[i+1:], true
	}
	i := strings.LastIndexByte(rest, '@')
	if i < 0 || plainHost(rest[:end]) {
		return "", rest, false
	}
	return rest[:i], rest[i+1:], true
}

// plainHost reports whether s is a host with at most a port of digits.
func plainHost(s string) bool {
	s = s[strings.LastIndexByte(s, ']')+1:] // behind an IPv6 address
	_, port, _ := strings.Cut(s, ":")
	return strings.Trim(port, "0123456789") == ""
}
