package web

import (
	"fmt"
	"strings"

	"github.com/govkpi/govkpi/internal/fact"
)

// What of many failed targets is shown: the landing page is for a look, and
// govkpi targets for the rest.
const (
	namedTargets = 10  // by name, before the list is opened
	shownTargets = 100 // in the list
)

// failures is what the landing page says of a collector's failed targets.
type failures struct {
	Run              int64
	Targets, Failed  int
	NamesZH, NamesEN string // the first of them
	Shown            []FailedTarget
	More             int    // that are not in Shown
	Class            string // of the style
}

// failuresOf returns nil where no target failed.
func failuresOf(c Collector) *failures {
	if len(c.Failed) == 0 {
		return nil
	}
	f := &failures{
		Run: c.Last.ID, Targets: c.Targets, Failed: len(c.Failed), Shown: c.Failed[:min(len(c.Failed), shownTargets)],
		Class: outcomeText(c.Last.Outcome).EN,
	}
	f.More = f.Failed - len(f.Shown)
	var names []string
	for _, t := range c.Failed[:min(len(c.Failed), namedTargets)] {
		name := t.Name
		if name == "" { // a grid may have none
			name = t.Code
		}
		names = append(names, name)
	}
	f.NamesZH, f.NamesEN = strings.Join(names, "、"), strings.Join(names, ", ")
	switch more := len(c.Failed) - len(names); more {
	case 0:
	case 1:
		f.NamesZH += fmt.Sprintf("等 %d 个", len(c.Failed))
		f.NamesEN += " and 1 other"
	default:
		f.NamesZH += fmt.Sprintf("等 %d 个", len(c.Failed))
		f.NamesEN += fmt.Sprintf(" and %d others", more)
	}
	return f
}

// errorApart is what the last run says beside its failed targets. The error of
// one that succeeded in part, or for no target, only names these.
func errorApart(c Collector) string {
	inPart := c.Last.Outcome == fact.Partial && len(c.Failed) > 0
	everywhere := c.Last.Outcome == fact.Failed && len(c.Failed) > 0 && len(c.Failed) == c.Targets
	if inPart || everywhere {
		return ""
	}
	return c.Last.Error
}
