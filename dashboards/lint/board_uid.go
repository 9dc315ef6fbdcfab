package lint

import (
	"fmt"
	"regexp"
)

var uidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// boardUID: links and provisioning go by uid. Grafana makes one up for a board
// that has none, and another one the next time.
func boardUID(s *set, report func(place, string)) {
	seen := map[string]bool{}
	for _, b := range s.boards {
		if !uidForm.MatchString(b.UID) {
			report(place{b, nil}, fmt.Sprintf("the uid %q is not made of 1 to 40 letters, digits, - and _", b.UID))
		}
		if seen[b.UID] {
			report(place{b, nil}, "another board has this uid too")
		}
		seen[b.UID] = true
	}
}
