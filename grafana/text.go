package grafana

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

var signs = map[Verb]string{Create: "+", Update: "~", Drift: "!", Orphan: "-", Refused: "x", Unchanged: "="}

// WriteText writes a plan for a person: a line for each object that is not as it
// should be, with what differs below it.
func (p *Plan) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
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
		fmt.Fprintf(b, "%s %-9s %-11s %s  %s\n", signs[one.Verb], one.Verb, one.Kind, one.UID, one.Title)
		for _, note := range one.Notes {
			fmt.Fprintf(b, "      %s\n", note)
		}
		switch {
		case one.Verb == Drift && one.Changes():
			fmt.Fprint(b, "      apply writes ours over it, since --force\n")
		case one.Verb == Orphan && one.Changes():
			fmt.Fprint(b, "      apply deletes it, since --prune\n")
		}
	}
	var counts []string
	for _, verb := range Verbs() {
		if n := p.Count(verb); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, verb))
		}
	}
	fmt.Fprintf(b, "%s.\n", strings.Join(counts, ", "))
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}
