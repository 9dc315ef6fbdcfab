package lint

import (
	"fmt"
	"strings"
)

// boardTitle: two boards of one title in a folder take the write permission from
// all files of the provider, and a slash makes folders.
func boardTitle(s *set, report func(place, string)) {
	first := map[string]*board{}
	for _, b := range s.boards {
		at := place{b, nil}
		switch before := first[b.Title]; {
		case strings.TrimSpace(b.Title) == "":
			report(at, "it has no title")
		case strings.Contains(b.Title, "/"):
			report(at, fmt.Sprintf("its title %q has a slash in it", b.Title))
		case before != nil:
			report(at, fmt.Sprintf("its title %q is that of %s too", b.Title, before.UID))
		default:
			first[b.Title] = b
		}
	}
}
