package grafana

import (
	"fmt"
	"io"
	"strings"
)

// sign begins the lines of a verb, so that an eye finds them.
func (v Verb) sign() string {
	switch v {
	case Create:
		return "+"
	case Update:
		return "~"
	case Drift:
		return "!"
	case Orphan:
		return "-"
	case Refused:
		return "x"
	case Unchanged:
	}
	return "="
}

// WriteText writes a plan for a person: a line for each object that is not as it
// should be, with what differs below it.
func (p *Plan) WriteText(w io.Writer) error {
	b := &strings.Builder{}
	version := p.Server.Version
	if version == "" {
		version = "of unknown version"
	}
	fmt.Fprintf(b, "Grafana %s at %s, organization %d %q\n", version, p.Server.URL, p.Server.OrgID, p.Server.OrgName)
	for i := range p.Items {
		one := &p.Items[i]
		if one.Verb == Unchanged && len(one.Notes) == 0 {
			continue
		}
		fmt.Fprintf(b, "%s %-9s %-11s %s  %s\n", one.Verb.sign(), one.Verb, one.Kind, one.UID, one.Title)
		for _, note := range one.Notes {
			fmt.Fprintf(b, "      %s\n", note)
		}
		switch {
		case one.Verb == Drift && one.Changes():
			b.WriteString("      apply writes ours over it, since --force\n")
		case one.Verb == Orphan && one.Changes():
			b.WriteString("      apply deletes it, since --prune\n")
		}
	}
	var counts []string
	for _, verb := range Verbs() {
		if n := p.Count(verb); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, verb))
		}
	}
	fmt.Fprintf(b, "%s.\n", strings.Join(counts, ", "))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}
