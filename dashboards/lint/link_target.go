package lint

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// setVariable is a variable that an address sets.
var setVariable = regexp.MustCompile(`[?&]var-(\w+)=`)

// linkTarget: a link to a board that does not exist is found by whoever clicks
// it, and one that sets a variable which the board does not have does nothing.
func linkTarget(s *set, report func(place, string)) {
	boards := map[string]*board{}
	for _, b := range s.boards {
		boards[b.UID] = b
	}
	for _, l := range s.links() {
		m := toBoard.FindStringSubmatch(l.URL)
		if m == nil {
			if u, err := url.Parse(strings.NewReplacer("${", "", "}", "").Replace(l.URL)); err != nil || u.Host == "" {
				report(l.at, fmt.Sprintf("the link %q leads to %q: neither a board nor an address", l.Title, l.URL))
			}
			continue
		}
		to := boards[m[1]]
		if to == nil {
			report(l.at, fmt.Sprintf("the link %q leads to the board %s, which does not exist", l.Title, m[1]))
			continue
		}
		for _, v := range setVariable.FindAllStringSubmatch(m[2], -1) {
			if !to.has(v[1]) {
				report(l.at, fmt.Sprintf("the link %q sets the variable %s, which %s does not have", l.Title, v[1], m[1]))
			}
		}
	}
}

// has reports whether the board has a variable.
func (b *board) has(name string) bool {
	for _, v := range b.Templating.List {
		if v.Name == name {
			return true
		}
	}
	return false
}
