package lint

import (
	"fmt"
	"strings"
)

// linkTime: who follows a figure down to its county wants to see the same time
// there, and from the head of a board the same choices too.
func linkTime(s *set, report func(place, string)) {
	for _, l := range s.links() {
		if !toBoard.MatchString(l.URL) {
			continue
		}
		kept := strings.Contains(l.URL, "${__url_time_range}")
		switch {
		case l.data && !kept:
			report(l.at, fmt.Sprintf("the link %q loses the time range: add ${__url_time_range}", l.Title))
		case !l.data && !kept && (!l.KeepTime || !l.IncludeVars):
			report(l.at, fmt.Sprintf("the link %q loses the time range or the variables: set keepTime and includeVars", l.Title))
		}
	}
}
