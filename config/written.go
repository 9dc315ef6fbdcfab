package config

import (
	"regexp"
	"slices"
	"strings"
)

// refuseWrittenOut refuses the secrets that are written out anywhere below n, the
// block of a kind. Which values are secrets is known by their keys alone: what
// the kind makes of them is not known here.
func (l *loader) refuseWrittenOut(n *node) {
	for _, c := range n.children {
		l.refuseWrittenOut(c)
	}
	written := n.kind == text && n.value != "" && !n.secret || n.kind == number
	if !written || !secretKey(n.name) || l.problems.refused[n] || onlyPlaceholders(n.value) {
		return
	}
	n.written = ""
	l.problems.refuse(n, "must not stand in a configuration: put it into ${ENV} or in a file that %s%s names", n.name, fileSuffix)
}

// secretKey reports whether what stands under a key is a secret. Keys may be the
// names of headers.
func secretKey(key string) bool {
	key = strings.ReplaceAll(strings.ToLower(key), "-", "_")
	if key == "bearer" || key == "authorization" || key == "apikey" || key == "passwd" || key == "pwd" {
		return true
	}
	last := func(word string) bool { return key == word || strings.HasSuffix(key, "_"+word) }
	return slices.ContainsFunc([]string{"password", "token", "secret", "api_key"}, last)
}

// onlyPlaceholders reports whether a text consists of {page.cursor} and the like:
// the cursor of an API may well be called token.
func onlyPlaceholders(s string) bool {
	return regexp.MustCompile(`^(\{[a-z]+(\.[a-z_]+)+\})+$`).MatchString(s)
}
